//! `/oidc/start/:provider` and `/oidc/callback/:provider`: the way to a provider and back. They are plain addresses and no pages, so
//! that the browser's program knows nothing of them.

use super::broken;
use crate::features::accounts::auth::Visit;
use crate::features::accounts::model::sign_in_path;
use crate::features::accounts::travel::{self, LOGINS_PAGE, Onward, Returned, Stranded};
use crate::server::oidc::{Provider, Trouble};
use crate::server::security;
use crate::server::state::AppState;
use crate::shared::error::AppError;
use crate::shared::text::{t_args_in, t_in};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// What may stand behind the address where the way begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Start {
    next: String,
    link: bool,
}

/// Sends the reader to a provider.
pub async fn start(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Path(name): Path<String>,
    question: Result<Query<Start>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let Start { next, link } = question.map(|question| question.0).unwrap_or_default();
    let Some(provider) = state.providers.named(&name) else {
        return broken::refusal(&state, visit.preferences.lang, &AppError::NotFound);
    };
    // Nobody is sent on their way by a page of somebody else: they have to press the button themselves.
    let is_foreign = !security::is_own_step(&headers, &state.config);
    if is_foreign || (link && visit.member.is_none() && visit.trouble.is_none()) {
        return Redirect::to(&if link { sign_in_path(LOGINS_PAGE) } else { sign_in_path(travel::wish(&next)) }).into_response();
    }
    match travel::depart(&state, &visit, provider, &next, link).await {
        Ok(onward) => go(onward),
        Err(stranded) => explain(&state, &visit, provider, stranded),
    }
}

/// What a provider may send somebody back with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Callback {
    state: String,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// Takes somebody in who comes back.
pub async fn callback(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Path(name): Path<String>,
    answer: Result<Query<Callback>, QueryRejection>,
) -> Response {
    let Callback { state: sent, code, error, iss } = answer.map(|answer| answer.0).unwrap_or_default();
    let Some(provider) = state.providers.named(&name) else {
        return broken::refusal(&state, visit.preferences.lang, &AppError::NotFound);
    };
    let returned = Returned { state: sent, code, error, issuer: iss };
    let came = match visit.trouble.clone() {
        Some(trouble) => Err(trouble.into()),
        None => travel::come_back(&state, &visit, provider, returned).await,
    };
    match came {
        Ok(onward) => go(onward),
        Err(stranded) => explain(&state, &visit, provider, stranded),
    }
}

fn go(onward: Onward) -> Response {
    let mut response = Redirect::to(&onward.to).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in onward.cookies {
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

/// Says what happened and what to do, on a page that needs nothing else.
fn explain(state: &AppState, visit: &Visit, provider: &Provider, stranded: Stranded) -> Response {
    let lang = visit.preferences.lang;
    let (status, key) = match stranded {
        Stranded::Declined(page) => return Redirect::to(&page).into_response(),
        Stranded::Here(error) => return broken::refusal(state, lang, &error),
        Stranded::Over => (StatusCode::BAD_REQUEST, "oidc.trouble.over"),
        Stranded::Taken => (StatusCode::CONFLICT, "oidc.trouble.taken"),
        Stranded::Occupied => (StatusCode::CONFLICT, "oidc.trouble.occupied"),
        Stranded::Provider(Trouble::Unreachable) => (StatusCode::BAD_GATEWAY, "oidc.trouble.unreachable"),
        Stranded::Provider(Trouble::Slow) => (StatusCode::GATEWAY_TIMEOUT, "oidc.trouble.slow"),
        Stranded::Provider(Trouble::Nonsense) => (StatusCode::BAD_GATEWAY, "oidc.trouble.nonsense"),
    };
    let text = t_args_in(lang, key, &[("name", provider.settings.called(lang))]);
    // Where the buttons are.
    let again = match (key, visit.member.is_some()) {
        ("oidc.trouble.occupied", _) => ("/me", t_in(lang, "oidc.trouble.me")),
        (_, true) => (LOGINS_PAGE, t_in(lang, "oidc.trouble.again")),
        (_, false) => ("/sign-in", t_in(lang, "oidc.trouble.again")),
    };
    broken::document(state, lang, status, &t_in(lang, "oidc.trouble.title"), &text, again)
}
