//! Who is asking.
//!
//! A short-lived signed access token names a session; the session's row says whether it is alive. When the access token
//! has expired, the refresh token is exchanged inside the request that meets it, so nobody sees a flash of signed-out.

use super::model::{Preferences, Theme};
use super::store::{self, Renewal, SignedIn};
use crate::server::security;
use crate::server::state::AppState;
use crate::shared::error::AppError;
use crate::shared::ids::{RegionCode, SessionId, UserId};
use crate::shared::text::Lang;
use crate::shared::time::{Span, Timestamp};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};
use uuid::Uuid;

/// How long an access token is good for.
pub const ACCESS_LIFE: Span = Span::minutes(15);
const ACCESS_COOKIE: &str = "moim_access";
const REFRESH_COOKIE: &str = "moim_refresh";
const LANG_COOKIE: &str = "moim_lang";
const THEME_COOKIE: &str = "moim_theme";
const TRAVEL_COOKIE: &str = "moim_travel";
const ARRIVAL_COOKIE: &str = "moim_arrival";
/// Browsers take a cookie whose name begins so from this host over https only: nobody can put one in from beside it.
const HOST_PREFIX: &str = "__Host-";
/// Length of a browser's secret, in characters.
const SECRET: usize = 64;
const YEAR: Span = Span::days(365);

/// Somebody who is signed in. Only this module makes one.
#[derive(Clone, Debug)]
pub struct Member {
    id: UserId,
    session: SessionId,
    nickname: String,
    region: Option<RegionCode>,
    is_verified: bool,
}

impl Member {
    /// Who.
    #[must_use]
    pub const fn id(&self) -> UserId {
        self.id
    }
    /// On which device.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.session
    }
    /// What they are called.
    #[must_use]
    pub fn nickname(&self) -> &str {
        &self.nickname
    }
    /// Whether they had proved their address when the request came.
    #[must_use]
    pub const fn is_verified(&self) -> bool {
        self.is_verified
    }
    /// Their 동, if they have chosen one.
    #[must_use]
    pub const fn region(&self) -> Option<RegionCode> {
        self.region
    }
}

impl From<SignedIn> for Member {
    fn from(row: SignedIn) -> Self {
        Self { id: row.user_id, session: row.session_id, nickname: row.nickname, region: row.region, is_verified: row.is_verified }
    }
}

/// What is known of the one behind a request.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// Who, if signed in.
    pub member: Option<Member>,
    /// How they want pages shown.
    pub preferences: Preferences,
    /// Where they come from.
    pub ip: Option<IpAddr>,
    /// Their device, in its own words.
    pub user_agent: String,
    /// The secret that this browser got when it was sent to a provider, if it was.
    pub traveller: Option<String>,
    /// The secret that this browser got when it came back from there, if somebody waits in it.
    pub arrival: Option<String>,
    /// Why it could not be found out who it is, if it could not.
    pub trouble: Option<AppError>,
}

impl Visit {
    /// Where they come from, as attempts are counted: their neighbourhood of addresses.
    #[must_use]
    pub fn address(&self) -> String {
        self.ip.map_or_else(|| "unknown".to_owned(), |ip| security::network(ip).to_string())
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: Uuid,
    sid: Uuid,
    exp: i64,
}

/// The one behind the current request, from inside a server function or a page's resource.
#[must_use]
pub fn visit() -> Visit {
    use_context::<Visit>().unwrap_or_default()
}

/// The signed-in person behind the current request.
///
/// # Errors
/// [`AppError::SignInRequired`]; [`AppError::Unavailable`] when it could not be found out.
pub fn member() -> Result<Member, AppError> {
    let visit = visit();
    visit.member.ok_or(visit.trouble.unwrap_or(AppError::SignInRequired))
}

/// The same for what only those may do who have proved their address: posting, joining, talking.
///
/// # Errors
/// Those of [`member`]; [`AppError::Unverified`].
pub fn verified() -> Result<Member, AppError> {
    member().and_then(|member| if member.is_verified { Ok(member) } else { Err(AppError::Unverified) })
}

/// Middleware: finds out who is asking and puts a [`Visit`] into the request.
pub async fn attend(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    if is_file(request.uri().path()) {
        return next.run(request).await;
    }
    let headers = request.headers();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let cookies = Cookies::read(headers, state.config.is_https());
    let mut set: Vec<String> = Vec::new();
    let (signed_in, trouble) = match identify(&state, &cookies, &mut set).await {
        Ok(found) => (found, None),
        Err(error) => {
            // Pages for everybody go on without a name; what needs one says what the trouble is.
            tracing::warn!(%error, "could not find out who is asking");
            (None, Some(error))
        }
    };
    let visit = Visit {
        preferences: preferences(&cookies, headers, signed_in.as_ref()),
        ip: security::client_ip(peer, headers, state.config.proxies),
        user_agent: text_of(headers, &header::USER_AGENT),
        member: signed_in.map(Member::from),
        traveller: cookies.travel,
        arrival: cookies.arrival,
        trouble,
    };
    request.extensions_mut().insert(visit);
    let mut response = next.run(request).await;
    // A sign-in or sign-out in the request itself has the last word.
    let decided =
        response.headers().get_all(header::SET_COOKIE).iter().any(|value| value.to_str().is_ok_and(|text| text.starts_with(ACCESS_COOKIE)));
    if !decided && !set.is_empty() {
        let headers = response.headers_mut();
        // A picture that everybody may keep must not carry somebody's session with it.
        if headers.get(header::CACHE_CONTROL).is_some_and(|caching| caching.as_bytes().starts_with(b"public")) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        }
        for cookie in set {
            append_cookie(headers, &cookie);
        }
    }
    response
}

/// Public files lie at the root and are the same for everybody: nobody needs to be asked for.
fn is_file(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|name| name.contains('.') && !name.contains('/'))
}

async fn identify(state: &AppState, cookies: &Cookies, set: &mut Vec<String>) -> Result<Option<SignedIn>, AppError> {
    let now = state.now();
    if let Some(session) = cookies.access.as_deref().and_then(|token| read_access(state, token, now)) {
        let mut conn = state.db.read().await?;
        let found = store::signed_in(&mut conn, session).await?;
        if found.is_none() {
            set.extend(cleared(state));
        }
        return Ok(found);
    }
    let Some(token) = cookies.refresh.as_deref() else { return Ok(None) };
    let mut tx = state.db.begin().await?;
    let renewal = store::renew(&mut tx, token, now).await?;
    tx.commit().await?;
    match renewal {
        Renewal::Renewed(person, refresh) => {
            set.extend(session_cookies(state, person.user_id, person.session_id, &refresh, now)?);
            Ok(Some(person))
        }
        Renewal::Reused(session) => {
            tracing::warn!(%session, "a refresh token was used twice; its session was ended");
            state.hub.session_ended(session);
            set.extend(cleared(state));
            Ok(None)
        }
        Renewal::Refused => {
            set.extend(cleared(state));
            Ok(None)
        }
    }
}

fn read_access(state: &AppState, token: &str, now: Timestamp) -> Option<SessionId> {
    let mut validation = Validation::new(Algorithm::HS256);
    // The clock is ours, so that tests can move it.
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(&state.keys.access), &validation).ok()?.claims;
    (claims.exp.saturating_mul(1_000) > now.0).then_some(SessionId(claims.sid))
}

/// The cookies of a device that is signed in.
///
/// # Errors
/// [`AppError::Internal`] when a token cannot be signed.
pub(crate) fn session_cookies(
    state: &AppState,
    user: UserId,
    session: SessionId,
    refresh: &str,
    now: Timestamp,
) -> Result<[String; 2], AppError> {
    let claims = Claims { sub: user.0, sid: session.0, exp: (now + ACCESS_LIFE).0 / 1_000 };
    let access =
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(&state.keys.access)).map_err(|error| {
            tracing::error!(%error, "an access token could not be signed");
            AppError::Internal
        })?;
    Ok([
        cookie(state, ACCESS_COOKIE, &access, store::REFRESH_LIFE, true),
        cookie(state, REFRESH_COOKIE, refresh, store::REFRESH_LIFE, true),
    ])
}

fn cleared(state: &AppState) -> [String; 2] {
    [ACCESS_COOKIE, REFRESH_COOKIE].map(|name| cookie(state, name, "", Span(0), true))
}

fn cookie(state: &AppState, name: &str, value: &str, life: Span, http_only: bool) -> String {
    let secure = if state.config.is_https() { "; Secure" } else { "" };
    let http_only = if http_only { "; HttpOnly" } else { "" };
    format!("{name}={value}; Path=/; SameSite=Lax; Max-Age={}{http_only}{secure}", life.0 / 1_000)
}

/// The cookie of a browser that is sent to a provider.
#[must_use]
pub fn travel_cookie(state: &AppState, secret: &str) -> String {
    cookie(state, &of_host(TRAVEL_COOKIE, state.config.is_https()), secret, store::DEPARTURE_LIFE, true)
}

/// The cookie of a browser that has come back from a provider.
#[must_use]
pub fn arrival_cookie(state: &AppState, secret: &str) -> String {
    cookie(state, &of_host(ARRIVAL_COOKIE, state.config.is_https()), secret, store::ARRIVAL_LIFE, true)
}

/// The cookies of a browser whose way has come to its end.
#[must_use]
pub fn travelled_cookies(state: &AppState) -> [String; 2] {
    [TRAVEL_COOKIE, ARRIVAL_COOKIE].map(|name| cookie(state, &of_host(name, state.config.is_https()), "", Span(0), true))
}

/// Makes the answer of the current server function end its browser's way.
pub fn end_travel(state: &AppState) {
    tell(travelled_cookies(state));
}

fn of_host(name: &str, is_https: bool) -> String {
    format!("{}{name}", if is_https { HOST_PREFIX } else { "" })
}

fn append_cookie(headers: &mut HeaderMap, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        headers.append(header::SET_COOKIE, value);
    }
}

fn tell(cookies: impl IntoIterator<Item = String>) {
    let Some(options) = use_context::<ResponseOptions>() else { return };
    for cookie in cookies {
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            options.append_header(header::SET_COOKIE, value);
        }
    }
}

/// Makes the answer of the current server function sign its device in, with the cookies of its session.
pub fn sign_in_device(cookies: Vec<String>) {
    tell(cookies);
}

/// Makes the answer of the current server function sign its device out.
pub fn sign_out_device(state: &AppState) {
    tell(cleared(state));
}

/// Makes the answer of the current server function remember how pages are shown.
pub fn remember(state: &AppState, preferences: Preferences) {
    tell([
        cookie(state, LANG_COOKIE, preferences.lang.tag(), YEAR, false),
        cookie(state, THEME_COOKIE, preferences.theme.code(), YEAR, false),
    ]);
}

/// The account's choice, else the cookie's, else what the browser asks for, else Korean.
fn preferences(cookies: &Cookies, headers: &HeaderMap, person: Option<&SignedIn>) -> Preferences {
    let account_lang = person.and_then(|p| p.lang.as_deref()).and_then(Lang::from_tag);
    let account_theme = person.and_then(|p| p.theme.as_deref()).and_then(Theme::from_code);
    let asked = || text_of(headers, &header::ACCEPT_LANGUAGE).split(',').find_map(|tag| Lang::from_tag(tag.split(';').next()?.trim()));
    Preferences {
        lang: account_lang.or_else(|| cookies.lang.as_deref().and_then(Lang::from_tag)).or_else(asked).unwrap_or_default(),
        theme: account_theme.or_else(|| cookies.theme.as_deref().and_then(Theme::from_code)).unwrap_or_default(),
    }
}

/// The language to answer in before it is known who asks.
#[must_use]
pub fn language(headers: &HeaderMap) -> Lang {
    preferences(&Cookies::read(headers, false), headers, None).lang
}

fn text_of(headers: &HeaderMap, name: &header::HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

#[derive(Default)]
struct Cookies {
    access: Option<String>,
    refresh: Option<String>,
    lang: Option<String>,
    theme: Option<String>,
    travel: Option<String>,
    arrival: Option<String>,
}

impl Cookies {
    fn read(headers: &HeaderMap, is_https: bool) -> Self {
        let mut cookies = Self::default();
        let (travel, arrival) = (of_host(TRAVEL_COOKIE, is_https), of_host(ARRIVAL_COOKIE, is_https));
        let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
        for (name, value) in pairs.filter_map(|pair| pair.trim().split_once('=')) {
            let slot = match name {
                ACCESS_COOKIE => &mut cookies.access,
                REFRESH_COOKIE => &mut cookies.refresh,
                LANG_COOKIE => &mut cookies.lang,
                THEME_COOKIE => &mut cookies.theme,
                // What is no secret of ours is not looked for.
                name if name == travel && value.len() == SECRET => &mut cookies.travel,
                name if name == arrival && value.len() == SECRET => &mut cookies.arrival,
                _ => continue,
            };
            if !value.is_empty() {
                *slot = Some(value.to_owned());
            }
        }
        cookies
    }
}
