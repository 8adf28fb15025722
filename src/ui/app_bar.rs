//! The bar above a page: the way back or the brand, the page's own tools, then those that every page has.

use super::icon::{Icon, IconName};
use crate::device::RwSignal;
use crate::t;
use leptos::prelude::*;

/// What stands at the end of every page's bar. The layout provides it.
#[derive(Clone)]
pub struct BarTools(pub ViewFn);

/// Whether something lies above the whole page, so that nothing outside of it can be reached. The layout provides it.
#[derive(Clone, Copy, Debug)]
pub struct Covered(RwSignal<bool>);

impl Covered {
    /// Nothing does yet.
    pub fn provide() -> Self {
        let covered = Self(RwSignal::new(false));
        provide_context(covered);
        covered
    }

    /// The one of this page.
    #[must_use]
    pub fn of_page() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    /// Says whether something does.
    pub fn set(self, is_covered: bool) {
        self.0.set(is_covered);
    }

    /// Whether something does.
    #[must_use]
    pub fn is_there(self) -> RwSignal<bool> {
        self.0
    }
}

/// The bar above a page.
#[component]
pub fn AppBar(
    /// Where the way back leads; without one the brand leads home.
    #[prop(optional, into)]
    back: Option<String>,
    /// What the way back is called, for those who do not see the arrow.
    #[prop(optional, into)]
    back_label: Option<String>,
    /// The brand has its name beside it: where nothing else says where the reader is.
    #[prop(optional)]
    wordmark: bool,
    /// The page's own parts: a title, tabs, tools.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let tools = use_context::<BarTools>().map(|tools| tools.0.run());
    let start = match back {
        Some(href) => {
            let label = back_label.unwrap_or_else(|| t!("ui.back"));
            view! { <a class="tool" href=href aria-label=label><Icon name=IconName::Left/></a> }.into_any()
        }
        None => {
            let name = wordmark.then(|| t!("shell.name"));
            view! { <a class="brand on-touch" href="/" aria-label=t!("ui.home")><Icon name=IconName::Mark/>{name}</a> }.into_any()
        }
    };
    let middle = match children {
        Some(children) => children().into_any(),
        None => ().into_any(),
    };
    view! {
        <header class="appbar">
            {start}
            {middle}
            <span class="spacer"></span>
            {tools}
        </header>
    }
}
