//! The way of somebody who signs in with an account of elsewhere: there, back, and in.
//!
//! An account here is only ever linked by who knows its password. That a provider names the address of one is no proof: it only
//! shows that person which account to ask the password of.

use super::auth::{self, Visit};
use super::desk;
use super::model::{ArrivalView, Credentials, FIRST_PAGE, LoginView, MyLogins, WayView, Ways, email, own_path, sign_in_path, sign_up_path};
use super::store::{self, Arrival, Departed};
use crate::server::db::Conn;
use crate::server::keys::{fingerprint, random_secret};
use crate::server::oidc::{Provider, Trouble};
use crate::server::state::AppState;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::UserId;
use crate::shared::text::lang;
use crate::shared::time::Timestamp;

/// Where people link accounts of elsewhere.
pub const LOGINS_PAGE: &str = "/me/logins";
/// Longest path that somebody is led back to, in bytes.
const MAX_NEXT: usize = 2_000;
/// Length of a browser's secret, in characters.
const SECRET: usize = 64;

/// Why somebody did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stranded {
    /// What they have is used, too old, another browser's, or was never given out.
    Over,
    /// They pressed the provider's button that says no; where they came from.
    Declined(String),
    /// Their account of elsewhere is linked with an account that is not theirs.
    Taken,
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

/// Sends somebody to a provider: to come in, or when `links`, to link what they have there with their account here.
///
/// # Errors
/// Who wants to link has to be signed in; too many from one address; what is wrong with the provider.
pub async fn depart(state: &AppState, visit: &Visit, provider: &Provider, next: &str, links: bool) -> Result<Onward, Stranded> {
    let user_id = if links { Some(visit.member.as_ref().ok_or(AppError::SignInRequired)?.id()) } else { None };
    desk::may_depart(state, visit)?;
    let now = state.now();
    let departure = provider.depart(now).await?;
    // The same for all of a browser's tabs, so that each may come back.
    let secret = visit.traveller.clone().filter(|secret| secret.len() == SECRET).unwrap_or_else(random_secret);
    let next = if next.len() > MAX_NEXT { "" } else { own_path(next, "") };
    let departed = Departed { nonce: departure.nonce, verifier: departure.verifier, next: next.to_owned(), user_id };
    let mut tx = state.db.begin().await?;
    store::depart(&mut tx, &fingerprint(&secret), &provider.settings.name, &departure.state, &departed, now).await?;
    tx.commit().await?;
    Ok(Onward { to: departure.url.into(), cookies: vec![auth::travel_cookie(state, &secret, store::DEPARTURE_LIFE)] })
}

/// Takes somebody in who comes back from a provider: signed in, or on the page where they say which account is theirs.
///
/// # Errors
/// Why they go no further.
pub async fn come_back(state: &AppState, visit: &Visit, provider: &Provider, returned: Returned) -> Result<Onward, Stranded> {
    let name = &provider.settings.name;
    let secret = visit.traveller.as_ref().ok_or(Stranded::Over)?;
    let browser = fingerprint(secret);
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let departed = store::come_back(&mut tx, &browser, name, &returned.state, now).await?;
    tx.commit().await?;
    let departed = departed.ok_or(Stranded::Over)?;
    if returned.issuer.is_some_and(|issuer| issuer != provider.settings.issuer) {
        return Err(Stranded::Over);
    }
    if let Some(error) = returned.error {
        if error == "access_denied" {
            return Err(Stranded::Declined(page_before(&departed)));
        }
        let error: String = error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
        tracing::warn!(provider = name, error, "a sign-in provider sent somebody back");
        return Err(Trouble::Nonsense.into());
    }
    let code = returned.code.ok_or(Stranded::Over)?;
    let identity = provider.identify(code, departed.nonce.clone(), departed.verifier.clone(), now).await?;
    let (owner, has_account) = {
        let mut conn = state.db.read().await?;
        let owner = store::known_as(&mut conn, &identity).await?;
        let known = match &identity.email {
            Some(email) if owner.is_none() => store::credentials(&mut conn, email).await?,
            _ => None,
        };
        (owner, known.is_some())
    };
    let arrival = Arrival {
        provider: name.clone(),
        issuer: identity.issuer,
        subject: identity.subject,
        email: identity.email.and_then(|typed| email(&typed).ok()),
        user_id: departed.user_id,
    };
    let to = match (departed.user_id, owner) {
        // Whoever has signed in here in the meantime is somebody else.
        (Some(linking), _) if visit.member.as_ref().map(auth::Member::id) != Some(linking) => return Err(Stranded::Over),
        (Some(linking), Some(owner)) if owner != linking => return Err(Stranded::Taken),
        (Some(_), Some(_)) => return Ok(ended(state, LOGINS_PAGE)),
        (Some(_), None) => LOGINS_PAGE.to_owned(),
        (None, Some(owner)) => {
            let tx = state.db.begin().await?;
            let mut onward = ended(state, own_path(&departed.next, FIRST_PAGE));
            onward.cookies.extend(desk::seat(state, visit, tx, owner).await?);
            return Ok(onward);
        }
        (None, None) => {
            let page = if has_account { sign_in_path(&departed.next) } else { sign_up_path(&departed.next) };
            format!("{page}&with={name}")
        }
    };
    let mut tx = state.db.begin().await?;
    store::arrive(&mut tx, &browser, &arrival, now).await?;
    tx.commit().await?;
    Ok(Onward { to, cookies: vec![auth::travel_cookie(state, secret, store::ARRIVAL_LIFE)] })
}

/// The page where somebody pressed the button, with a word that they changed their mind.
fn page_before(departed: &Departed) -> String {
    match departed.user_id {
        Some(_) => format!("{LOGINS_PAGE}?done=declined"),
        None => format!("{}&done=declined", sign_in_path(&departed.next)),
    }
}

fn ended(state: &AppState, to: &str) -> Onward {
    Onward { to: to.to_owned(), cookies: vec![auth::travelled_cookie(state)] }
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
/// are signed in, else the one with their address. Wrong passwords count as those of signing in.
///
/// # Errors
/// [`Conflict::Stale`] when nobody has arrived or there is no such account; a wrong password beside its field; too many of them.
pub async fn settle(state: &AppState, visit: &Visit, password: String) -> Result<Settled, AppError> {
    let arrival = arrived(state, visit).await?.ok_or(Conflict::Stale)?;
    let wrong = || AppError::field("password", "accounts.password.wrong");
    if let Some(linking) = arrival.user_id {
        let member = auth::member()?;
        if member.id() != linking {
            return Err(Conflict::Stale.into());
        }
        let account = store::account(&mut state.db.read().await?, linking).await?;
        if !desk::knows_password(state, &account, &password).await? {
            return Err(wrong());
        }
        return Ok(Settled { user: linking, checked: account.password_hash, arrival });
    }
    let email = arrival.email.clone().ok_or(Conflict::Stale)?;
    let (user, checked) = desk::recognise(state, visit, Credentials { email, password }).await.map_err(|error| match error {
        AppError::Invalid(_) => wrong(),
        other => other,
    })?;
    Ok(Settled { user, checked, arrival })
}

/// Links what has arrived in this browser with the account that was settled, once. That a provider knows the same address of
/// somebody who knows the password proves it.
///
/// # Errors
/// [`Conflict::Stale`] when something else has arrived since, and those of [`store::link_login`].
pub async fn link(tx: &mut Conn, visit: &Visit, settled: &Settled, now: Timestamp) -> Result<(), AppError> {
    let browser = browser(visit).ok_or(Conflict::Stale)?;
    if store::take_arrival(tx, &browser, now).await?.as_ref() != Some(&settled.arrival) {
        return Err(Conflict::Stale.into());
    }
    store::link_login(tx, settled.user, &settled.checked, &settled.arrival, now).await?;
    if settled.arrival.user_id.is_none() {
        store::prove_address(tx, settled.user, now).await?;
    }
    Ok(())
}

/// Takes what has arrived from this provider in the browser of somebody who signs up, once.
///
/// # Errors
/// [`Conflict::Stale`] when nothing has, or too long ago.
pub async fn join(tx: &mut Conn, visit: &Visit, provider: &str, now: Timestamp) -> Result<Arrival, AppError> {
    let browser = browser(visit).ok_or(Conflict::Stale)?;
    let arrival = store::take_arrival(tx, &browser, now).await?;
    let arrival = arrival.filter(|arrival| arrival.provider == provider && arrival.user_id.is_none());
    arrival.ok_or_else(|| Conflict::Stale.into())
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

/// What this browser is called in the database, if it was ever sent to a provider.
#[must_use]
pub fn browser(visit: &Visit) -> Option<String> {
    visit.traveller.as_deref().map(fingerprint)
}

/// What the pages of signing in and up offer.
///
/// # Errors
/// When the database fails.
pub async fn ways(state: &AppState, visit: &Visit) -> Result<Ways, AppError> {
    let mut ways = Ways { ways: state.providers.all().iter().map(way).collect(), arrival: None };
    let Some(arrival) = arrived(state, visit).await?.filter(|arrival| arrival.user_id.is_none()) else { return Ok(ways) };
    let Some(provider) = state.providers.named(&arrival.provider) else { return Ok(ways) };
    let has_account = match &arrival.email {
        Some(email) => store::credentials(&mut state.db.read().await?, email).await?.is_some(),
        None => false,
    };
    let label = provider.settings.called(lang());
    ways.arrival = Some(ArrivalView { name: arrival.provider, label, email: arrival.email, has_account });
    Ok(ways)
}

/// What is linked with somebody's account, and what could be.
///
/// # Errors
/// [`AppError::NotFound`] where there are no providers.
pub async fn logins(state: &AppState, visit: &Visit, user: UserId) -> Result<MyLogins, AppError> {
    if state.providers.all().is_empty() {
        return Err(AppError::NotFound);
    }
    let arriving = arrived(state, visit).await?.filter(|arrival| arrival.user_id == Some(user));
    let (rows, account) = {
        let mut conn = state.db.read().await?;
        (store::logins(&mut conn, user).await?, store::account(&mut conn, user).await?)
    };
    let of = |issuer: &str| state.providers.all().iter().find(|provider| provider.settings.issuer == issuer);
    let is_free = |provider: &&Provider| rows.iter().all(|row| row.issuer != provider.settings.issuer);
    Ok(MyLogins {
        ways: state.providers.all().iter().filter(is_free).map(way).collect(),
        arriving: arriving.and_then(|arrival| of(&arrival.issuer)).map(|provider| provider.settings.called(lang())),
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

fn way(provider: &Provider) -> WayView {
    WayView { name: provider.settings.name.clone(), label: provider.settings.invitation(lang()) }
}
