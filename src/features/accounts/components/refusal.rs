//! What stands in the place of a page that cannot be shown to this reader.

use crate::device;
use crate::features::accounts::model::sign_in_path;
use crate::shared::error::AppError;
use crate::t;
use crate::ui::{ButtonKind, LinkButton, Title, Trouble};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// Says why the page cannot be shown, under the refusal's status; those who are not signed in are led to sign in and back.
#[component]
pub fn Refusal(
    /// Why.
    error: AppError,
) -> impl IntoView {
    device::set_status(error.status());
    if error != AppError::SignInRequired {
        return view! { <Trouble error/> }.into_any();
    }
    let location = use_location();
    let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
    let here = if search.is_empty() { path } else { format!("{path}?{search}") };
    view! {
        <Title text=t!("shell.title", page = t!("accounts.sign_in.first"))/>
        <Trouble error>
            <LinkButton href=sign_in_path(&here) kind=ButtonKind::Main>{t!("accounts.sign_in.do")}</LinkButton>
            <LinkButton href="/sign-up">{t!("accounts.sign_up.title")}</LinkButton>
        </Trouble>
    }
    .into_any()
}
