//! The axum router: pages, calls, files, health, and what stands around every request.

use super::api::{self, Api};
use super::bill;
use super::broken;
use super::cache::{self, Kept};
use super::draw;
use super::export;
use super::oidc;
use super::openapi::{self, page};
use super::pictures;
use super::routes::App;
use super::scripts;
use super::shell::shell;
use super::texts;
use crate::features::accounts::auth::{self, Visit};
use crate::features::weather::forecasts::Forecasts;
use crate::live::socket::{self, Sockets};
use crate::server::jobs;
use crate::server::state::AppState;
use crate::server::{security, telemetry};
use crate::shared::error::AppError;
use axum::Router;
use axum::extract::{MatchedPath, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use leptos::prelude::{provide_context, use_context};
use leptos_axum::generate_route_list_with_exclusions_and_ssg_and_context;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::services::ServeDir;
use tracing::Instrument;
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Everything that this node answers.
pub fn router(state: AppState, sockets: Sockets) -> Router {
    texts::install_all();
    // Figures count from the first request on.
    telemetry::recorder();
    let forecasts = Forecasts::of(&state.config.weather, state.clock.clone());
    let pages = pages(&state, &forecasts);
    let kept = Kept::of(state.clone());
    let shared = pages
        .clone()
        .layer(middleware::from_fn(scripts::named))
        .layer(compression())
        .layer(middleware::from_fn_with_state(kept, cache::answer));
    let api = Api { state: state.clone(), pages: pages.clone(), writer: sockets.writer.clone(), forecasts };
    // Behind the calls, not beside them: the library's own routes would answer forms in its own way.
    let signed = Router::new()
        .route("/api/{*path}", any(api::call).with_state(api))
        .route(openapi::PAGE_PATH, get(page::page).with_state(state.clone()))
        .route("/meals/{id}/bill.csv", get(bill::download).with_state(state.clone()))
        .route("/me/export", get(export::download).with_state(state.clone()))
        .route("/me/export.zip", get(export::download_all).with_state(state.clone()))
        .route("/oidc/start/{provider}", get(oidc::start).with_state(state.clone()))
        .route("/oidc/callback/{provider}", get(oidc::callback).with_state(state.clone()))
        .route("/images/{id}/{size}", get(pictures::serve).with_state(state.clone()))
        .route("/ws", get(socket::upgrade).with_state(sockets))
        .fallback_service(shared)
        .layer(middleware::from_fn_with_state(state.clone(), auth::attend));
    let all = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics_page))
        .route("/text/{file}", get(text_file))
        .route(openapi::DOCUMENT_PATH, get(openapi::document))
        .with_state(state.clone())
        .nest("/pkg", built_files(&state))
        .fallback_service(signed);
    surrounded(all, state)
}

/// What stands around every request, whoever answers it.
pub(super) fn surrounded(inside: Router, state: AppState) -> Router {
    inside
        .layer(compression())
        .layer(CatchPanicLayer::custom(|_| api::refuse(&AppError::Internal)))
        .layer(middleware::from_fn_with_state(state, around))
}

/// Level 4: the library's default of 11 costs 20 ms a page.
fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(CompressionLevel::Precise(4))
        .compress_when(DefaultPredicate::new().and(NotForContentType::const_new(export::ARCHIVE)))
}

/// Pages and, behind them, the public files and the page for addresses that lead nowhere.
fn pages(state: &AppState, forecasts: &Forecasts) -> Router {
    let contexts = {
        let (state, forecasts) = (state.clone(), forecasts.clone());
        move || {
            provide_context(state.clone());
            provide_context(forecasts.clone());
            let visit =
                use_context::<axum::http::request::Parts>().and_then(|parts| parts.extensions.get::<Visit>().cloned()).unwrap_or_default();
            provide_context(visit.preferences.lang);
            provide_context(visit);
        }
    };
    let (routes, _) = generate_route_list_with_exclusions_and_ssg_and_context(App, None, contexts.clone());
    let document = {
        let options = state.leptos.clone();
        move || shell(options.clone())
    };
    let draw = move |request: Request| draw::page(contexts.clone(), document.clone(), request);
    let nowhere = draw.clone();
    let public = files(state, "").fallback(tower::service_fn(move |request: Request| {
        let page = nowhere(request);
        async move { Ok::<_, std::convert::Infallible>(page.await) }
    }));
    let public = tower::ServiceBuilder::new().map_response(keep_for_a_while).service(public);
    let pages = routes
        .iter()
        .fold(Router::new(), |pages, route| pages.route(route.path(), get(draw.clone())))
        .route_layer(middleware::from_fn(name_route))
        .fallback_service(public);
    finished(pages)
}

/// Draws every page that was begun to its end, also when its reader has gone meanwhile. Parts of a page are drawn by tasks beside
/// the request; without it, what they read would be gone under their hands.
pub(super) fn finished(pages: Router) -> Router {
    pages.layer(middleware::from_fn(async |request: Request, next: Next| {
        match tokio::spawn(next.run(request).in_current_span()).await {
            Ok(response) => response,
            // A panic is caught where all are; nothing else ends such a task before the node stops.
            Err(error) => error.try_into_panic().map_or_else(|_| api::refuse(&AppError::Unavailable), |panic| resume_unwind(panic)),
        }
    }))
}

/// The pattern of the route that answered, for figures and logs: never an address with somebody's data in it.
#[derive(Clone, Debug)]
pub struct RouteName(pub String);

async fn name_route(matched: MatchedPath, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.extensions_mut().insert(RouteName(matched.as_str().to_owned()));
    response
}

/// Public files keep their names when they change, so they are only kept for minutes. Documents are not files.
fn keep_for_a_while<B>(mut response: axum::http::Response<B>) -> axum::http::Response<B> {
    if response.status().is_success() && !is_document(&response) {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=600, stale-while-revalidate=86400"));
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}

fn files(state: &AppState, dir: &str) -> ServeDir {
    let root = PathBuf::from(state.leptos.site_root.as_ref()).join(dir);
    ServeDir::new(root).append_index_html_on_directories(false).precompressed_br().precompressed_gzip()
}

/// The browser's program. A release build's directory is named by its contents, so what is in it may be kept for ever.
fn built_files(state: &AppState) -> Router {
    let is_named = state.leptos.site_pkg_dir.contains('/');
    let caching = if is_named { "public, max-age=31536000, immutable" } else { "no-cache" };
    Router::new().fallback_service(files(state, "pkg")).layer(middleware::map_response(move |mut response: Response| async move {
        if response.status().is_success() {
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
            response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        response
    }))
}

async fn readyz(State(state): State<AppState>) -> Response {
    if state.db.is_ready().await {
        "ready".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the database is not available").into_response()
    }
}

async fn metrics_page(State(state): State<AppState>) -> Response {
    let (connections, idle) = state.db.pool_size();
    metrics::gauge!("database_connections").set(f64::from(connections));
    metrics::gauge!("database_connections_idle").set(idle as f64);
    // Without the database the rest is still worth knowing.
    if let Ok(mut conn) = state.db.read().await
        && let Ok((waiting, dead)) = jobs::count(&mut conn).await
    {
        metrics::gauge!("jobs_waiting").set(waiting as f64);
        metrics::gauge!("jobs_given_up").set(dead as f64);
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], telemetry::recorder().render()).into_response()
}

async fn text_file(Path(name): Path<String>, asked: HeaderMap) -> Response {
    let Some((file, is_meant)) = texts::named(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kept = if is_meant { "public, max-age=31536000, immutable" } else { "no-store" };
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, kept)];
    if cache::coding(&asked) == "br"
        && let Ok(packed) = tokio::task::spawn_blocking(|| file.packed()).await
    {
        let coding = [(header::CONTENT_ENCODING, "br"), (header::VARY, "accept-encoding")];
        return (headers, coding, packed).into_response();
    }
    (headers, file.body.as_str()).into_response()
}

/// Figures must not grow with what strangers ask for, and a method may be any word.
const fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

pub(super) fn is_document<B>(response: &axum::http::Response<B>) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// Around every request: a request id, security headers, one log line, the latency histogram.
async fn around(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let id = Uuid::now_v7();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().map(|matched| matched.as_str().to_owned());
    let language =
        (matches!(method, Method::GET | Method::POST) && api::accepts_html(request.headers())).then(|| auth::language(request.headers()));
    let started = Instant::now();
    let span = tracing::info_span!("request", request_id = %id);
    let mut response = next.run(request).instrument(span.clone()).await;
    // A form that is shown again keeps what was typed; everything else that failed gets a page that stands alone.
    let is_shown_again = method == Method::POST && is_document(&response);
    if let Some(lang) = language.filter(|_| response.status() == StatusCode::INTERNAL_SERVER_ERROR && !is_shown_again) {
        response = broken::page(&state, lang, id);
    }
    let took = started.elapsed();
    let named = response.extensions().get::<RouteName>().map(|name| name.0.clone());
    let route = named.or(matched).unwrap_or_else(|| "other".to_owned());
    let status = response.status().as_u16();
    telemetry::answered(known_method(&method).to_owned(), route.clone(), status, took);
    let seconds = took.as_secs_f64();
    span.in_scope(|| {
        if status >= 500 {
            tracing::error!(%method, route, status, seconds, "answered");
        } else {
            tracing::info!(%method, route, status, seconds, "answered");
        }
    });
    let headers = response.headers_mut();
    security::harden(headers, state.config.is_https());
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(REQUEST_ID, value);
    }
    response
}
