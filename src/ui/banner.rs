//! A sentence across a page.

use super::icon::{Icon, IconName};
use leptos::prelude::*;

/// What a banner is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BannerKind {
    /// How things are.
    #[default]
    Plain,
    /// Something is open to the reader.
    You,
    /// Something went wrong.
    Error,
}

impl BannerKind {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "banner",
            Self::You => "banner banner--you",
            Self::Error => "banner banner--error",
        }
    }
}

/// A sentence across a page, with an icon. For one that appears by itself add `attr:role="status"`.
#[component]
pub fn Banner(
    /// What it is about.
    #[prop(optional)]
    kind: BannerKind,
    /// The icon before it.
    icon: IconName,
    /// The sentence.
    children: Children,
) -> impl IntoView {
    view! { <div class=kind.class()><Icon name=icon small=true /><span class="grow">{children()}</span></div> }
}
