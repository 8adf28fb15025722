//! The page for what is not there, not allowed, or broken.

use super::button::{ButtonKind, LinkButton};
use super::scene::{Scene, SceneName};
use crate::shared::error::AppError;
use crate::t;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// A whole page that says what went wrong and what to do next. The children replace the link home.
#[component]
pub fn Trouble(
    /// What went wrong.
    error: AppError,
    /// What to do next.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let title = match &error {
        AppError::NotFound => t!("ui.trouble.not_found"),
        AppError::Forbidden => t!("ui.trouble.forbidden"),
        AppError::SignInRequired => t!("ui.trouble.sign_in"),
        AppError::SlowDown { .. } => t!("ui.trouble.slow_down"),
        AppError::Offline => t!("ui.trouble.offline"),
        AppError::Internal | AppError::Unavailable => t!("ui.trouble.broken"),
        _ => t!("ui.trouble.refused"),
    };
    let next = match children {
        Some(children) => children().into_any(),
        None => view! { <LinkButton href="/" kind=ButtonKind::Main>{t!("ui.trouble.home")}</LinkButton> }.into_any(),
    };
    // Nobody has answered with a number.
    let code = (error != AppError::Offline).then(|| view! { <p class="lost__code">{error.status()}</p> }.into_any());
    view! {
        <section class="lost">
            <div class="lost__art"><Scene name=SceneName::SeatLost /></div>
            {code}
            <h1>{title}</h1>
            <p class="lost__text">{error.text()}</p>
            <div class="row">{next}</div>
        </section>
    }
}

/// Loads a page again that could not be shown just now. As a new document: whatever was in the way may be in the program too.
#[component]
pub fn TryAgain() -> impl IntoView {
    let here = use_location();
    let path = here.pathname.get_untracked();
    let query = here.search.get_untracked();
    let href = if query.is_empty() { path } else { format!("{path}?{query}") };
    view! { <a class="btn btn--main" href=href rel="external">{t!("ui.trouble.again")}</a> }
}
