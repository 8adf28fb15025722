//! Choosing where to look.

use crate::device;
use crate::features::meals::model::{Area, MealQuery, Place};
use crate::features::regions::components::{Choosing, Here, RegionBox};
use crate::features::regions::model::RegionView;
use crate::t;
use crate::ui::{Icon, IconName, focus, words};
use leptos::ev::{FocusEvent, KeyboardEvent, PointerEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{EventTarget, Node};
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// Where the list looks, and where else it could: a disclosure of links.
#[component]
pub fn TownMenu(
    /// Where it looks.
    place: Place,
    /// The reader's own 동.
    home: Option<RegionView>,
    /// The list now.
    query: MealQuery,
) -> impl IntoView {
    let Place { region, area } = place;
    let (code, is_wide) = (region.code, area == Area::District);
    let home = home.filter(|home| home.code != code);
    let link = |to: RegionView, area: Area, name: String, line: String, here: bool| {
        let href = query.around(to.code, area).href();
        view! {
            <li>
                <a href=href aria-current=here.then_some("true")>
                    <Icon name=IconName::Pin/>
                    <span class="grow"><b>{name}</b><br/><span class="meta">{line}</span></span>
                    {here.then(|| view! { <Icon name=IconName::Check/> }.into_any())}
                </a>
            </li>
        }
    };
    let name = if is_wide { t!("meals.town.wide", district = region.district) } else { region.name.clone() };
    let own = home.map(|home| {
        let (name, line) = (home.name.clone(), t!("meals.town.own"));
        link(home, Area::Region, name, line, false)
    });
    let narrow = link(region.clone(), Area::Region, region.name.clone(), region.district.clone(), !is_wide);
    let wide_name = t!("meals.town.wide", district = region.district);
    let wide = link(region.clone(), Area::District, wide_name, t!("meals.town.around", name = region.name), is_wide);
    let menu = NodeRef::<html::Details>::new();
    let shut = move || {
        if let Some(menu) = menu.get_untracked().filter(|menu| menu.open()) {
            menu.set_open(false);
        }
    };
    // The menu has done its work, and the focus goes where it can be opened again.
    let done = move || {
        shut();
        focus("town-menu");
    };
    let on_key = move |ev: KeyboardEvent| {
        if ev.key() == "Escape" {
            done();
        }
    };
    // It lies above the list: whoever goes on there is done with it, by pointer or by keyboard.
    let gone = move |to: Option<EventTarget>| {
        let to = to.and_then(|to| to.dyn_into::<Node>().ok());
        if to.is_some() && menu.get_untracked().is_some_and(|menu| !menu.contains(to.as_ref())) {
            shut();
        }
    };
    device::effect(move || {
        let pressed = window_event_listener(leptos::ev::pointerdown, move |ev: PointerEvent| gone(ev.target()));
        on_cleanup(move || pressed.remove());
    });
    view! {
        <details class="region" node_ref=menu on:keydown=on_key on:focusout=move |ev: FocusEvent| gone(ev.related_target())>
            <summary class="chip" id="town-menu">
                <Icon name=IconName::Pin/><span class="hush">{t!("meals.town")}": "</span><b>{name}</b><Icon name=IconName::Down/>
            </summary>
            <div class="region__menu">
                <ul on:click=move |_| done()>{narrow}{wide}{own}</ul>
                <TownSearch label=t!("meals.town.other")/>
            </div>
        </details>
    }
}

/// A box for a 동: what is chosen while typing is gone to; a name that is sent is answered by a page that lists those that fit.
#[component]
pub fn TownSearch(
    /// What it is called.
    #[prop(into)]
    label: String,
    /// What was looked for.
    #[prop(optional, into)]
    value: String,
) -> impl IntoView {
    let navigate = use_navigate();
    let state = Choosing::new(Callback::new(move |region: Option<RegionView>| {
        if let Some(region) = region {
            navigate(&MealQuery::default().around(region.code, Area::Region).href(), NavigateOptions::default());
        }
    }));
    let button = view! { <button class="btn" type="submit">{t!("meals.town.search")}</button> }.into_any();
    view! {
        <form class="town" method="get" action="/meals" role="search">
            <label class="label" for="town">{label}</label>
            <RegionBox state id="town" name="q" value placeholder=t!("meals.town.example") required=true button/>
            <p class="combo__note" role="status">{words(move || Some(state.note.get()))}</p>
            <Here note=state.note then=Callback::new(move |region| state.take(region))/>
        </form>
    }
}
