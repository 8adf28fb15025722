//! What anybody can do with a party without sitting down: keep it, share it, report it.

use super::deeds::Deeds;
use crate::device::{self, RwSignal, Shared};
use crate::features::parties::api::KeepParty;
use crate::features::parties::model::Standing;
use crate::shared::error::AppError;
use crate::t;
use crate::ui::{Icon, IconName, PostForm, Toaster, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

/// Keeping, sharing and reporting a party.
#[component]
pub fn PartyTools(
    /// What can be done.
    deeds: Deeds,
    /// How the viewer stands to it.
    standing: Standing,
    /// Whether the viewer keeps it.
    is_kept: bool,
    /// Whether the viewer has reported it.
    is_reported: bool,
    /// Its title.
    title: String,
    /// The address of its page.
    path: String,
) -> impl IntoView {
    let toaster = Toaster::of_page();
    let share = move |_| {
        let title = title.clone();
        spawn_local(async move {
            match device::share(&title).await {
                Shared::Sent => {}
                Shared::Copied => toaster.push(t!("parties.share.copied")),
                Shared::Refused => toaster.push(t!("parties.share.refused")),
            }
        });
    };
    let keep = match standing {
        Standing::Visitor => view! {
            <a class="btn btn--s" href=format!("/sign-in?next={path}")><Icon name=IconName::Scrap small=true/>{t!("parties.keep")}</a>
        }
        .into_any(),
        _ => view! { <Keep deeds is_kept sign_in=format!("/sign-in?next={path}")/> }.into_any(),
    };
    let report = match standing {
        Standing::Visitor | Standing::Host => None,
        _ if is_reported => Some(view! { <p class="meta">{t!("parties.report.sent")}</p> }.into_any()),
        _ => {
            let href = format!("/report/{}", deeds.party);
            Some(
                view! { <a class="btn btn--s btn--bare" href=href><Icon name=IconName::Flag small=true/>{t!("parties.report")}</a> }
                    .into_any(),
            )
        }
    };
    view! {
        <div class="party__tools">
            {keep}
            <button class="btn btn--s js-only" type="button" on:click=share><Icon name=IconName::Share small=true/>{t!("parties.share")}</button>
            {report}
        </div>
    }
}

/// A button that is down while the viewer keeps the party. The page is not read again for it, so the focus stays.
#[component]
fn Keep(deeds: Deeds, is_kept: bool, sign_in: String) -> impl IntoView {
    let kept = RwSignal::new(is_kept);
    let toaster = Toaster::of_page();
    let form = submission(KeepParty::PATH).then(Callback::new(move |(_, error): (&'static str, Option<AppError>)| match error {
        None => {
            kept.update(|kept| *kept = !*kept);
            toaster.push(if kept.get_untracked() { t!("parties.keep.done") } else { t!("parties.keep.undone") });
        }
        Some(AppError::SignInRequired) => device::go_to(&sign_in),
        error => deeds.trouble.set(error),
    }));
    let next = move || if kept.get() { "false" } else { "true" };
    let pressed = move || if kept.get() { "true" } else { "false" };
    view! {
        <PostForm state=form>
            <input type="hidden" name="party" value=deeds.party.to_string()/>
            <input type="hidden" name="keeps" value=next/>
            <button class="btn btn--s" aria-pressed=pressed><Icon name=IconName::Scrap small=true/>{t!("parties.keep")}</button>
        </PostForm>
    }
}
