//! Numbered pages in windows of ten.

use super::icon::{Icon, IconName};
use crate::shared::paging::{Anchor, Page};
use crate::t;
use leptos::either::Either;
use leptos::prelude::*;

/// The numbers around a page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageNumbers {
    /// The page this is.
    pub number: u32,
    /// The first of this window.
    pub first: u32,
    /// The last of this window.
    pub last: u32,
    /// The anchor of this window.
    pub after: Option<Anchor>,
    /// The anchor of the window before (`Some(None)`: the first window), if there is one.
    pub previous: Option<Option<Anchor>>,
    /// The anchor of the next window, if there is one.
    pub next: Option<Anchor>,
}

impl<T> From<&Page<T>> for PageNumbers {
    fn from(page: &Page<T>) -> Self {
        Self { number: page.number, first: page.first(), last: page.last, after: page.after, previous: page.previous, next: page.next }
    }
}

/// Links to the pages of a list; nothing when it has one page.
#[component]
pub fn Pager<F>(
    /// The numbers, from a page: `PageNumbers::from(&page)`.
    #[prop(into)]
    page: PageNumbers,
    /// The address of a page by its number and its window's anchor.
    href: F,
) -> impl IntoView
where
    F: Fn(u32, Option<Anchor>) -> String,
{
    let PageNumbers { number, first, last, after, previous, next } = page;
    if first == last && previous.is_none() && next.is_none() {
        return Either::Left(());
    }
    let back = previous.map(|anchor| {
        view! {
            <a href=href(first.saturating_sub(1), anchor) rel="prev" aria-label=t!("ui.pager.back")>
                <Icon name=IconName::Left small=true />
            </a>
        }
        .into_any()
    });
    let numbers = (first..=last)
        .map(|n| {
            let current = (n == number).then_some("page");
            let label = t!("ui.pager.page", number = n);
            view! { <a href=href(n, after) aria-current=current aria-label=label>{n}</a> }
        })
        .collect::<Vec<_>>();
    let forth = next.map(|anchor| {
        view! {
            <a href=href(last + 1, Some(anchor)) rel="next" aria-label=t!("ui.pager.forth")>
                <Icon name=IconName::Right small=true />
            </a>
        }
        .into_any()
    });
    Either::Right(view! { <nav class="pager" aria-label=t!("ui.pager.label")>{back}{numbers}{forth}</nav> })
}
