//! What can be done at a party, and what came of it.

use crate::device;
use crate::features::parties::api::{
    AcceptApplication, ApplyToParty, CancelParty, CloseParty, DeclineApplication, HandOverParty, JoinParty, LeaveParty, LiftBan,
    RemoveMember, ReopenParty, WaitForSeat, WithdrawRequest,
};
use crate::shared::error::AppError;
use crate::shared::form::Refused;
use crate::shared::ids::{PartyId, UserId};
use crate::t;
use crate::ui::{ButtonKind, ButtonSize, SubmitButton, Toaster};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_location;

/// Everything that can be done at one party from its page. With the program the page stays and is read again; without it
/// each is a plain form that comes back to the page.
#[derive(Clone, Copy)]
pub struct Deeds {
    /// At which party.
    pub party: PartyId,
    /// Sits down.
    pub join: ServerAction<JoinParty>,
    /// Gives the seat back.
    pub leave: ServerAction<LeaveParty>,
    /// Asks for a seat.
    pub apply: ServerAction<ApplyToParty>,
    /// Gets in line.
    pub wait: ServerAction<WaitForSeat>,
    /// Takes an application or a place in line back.
    pub withdraw: ServerAction<WithdrawRequest>,
    /// Says yes to an application.
    pub accept: ServerAction<AcceptApplication>,
    /// Says no to an application.
    pub decline: ServerAction<DeclineApplication>,
    /// Takes a member's seat away.
    pub remove: ServerAction<RemoveMember>,
    /// Lets somebody come back.
    pub lift: ServerAction<LiftBan>,
    /// Makes another member the host.
    pub hand_over: ServerAction<HandOverParty>,
    /// Takes no more people.
    pub close: ServerAction<CloseParty>,
    /// Takes people again.
    pub reopen: ServerAction<ReopenParty>,
    /// Calls it off.
    pub cancel: ServerAction<CancelParty>,
    /// Why the last one was refused, if it was.
    pub trouble: RwSignal<Option<AppError>>,
    /// Counts what was done, so that the page is read again.
    done: RwSignal<u32>,
}

impl Deeds {
    /// At a party. `done` grows by one whenever something was tried, so that what depends on it is read again.
    #[must_use]
    pub fn at(party: PartyId, done: RwSignal<u32>) -> Self {
        let refused = use_context::<Option<Refused>>().flatten();
        let before = refused.filter(|refused| is_ours(&refused.path)).map(|refused| refused.error);
        let deeds = Self {
            party,
            join: ServerAction::new(),
            leave: ServerAction::new(),
            apply: ServerAction::new(),
            wait: ServerAction::new(),
            withdraw: ServerAction::new(),
            accept: ServerAction::new(),
            decline: ServerAction::new(),
            remove: ServerAction::new(),
            lift: ServerAction::new(),
            hand_over: ServerAction::new(),
            close: ServerAction::new(),
            reopen: ServerAction::new(),
            cancel: ServerAction::new(),
            trouble: RwSignal::new(before),
            done,
        };
        deeds.follow(deeds.join, || t!("parties.done.join"));
        deeds.follow(deeds.leave, || t!("parties.done.leave"));
        deeds.follow(deeds.apply, || t!("parties.done.apply"));
        deeds.follow(deeds.wait, || t!("parties.done.wait"));
        deeds.follow(deeds.withdraw, || t!("parties.done.withdraw"));
        deeds.follow(deeds.accept, || t!("parties.done.accept"));
        deeds.follow(deeds.decline, || t!("parties.done.decline"));
        deeds.follow(deeds.remove, || t!("parties.done.remove"));
        deeds.follow(deeds.lift, || t!("parties.done.lift"));
        deeds.follow(deeds.hand_over, || t!("parties.done.hand_over"));
        deeds.follow(deeds.close, || t!("parties.done.close"));
        deeds.follow(deeds.reopen, || t!("parties.done.reopen"));
        deeds.follow(deeds.cancel, || t!("parties.done.cancel"));
        deeds
    }

    /// Whether something was tried since the document was loaded.
    #[must_use]
    pub fn has_acted(self) -> bool {
        self.done.get_untracked() > 0
    }

    fn follow<F>(self, action: ServerAction<F>, said: fn() -> String)
    where
        F: ServerFn<Output = (), Error = AppError> + Clone + Send + Sync + 'static,
    {
        let (version, value) = (action.version(), action.value());
        let toaster = Toaster::of_page();
        let path = use_location().pathname;
        let Self { trouble, done, .. } = self;
        Effect::new(move |_| {
            if version.get() == 0 {
                return;
            }
            let error = value.with_untracked(|answer| answer.as_ref().and_then(|answer| answer.as_ref().err().cloned()));
            match &error {
                None => toaster.push(said()),
                // The session has ended since the page was opened.
                Some(AppError::SignInRequired) => device::go_to(&format!("/sign-in?next={}", path.get_untracked())),
                Some(_) => {}
            }
            trouble.set(error);
            done.update(|done| *done += 1);
        });
    }
}

fn is_ours(path: &str) -> bool {
    [
        JoinParty::PATH,
        LeaveParty::PATH,
        ApplyToParty::PATH,
        WaitForSeat::PATH,
        WithdrawRequest::PATH,
        AcceptApplication::PATH,
        DeclineApplication::PATH,
        RemoveMember::PATH,
        LiftBan::PATH,
        HandOverParty::PATH,
        CloseParty::PATH,
        ReopenParty::PATH,
        CancelParty::PATH,
    ]
    .contains(&path)
}

/// One button that does one thing at a party, in a form of its own.
#[component]
pub fn Deed(
    /// Where the plain form goes: the server function's address.
    url: &'static str,
    /// At which party.
    party: PartyId,
    /// To whom, if to somebody.
    #[prop(optional)]
    person: Option<UserId>,
    /// Does it with the program.
    #[prop(into)]
    act: Callback<()>,
    /// Whether the answer is on its way.
    #[prop(into)]
    pending: Signal<bool>,
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
    let on_submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        act.run(());
    };
    view! {
        <form method="post" action=url on:submit=on_submit>
            <input type="hidden" name="party" value=party.to_string() />
            {person.map(|person| view! { <input type="hidden" name="person" value=person.to_string() /> })}
            <SubmitButton label pending kind size />
        </form>
    }
}
