//! Small marks: a state, an unread count, a square with an icon.

use super::icon::{Icon, IconName};
use super::part::part;
use crate::t;
use leptos::prelude::*;

/// What a badge says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BadgeKind {
    /// A plain fact.
    #[default]
    Plain,
    /// Open to join.
    Open,
    /// About to close.
    Soon,
    /// What kind of thing it is, in the door's colour.
    Door,
    /// Mine.
    You,
}

impl BadgeKind {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "badge",
            Self::Open => "badge badge--open",
            Self::Soon => "badge badge--soon",
            Self::Door => "badge badge--door",
            Self::You => "badge badge--you",
        }
    }
}

/// A state in a word or two.
#[component]
pub fn Badge(
    /// What it says by its colour; the words say it too.
    #[prop(optional)]
    kind: BadgeKind,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! { <span class=kind.class()>{children()}</span> }
}

/// How many there are to read; nothing when there are none, `99+` beyond 99.
#[component]
pub fn Count(
    /// How many.
    #[prop(into)]
    n: Signal<u32>,
) -> impl IntoView {
    part(move || {
        let n = n.get();
        let shown = if n > 99 { t!("ui.count.many") } else { n.to_string() };
        (n > 0).then(|| view! { <span class="count"><span class="hush">{t!("ui.count.unread")}" "</span>{shown}</span> })
    })
}

/// A square with an icon in the colour of the door it stands in (`data-door` of an element around it).
#[component]
pub fn Tile(
    /// Which icon.
    icon: IconName,
) -> impl IntoView {
    view! { <span class="tile"><Icon name=icon /></span> }
}
