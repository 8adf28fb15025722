//! Searching for a 동 as somebody types.

use super::found::{Found, option_id};
use crate::device::{self, RwSignal, StoredValue, ask};
use crate::features::regions::api::SearchRegions;
use crate::features::regions::model::RegionView;
use crate::t;
use crate::ui::{Icon, IconName, part};
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// Typing pauses this long before anything is searched for.
const PAUSE: Duration = Duration::from_millis(180);

/// The state of one box. Copy it into the closures of its parts.
#[derive(Clone, Copy)]
pub struct Choosing {
    input: NodeRef<html::Input>,
    /// What the list in sight was searched for.
    query: RwSignal<String>,
    found: RwSignal<Vec<RegionView>>,
    active: RwSignal<usize>,
    open: RwSignal<bool>,
    /// What happened, for those who do not see the list.
    pub note: RwSignal<String>,
    /// Counts what was typed, so that a late answer to an earlier text is dropped.
    turn: StoredValue<u32>,
    /// Told of what is chosen, and of nothing when something else is typed.
    then: Callback<Option<RegionView>>,
}

impl Choosing {
    /// Nothing is chosen yet. `then` is told of what is, and of nothing when something else is typed.
    #[must_use]
    pub fn new(then: Callback<Option<RegionView>>) -> Self {
        Self {
            input: NodeRef::new(),
            query: RwSignal::new(String::new()),
            found: RwSignal::new(Vec::new()),
            active: RwSignal::new(0),
            open: RwSignal::new(false),
            note: RwSignal::new(String::new()),
            turn: StoredValue::new(0),
            then,
        }
    }

    /// Chooses a region.
    pub fn take(self, region: RegionView) {
        self.turn.update_value(|turn| *turn = turn.wrapping_add(1));
        self.open.set(false);
        if let Some(input) = self.input.get_untracked() {
            input.set_value(&region.full());
        }
        self.note.set(t!("regions.located", name = region.full()));
        self.then.run(Some(region));
    }

    fn typed(self, text: String) {
        let turn = self.turn.get_value().wrapping_add(1);
        self.turn.set_value(turn);
        self.then.run(None);
        device::later(
            move || {
                // The page may be gone by then.
                if self.turn.try_get_value() == Some(turn) {
                    self.search(text, turn);
                }
            },
            PAUSE,
        );
    }

    /// The reader went on: a list that is still on its way would open over what comes next.
    fn leave(self) {
        self.turn.update_value(|turn| *turn = turn.wrapping_add(1));
        self.open.set(false);
    }

    fn search(self, text: String, turn: u32) {
        if text.trim().is_empty() {
            self.open.set(false);
            self.note.set(String::new());
            return;
        }
        spawn_local(async move {
            // A search that fails shows nothing; the name can still be sent as it is.
            let found = ask(SearchRegions { query: text.clone() }).await.unwrap_or_default();
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            self.note.set(if found.is_empty() { t!("regions.none") } else { t!("regions.found", count = found.len()) });
            self.open.set(!found.is_empty());
            self.active.set(0);
            self.query.set(text);
            self.found.set(found);
        });
    }

    fn key(self, ev: KeyboardEvent) {
        // Enter also ends the composing of a syllable.
        if ev.is_composing() {
            return;
        }
        let count = self.found.with_untracked(Vec::len);
        let open = self.open.get_untracked();
        match ev.key().as_str() {
            "ArrowDown" | "ArrowUp" if !open && count > 0 => {
                ev.prevent_default();
                self.open.set(true);
            }
            "ArrowDown" | "ArrowUp" if !open => {}
            "ArrowDown" => {
                ev.prevent_default();
                self.active.update(|at| *at = (*at + 1) % count.max(1));
            }
            "ArrowUp" => {
                ev.prevent_default();
                self.active.update(|at| *at = at.checked_sub(1).unwrap_or(count.saturating_sub(1)));
            }
            "Enter" if open => {
                let chosen = self.found.with_untracked(|found| found.get(self.active.get_untracked()).cloned());
                if let Some(region) = chosen {
                    ev.prevent_default();
                    self.take(region);
                }
            }
            "Escape" if open => {
                ev.prevent_default();
                ev.stop_propagation();
                self.open.set(false);
            }
            _ => {}
        }
    }
}

/// The box and the list under it.
#[component]
pub fn RegionBox(
    /// Its state.
    state: Choosing,
    /// Its id, which its label names.
    #[prop(into)]
    id: String,
    /// What its text is sent as.
    name: &'static str,
    /// What stands in it at first.
    value: String,
    /// What stands there while it is empty.
    placeholder: String,
    /// Whether it may not be sent empty.
    #[prop(optional)]
    required: bool,
    /// Whether it is wrong.
    #[prop(optional, into)]
    invalid: Signal<bool>,
    /// The ids of what is said about it.
    #[prop(optional, into)]
    described: Signal<Option<String>>,
    /// The button beside it.
    #[prop(optional)]
    button: Option<AnyView>,
) -> impl IntoView {
    let list = format!("{id}-list");
    let pointed = {
        let list = list.clone();
        move || state.open.get().then(|| option_id(&list, state.active.get()))
    };
    let options = {
        let list = list.clone();
        part(move || {
            let query = state.query.get();
            let found = state
                .found
                .get()
                .into_iter()
                .enumerate()
                .map(|(at, region)| {
                    let take = Callback::new(move |region| state.take(region));
                    view! { <Found list=list.clone() at region query=query.clone() active=state.active take/> }.into_any()
                })
                .collect_view();
            Some(found)
        })
    };
    let input = view! {
        <input
            class="input grow"
            id=id
            name=name
            type="text"
            value=value
            placeholder=placeholder
            required=required
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            maxlength="50"
            role="combobox"
            aria-autocomplete="list"
            aria-haspopup="listbox"
            aria-expanded=move || if state.open.get() { "true" } else { "false" }
            aria-controls=list.clone()
            aria-activedescendant=pointed
            aria-invalid=move || invalid.get().then_some("true")
            aria-describedby=move || described.get()
            node_ref=state.input
            on:input=move |ev| state.typed(event_target_value(&ev))
            on:keydown=move |ev| state.key(ev)
            on:blur=move |_| state.leave()
        />
    }
    .into_any();
    let line = match button {
        Some(button) => view! { <div class="row">{input}{button}</div> }.into_any(),
        None => input,
    };
    view! {
        <div class="combo">
            <Icon name=IconName::Search/>
            {line}
            <ul class="combo__list" id=list role="listbox" aria-label=t!("regions.list") hidden=move || !state.open.get()>
                {options}
            </ul>
        </div>
    }
}
