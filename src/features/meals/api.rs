//! Server functions of shared orders.

use super::model::{BillView, HomeView, MealDraft, MealForm, MealList, MealQuery, MealView, MineQuery, MyMeals};
use crate::shared::error::AppError;
use crate::shared::ids::PartyId;
use crate::shared::paging::PageAsk;
use crate::shared::schema::Described;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use {
    super::model::{Area, Place},
    super::store,
    crate::features::accounts::auth,
    crate::features::parties,
    crate::features::parties::store::{Filter, Scope},
    crate::features::regions::atlas,
    crate::features::weather::forecasts::{forecasts, may_fetch},
    crate::server::state::state,
    crate::shared::paging::Page,
    uuid::Uuid,
};

/// A list of orders: around the reader's own 동 unless another is asked for.
#[server(input = GetUrl, endpoint = "meals", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn list_meals(#[server(default)] query: MealQuery) -> Result<MealList, AppError> {
    let viewer = auth::visit().member;
    let state = state()?;
    let now = state.now();
    let home = viewer.as_ref().and_then(auth::Member::region).and_then(atlas::find);
    let found = query.search.as_deref().map(|name| atlas::search(name, store::SUGGESTIONS)).unwrap_or_default();
    let region = query.region.and_then(atlas::find).or_else(|| home.clone());
    let mut list = MealList { now, place: None, home, signed_in: viewer.is_some(), found, page: Page::empty() };
    if let Some(region) = region {
        let filter = Filter {
            kind: "meal",
            scope: match query.area {
                Area::Region => Scope::Region(region.code),
                Area::District => Scope::District(region.code.district()),
            },
            category: query.category.map(super::model::Category::code),
            open: query.open,
            now,
            sort: query.sort,
        };
        let mut conn = state.db.read().await?;
        let page = parties::store::list(&mut conn, &filter, query.page).await?;
        let cards = store::cards(&mut conn, &page.rows, viewer.as_ref().map(auth::Member::id), now).await?;
        list.page = page.with_rows(cards);
        list.place = Some(Place { region, area: query.area });
    }
    Ok(list)
}

/// One order, as the reader may see it; its host with a page of those who were removed.
#[server(input = GetUrl, endpoint = "meal", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn read_meal(id: PartyId, #[server(default)] banned: PageAsk) -> Result<MealView, AppError> {
    let visit = auth::visit();
    let state = state()?;
    let now = state.now();
    let mut conn = state.db.read().await?;
    let view = store::meal(&mut conn, id, visit.member.as_ref(), banned, &state.config.origin(), now).await?;
    if matches!(view, MealView::Live(_)) {
        let viewer = parties::store::Viewer::of(&visit, &state.keys, now);
        parties::store::look_at(&state.db, conn, id, &viewer).await?;
    }
    Ok(view)
}

/// What everybody at an order's table orders, and who pays what. For those who sit there.
///
/// # Errors
/// [`AppError::Forbidden`] for anybody else.
#[server(input = GetUrl, endpoint = "bill", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn read_bill(id: PartyId) -> Result<BillView, AppError> {
    let member = auth::member()?;
    let state = state()?;
    store::bill(&mut state.db.read().await?, id, &member, state.now()).await
}

/// An empty form for a new order in the person's 동.
#[server(input = GetUrl, endpoint = "blank_meal", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn blank_meal() -> Result<MealDraft, AppError> {
    let member = auth::member()?;
    let form = MealForm {
        key: Uuid::now_v7().to_string(),
        due: "30".to_owned(),
        seats: "4".to_owned(),
        outside: "0".to_owned(),
        ..MealForm::default()
    };
    Ok(MealDraft { now: state()?.now(), form, region: member.region().and_then(atlas::find), deadline: None })
}

/// Opens an order in the person's 동, and leads to it. The same form sent twice opens one.
///
/// # Errors
/// [`crate::shared::error::Conflict::Stale`] when the form's key is that of somebody else's order.
#[server(endpoint = "open_meal", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn open_meal(form: MealForm) -> Result<(), AppError> {
    let member = auth::verified()?;
    let state = state()?;
    let now = state.now();
    let region = member.region().ok_or(AppError::field("region", "meals.error.region"))?;
    let meal = form.parse(now)?;
    state.limiter.attempt(store::OPENINGS, &member.id().to_string(), now)?;
    let mut tx = state.db.begin().await?;
    if let Some(news) = store::open(&mut tx, &member, region, &meal, now).await? {
        tx.commit().await?;
        news.tell(&state.hub);
    }
    leptos_axum::redirect(&format!("/meals/{}", meal.id));
    Ok(())
}

/// An order in the form that changes it. For its host.
///
/// # Errors
/// [`AppError::Forbidden`] for anybody else; [`crate::shared::error::Conflict::Ordered`] and other reasons for which nothing can be changed any more.
#[server(input = GetUrl, endpoint = "meal_to_edit", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn meal_to_edit(id: PartyId) -> Result<MealDraft, AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut conn = state.db.read().await?;
    store::draft(&mut conn, id, &member, state.now()).await
}

/// Changes an order, tells its room what is different, and leads to it. For its host.
#[server(endpoint = "edit_meal", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn edit_meal(id: PartyId, form: MealForm) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let now = state.now();
    let edit = form.parse_edit(now)?;
    parties::throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let host = parties::store::host(&mut tx, &member, id, now).await?;
    let news = store::edit(&mut tx, host, id, &edit, now).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    leptos_axum::redirect(&format!("/meals/{id}"));
    Ok(())
}

/// The signed-in person's own orders, by what they are to them.
#[server(input = GetUrl, endpoint = "my_meals", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn list_my_meals(#[server(default)] query: MineQuery) -> Result<MyMeals, AppError> {
    let member = auth::member()?;
    let state = state()?;
    let now = state.now();
    let mut conn = state.db.read().await?;
    let page = parties::store::shelf(&mut conn, "meal", member.id(), query.shelf, query.page).await?;
    let cards = store::cards(&mut conn, &page.rows, Some(member.id()), now).await?;
    Ok(MyMeals { now, page: page.with_rows(cards) })
}

/// What the first page shows: to visitors what is open anywhere, to members what is open around them and their own.
#[server(input = GetUrl, endpoint = "home", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn home() -> Result<HomeView, AppError> {
    let viewer = auth::visit().member;
    let state = state()?;
    let now = state.now();
    let id = viewer.as_ref().map(auth::Member::id);
    let region = viewer.as_ref().and_then(auth::Member::region);
    let mut conn = state.db.read().await?;
    let soon = match (id, region) {
        (_, Some(region)) => store::closing_near(&mut conn, region, now, store::SOON).await?,
        (None, None) => store::closing_anywhere(&mut conn, now, store::SOON).await?,
        (Some(_), None) => Vec::new(),
    };
    let soon = store::cards(&mut conn, &soon, id, now).await?;
    let mine = match id {
        Some(id) => store::mine(&mut conn, id, now, store::MINE).await?,
        None => Vec::new(),
    };
    let mine = store::cards(&mut conn, &mine, id, now).await?;
    drop(conn);
    Ok(HomeView {
        now,
        nickname: viewer.map(|member| member.nickname().to_owned()),
        region: region.and_then(atlas::find),
        weather: match region {
            Some(region) => forecasts()?.glance(region, || id.is_some_and(|id| may_fetch(&state.limiter, id, now))),
            None => None,
        },
        soon,
        mine,
    })
}
