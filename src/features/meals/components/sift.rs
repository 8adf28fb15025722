//! What narrows a list of orders down: the kind of food, free seats, the order.

use super::category_icon;
use crate::device::StoredValue;
use crate::features::meals::model::{Area, Category, MealQuery};
use crate::features::parties::model::Sort;
use crate::shared::paging::{COUNT_LIMIT, PageAsk};
use crate::t;
use crate::ui::{Icon, IconName};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// The fourteen kinds and all of them, as links.
#[component]
pub fn Kitchens(
    /// The list now.
    query: MealQuery,
) -> impl IntoView {
    let href = |category| MealQuery { category, page: PageAsk::default(), ..query.clone() }.href();
    let current = |category| (query.category == category).then_some("true");
    let kinds = Category::ALL
        .into_iter()
        .map(|category| {
            view! {
                <a class="chip" href=href(Some(category)) aria-current=current(Some(category))>
                    <Icon name=category_icon(category)/>{category.label()}
                </a>
            }
            .into_any()
        })
        .collect::<Vec<_>>();
    view! {
        <nav class="kitchens" aria-label=t!("meals.kitchens")>
            <div>
                <a class="chip" href=href(None) aria-current=current(None)>{t!("meals.kitchens.all")}</a>
                {kinds}
            </div>
        </nav>
    }
}

fn sort_label(sort: Sort) -> String {
    match sort {
        Sort::Soon => t!("meals.sort.soon"),
        Sort::New => t!("meals.sort.new"),
        Sort::Popular => t!("meals.sort.popular"),
        Sort::Views => t!("meals.sort.views"),
        Sort::Comments => t!("meals.sort.comments"),
    }
}

/// How many there are; only those with a free seat; in which order. A plain form that sends itself with the program.
#[component]
pub fn Sift(
    /// The list now.
    query: MealQuery,
    /// How many fit, up to one more than the bound.
    total: i64,
) -> impl IntoView {
    let navigate = use_navigate();
    let query = StoredValue::new(query);
    let go = {
        move |change: &dyn Fn(&mut MealQuery)| {
            let mut next = query.get_value();
            next.page = PageAsk::default();
            change(&mut next);
            navigate(&next.href(), NavigateOptions { scroll: false, ..NavigateOptions::default() });
        }
    };
    let sort = {
        let go = go.clone();
        move |event: leptos::ev::Event| {
            let sort = Sort::from_code(&event_target_value(&event)).unwrap_or_default();
            go(&|next| next.sort = sort);
        }
    };
    let open = move |event: leptos::ev::Event| {
        let open = event_target_checked(&event);
        go(&|next| next.open = open);
    };
    let now = query.get_value();
    let hidden = [
        ("region", now.region.map(|region| region.0.to_string())),
        ("area", (now.area == Area::District).then(|| "district".to_owned())),
        ("category", now.category.map(|category| category.code().to_owned())),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.map(|value| view! { <input type="hidden" name=name value=value/> }.into_any()))
    .collect::<Vec<_>>();
    let options = Sort::ALL
        .into_iter()
        .map(|sort| view! { <option value=sort.code() selected=sort == now.sort>{sort_label(sort)}</option> }.into_any())
        .collect::<Vec<_>>();
    let count = if total > COUNT_LIMIT { t!("meals.count.many") } else { t!("meals.count", count = total) };
    view! {
        <form class="sift" method="get" action="/meals">
            <p class="meta" role="status">{count}</p>
            {hidden}
            <div class="row">
                <label class="check meta"><input type="checkbox" name="open" value="1" checked=now.open on:change=open/>{t!("meals.open_only")}</label>
                <label class="pick">
                    <span class="hush">{t!("meals.sort")}</span>
                    <select name="sort" on:change=sort>{options}</select>
                    <Icon name=IconName::Down/>
                </label>
                <button class="btn btn--s plain-only" type="submit">{t!("meals.sift")}</button>
            </div>
        </form>
    }
}
