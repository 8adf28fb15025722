//! `/meals`: the orders around a 동.

use crate::device::{Memo, load};
use crate::features::meals::api::ListMeals;
use crate::features::meals::components::{Kitchens, OrderCard, Problem, Sift, TownMenu, TownSearch};
use crate::features::meals::model::{Area, MealList, MealQuery};
use crate::features::regions::model::RegionView;
use crate::t;
use crate::ui::{AppBar, ButtonKind, Description, Empty, Icon, IconName, LinkButton, Meta, OrderBones, PageNumbers, Pager, Title, awaited};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

/// The orders around a 동.
#[derive(Debug)]
pub struct Meals;

#[lazy_route]
impl LazyRoute for Meals {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let address = use_query_map();
        let query = Memo::new(move |_| address.with(|address| MealQuery::read(|name| address.get(name))));
        let list = load(move || Ok(ListMeals { query: query.get() }));
        view! {
            <div class="page" data-door="meal">
                <AppBar/>
                <main id="main" class="wrap">
                    <Transition fallback=|| view! { <OrderBones/> }>
                        {awaited(move || async move {
                            match list.read().await {
                                Ok(list) => view! { <Listed list query=query.get_untracked()/> }.into_any(),
                                Err(error) => view! { <Problem error path="/meals"/> }.into_any(),
                            }
                        })}
                    </Transition>
                </main>
                <a class="fab" href="/meals/new"><Icon name=IconName::Plus/>{t!("meals.open")}</a>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Listed(list: MealList, query: MealQuery) -> impl IntoView {
    let MealList { now, place, home, signed_in, found, page } = list;
    let title = match &place {
        Some(place) if place.area == Area::District => t!("meals.title.in", place = place.region.district),
        Some(place) => t!("meals.title.in", place = place.region.name),
        None => t!("meals.title"),
    };
    let looked_for = query.search.clone();
    let answer = looked_for.clone().map(|name| view! { <Found name found query=query.clone()/> }.into_any());
    let menu = place.clone().map(|place| view! { <TownMenu place home query=query.clone()/> }.into_any());
    let list = match place {
        None => view! { <Where signed_in looked_for/> }.into_any(),
        Some(place) => {
            let wide = place.area == Area::District;
            let (numbers, total) = (PageNumbers::from(&page), page.total);
            let is_empty = page.rows.is_empty();
            let cards = page.rows.into_iter().map(|card| view! { <OrderCard card now with_town=wide/> }.into_any()).collect::<Vec<_>>();
            let href = {
                let query = query.clone();
                move |number, after| query.page_href(number, after)
            };
            let widen = (!wide).then(|| query.around(place.region.code, Area::District).href());
            let whole = query.is_sifted().then(|| query.whole().href());
            view! {
                <Kitchens query=query.clone()/>
                <Sift query total/>
                <h2 class="hush">{t!("meals.list")}</h2>
                {if is_empty {
                    view! {
                        <Empty title=t!("meals.empty") text=t!("meals.empty.text")>
                            <div class="row">
                                <LinkButton href="/meals/new" kind=ButtonKind::Main>{t!("meals.open")}</LinkButton>
                                {whole.map(|href| view! { <LinkButton href>{t!("meals.whole")}</LinkButton> }.into_any())}
                                {widen.map(|href| view! { <LinkButton href>{t!("meals.widen")}</LinkButton> }.into_any())}
                            </div>
                        </Empty>
                    }.into_any()
                } else {
                    view! { <div class="orders">{cards}</div><Pager page=numbers href/> }.into_any()
                }}
            }
            .into_any()
        }
    };
    view! {
        <Description text=t!("meals.description")/>
        <Title text=t!("shell.title", page = title.clone())/>
        <Meta property="og:title" content=title.clone()/>
        <Meta property="og:description" content=t!("meals.description")/>
        <div class="lead">{menu}<h1>{t!("meals.slogan")}</h1><a class="link" href="/meals/suggestions">{t!("meals.suggestions")}</a></div>
        {answer}
        {list}
    }
}

/// The 동 that fit a name.
#[component]
fn Found(name: String, found: Vec<RegionView>, query: MealQuery) -> impl IntoView {
    let is_empty = found.is_empty();
    let rows = found
        .into_iter()
        .map(|region| {
            let href = query.around(region.code, Area::Region).href();
            view! {
                <li class="item">
                    <Icon name=IconName::Pin/>
                    <span class="grow"><a class="cover" href=href><b>{region.name}</b></a>" "<span class="meta">{region.district}</span></span>
                </li>
            }
        })
        .collect::<Vec<_>>();
    view! {
        <section class="card found" aria-labelledby="found">
            <h2 id="found">{t!("meals.town.found", name = name)}</h2>
            {if is_empty {
                view! { <p class="meta">{t!("meals.town.none")}</p> }.into_any()
            } else {
                view! { <ul class="list">{rows}</ul> }.into_any()
            }}
        </section>
    }
}

/// Asks where to look.
#[component]
fn Where(signed_in: bool, looked_for: Option<String>) -> impl IntoView {
    let (title, text) =
        if signed_in { (t!("meals.where.own"), t!("meals.where.own.text")) } else { (t!("meals.where"), t!("meals.where.text")) };
    view! {
        <Empty title text>
            {signed_in.then(|| view! { <LinkButton href="/me" kind=ButtonKind::Main>{t!("meals.where.choose")}</LinkButton> }.into_any())}
            <TownSearch label=t!("meals.town.find") value=looked_for.unwrap_or_default()/>
        </Empty>
    }
}
