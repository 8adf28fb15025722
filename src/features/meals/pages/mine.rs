//! `/me/parties`: the reader's own orders.

use crate::device::{Memo, load};
use crate::features::accounts::components::Refusal;
use crate::features::meals::api::ListMyMeals;
use crate::features::meals::components::OrderCard;
use crate::features::meals::model::{MineQuery, MyMeals};
use crate::features::parties::model::Shelf;
use crate::t;
use crate::ui::{AppBar, ButtonKind, Empty, LinkButton, OrderBones, PageNumbers, Pager, Title, awaited};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

/// The reader's own orders, by what they are to them.
#[derive(Debug)]
pub struct MyMealsPage;

#[lazy_route]
impl LazyRoute for MyMealsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let address = use_query_map();
        let query = Memo::new(move |_| address.with(|address| MineQuery::read(|name| address.get(name))));
        let mine = load(move || Ok(ListMyMeals { query: query.get() }));
        view! {
            <Title text=t!("shell.title", page = t!("parties.mine"))/>
            <div class="page" data-door="meal">
                <AppBar back="/me"/>
                <main id="main" class="wrap">
                    <Transition fallback=|| view! { <OrderBones/> }>
                        {awaited(move || async move {
                            match mine.read().await {
                                Ok(mine) => view! { <Shelves mine shelf=query.get_untracked().shelf/> }.into_any(),
                                Err(error) => view! { <Refusal error/> }.into_any(),
                            }
                        })}
                    </Transition>
                </main>
            </div>
        }
        .into_any()
    }
}

fn name(shelf: Shelf) -> String {
    match shelf {
        Shelf::Hosted => t!("parties.shelf.hosted"),
        Shelf::Joined => t!("parties.shelf.joined"),
        Shelf::Applied => t!("parties.shelf.applied"),
        Shelf::Waiting => t!("parties.shelf.waiting"),
        Shelf::Kept => t!("parties.shelf.kept"),
        Shelf::Past => t!("parties.shelf.past"),
    }
}

fn why_empty(shelf: Shelf) -> String {
    match shelf {
        Shelf::Hosted => t!("parties.shelf.hosted.none"),
        Shelf::Joined => t!("parties.shelf.joined.none"),
        Shelf::Applied => t!("parties.shelf.applied.none"),
        Shelf::Waiting => t!("parties.shelf.waiting.none"),
        Shelf::Kept => t!("parties.shelf.kept.none"),
        Shelf::Past => t!("parties.shelf.past.none"),
    }
}

#[component]
fn Shelves(mine: MyMeals, shelf: Shelf) -> impl IntoView {
    let MyMeals { now, page } = mine;
    let numbers = PageNumbers::from(&page);
    let tabs = Shelf::ALL
        .into_iter()
        .map(|each| {
            let current = (each == shelf).then_some("page");
            view! { <a class="chip" href=MineQuery::href(each, 1, None) aria-current=current>{name(each)}</a> }.into_any()
        })
        .collect::<Vec<_>>();
    let list = if page.rows.is_empty() {
        view! {
            <Empty title=t!("parties.shelf.none") text=why_empty(shelf)>
                <LinkButton href="/meals" kind=ButtonKind::Main>{t!("home.seats")}</LinkButton>
            </Empty>
        }
        .into_any()
    } else {
        let cards = page.rows.into_iter().map(|card| view! { <OrderCard card now with_town=true/> }.into_any()).collect::<Vec<_>>();
        view! {
            <div class="orders">{cards}</div>
            <Pager page=numbers href=move |number, after| MineQuery::href(shelf, number, after)/>
        }
        .into_any()
    };
    view! {
        <div class="lead"><h1>{t!("parties.mine")}</h1></div>
        <nav class="shelves row" aria-label=t!("parties.shelves")>{tabs}</nav>
        <h2 class="hush">{name(shelf)}</h2>
        {list}
    }
}
