//! Which shared orders a reader wants to see, as the address says it.

use super::Category;
use crate::features::parties::model::{Shelf, Sort};
use crate::shared::ids::RegionCode;
use crate::shared::paging::{Anchor, PageAsk};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// How far to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// One 읍·면·동.
    #[default]
    Region,
    /// The 시·군·구 around it.
    District,
}

/// What an address asks for. Whatever is wrong in it is as if it were not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct MealQuery {
    /// Around which 동; the reader's own without one.
    pub region: Option<RegionCode>,
    /// How far.
    pub area: Area,
    /// What.
    pub category: Option<Category>,
    /// Only those with a free seat.
    pub open: bool,
    /// In which order.
    pub sort: Sort,
    /// Which page.
    pub page: PageAsk,
    /// The name of a 동 that the reader looks for.
    pub search: Option<String>,
}

impl MealQuery {
    /// Longest name that is looked for, in characters.
    pub const MAX_SEARCH: usize = 50;

    /// Reads an address by its parts.
    pub fn read(part: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| part(name).unwrap_or_default();
        let page = part("page");
        let after = part("after");
        Self {
            region: text("region").parse().ok().map(RegionCode),
            area: if text("area") == "district" { Area::District } else { Area::Region },
            category: Category::from_code(&text("category")),
            open: text("open") == "1",
            sort: Sort::from_code(&text("sort")).unwrap_or_default(),
            page: PageAsk::parse(page.as_deref(), after.as_deref()),
            search: part("q").map(|name| name.trim().chars().take(Self::MAX_SEARCH).collect()).filter(|name: &String| !name.is_empty()),
        }
    }

    /// The address of this list, from its first page on.
    #[must_use]
    pub fn href(&self) -> String {
        let mut href = "/meals".to_owned();
        let mut glue = '?';
        let mut add = |name: &str, value: &dyn std::fmt::Display| {
            // Writing into a String cannot fail. None of the values needs escaping.
            let _ = write!(href, "{glue}{name}={value}");
            glue = '&';
        };
        if let Some(region) = self.region {
            add("region", &region.0);
        }
        if self.area == Area::District {
            add("area", &"district");
        }
        if let Some(category) = self.category {
            add("category", &category.code());
        }
        if self.open {
            add("open", &1);
        }
        if self.sort != Sort::default() {
            add("sort", &self.sort.code());
        }
        href
    }

    /// The address of a page of this list.
    #[must_use]
    pub fn page_href(&self, number: u32, after: Option<Anchor>) -> String {
        let mut href = self.href();
        let glue = if href.contains('?') { '&' } else { '?' };
        if number > 1 || after.is_some() {
            let _ = write!(href, "{glue}page={number}");
        }
        if let Some(after) = after {
            let _ = write!(href, "&after={after}");
        }
        href
    }

    /// Whether something is left out.
    #[must_use]
    pub const fn is_sifted(&self) -> bool {
        self.category.is_some() || self.open
    }

    /// The same list with nothing left out.
    #[must_use]
    pub fn whole(&self) -> Self {
        Self { category: None, open: false, page: PageAsk::default(), ..self.clone() }
    }

    /// The same list around another 동.
    #[must_use]
    pub fn around(&self, region: RegionCode, area: Area) -> Self {
        Self { region: Some(region), area, page: PageAsk::default(), search: None, ..self.clone() }
    }
}

/// Which of their own orders a reader wants to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct MineQuery {
    /// What they are to the reader.
    pub shelf: Shelf,
    /// Which page.
    pub page: PageAsk,
}

impl MineQuery {
    /// Reads an address by its parts.
    pub fn read(part: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            shelf: part("shelf").and_then(|code| Shelf::from_code(&code)).unwrap_or_default(),
            page: PageAsk::parse(part("page").as_deref(), part("after").as_deref()),
        }
    }

    /// The address of a page of these orders.
    #[must_use]
    pub fn href(shelf: Shelf, number: u32, after: Option<Anchor>) -> String {
        let mut href = format!("/me/parties?shelf={}", shelf.code());
        // Writing into a String cannot fail.
        if number > 1 || after.is_some() {
            let _ = write!(href, "&page={number}");
        }
        if let Some(after) = after {
            let _ = write!(href, "&after={after}");
        }
        href
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn read(address: &str) -> MealQuery {
        let query = address.split_once('?').map_or("", |(_, query)| query);
        let parts: HashMap<String, String> =
            query.split('&').filter_map(|part| part.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        MealQuery::read(|name| parts.get(name).cloned())
    }

    #[test]
    fn an_address_says_what_it_was_made_of() {
        let anchor = Anchor { key: -7, id: uuid::Uuid::from_u128(9) };
        let query = MealQuery {
            region: Some(RegionCode(11_440_120)),
            area: Area::District,
            category: Some(Category::Stew),
            open: true,
            sort: Sort::Popular,
            page: PageAsk { number: 12, after: Some(anchor) },
            search: None,
        };
        assert_eq!(read(&query.page_href(12, Some(anchor))), query);
        assert_eq!(MealQuery::default().href(), "/meals");
        assert!(query.is_sifted() && !query.whole().is_sifted());
        assert_eq!(query.whole().href(), "/meals?region=11440120&area=district&sort=popular");
    }

    #[test]
    fn an_address_of_own_orders_says_what_it_was_made_of() {
        let after = Some(Anchor { key: 7, id: uuid::Uuid::from_u128(9) });
        for shelf in Shelf::ALL {
            let href = MineQuery::href(shelf, 11, after);
            let part = |name: &str| {
                let query = href.split_once('?')?.1;
                query
                    .split('&')
                    .filter_map(|part| part.split_once('='))
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| value.to_owned())
            };
            assert_eq!(MineQuery::read(part), MineQuery { shelf, page: PageAsk { number: 11, after } });
        }
        assert_eq!(MineQuery::read(|_| Some("?".to_owned())), MineQuery::default());
        assert_eq!(MineQuery::href(Shelf::Kept, 1, None), "/me/parties?shelf=kept");
    }

    #[test]
    fn what_is_wrong_in_an_address_is_not_there() {
        let query = read("/meals?region=x&area=y&category=z&open=2&sort=w&page=-1&after=v");
        assert_eq!(query, MealQuery::default());
    }
}
