//! The page for what is not there, not allowed, or broken.

use super::button::{ButtonKind, LinkButton};
use super::scene::{Scene, SceneName};
use crate::shared::error::AppError;
use crate::t;
use leptos::prelude::*;

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
    view! {
        <section class="lost">
            <div class="lost__art"><Scene name=SceneName::SeatLost /></div>
            <p class="lost__code">{error.status()}</p>
            <h1>{title}</h1>
            <p class="lost__text">{error.text()}</p>
            <div class="row">{next}</div>
        </section>
    }
}
