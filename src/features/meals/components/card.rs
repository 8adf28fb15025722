//! An order in a list.

use crate::features::meals::model::{Category, MealCard, Mine};
use crate::features::parties::components::stage_label;
use crate::features::parties::model::{ClosedBy, Stage, State};
use crate::shared::images::{Size, path};
use crate::shared::money::{group, split};
use crate::shared::names::titled;
use crate::shared::time::Timestamp;
use crate::t;
use crate::ui::time::SOON;
use crate::ui::{Badge, BadgeKind, Countdown, IconName, SeatDots, Tile, YourSeat};
use leptos::prelude::*;

/// The picture of a kind of food.
#[must_use]
pub const fn category_icon(category: Category) -> IconName {
    match category {
        Category::Jokbal => IconName::Jokbal,
        Category::Stew => IconName::Stew,
        Category::Japanese => IconName::Fish,
        Category::Pizza => IconName::Pizza,
        Category::Grill => IconName::Grill,
        Category::Western => IconName::Fork,
        Category::Chicken => IconName::Chicken,
        Category::Chinese => IconName::Noodle,
        Category::Asian => IconName::Leaf,
        Category::Korean => IconName::Rice,
        Category::Dosirak => IconName::Dosirak,
        Category::Bunsik => IconName::Bunsik,
        Category::Cafe => IconName::Cafe,
        Category::Fastfood => IconName::Burger,
    }
}

/// The state in two words, and how long it lasts.
#[must_use]
pub fn state_badge(state: State, deadline: Timestamp, now: Timestamp) -> AnyView {
    let closed = |why: String| view! { <Badge>{t!("parties.state.closed")}</Badge><span class="due">{why}</span> }.into_any();
    match state {
        State::Open => {
            let soon = deadline - now <= SOON;
            let (kind, words) =
                if soon { (BadgeKind::Soon, t!("parties.state.soon")) } else { (BadgeKind::Open, t!("parties.state.open")) };
            view! { <Badge kind>{words}</Badge><Countdown until=deadline now/> }.into_any()
        }
        State::Closed(ClosedBy::Full) => closed(t!("parties.due.full")),
        State::Closed(ClosedBy::Deadline) => closed(t!("parties.due.deadline")),
        State::Closed(ClosedBy::Host) => closed(t!("parties.due.host")),
        State::UnderWay(stage) => {
            let kind = if stage == Stage::Settled { BadgeKind::Plain } else { BadgeKind::Door };
            view! { <Badge kind>{stage_label(stage)}</Badge> }.into_any()
        }
        State::Ended => view! { <Badge>{t!("parties.state.ended")}</Badge> }.into_any(),
        State::Cancelled => view! { <Badge>{t!("parties.state.cancelled")}</Badge> }.into_any(),
    }
}

/// An order as one target with one name.
#[component]
pub fn OrderCard(
    /// The order.
    card: MealCard,
    /// The time of the answer.
    now: Timestamp,
    /// Whether its 동 has to be said.
    #[prop(optional)]
    with_town: bool,
) -> impl IntoView {
    let MealCard { id, title, category, shop, pickup, region, state, deadline, seats, taken, fee, mine, picture } = card;
    let (each_now, each_full) = (split(fee, taken.into()).each, split(fee, seats.into()).each);
    let is_open = state == State::Open;
    let is_off = state == State::Cancelled;
    let fee = if is_off {
        ().into_any()
    } else if is_open {
        view! {
            {t!("meals.fee.each")}" "<span class="hush">{t!("meals.fee.now")}" "</span>{t!("meals.won", won = group(each_now))}" → "
            <b><span class="hush">{t!("meals.fee.full")}" "</span>{t!("meals.won", won = group(each_full))}</b>
        }
        .into_any()
    } else {
        view! { {t!("meals.fee.each")}" "{t!("meals.won", won = group(each_now))} }.into_any()
    };
    let (yours, badge) = match mine {
        Mine::Host => (YourSeat::Taken, Some(t!("parties.mine.host"))),
        Mine::Member => (YourSeat::Taken, Some(t!("parties.mine.member"))),
        Mine::No if is_open => (YourSeat::Open, None),
        Mine::No => (YourSeat::None, None),
    };
    let mark = match picture {
        // Decorative: the title stands beside it.
        Some(id) => {
            view! { <img class="order__pic" src=path(id, Size::Small) alt="" width="48" height="48" loading="lazy" decoding="async"/> }
                .into_any()
        }
        None => view! { <Tile icon=category_icon(category)/> }.into_any(),
    };
    let has_shop = !shop.is_empty();
    // Many a place is called after its 동.
    let spot = if with_town && !pickup.starts_with(&region) { format!("{region} {pickup}") } else { pickup };
    view! {
        <article class="order" class:order--full=!is_open>
            <div class="row">{state_badge(state, deadline, now)}</div>
            {badge.map(|words| view! { <Badge kind=BadgeKind::You>{words}</Badge> }.into_any())}
            <div class="order__head">
                {mark}
                <div class="grow">
                    <h3><a class="cover" href=format!("/meals/{id}")>{titled(&title)}</a></h3>
                    <p class="meta">
                        <span class="hush">{category.label()}" · "</span>
                        <span class="order__bit">{shop}</span>{has_shop.then_some(" · ")}<span class="order__bit">{spot}</span>
                    </p>
                </div>
            </div>
            <div class="order__foot">
                <span><SeatDots seats taken yours/>" "<b>{t!("parties.seats", taken = taken, seats = seats)}</b></span>
                <span class="fee">{fee}</span>
            </div>
        </article>
    }
}
