//! `/`: what Moim is, for visitors; today, for members.

use crate::device::{self, RwSignal, Turns, ask, load};
use crate::features::meals::api::Home as ReadHome;
use crate::features::meals::components::OrderCard;
use crate::features::meals::model::{HomeView, MealCard};
use crate::features::regions::model::RegionView;
use crate::features::suggestions::api::TodaysMenu;
use crate::features::suggestions::model::Headline;
use crate::features::weather::components::DayLine;
use crate::features::weather::model::Report;
use crate::shared::time::Timestamp;
use crate::t;
use crate::ui::time::day_text;
use crate::ui::{
    AppBar, ButtonKind, Empty, Icon, IconName, LinkButton, Meta, OrderBones, Scene, SceneName, Tile, Title, Trouble, awaited, words,
};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

/// The first page.
#[derive(Debug)]
pub struct Home;

#[lazy_route]
impl LazyRoute for Home {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let home = load(|| Ok(ReadHome {}));
        let menu = load(|| Ok(TodaysMenu {}));
        view! {
            <div class="page">
                <AppBar/>
                <Suspense fallback=|| view! { <main id="main" class="wrap"><OrderBones/></main> }>
                    {awaited(move || async move {
                        // The page stands without it.
                        let menu: Option<Headline> = menu.read().await.ok().flatten();
                        match home.read().await {
                            Ok(HomeView { now, nickname: Some(nickname), region, weather, soon, mine }) => {
                                view! { <Today now nickname region weather menu soon mine/> }.into_any()
                            }
                            Ok(HomeView { now, soon, .. }) => view! { <Landing now soon/> }.into_any(),
                            Err(error) => {
                                device::set_status(error.status());
                                view! { <main id="main" class="wrap"><Trouble error/></main> }.into_any()
                            }
                        }
                    })}
                </Suspense>
            </div>
        }
        .into_any()
    }
}

/// For visitors: what it is, how it goes, what is open now.
#[component]
fn Landing(now: Timestamp, soon: Vec<MealCard>) -> impl IntoView {
    let steps = [
        (IconName::Pin, t!("home.how.find"), t!("home.how.find.text")),
        (IconName::People, t!("home.how.sit"), t!("home.how.sit.text")),
        (IconName::Wallet, t!("home.how.share"), t!("home.how.share.text")),
    ]
    .map(|(icon, title, text)| view! { <li class="card"><Tile icon/><h3>{title}</h3><p class="meta">{text}</p></li> }.into_any());
    view! {
        <Title text=t!("home.title")/>
        <Meta property="og:title" content=t!("home.title")/>
        <Meta property="og:description" content=t!("shell.description")/>
        <main id="main" class="wrap home">
            <section class="hello card--panel on-panel" aria-labelledby="hello">
                <p class="hello__sky">{t!("home.tagline")}</p>
                <h1 id="hello">{t!("home.slogan")}</h1>
                <p class="hello__why">{t!("home.why")}</p>
                <div class="hello__acts">
                    <LinkButton href="/meals" kind=ButtonKind::Yuzu>{t!("home.seats")}</LinkButton>
                    <a class="btn btn--quiet" href="/sign-up">{t!("home.sign_up")}</a>
                </div>
                <span class="hello__art"><Scene name=SceneName::Bowl/></span>
            </section>
            <Doors/>
            <section class="sec" data-door="meal" aria-labelledby="how">
                <div class="sec__head"><h2 id="how">{t!("home.how")}</h2></div>
                <ol class="steps">{steps}</ol>
            </section>
            <Soon title=t!("home.soon.anywhere") cards=soon now town=String::new()/>
        </main>
        <footer class="foot">
            <a href="/about">{t!("about.title")}</a><a href="/terms">{t!("terms.title")}</a><a href="/privacy">{t!("privacy.title")}</a>
            // Not a page of the program.
            <a href="/api/docs" rel="external">{t!("home.api")}</a>
        </footer>
    }
}

/// For members: today, what closes soon around them, their own.
#[component]
fn Today(
    now: Timestamp,
    nickname: String,
    region: Option<RegionView>,
    weather: Option<Report>,
    menu: Option<Headline>,
    soon: Vec<MealCard>,
    mine: Vec<MealCard>,
) -> impl IntoView {
    let why = match &region {
        None => t!("home.today.nowhere"),
        Some(region) if soon.iter().any(|card| card.region == region.name) => t!("home.today.some", town = region.name),
        Some(region) if soon.is_empty() => t!("home.today.none", town = region.name),
        Some(region) => t!("home.today.around", town = region.name),
    };
    // Both were read beside each other: the weather may have come between.
    let is_behind = menu.as_ref().is_some_and(|menu| menu.is_behind(weather, now));
    let menu = RwSignal::new(menu);
    let what = move || Some(menu.get().map_or_else(|| t!("home.today.ask"), |menu| menu.title));
    let why = move || Some(menu.get().map_or_else(|| why.clone(), |menu| format!("{} {why}", menu.reason)));
    // Beside the page and not as a part of what it waits for: nothing flashes, and what stands is kept if there is no answer.
    let turns = Turns::new();
    let learnt = Callback::new(move |()| {
        turns.take(move || async move {
            if let Ok(Some(headline)) = ask(TodaysMenu {}).await {
                let _ = menu.try_set(Some(headline));
            }
        });
    });
    device::effect(move || {
        if is_behind {
            learnt.run(());
        }
    });
    let town = region.as_ref().map(|region| region.name.clone());
    let today = match region {
        Some(region) => view! { <DayLine now region report=weather learnt/> }.into_any(),
        None => view! { <p class="hello__sky"><Icon name=IconName::Sun small=true/>{day_text(now)}</p> }.into_any(),
    };
    // Where nothing is near either, that is said once, above.
    let mine = (!mine.is_empty() || !soon.is_empty()).then(|| view! { <Own cards=mine now/> }.into_any());
    view! {
        <Title text=t!("home.title")/>
        <main id="main" class="wrap home">
            <section class="hello card--panel on-panel" aria-labelledby="hello">
                {today}
                <h1 id="hello">{t!("home.today.hello", name = nickname)}<br/>{words(what)}</h1>
                <p class="hello__why">{words(why)}</p>
                <div class="hello__acts">
                    <LinkButton href="/meals" kind=ButtonKind::Yuzu>{t!("home.seats")}</LinkButton>
                    <a class="btn btn--quiet" href="/meals/suggestions"><Icon name=IconName::Retry small=true/>{t!("home.other_menus")}</a>
                </div>
                <span class="hello__art"><Scene name=SceneName::Bowl/></span>
            </section>
            <Doors/>
            {match town {
                Some(town) => view! { <Soon title=t!("home.soon") cards=soon now town/> }.into_any(),
                None => view! {
                    <section class="sec">
                        <Empty title=t!("meals.where.own") text=t!("meals.where.own.text")>
                            <LinkButton href="/me" kind=ButtonKind::Main>{t!("meals.where.choose")}</LinkButton>
                        </Empty>
                    </section>
                }.into_any(),
            }}
            {mine}
        </main>
        <a class="fab on-touch" href="/meals/new"><Icon name=IconName::Plus/>{t!("meals.open")}</a>
    }
}

/// The member's own orders.
#[component]
fn Own(cards: Vec<MealCard>, now: Timestamp) -> impl IntoView {
    let is_empty = cards.is_empty();
    let cards = cards.into_iter().map(|card| view! { <OrderCard card now/> }.into_any()).collect::<Vec<_>>();
    view! {
        <section class="sec" data-door="meal" aria-labelledby="mine">
            <div class="sec__head"><h2 id="mine">{t!("home.mine")}</h2><a class="go" href="/me/parties">{t!("home.all")}<Icon name=IconName::Right/></a></div>
            {if is_empty {
                view! {
                    <Empty title=t!("home.mine.none") text=t!("home.mine.none.text")>
                        <LinkButton href="/meals/new" kind=ButtonKind::Main>{t!("meals.open")}</LinkButton>
                    </Empty>
                }.into_any()
            } else {
                view! { <div class="orders">{cards}</div> }.into_any()
            }}
        </section>
    }
}

/// The three doors; only the one that opens is a link.
#[component]
fn Doors() -> impl IntoView {
    view! {
        <nav class="doors" aria-label=t!("home.doors")>
            <h2>{t!("home.doors.which")}</h2>
            <a class="door" data-door="meal" href="/meals"><Scene name=SceneName::DoorMeal/><b>{t!("home.door.meal")}</b><small>{t!("home.door.meal.text")}</small></a>
            <div class="door" data-door="trip"><Scene name=SceneName::DoorTrip/><b>{t!("home.door.trip")}</b><small>{t!("home.door.later")}</small></div>
            <div class="door" data-door="campus"><Scene name=SceneName::DoorCampus/><b>{t!("home.door.campus")}</b><small>{t!("home.door.later")}</small></div>
        </nav>
    }
}

/// Orders that close soon. Those of the reader's own 동 need not say where they are.
#[component]
fn Soon(title: String, cards: Vec<MealCard>, now: Timestamp, town: String) -> impl IntoView {
    let is_empty = cards.is_empty();
    let card = |card: MealCard| {
        let with_town = card.region != town;
        view! { <OrderCard card now with_town/> }.into_any()
    };
    let cards = cards.into_iter().map(card).collect::<Vec<_>>();
    view! {
        <section class="sec" data-door="meal" aria-labelledby="soon">
            <div class="sec__head">
                <h2 id="soon">{title}</h2>
                <a class="go" href="/meals">{t!("home.all")}<Icon name=IconName::Right/></a>
            </div>
            {if is_empty {
                view! {
                    <Empty title=t!("meals.empty") text=t!("meals.empty.text")>
                        <LinkButton href="/meals/new" kind=ButtonKind::Main>{t!("meals.open")}</LinkButton>
                    </Empty>
                }.into_any()
            } else {
                view! { <div class="soon">{cards}</div> }.into_any()
            }}
        </section>
    }
}
