//! The way of somebody who signs in with an account of elsewhere: there, back, and in.
//!
//! An account here is only ever linked by who knows its password. That a provider names the address of one is no proof: it only
//! shows that person which account to ask the password of.

use super::auth::{self, Visit};
use super::desk;
use super::model::{
    ArrivalView, Arriving, Credentials, FIRST_PAGE, LoginView, MyLogins, WayView, Ways, email, own_path, sign_in_path, sign_up_path,
};
use super::store::{self, Arrival, Claim, Departed};
use crate::server::db::Conn;
use crate::server::keys::{fingerprint, random_secret};
use crate::server::oidc::{Identity, Provider, Trouble};
use crate::server::state::AppState;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::UserId;
use crate::shared::text::lang;
use uuid::Uuid;

/// Where people link accounts of elsewhere.
pub const LOGINS_PAGE: &str = "/me/logins";
/// Longest path that somebody is led back to, in bytes.
const MAX_NEXT: usize = 500;
/// Length of what a provider sends somebody back with, in characters.
const STATE: usize = 64;

/// Why somebody did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stranded {
    /// What they have is used, too old, another browser's, or was never given out.
    Over,
    /// They pressed the provider's button that says no; where they came from.
    Declined(String),
    /// Their account of elsewhere is linked with an account that is not theirs.
    Taken,
    /// Somebody else is signed in in their browser, and is not put out by a link.
    Occupied,
    /// Something about the provider.
    Provider(Trouble),
    /// Something about this server.
    Here(AppError),
}

impl From<AppError> for Stranded {
    fn from(error: AppError) -> Self {
        Self::Here(error)
    }
}

impl From<Trouble> for Stranded {
    fn from(trouble: Trouble) -> Self {
        Self::Provider(trouble)
    }
}

/// Where a browser is sent next, and the cookies that it gets.
#[derive(Clone, Debug)]
pub struct Onward {
    /// An address, of ours or the provider's.
    pub to: String,
    /// `Set-Cookie`
    pub cookies: Vec<String>,
}

/// What a provider sent somebody back with.
#[derive(Clone, Debug, Default)]
pub struct Returned {
    /// What they were sent there with.
    pub state: String,
    /// What can be exchanged for who they are.
    pub code: Option<String>,
    /// Why there is none (RFC 6749, 4.1.2.1).
    pub error: Option<String>,
    /// Who sent them, if it says so (RFC 9207).
    pub issuer: Option<String>,
}

/// Where somebody asks to be led in the end, if it is a path of ours and not too long to be kept.
#[must_use]
pub fn wish(next: &str) -> &str {
    if next.len() > MAX_NEXT { "" } else { own_path(next, "") }
}

/// Sends somebody to a provider: to come in, or when `links`, to link what they have there with their account here.
///
/// # Errors
/// Who wants to link has to be signed in; too many from one address; what is wrong with the provider.
pub async fn depart(state: &AppState, visit: &Visit, provider: &Provider, next: &str, links: bool) -> Result<Onward, Stranded> {
    let user_id = if links { Some(visit.member.as_ref().ok_or(AppError::SignInRequired)?.id()) } else { None };
    desk::may_depart(state, visit)?;
    let departure = provider.depart(&*state.clock, links).await?;
    // The same for all of a browser's tabs, so that each may come back.
    let secret = visit.traveller.clone().unwrap_or_else(random_secret);
    let departed = Departed { nonce: departure.nonce, verifier: departure.verifier, next: wish(next).to_owned(), user_id };
    let mut tx = state.db.begin().await?;
    store::depart(&mut tx, &fingerprint(&secret), &provider.settings.name, &departure.state, &departed, state.now()).await?;
    tx.commit().await?;
    Ok(Onward { to: departure.url.into(), cookies: vec![auth::travel_cookie(state, &secret)] })
}

/// Takes somebody in who comes back from a provider: signed in, or on the page where they say which account is theirs.
///
/// # Errors
/// Why they go no further.
pub async fn come_back(state: &AppState, visit: &Visit, provider: &Provider, returned: Returned) -> Result<Onward, Stranded> {
    let departed = returns(state, visit, provider, &returned).await?;
    if returned.issuer.is_some_and(|issuer| issuer != provider.settings.issuer) {
        return Err(Stranded::Over);
    }
    if let Some(error) = returned.error {
        if error == "access_denied" {
            return Err(Stranded::Declined(page_before(&departed)));
        }
        let error: String = error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
        tracing::warn!(provider = provider.settings.name, error, "a sign-in provider sent somebody back");
        return Err(Trouble::Nonsense.into());
    }
    let code = returned.code.ok_or(Stranded::Over)?;
    let named = provider.identify(code, departed.nonce.clone(), departed.verifier.clone(), &*state.clock).await?;
    let owner = store::known_as(&mut state.db.read().await?, &named.identity).await?;
    let here = visit.member.as_ref().map(auth::Member::id);
    match (departed.user_id, owner) {
        // Whoever has signed in here in the meantime is somebody else.
        (Some(linking), _) if here != Some(linking) => return Err(Stranded::Over),
        (Some(linking), Some(owner)) if owner != linking => return Err(Stranded::Taken),
        (Some(_), Some(_)) => return Ok(ended(state, LOGINS_PAGE)),
        (None, Some(owner)) => return seat(state, visit, owner, named.identity, &departed.next).await,
        (_, None) => {}
    }
    let identity = named.identity.clone();
    // Who is known needs none.
    let email = provider.address(named, &*state.clock).await?.and_then(|typed| email(&typed).ok());
    let (Identity { issuer, subject }, name) = (identity, provider.settings.name.clone());
    let arrival = Arrival { id: Uuid::new_v4(), provider: name, issuer, subject, email, user_id: departed.user_id };
    let has_account = match &arrival.email {
        Some(email) => store::credentials(&mut state.db.read().await?, email).await?.is_some(),
        None => false,
    };
    let to = match (departed.user_id, has_account) {
        (Some(_), _) => LOGINS_PAGE.to_owned(),
        (None, true) => format!("{}&with={}", sign_in_path(&departed.next), arrival.id),
        (None, false) => format!("{}&with={}", sign_up_path(&departed.next), arrival.id),
    };
    let secret = random_secret();
    let mut tx = state.db.begin().await?;
    if let Some(before) = browser(visit) {
        store::forget_arrival(&mut tx, &before).await?;
    }
    store::arrive(&mut tx, &fingerprint(&secret), &arrival, state.now()).await?;
    tx.commit().await?;
    Ok(Onward { to, cookies: vec![auth::arrival_cookie(state, &secret)] })
}

/// What was kept of somebody who comes back, once.
async fn returns(state: &AppState, visit: &Visit, provider: &Provider, returned: &Returned) -> Result<Departed, Stranded> {
    let secret = visit.traveller.as_ref().filter(|_| returned.state.len() == STATE).ok_or(Stranded::Over)?;
    desk::may_return(state, visit)?;
    let mut tx = state.db.begin().await?;
    let departed = store::come_back(&mut tx, &fingerprint(secret), &provider.settings.name, &returned.state, state.now()).await?;
    tx.commit().await?;
    departed.ok_or(Stranded::Over)
}

/// Signs somebody in whose account of elsewhere is linked; who is signed in already stays as they are.
async fn seat(state: &AppState, visit: &Visit, owner: UserId, identity: Identity, next: &str) -> Result<Onward, Stranded> {
    let mut onward = ended(state, own_path(next, FIRST_PAGE));
    match visit.member.as_ref().map(auth::Member::id) {
        Some(here) if here == owner => {}
        Some(_) => return Err(Stranded::Occupied),
        None => {
            let tx = state.db.begin().await?;
            let seated = desk::seat(state, visit, tx, owner, &Claim::Login(identity)).await;
            onward.cookies.extend(seated.map_err(|error| match error {
                // Unlinked, or closed, since it was looked up.
                AppError::Conflict(Conflict::Stale) => Stranded::Over,
                other => other.into(),
            })?);
        }
    }
    Ok(onward)
}

/// The page where somebody pressed the button, with a word that they changed their mind.
fn page_before(departed: &Departed) -> String {
    match departed.user_id {
        Some(_) => format!("{LOGINS_PAGE}?done=declined"),
        None => format!("{}&done=declined", sign_in_path(&departed.next)),
    }
}

fn ended(state: &AppState, to: &str) -> Onward {
    Onward { to: to.to_owned(), cookies: auth::travelled_cookies(state).to_vec() }
}

/// An arrival whose account here is settled.
#[derive(Clone, Debug)]
pub struct Settled {
    /// Whose account.
    pub user: UserId,
    /// The hash of their password that was checked.
    pub checked: String,
    /// Who has arrived.
    pub arrival: Arrival,
}

/// Whose account it is that somebody wants to link who has arrived in this browser, once the password is right: their own when they
/// are signed in, else the one with their address. `with` is who the page has shown. Wrong passwords count as those of signing in.
///
/// # Errors
/// [`Conflict::ArrivalOver`] when they are not the one who has arrived, or there is no such account; a wrong password beside its field;
/// too many of them.
pub async fn settle(state: &AppState, visit: &Visit, with: &str, password: String) -> Result<Settled, AppError> {
    let arrival = arrived(state, visit).await?.filter(|arrival| is_named(arrival, with)).ok_or(Conflict::ArrivalOver)?;
    let wrong = || AppError::field("password", "accounts.password.wrong");
    if let Some(linking) = arrival.user_id {
        let member = auth::member()?;
        if member.id() != linking {
            return Err(Conflict::ArrivalOver.into());
        }
        let account = store::account(&mut state.db.read().await?, linking).await?;
        if !desk::knows_password(state, &account, &password).await? {
            return Err(wrong());
        }
        return Ok(Settled { user: linking, checked: account.password_hash, arrival });
    }
    let email = arrival.email.clone().ok_or(Conflict::ArrivalOver)?;
    let (user, checked) = desk::recognise(state, visit, Credentials { email, password }).await.map_err(|error| match error {
        AppError::Invalid(_) => wrong(),
        other => other,
    })?;
    Ok(Settled { user, checked, arrival })
}

/// Links what has arrived in this browser with the account that was settled, once, and tells its owner. That a provider knows the same
/// address of somebody who knows the password proves it.
///
/// # Errors
/// [`Conflict::ArrivalOver`] when something else has arrived since, and those of [`store::link_login`].
pub async fn link(tx: &mut Conn, state: &AppState, visit: &Visit, settled: &Settled) -> Result<(), AppError> {
    let Settled { user, checked, arrival } = settled;
    let (browser, now) = (browser(visit).ok_or(Conflict::ArrivalOver)?, state.now());
    if store::take_arrival(tx, &browser, now).await?.as_ref() != Some(arrival) {
        return Err(Conflict::ArrivalOver.into());
    }
    store::link_login(tx, *user, checked, arrival, now).await?;
    if arrival.user_id.is_none() {
        store::prove_address(tx, *user, now).await?;
    }
    let provider = state.providers.named(&arrival.provider).ok_or(Conflict::ArrivalOver)?;
    store::mail_linked(tx, *user, &provider.settings, lang(), now).await
}

/// Takes who has arrived in the browser of somebody who signs up, once. `with` is who the page has shown.
///
/// # Errors
/// [`Conflict::ArrivalOver`] when they are not the one who has arrived, or it is too long ago.
pub async fn join(tx: &mut Conn, state: &AppState, visit: &Visit, with: &str) -> Result<Arrival, AppError> {
    let browser = browser(visit).ok_or(Conflict::ArrivalOver)?;
    let arrival = store::take_arrival(tx, &browser, state.now()).await?;
    let arrival = arrival.filter(|arrival| is_named(arrival, with) && arrival.user_id.is_none());
    arrival.ok_or_else(|| Conflict::ArrivalOver.into())
}

fn is_named(arrival: &Arrival, with: &str) -> bool {
    Uuid::try_parse(with) == Ok(arrival.id)
}

/// Who has arrived in this browser, if the provider is still one of ours.
///
/// # Errors
/// When the database fails.
pub async fn arrived(state: &AppState, visit: &Visit) -> Result<Option<Arrival>, AppError> {
    let Some(browser) = browser(visit) else { return Ok(None) };
    let arrival = store::arrival(&mut state.db.read().await?, &browser, state.now()).await?;
    Ok(arrival.filter(|arrival| state.providers.named(&arrival.provider).is_some()))
}

/// What this browser is called in the database, if somebody has come back in it.
fn browser(visit: &Visit) -> Option<String> {
    visit.arrival.as_deref().map(fingerprint)
}

/// What the pages of signing in and up offer.
///
/// # Errors
/// When the database fails.
pub async fn ways(state: &AppState, visit: &Visit) -> Result<Ways, AppError> {
    let invited = state.providers.all().iter().map(|provider| way(provider, provider.settings.invitation(lang())));
    let mut ways = Ways { ways: invited.collect(), arrival: None };
    let Some(arrival) = arrived(state, visit).await?.filter(|arrival| arrival.user_id.is_none()) else { return Ok(ways) };
    let Some(provider) = state.providers.named(&arrival.provider) else { return Ok(ways) };
    let mut conn = state.db.read().await?;
    // Who was linked in the meantime is no newcomer.
    if store::known_as(&mut conn, &arrival.identity()).await?.is_some() {
        return Ok(ways);
    }
    let has_account = match &arrival.email {
        Some(email) => store::credentials(&mut conn, email).await?.is_some(),
        None => false,
    };
    ways.arrival = Some(ArrivalView { id: arrival.id, label: provider.settings.called(lang()), email: arrival.email, has_account });
    Ok(ways)
}

/// What is linked with somebody's account, and what could be.
///
/// # Errors
/// [`AppError::NotFound`] where there are no providers and nothing is linked.
pub async fn logins(state: &AppState, visit: &Visit, user: UserId) -> Result<MyLogins, AppError> {
    let arriving = arrived(state, visit).await?.filter(|arrival| arrival.user_id == Some(user));
    let (rows, account) = {
        let mut conn = state.db.read().await?;
        (store::logins(&mut conn, user).await?, store::account(&mut conn, user).await?)
    };
    if state.providers.all().is_empty() && rows.is_empty() {
        return Err(AppError::NotFound);
    }
    let of = |issuer: &str| state.providers.all().iter().find(|provider| provider.settings.issuer == issuer);
    let arriving = arriving.and_then(|arrival| {
        let label = of(&arrival.issuer)?.settings.called(lang());
        Some(Arriving { id: arrival.id, label, email: arrival.email })
    });
    let is_free = |provider: &&Provider| rows.iter().all(|row| row.issuer != provider.settings.issuer);
    Ok(MyLogins {
        ways: state.providers.all().iter().filter(is_free).map(|provider| way(provider, provider.settings.called(lang()))).collect(),
        arriving,
        email: account.email,
        now: state.now(),
        logins: rows
            .iter()
            .map(|row| LoginView {
                id: row.id,
                // One that is not configured any more is known by its address only.
                label: of(&row.issuer).map_or_else(|| row.issuer.clone(), |provider| provider.settings.called(lang())),
                created_at: row.created_at,
            })
            .collect(),
    })
}

fn way(provider: &Provider, label: String) -> WayView {
    WayView { name: provider.settings.name.clone(), label }
}
