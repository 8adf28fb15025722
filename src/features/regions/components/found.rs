//! What a search has found, one under the other.

use crate::device::RwSignal;
use crate::features::regions::model::RegionView;
use crate::ui::{Icon, IconName};
use leptos::prelude::*;

/// The id of an option in the list of a box.
pub(super) fn option_id(list: &str, at: usize) -> String {
    format!("{list}-{at}")
}

/// One region in the list. Taking it does not take the focus from the box.
#[component]
pub(super) fn Found(
    /// The list's id.
    list: String,
    /// Its place in the list.
    at: usize,
    /// The region.
    region: RegionView,
    /// What was searched for.
    query: String,
    /// Which place is marked.
    active: RwSignal<usize>,
    /// What taking it does.
    take: Callback<RegionView>,
) -> impl IntoView {
    let (before, hit, after) = marked(&region.name, &query);
    let (before, hit, after) = (before.to_owned(), hit.to_owned(), after.to_owned());
    let district = region.district.clone();
    let selected = move || if active.get() == at { "true" } else { "false" };
    view! {
        <li
            id=option_id(&list, at)
            role="option"
            aria-selected=selected
            on:mousedown=|ev| ev.prevent_default()
            on:click=move |_| take.run(region.clone())
        >
            <Icon name=IconName::Pin/>
            <span class="grow">
                {before}<mark>{hit}</mark>{after}<br/><span class="meta">{district}</span>
            </span>
        </li>
    }
}

/// A name around the longest word of the query that stands in it; the last part is empty when none does.
fn marked<'a>(name: &'a str, query: &str) -> (&'a str, &'a str, &'a str) {
    let word = query.split_whitespace().filter(|word| name.contains(*word)).max_by_key(|word| word.len());
    match word.and_then(|word| Some((name.find(word)?, word.len()))) {
        Some((start, length)) => (&name[..start], &name[start..start + length], &name[start + length..]),
        None => (name, "", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::marked;

    #[test]
    fn the_part_that_was_searched_for_is_marked() {
        assert_eq!(marked("신촌동", "신촌"), ("", "신촌", "동"));
        assert_eq!(marked("용담이동", "제주 담이"), ("용", "담이", "동"));
        assert_eq!(marked("연남동", "yeonnam"), ("연남동", "", ""));
        assert_eq!(marked("연남동", ""), ("연남동", "", ""));
    }
}
