//! A box for a 동: search as you type, or the present position. Without the program it takes a name, and when several
//! regions have it, offers them to choose from.

use super::found::{Found, option_id};
use super::here::Here;
use crate::device::{self, Memo, RwSignal, StoredValue, ask};
use crate::features::regions::api::SearchRegions;
use crate::features::regions::model::RegionView;
use crate::shared::error::FieldError;
use crate::t;
use crate::ui::{Field, Icon, IconName, field_id, part};
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// Typing pauses this long before anything is searched for.
const PAUSE: Duration = Duration::from_millis(180);

/// The name of the hidden field that carries the chosen region's code.
const CODE: &str = "form[region]";
/// The name of the field that carries the text.
const TEXT: &str = "form[region_text]";

/// The state of one box. Copy it into the closures of its parts.
#[derive(Clone, Copy)]
struct Choosing {
    input: NodeRef<html::Input>,
    /// The chosen region's code, empty while none is.
    code: RwSignal<String>,
    /// What the list in sight was searched for.
    query: RwSignal<String>,
    found: RwSignal<Vec<RegionView>>,
    active: RwSignal<usize>,
    open: RwSignal<bool>,
    /// What happened, for those who do not see the list.
    note: RwSignal<String>,
    /// Whether something was typed or chosen since the page came.
    touched: RwSignal<bool>,
    /// Counts what was typed, so that a late answer to an earlier text is dropped.
    turn: StoredValue<u32>,
    on_choose: Option<Callback<RegionView>>,
}

impl Choosing {
    fn take(self, region: RegionView) {
        self.turn.update_value(|turn| *turn = turn.wrapping_add(1));
        self.touched.set(true);
        self.code.set(region.code.0.to_string());
        self.open.set(false);
        if let Some(input) = self.input.get_untracked() {
            input.set_value(&region.full());
        }
        self.note.set(t!("regions.located", name = region.full()));
        if let Some(tell) = self.on_choose {
            tell.run(region);
        }
    }

    fn typed(self, text: String) {
        let turn = self.turn.get_value().wrapping_add(1);
        self.turn.set_value(turn);
        self.touched.set(true);
        self.code.set(String::new());
        device::later(
            move || {
                if self.turn.get_value() == turn {
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

/// A box for a 동. Sends `form[region]`, the code of the chosen one, and `form[region_text]`, what was typed.
#[component]
pub fn RegionField(
    /// What it is called.
    #[prop(into)]
    label: String,
    /// The region that is chosen at first.
    #[prop(optional)]
    chosen: Option<RegionView>,
    /// What was typed into a form that came back; instead of the chosen one's name.
    #[prop(optional, into)]
    typed: String,
    /// What is wrong with `region`. It carries the regions to choose from when several fit.
    #[prop(into)]
    problem: Signal<Option<FieldError>>,
    /// Told of each region that is chosen.
    #[prop(optional)]
    on_choose: Option<Callback<RegionView>>,
) -> impl IntoView {
    let at_first = chosen.as_ref().map(RegionView::full).unwrap_or_default();
    let typed = if typed.is_empty() { at_first.clone() } else { typed };
    let code = chosen.filter(|_| typed == at_first).map(|region| region.code.0.to_string()).unwrap_or_default();
    let state = Choosing {
        input: NodeRef::new(),
        code: RwSignal::new(code),
        query: RwSignal::new(String::new()),
        found: RwSignal::new(Vec::new()),
        active: RwSignal::new(0),
        open: RwSignal::new(false),
        note: RwSignal::new(String::new()),
        touched: RwSignal::new(false),
        turn: StoredValue::new(0),
        on_choose,
    };
    // A new refusal has new choices; what is typed afterwards takes them away.
    device::effect(move || {
        problem.track();
        state.touched.set(false);
    });
    let choices = Memo::new(move |_| {
        let offered = problem.with(|problem| problem.as_ref().map(|error| error.args.clone()).unwrap_or_default());
        if state.touched.get() { Vec::new() } else { offered }
    });
    let error = Signal::derive(move || problem.with(|problem| problem.as_ref().map(FieldError::text)));
    let id = field_id(CODE);
    let list = format!("{id}-list");
    let described = {
        let id = id.clone();
        move || if error.with(Option::is_some) { format!("{id}-error {id}-hint") } else { format!("{id}-hint") }
    };
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
    view! {
        <Field name=CODE label hint=t!("regions.hint") error>
            <div class="combo">
                <Icon name=IconName::Search/>
                <input
                    class="input"
                    id=id
                    name=TEXT
                    type="text"
                    value=typed
                    placeholder=t!("regions.placeholder")
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
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=described
                    node_ref=state.input
                    on:input=move |ev| state.typed(event_target_value(&ev))
                    on:keydown=move |ev| state.key(ev)
                    on:blur=move |_| state.leave()
                />
                <ul class="combo__list" id=list role="listbox" aria-label=t!("regions.list") hidden=move || !state.open.get()>
                    {options}
                </ul>
            </div>
            <Choices choices code=state.code/>
            <p class="combo__note" role="status">{move || state.note.get()}</p>
            <Here note=state.note then=Callback::new(move |region| state.take(region))/>
        </Field>
    }
}

/// The regions that a text fits, to choose one; the hidden field with the code while there is nothing to choose.
#[component]
fn Choices(choices: Memo<Vec<(std::borrow::Cow<'static, str>, String)>>, code: RwSignal<String>) -> impl IntoView {
    part(move || {
        let choices = choices.get();
        if choices.is_empty() {
            return Some(view! { <input type="hidden" name=CODE value=move || code.get()/> }.into_any());
        }
        let options = choices
            .into_iter()
            .map(|(code, name)| {
                view! { <label class="check"><input type="radio" name=CODE value=code.into_owned()/><span>{name}</span></label> }.into_any()
            })
            .collect_view();
        let which = view! {
            <fieldset class="which">
                <legend class="label">{t!("regions.which")}</legend>
                {options}
            </fieldset>
        };
        Some(which.into_any())
    })
}
