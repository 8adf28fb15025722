//! `/meals/:id`: one order.

use crate::device::{self, Memo, RwSignal, StoredValue, load};
use crate::features::accounts::components::named;
use crate::features::chat::model::Content;
use crate::features::meals::api::ReadMeal;
use crate::features::meals::components::{Facts, FeeSplit, Problem, category_icon, state_badge};
use crate::features::meals::model::{Area, Cancelled, MealCard, MealDetail, MealQuery, MealView};
use crate::features::parties::components::{Deeds, HostDesk, Members, PartyPictures, PartyTools, Seating, can_come};
use crate::features::parties::model::{Circle, Seated, Standing, State};
use crate::features::threads::components::Teaser;
use crate::live::client::Live;
use crate::live::protocol::Down;
use crate::shared::error::AppError;
use crate::shared::ids::{PartyId, RoomId, UserId};
use crate::shared::money::group;
use crate::shared::names::titled;
use crate::shared::paging::PageAsk;
use crate::t;
use crate::ui::time::moment_text;
use crate::ui::{
    AppBar, Avatar, AvatarSize, Badge, BadgeKind, Banner, BannerKind, Description, Empty, ErrorSummary, Icon, IconName, LinkButton,
    ListBones, Meta, SceneName, Seat, SeatTable, TimeAgo, Title, awaited, focus,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::{LazyRoute, lazy_route};

/// A question that is open, or a control that has the focus.
const IN_USE: &str = "#main details[open], #main :is(button, input, textarea, summary):focus";

/// One order.
#[derive(Debug)]
pub struct MealOne;

#[lazy_route]
impl LazyRoute for MealOne {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let params = use_params_map();
        let id: Memo<Option<PartyId>> = Memo::new(move |_| params.with(|params| params.get("id")?.parse().ok()));
        // Grows when something was done, so that the order is read again.
        let done = RwSignal::new(0);
        let address = use_query_map();
        let banned =
            Memo::new(move |_| address.with(|address| PageAsk::parse(address.get("page").as_deref(), address.get("after").as_deref())));
        let meal = load(move || Ok(ReadMeal { id: id.get().ok_or(AppError::NotFound)?, banned: banned.get() }));
        device::effect(move || {
            if done.get() > 0 {
                meal.refetch();
            }
        });
        // Its room, for those who sit there.
        let room = StoredValue::new(None::<RoomId>);
        // Whether the viewer sits there, or waits for an answer or a seat.
        let hears = StoredValue::new(false);
        // Whether something happened in a room of theirs before it was known which room this order has.
        let is_early = StoredValue::new(false);
        let live = Live::of_page();
        // Nothing is changed under the hands of somebody who is about to do something there: it is changed afterwards.
        let is_late = StoredValue::new(false);
        let renew = move || {
            let is_free = move || {
                let is_in_use = device::is_there(IN_USE);
                is_late.set_value(is_in_use);
                !is_in_use
            };
            if is_free() {
                meal.renew(is_free);
            }
        };
        let afterwards = move || {
            // Once the focus is where it goes.
            device::next_frame(move || {
                if is_late.try_get_value() == Some(true) {
                    renew();
                }
            });
        };
        // What happened while there was no connection is not told again. Nor is what happened between the server's page and
        // the first connection: that is asked for by those to whom it would have been told.
        let is_from_server = device::document_attribute("data-ready").is_none();
        let has_stood = StoredValue::new(false);
        device::effect(move || {
            if live.online().get() {
                if has_stood.get_value() || (is_from_server && hears.get_value()) {
                    renew();
                }
                has_stood.set_value(true);
            }
        });
        device::effect(move || {
            live.listen(move |down| {
                let is_ours = match down {
                    Down::Seated { party, .. } => id.get_untracked() == Some(*party),
                    // What happens at the table is said in its room.
                    Down::Message { room: told, message } => {
                        let is_notice = matches!(message.content, Content::Notice { .. });
                        let ours = room.get_value();
                        is_early.set_value(is_early.get_value() || (is_notice && ours.is_none()));
                        is_notice && ours == Some(*told)
                    }
                    Down::Gone { room: told, .. } => room.get_value() == Some(*told),
                    _ => false,
                };
                if is_ours {
                    renew();
                }
            });
        });
        view! {
            <div class="page" data-door="meal">
                <AppBar back="/meals" back_label=t!("meals.back")/>
                {move || {
                    // Another order is another page with deeds of its own.
                    let deeds = id.get().map(|id| Deeds::at(id, done));
                    view! {
                        <main id="main" class="wrap" on:focusout=move |_| afterwards() on:toggle:capture=move |_| afterwards()>
                            {deeds.map(|deeds| view! { <ErrorSummary error=deeds.trouble/> }.into_any())}
                            <Transition fallback=|| view! { <ListBones/> }>
                                {awaited(move || async move {
                                    match (meal.read().await, deeds) {
                                        (Ok(MealView::Live(meal)), Some(deeds)) => {
                                            room.set_value(meal.room);
                                            let is_waiting = matches!(meal.circle.standing, Standing::Applied | Standing::Waiting { .. });
                                            hears.set_value(is_waiting || meal.room.is_some());
                                            if is_early.try_update_value(std::mem::take) == Some(true) && meal.room.is_some() {
                                                device::next_frame(renew);
                                            }
                                            view! { <Order meal=*meal deeds/> }.into_any()
                                        }
                                        (Ok(MealView::Cancelled(meal)), _) => view! { <CalledOff meal/> }.into_any(),
                                        (Err(error), _) => view! { <Problem error path="/meals"/> }.into_any(),
                                        (Ok(_), None) => view! { <Problem error=AppError::NotFound path="/meals"/> }.into_any(),
                                    }
                                })}
                            </Transition>
                        </main>
                    }
                }}
            </div>
        }
        .into_any()
    }
}

/// `2/4명 · 오늘 18:30 마감 · 경의선숲길 3번 벤치`
fn summary(card: &MealCard, meal: &MealDetail) -> String {
    let left = i64::from(card.seats) - i64::from(card.taken);
    let place = meal.region.as_ref().map_or("", |region| region.name.as_str());
    let title = titled(&card.title);
    let shop = if card.shop.is_empty() { &title } else { &card.shop };
    if card.state == State::Open {
        t!("meals.preview.open", left = left, moment = moment_text(card.deadline, meal.now), place = place, shop = shop)
    } else {
        t!("meals.preview.closed", place = place, shop = shop)
    }
}

#[component]
fn Order(meal: MealDetail, deeds: Deeds) -> impl IntoView {
    let MealDetail {
        now,
        card,
        body,
        pictures,
        cover,
        outside,
        joining,
        region,
        host,
        views,
        room,
        circle,
        me,
        my_fee,
        is_kept,
        is_reported,
        has_to_be_rewritten,
        comments,
        words,
        elsewhere,
        ..
    } = meal.clone();
    let Circle { standing, members, desk } = circle;
    if deeds.has_just_acted() || device::is_there("#desk:focus, #seat:focus") {
        // The page has been read again: the focus goes where the next thing can be done, and stays there.
        device::effect(move || focus(if standing == Standing::Host { "desk" } else { "seat" }));
    }
    let path = format!("/meals/{}", card.id);
    let list = region.as_ref().map_or_else(|| "/meals".to_owned(), |region| MealQuery::default().around(region.code, Area::Region).href());
    let town = region.map(|region| region.name).unwrap_or_default();
    let description = summary(&card, &meal);
    let desk = desk.map(|desk| {
        let (members, page) = (members.clone(), path.clone());
        view! { <HostDesk deeds desk members host=host.id state=card.state page now/> }
    });
    let about = (!body.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="what">
                <h2 class="hush" id="what">{t!("meals.about")}</h2>
                <div class="prose" inner_html=body></div>
            </section>
        }
        .into_any()
    });
    let table = table(&card, &members, outside, standing, me);
    let title = titled(&card.title);
    let seats_text = t!("parties.seats", taken = card.taken, seats = card.seats);
    let created = members.iter().find(|member| member.person.id == host.id).map(|member| member.at);
    let warning = elsewhere.filter(|_| standing == Standing::Stranger && can_come(card.state)).map(|own| {
        let text = t!("meals.elsewhere", own = own, town = town);
        view! { <Banner icon=IconName::Pin kind=BannerKind::You>{text}</Banner> }
    });
    let rewrite = has_to_be_rewritten.then(|| view! { <Banner icon=IconName::Alert>{t!("meals.rewrite")}</Banner> }.into_any());
    view! {
        <Description text=description.clone()/>
        <Title text=t!("shell.title", page = title.clone())/>
        <Meta property="og:type" content="article"/>
        <Meta property="og:title" content=title.clone()/>
        <Meta property="og:description" content=description/>
        {cover.map(|cover| view! { <Meta property="og:image" content=cover/> }.into_any())}
        <div class="party">
            <div class="party__main">
                <PartyPictures title=title.clone() pictures/>
                <div class="party__title">
                    <div class="row">
                        {state_badge(card.state, card.deadline, now)}
                        <Badge kind=BadgeKind::Door>{card.category.label()}</Badge>
                    </div>
                    <h1>{title.clone()}</h1>
                    <div class="host">
                        <Avatar name=host.nickname.clone() face=host.face size=AvatarSize::Large/>
                        <div class="grow">
                            <p class="who">{named(&host.nickname)}<Badge><Icon name=IconName::Crown small=true/>{t!("parties.host")}</Badge></p>
                            <p class="meta">
                                {town.clone()}" · "{t!("meals.views", views = group(views))}
                                {created.map(|at| view! { " · "<TimeAgo at now/> }.into_any())}
                            </p>
                        </div>
                    </div>
                    <PartyTools deeds standing is_kept is_reported title path=path.clone()/>
                </div>
                {rewrite}
                {about}
                <Facts meal=meal.clone()/>
                <Members members=members.clone() host=host.id outside seats=card.seats now/>
                {desk}
                <Teaser total=comments lines=words path=format!("{path}/comments")/>
            </div>
            <aside class="party__side" aria-label=t!("meals.side")>
                <section class="card seatcard" aria-labelledby="seats">
                    <h2 class="hush" id="seats">{t!("meals.seats", seats = seats_text.clone())}</h2>
                    <SeatTable icon=category_icon(card.category) text=seats_text seats=table/>
                </section>
                <FeeSplit card=card.clone() standing is_accompanied={outside > 0}/>
                {warning}
                <div class="cta">
                    <p id="seat" tabindex="-1">{says(card.state, standing, my_fee)}</p>
                    <div class="acts"><Seating deeds standing state=card.state joining room path list/></div>
                </div>
            </aside>
        </div>
    }
}

/// What stands beside the button: what the viewer pays, or why there is none.
fn says(state: State, standing: Standing, my_fee: i64) -> AnyView {
    let fee = || view! { <span class="meta">{t!("meals.fee.mine")}</span><br/><b>{t!("meals.won", won = group(my_fee))}</b> }.into_any();
    match standing {
        // The bill says it from then on.
        Standing::Member | Standing::Host if state.ended().is_some() => t!("meals.says.bill").into_any(),
        Standing::Member | Standing::Host => fee(),
        // Nobody is let in or moves up any more.
        Standing::Applied | Standing::Waiting { .. } if !can_come(state) => t!("meals.says.closed").into_any(),
        Standing::Applied => t!("meals.says.applied").into_any(),
        Standing::Waiting { place } => t!("meals.says.waiting", place = place).into_any(),
        Standing::Banned => t!("error.banned").into_any(),
        Standing::Visitor | Standing::Stranger => match state {
            State::Open => fee(),
            state if can_come(state) => t!("meals.says.full").into_any(),
            _ => t!("meals.says.closed").into_any(),
        },
    }
}

/// The seats, clockwise from the top: one for the viewer, the members, those from outside, the free ones.
fn table(card: &MealCard, members: &[Seated], outside: u8, standing: Standing, me: Option<UserId>) -> Vec<Seat> {
    let comes = card.state == State::Open && matches!(standing, Standing::Visitor | Standing::Stranger);
    let mut seats = Vec::new();
    if comes {
        seats.push(Seat::You);
    }
    seats.extend(members.iter().map(|Seated { person, .. }| Seat::Person { name: person.nickname.clone(), mine: me == Some(person.id) }));
    seats.extend((0..outside).map(|_| Seat::Outside));
    let free = usize::from(card.seats).saturating_sub(seats.len());
    seats.extend((0..free).map(|_| Seat::Free));
    seats
}

#[component]
fn CalledOff(meal: Cancelled) -> impl IntoView {
    let Cancelled { title, region, reason, was_member } = meal;
    if !was_member {
        device::set_status(410);
    }
    let text = if reason.is_empty() { t!("meals.cancelled.text") } else { t!("meals.cancelled.reason", reason = reason) };
    let list = MealQuery::default().around(region, Area::Region).href();
    view! {
        <Title text=t!("shell.title", page = t!("meals.cancelled"))/>
        <Meta name="robots" content="noindex"/>
        <div class="lead"><h1>{titled(&title)}</h1></div>
        <Empty title=t!("meals.cancelled") text scene=SceneName::SeatLost>
            <LinkButton href=list>{t!("parties.others")}</LinkButton>
        </Empty>
    }
}
