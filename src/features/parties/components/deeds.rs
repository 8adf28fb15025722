//! What can be done at a party, and what came of it.

use crate::device::{self, RwSignal, StoredValue};
use crate::features::parties::api::{
    AcceptApplication, AdvanceParty, ApplyToParty, CancelParty, CloseParty, DeclineApplication, HandOverParty, JoinParty, LeaveParty,
    LiftBan, RemoveMember, ReopenParty, WaitForSeat, WithdrawRequest,
};
use crate::features::parties::model::Stage;
use crate::shared::error::AppError;
use crate::shared::form::Refused;
use crate::shared::ids::{PartyId, UserId};
use crate::t;
use crate::ui::{ButtonKind, ButtonSize, PostForm, Submission, SubmitButton, Toaster, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_location;

/// A sentence in the language of the page.
type Sentence = fn() -> String;

/// Everything that can be done at a party, and what is said when it was.
const DEEDS: [(&str, Sentence); 14] = [
    (JoinParty::PATH, || t!("parties.done.join")),
    (LeaveParty::PATH, || t!("parties.done.leave")),
    (ApplyToParty::PATH, || t!("parties.done.apply")),
    (WaitForSeat::PATH, || t!("parties.done.wait")),
    (WithdrawRequest::PATH, || t!("parties.done.withdraw")),
    (AcceptApplication::PATH, || t!("parties.done.accept")),
    (DeclineApplication::PATH, || t!("parties.done.decline")),
    (RemoveMember::PATH, || t!("parties.done.remove")),
    (LiftBan::PATH, || t!("parties.done.lift")),
    (HandOverParty::PATH, || t!("parties.done.hand_over")),
    (CloseParty::PATH, || t!("parties.done.close")),
    (ReopenParty::PATH, || t!("parties.done.reopen")),
    (AdvanceParty::PATH, || t!("parties.done.advance")),
    (CancelParty::PATH, || t!("parties.done.cancel")),
];

fn said(path: &str) -> Option<Sentence> {
    DEEDS.iter().find(|(known, _)| *known == path).map(|(_, said)| *said)
}

/// The page of one party, for the forms on it. With the program the page stays and is read again; without it each form comes
/// back to the page.
#[derive(Clone, Copy)]
pub struct Deeds {
    /// At which party.
    pub party: PartyId,
    /// Why the last deed was refused, if it was.
    pub trouble: RwSignal<Option<AppError>>,
    /// Counts what was done, so that the page is read again.
    done: RwSignal<u32>,
    /// The count when the page was last read.
    seen: StoredValue<u32>,
    then: Callback<(&'static str, Option<AppError>)>,
}

impl Deeds {
    /// At a party. `done` grows by one whenever something was done, or could not be because something else was, so that what
    /// depends on it is read again.
    #[must_use]
    pub fn at(party: PartyId, done: RwSignal<u32>) -> Self {
        let refused = use_context::<Option<Refused>>().flatten();
        let before = refused.filter(|refused| said(&refused.path).is_some()).map(|refused| refused.error);
        let trouble = RwSignal::new(before);
        let toaster = Toaster::of_page();
        let page = use_location().pathname;
        let then = Callback::new(move |(path, error): (&'static str, Option<AppError>)| {
            match &error {
                None => {
                    if let Some(said) = said(path) {
                        toaster.push(said());
                    }
                }
                // The session has ended since the page was opened.
                Some(AppError::SignInRequired) => device::go_to(&format!("/sign-in?next={}", page.get_untracked())),
                Some(_) => {}
            }
            // What was typed stays where nothing has changed.
            let is_news =
                error.as_ref().is_none_or(|error| matches!(error, AppError::Conflict(_) | AppError::NotFound | AppError::Forbidden));
            trouble.set(error);
            if is_news {
                done.update(|done| *done += 1);
            }
        });
        Self { party, trouble, done, seen: StoredValue::new(done.get_untracked()), then }
    }

    /// Whether something was done since this was asked the last time.
    #[must_use]
    pub fn has_just_acted(self) -> bool {
        let done = self.done.get_untracked();
        self.seen.try_update_value(|seen| std::mem::replace(seen, done)) != Some(done)
    }

    /// A form for the deed at `path`.
    #[must_use]
    pub fn form(self, path: &'static str) -> Submission {
        submission(path).then(self.then)
    }
}

/// One button that does one thing at a party, in a form of its own.
#[component]
pub fn Deed(
    /// The page.
    deeds: Deeds,
    /// The server function's path.
    path: &'static str,
    /// To whom, if to somebody.
    #[prop(optional)]
    person: Option<UserId>,
    /// To which stage, if to one.
    #[prop(optional)]
    to: Option<Stage>,
    /// What it does, as a verb.
    #[prop(into)]
    label: String,
    /// How it looks.
    #[prop(default = ButtonKind::Main)]
    kind: ButtonKind,
    /// How large it is.
    #[prop(optional)]
    size: ButtonSize,
) -> impl IntoView {
    let form = deeds.form(path);
    view! {
        <PostForm state=form>
            <input type="hidden" name="party" value=deeds.party.to_string() />
            {person.map(|person| view! { <input type="hidden" name="person" value=person.to_string() /> }.into_any())}
            {to.map(|to| view! { <input type="hidden" name="to" value=to.code() /> }.into_any())}
            <SubmitButton label pending=form.pending kind size />
        </PostForm>
    }
}
