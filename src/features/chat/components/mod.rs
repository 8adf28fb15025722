//! The panes of chat: the rooms, the talk, its people.

mod bubbles;
mod composer;
mod members;
mod problem;
mod room_state;
mod rooms_pane;
mod talk;

pub use composer::FirstWords;
pub use members::{Drawer, Members};
pub use problem::{Gone, Problem, notice_text};
pub use rooms_pane::RoomsPane;
pub use talk::Talk;

use crate::device::{Loading, load};
use crate::features::chat::api::ChatUnread;
use crate::features::chat::model::PICTURE;
use crate::live::client::Live;
use crate::shared::error::AppError;
use crate::t;
use crate::ui::{Count, awaited};
use leptos::prelude::*;
use serde::de::DeserializeOwned;

/// A message as told in short ([`crate::features::chat::model::in_short`]), in words.
pub(super) fn in_words(text: String) -> String {
    match text.as_str() {
        "" => t!("chat.gone"),
        PICTURE => t!("images.picture"),
        _ => text,
    }
}

/// Why a message was refused: the one sentence about its field, where there is one.
pub(super) fn reason(error: &AppError) -> String {
    match error {
        AppError::Invalid(errors) => errors.0.first().map_or_else(|| error.text(), |error| error.text()),
        error => error.text(),
    }
}

/// How many messages the reader has not read, for the navigation; nothing for those who are not signed in.
#[component]
pub fn UnreadBadge() -> impl IntoView {
    let live = Live::of_page();
    let first = load(|| Ok(ChatUnread {}));
    view! {
        <Suspense>
            {awaited(move || async move {
                let first = first.read().await.unwrap_or_default();
                let n = Signal::derive(move || u32::try_from(live.total().unwrap_or(first)).unwrap_or(u32::MAX));
                view! { <Count n/> }
            })}
        </Suspense>
    }
}

/// Reads a page again that could not be read, as soon as the connection stands again.
pub fn heal<T: DeserializeOwned + Clone + Send + Sync + 'static>(page: Loading<T>) {
    page.heal(Live::of_page().online());
}
