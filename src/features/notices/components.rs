//! The bell in the bar above every page.

use super::api::UnreadNotices;
use crate::device::{self, Loading, RwSignal, Turns, ask, load};
use crate::live::client::Live;
use crate::live::protocol::Down;
use crate::t;
use crate::ui::{Count, Icon, IconName, awaited};
use leptos::prelude::*;

/// How many notices the reader has not read. The layout provides it.
#[derive(Clone, Copy, Debug)]
pub struct Bell {
    /// As the server's page has it.
    first: Loading<i64>,
    /// As it was counted since.
    counted: RwSignal<Option<i64>>,
    /// Two answers never overtake each other.
    turns: Turns,
}

impl Bell {
    /// Counts now, whenever something happened, and when the connection stands again: what happened meanwhile is not told.
    pub fn provide(live: Live) -> Self {
        let bell = Self { first: load(|| Ok(UnreadNotices {})), counted: RwSignal::new(None), turns: Turns::new() };
        device::effect(move || {
            if live.online().get() {
                bell.count();
            }
        });
        device::effect(move || {
            live.listen(move |down| {
                if matches!(down, Down::Noticed) {
                    bell.count();
                }
            });
        });
        provide_context(bell);
        bell
    }

    /// Counts again.
    pub fn count(self) {
        self.turns.take(move || async move {
            if let Ok(unread) = ask(UnreadNotices {}).await {
                let _ = self.counted.try_set(Some(unread));
            }
        });
    }

    /// How many, as far as it was counted here.
    #[must_use]
    pub fn unread(self) -> i64 {
        self.counted.get().unwrap_or_default()
    }
}

/// The way to the notices, and how many are unread. For those who are signed in.
#[component]
pub fn BellLink() -> impl IntoView {
    let bell = use_context::<Bell>();
    view! {
        <Suspense>
            {awaited(move || async move {
                let first = match bell {
                    Some(bell) => bell.first.read().await.unwrap_or_default(),
                    None => 0,
                };
                let n = Signal::derive(move || {
                    let unread = bell.and_then(|bell| bell.counted.get()).unwrap_or(first);
                    u32::try_from(unread).unwrap_or(u32::MAX)
                });
                view! { <a class="tool" href="/me/notices"><Icon name=IconName::Bell/><span class="hush">{t!("notices.title")}" "</span><Count n/></a> }
            })}
        </Suspense>
    }
}
