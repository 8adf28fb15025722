//! Server functions of suggestions.

use super::model::{AskForm, Headline, SuggestionView};
use crate::shared::error::AppError;
use crate::shared::schema::Described;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use {
    super::model::{Suggested, Talk, spent},
    super::{asking, choosing, headline::headline, menus, scorer, sky, store},
    crate::features::accounts::auth,
    crate::server::state::{lead_form, state},
    crate::shared::form::PlainForm,
    crate::shared::ids::QuestionId,
    crate::shared::text::lang,
    uuid::Uuid,
};

/// What the person could eat now: the five menus of this part of their day, or of the round that they have asked for, and their
/// conversation with the model where there is one. Asks nothing and is no question.
#[server(input = GetUrl, endpoint = "suggest_menus", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn suggest_menus() -> Result<SuggestionView, AppError> {
    let member = auth::member()?;
    let state = state()?;
    let now = state.now();
    let weather = sky::look(&state, &member, now).await.map(|(weather, _)| weather);
    let mut conn = state.db.read().await?;
    let facts = store::facts(&mut conn, member.id(), member.region(), weather, now).await?;
    let talk = match &state.completions {
        Some(_) => {
            let exchanges = store::talk(&mut conn, member.id(), now).await?;
            Some(Talk { next: QuestionId(Uuid::now_v7()), exchanges })
        }
        None => None,
    };
    drop(conn);
    let exchanges = talk.as_ref().map_or(&[][..], |talk| &talk.exchanges);
    let (day, chosen) = choosing::show(&state.db, &member, &facts, exchanges, now).await?;
    let suggested = |pick: scorer::Pick<'_>| {
        let name = pick.menu.name(lang());
        let href = menus::href(name, Some(pick.menu.category));
        Suggested { name: name.to_owned(), category: Some(pick.menu.category), reason: pick.reason.text(), href }
    };
    Ok(SuggestionView {
        now,
        menus: chosen.five.into_iter().map(suggested).collect(),
        has_weather: chosen.has_weather,
        left: day.left(),
        talk,
    })
}

/// The first of the five that the person is shown, or would be if they looked now; nothing for visitors.
#[server(input = GetUrl, endpoint = "todays_menu", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn todays_menu() -> Result<Option<Headline>, AppError> {
    let Some(member) = auth::visit().member else { return Ok(None) };
    let state = state()?;
    let now = state.now();
    let (weather, weather_of) = sky::glance(&state, &member, now).unzip();
    let mut conn = state.db.read().await?;
    let day = store::today(&mut conn, member.id(), now).await?;
    let facts = store::facts(&mut conn, member.id(), member.region(), weather, now).await?;
    let talk = match &state.completions {
        Some(_) => store::talk(&mut conn, member.id(), now).await?,
        None => Vec::new(),
    };
    drop(conn);
    let chosen = choosing::glance(&member, &facts, &day, &talk, now);
    let first = chosen.five.first();
    Ok(first.map(|pick| Headline {
        title: headline(pick, &facts),
        reason: pick.reason.text(),
        has_weather: chosen.has_weather,
        weather_of,
    }))
}

/// Asks for other menus: a question.
///
/// # Errors
/// [`AppError::Spent`]
#[server(endpoint = "more_menus", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn more_menus() -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let now = state.now();
    let mut tx = state.db.begin().await?;
    if !store::count(&mut tx, member.id(), true, now).await? {
        return Err(spent("more", now));
    }
    tx.commit_unseen().await?;
    lead_form("/meals/suggestions");
    Ok(())
}

/// Asks the model, where there is one: a question of somebody who has proved their address, because answers may cost. Its answer comes over the live connection; a plain form waits for all of it.
///
/// # Errors
/// [`AppError::NotFound`] where there is no model; [`crate::shared::error::Conflict::Answering`]; [`AppError::Spent`].
#[server(endpoint = "ask_menus", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn ask_menus(form: AskForm) -> Result<(), AppError> {
    let member = auth::verified()?;
    let state = state()?;
    let now = state.now();
    let model = state.completions.as_ref().ok_or(AppError::NotFound)?;
    let question = form.parse()?;
    let is_plain = use_context::<PlainForm>().is_some();
    state.limiter.attempt(store::QUESTIONS, &member.id().to_string(), now)?;
    let weather = sky::look(&state, &member, now).await.map(|(weather, _)| weather);
    let mut conn = state.db.read().await?;
    let facts = store::facts(&mut conn, member.id(), member.region(), weather, now).await?;
    let before = store::recall(&mut conn, member.id(), now).await?;
    drop(conn);
    let turns = asking::turns(&facts, before, &question.text);
    let mut tx = state.db.begin().await?;
    if store::ask(&mut tx, member.id(), &question, asking::until(model.patience(), now), now).await? {
        tx.commit_unseen().await?;
        // It goes on when whoever asked does not wait.
        let answered = tokio::spawn(asking::answer(state.clone(), member.id(), question.id, turns));
        if is_plain && let Err(error) = answered.await {
            tracing::error!(%error, "an answer to a question about menus was not passed on to its end");
        }
    }
    lead_form("/meals/suggestions#talk");
    Ok(())
}

/// Forgets the person's conversation with the model.
#[server(endpoint = "forget_questions", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn forget_questions() -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut tx = state.db.begin().await?;
    store::forget(&mut tx, member.id(), state.now()).await?;
    tx.commit_unseen().await?;
    lead_form("/meals/suggestions");
    Ok(())
}
