//! Numbered pages of ten in windows of ten, which stay fast at any depth.
//!
//! A list is ordered by `(key, id)`. A window holds the hundred rows after an anchor, so no query reads more than about a
//! hundred rows past one: pages inside the window are offsets of less than a hundred, and the next window's anchor is
//! the last row of this one.

use serde::{Deserialize, Serialize};
use std::str::FromStr;
use uuid::Uuid;

/// Rows on a page.
pub const PAGE_SIZE: usize = 10;
/// Pages in a window.
pub const WINDOW_PAGES: usize = 10;
/// Rows in a window.
pub const WINDOW_ROWS: usize = PAGE_SIZE * WINDOW_PAGES;
/// Beyond this many rows a total is shown as `1000+`.
pub const COUNT_LIMIT: i64 = 1_000;

/// A place in an ordered list: a row's sort key and id. Travels in addresses as `key.id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Anchor {
    /// The value the list is sorted by.
    pub key: i64,
    /// Tells rows with the same key apart.
    pub id: Uuid,
}

impl std::fmt::Display for Anchor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.key, self.id.as_simple())
    }
}

impl FromStr for Anchor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (key, id) = text.split_once('.').ok_or(())?;
        Ok(Self { key: key.parse().map_err(|_| ())?, id: id.parse().map_err(|_| ())? })
    }
}

/// Which page a reader asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct PageAsk {
    /// From 1. Its window begins at page `10 n + 1`.
    pub number: u32,
    /// The last row before the window; `None` for the first window.
    pub after: Option<Anchor>,
}

impl Default for PageAsk {
    /// The first page.
    fn default() -> Self {
        Self { number: 1, after: None }
    }
}

impl PageAsk {
    /// Reads the parts of an address; whatever is wrong becomes the first page.
    #[must_use]
    pub fn parse(number: Option<&str>, after: Option<&str>) -> Self {
        let number = number.and_then(|n| n.parse().ok()).unwrap_or(1);
        Self { number, after: after.and_then(|a| a.parse().ok()) }.bounded()
    }

    /// The same within reason: pages are numbered from 1, and a later window can only be reached through its anchor.
    #[must_use]
    pub fn bounded(self) -> Self {
        let most = if self.after.is_some() { 1_000_000 } else { WINDOW_PAGES as u32 };
        Self { number: self.number.clamp(1, most), after: self.after }
    }

    /// Position of the page in its window, from 0.
    #[must_use]
    pub const fn in_window(self) -> usize {
        (self.number.saturating_sub(1) as usize) % WINDOW_PAGES
    }

    /// Number of the first page of the window.
    #[must_use]
    pub const fn window_start(self) -> u32 {
        self.number.saturating_sub(self.in_window() as u32)
    }
}

/// The address of a page of a list that stands at `path`, by its number and its window's anchor.
#[must_use]
pub fn page_href(path: &str, number: u32, after: Option<Anchor>) -> String {
    match after {
        Some(after) => format!("{path}?page={number}&after={after}"),
        None => format!("{path}?page={number}"),
    }
}

/// One page of a list and the numbers around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema), schemars(rename = "PageOf{T}"))]
pub struct Page<T> {
    /// At most [`PAGE_SIZE`] rows.
    pub rows: Vec<T>,
    /// Rows in the whole list, counted up to [`COUNT_LIMIT`] + 1.
    pub total: i64,
    /// The page this is.
    pub number: u32,
    /// The anchor of this window.
    pub after: Option<Anchor>,
    /// The last page number of this window.
    pub last: u32,
    /// The anchor of the window before (`Some(None)`: the first window), if there is one.
    pub previous: Option<Option<Anchor>>,
    /// The anchor of the next window, if there is one.
    pub next: Option<Anchor>,
}

impl<T> Page<T> {
    /// A list with nothing in it.
    #[must_use]
    pub const fn empty() -> Self {
        Self { rows: Vec::new(), total: 0, number: 1, after: None, last: 1, previous: None, next: None }
    }

    /// The same page with other rows, such as those that the ids on it stand for.
    #[must_use]
    pub fn with_rows<U>(self, rows: Vec<U>) -> Page<U> {
        let Self { total, number, after, last, previous, next, .. } = self;
        Page { rows, total, number, after, last, previous, next }
    }

    /// The first page number of this window.
    #[must_use]
    pub const fn first(&self) -> u32 {
        self.number - (self.number - 1) % WINDOW_PAGES as u32
    }
}
