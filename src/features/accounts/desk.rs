//! Where people come in: what has to be true before somebody is signed up or in.

use super::auth::{self, Visit};
use super::common::is_common;
use super::model::{ChangePasswordForm, Credentials, NewAccount, PasswordChange, ResetForm, SignUpForm, UnverifiedForm, in_order};
use super::store::{self, Account, Claim, LinkState, Purpose};
use crate::features::mail;
use crate::features::regions::choice;
use crate::features::regions::model::RegionChoice;
use crate::features::schools;
use crate::features::schools::directory::School;
use crate::server::db::Conn;
use crate::server::keys::fingerprint;
use crate::server::rate_limit::Limit;
use crate::server::state::AppState;
use crate::shared::error::{AppError, Conflict, FieldErrors};
use crate::shared::ids::{SessionId, UserId};
use crate::shared::text::lang;
use crate::shared::time::Span;
use uuid::Uuid;

/// Wrong passwords for one account, whether there is such an account or not.
const WRONG_BY_ACCOUNT: Limit = Limit { name: "wrong_password_account", attempts: 10, window: Span::minutes(15) };
/// Wrong passwords from one address.
const WRONG_BY_ADDRESS: Limit = Limit { name: "wrong_password_address", attempts: 50, window: Span::minutes(15) };
/// Sign-up forms from one address, also wrong ones: their answers tell which emails have accounts. Many people share an
/// address at a school.
const SIGN_UPS: Limit = Limit { name: "sign_up", attempts: 600, window: Span::hours(1) };

/// How often somebody changes what they have said of themselves.
const MENDINGS: Limit = Limit { name: "mending", attempts: 20, window: Span::days(1) };

/// Mails for a forgotten password to one address, with an account or without.
const FORGOTTEN_BY_ACCOUNT: Limit = Limit { name: "forgotten_account", attempts: 5, window: Span::hours(1) };
/// Mails for forgotten passwords asked for from one address of the network.
const FORGOTTEN_BY_ADDRESS: Limit = Limit { name: "forgotten_address", attempts: 50, window: Span::hours(1) };

/// Ways to a provider from one address. Each costs a row, and many share an address at a school.
const DEPARTURES: Limit = Limit { name: "departure", attempts: 600, window: Span::hours(1) };

/// Ways back from one. Each makes this server ask a provider.
const RETURNS: Limit = Limit { name: "return", attempts: 600, window: Span::hours(1) };

/// What is bounded here, for those who want to know.
pub const LIMITS: [Limit; 8] =
    [WRONG_BY_ACCOUNT, WRONG_BY_ADDRESS, SIGN_UPS, MENDINGS, FORGOTTEN_BY_ACCOUNT, FORGOTTEN_BY_ADDRESS, DEPARTURES, RETURNS];

/// Whether somebody may be sent to a provider: not too many from one address.
///
/// # Errors
/// [`AppError::SlowDown`]
pub fn may_depart(state: &AppState, visit: &Visit) -> Result<(), AppError> {
    state.limiter.attempt(DEPARTURES, &visit.address(), state.now())
}

/// Whether somebody may come back from a provider: not too many from one address.
///
/// # Errors
/// [`AppError::SlowDown`]
pub fn may_return(state: &AppState, visit: &Visit) -> Result<(), AppError> {
    state.limiter.attempt(RETURNS, &visit.address(), state.now())
}

/// An account that may be opened, with the PHC string of its password.
///
/// # Errors
/// Every wrong field at once, also those that only the server can tell; too many sign-ups from one address.
pub async fn admit(state: &AppState, visit: &Visit, form: &SignUpForm) -> Result<(NewAccount, String), AppError> {
    let now = state.now();
    state.limiter.attempt(SIGN_UPS, &visit.address(), now)?;
    let parsed = form.parse(now);
    let mut errors = parsed.as_ref().err().cloned().unwrap_or_default();
    if is_common(&form.password) {
        errors.add("password", "accounts.password.common");
    }
    let region = RegionChoice::read(&form.region, &form.region_text).and_then(|region| choice::settle(&region, "region", &mut errors));
    let (school, (email_taken, nickname_taken)) = {
        let mut conn = state.db.read().await?;
        let school = named_school(&mut conn, &form.school, &mut errors).await?;
        (school, store::taken(&mut conn, form.email.trim(), &form.clean_nickname()).await?)
    };
    if email_taken {
        errors.add("email", "accounts.email.taken");
    }
    if nickname_taken {
        errors.add("nickname", "accounts.nickname.taken");
    }
    let (Ok(draft), Some(region), true) = (parsed, region, errors.0.is_empty()) else {
        return Err(in_order(errors).into());
    };
    let person = NewAccount {
        email: draft.email,
        nickname: draft.nickname,
        birth_date: draft.birth_date,
        gender: draft.gender,
        region,
        school: school.map(|school| (school.id, draft.admission_year)),
    };
    Ok((person, state.hasher.hash(draft.password).await?))
}

/// The school that somebody names, if they name one; an unknown one is a wrong field.
///
/// # Errors
/// When the database fails.
pub async fn named_school(conn: &mut Conn, name: &str, errors: &mut FieldErrors) -> Result<Option<School>, AppError> {
    if name.trim().is_empty() {
        return Ok(None);
    }
    let school = schools::store::named(conn, name).await?;
    if school.is_none() {
        errors.add("school", "accounts.school.unknown");
    }
    Ok(school)
}

/// Whose email and password these are, and the hash that was checked. An unknown email takes the same work and counts the same as a
/// wrong password.
///
/// # Errors
/// One and the same for an unknown email and a wrong password; too many wrong attempts.
pub async fn recognise(state: &AppState, visit: &Visit, credentials: Credentials) -> Result<(UserId, String), AppError> {
    let now = state.now();
    let (address, account) = (visit.address(), fingerprint(&store::email_key(&credentials.email)));
    state.limiter.attempt(WRONG_BY_ADDRESS, &address, now)?;
    state.limiter.attempt(WRONG_BY_ACCOUNT, &account, now)?;
    let known = {
        let mut conn = state.db.read().await?;
        store::credentials(&mut conn, &credentials.email).await?
    };
    let hash = known.as_ref().map(|(_, hash)| hash.clone());
    let fits = state.hasher.verify(credentials.password, hash).await?;
    let Some(known) = known.filter(|_| fits) else {
        return Err(AppError::field("email", "accounts.sign_in.wrong"));
    };
    state.limiter.forget(WRONG_BY_ACCOUNT, &account);
    state.limiter.take_back(WRONG_BY_ADDRESS, &address);
    Ok(known)
}

/// The PHC string of a person's new password, once they have proved that they know the present one.
///
/// # Errors
/// Every wrong field at once; too many wrong attempts.
pub async fn renew_password(state: &AppState, account: &Account, form: &ChangePasswordForm) -> Result<String, AppError> {
    let parsed = form.parse(&account.email, &account.nickname);
    let mut errors = parsed.as_ref().err().cloned().unwrap_or_default();
    if is_common(&form.new_password) {
        errors.add("new_password", "accounts.password.common");
    }
    if !form.current_password.is_empty() && !knows_password(state, account, &form.current_password).await? {
        let mut wrong = FieldErrors::default();
        wrong.add("current_password", "accounts.password.wrong");
        wrong.0.append(&mut errors.0);
        errors = wrong;
    }
    match parsed {
        Ok(PasswordChange { new, .. }) if errors.0.is_empty() => state.hasher.hash(new).await,
        _ => Err(errors.into()),
    }
}

/// Whether this is a person's present password. Wrong ones count.
///
/// # Errors
/// [`AppError::SlowDown`] after too many.
pub async fn knows_password(state: &AppState, account: &Account, typed: &str) -> Result<bool, AppError> {
    let who = fingerprint(&store::email_key(&account.email));
    state.limiter.attempt(WRONG_BY_ACCOUNT, &who, state.now())?;
    let knows = state.hasher.verify(typed.to_owned(), Some(account.password_hash.clone())).await?;
    if knows {
        state.limiter.forget(WRONG_BY_ACCOUNT, &who);
    }
    Ok(knows)
}

/// Whether a mail for a forgotten password may be asked for: not too many for an address, with an account or without, and
/// not too many from one place.
///
/// # Errors
/// [`AppError::SlowDown`]
pub fn may_forget(state: &AppState, visit: &Visit, email: &str) -> Result<(), AppError> {
    let now = state.now();
    state.limiter.attempt(FORGOTTEN_BY_ADDRESS, &visit.address(), now)?;
    state.limiter.attempt(FORGOTTEN_BY_ACCOUNT, &fingerprint(&store::email_key(email)), now)
}

/// Whose link it is, and the PHC string of their new password. The link itself is used up afterwards, with the change.
///
/// # Errors
/// [`Conflict::LinkOver`]; every wrong field at once.
pub async fn replace_password(state: &AppState, link: Uuid, form: &ResetForm) -> Result<(UserId, String), AppError> {
    let (user, account) = {
        let mut conn = state.db.read().await?;
        let (LinkState::Good, Some(user)) = store::link(&mut conn, link, Purpose::Reset, state.now()).await? else {
            return Err(Conflict::LinkOver.into());
        };
        (user, store::account(&mut conn, user).await?)
    };
    let parsed = form.parse(&account.email, &account.nickname);
    let mut errors = parsed.as_ref().err().cloned().unwrap_or_default();
    if is_common(&form.new_password) {
        errors.add("new_password", "accounts.password.common");
    }
    let new = errors.or(|| form.new_password.clone())?;
    let hash = state.hasher.hash(new).await?;
    state.limiter.forget(WRONG_BY_ACCOUNT, &fingerprint(&store::email_key(&account.email)));
    Ok((user, hash))
}

/// Proves an address with a mailed link; whose it is. A link that has done so already has done so.
///
/// # Errors
/// [`Conflict::LinkOver`]
pub async fn prove(state: &AppState, link: Uuid) -> Result<Option<UserId>, AppError> {
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let user = match store::use_link(&mut tx, link, Purpose::Verify, now).await? {
        Some(user) => {
            store::prove_address(&mut tx, user, now).await?;
            Some(user)
        }
        None => match store::link(&mut tx, link, Purpose::Verify, now).await? {
            (LinkState::Used, user) => user,
            _ => return Err(Conflict::LinkOver.into()),
        },
    };
    tx.commit().await?;
    Ok(user)
}

/// Changes what somebody has said of themselves whose address is not proved, and mails a new link to another address, unless too many
/// went already; where that is told.
///
/// # Errors
/// [`Conflict::Proved`] when it is; every wrong field at once; too many attempts.
pub async fn mend(state: &AppState, user: UserId, form: &UnverifiedForm) -> Result<&'static str, AppError> {
    let now = state.now();
    let account = store::account(&mut state.db.read().await?, user).await?;
    if account.verified_at.is_some() {
        return Err(Conflict::Proved.into());
    }
    // Its answers tell which emails have accounts.
    state.limiter.attempt(MENDINGS, &user.to_string(), now)?;
    let parsed = form.parse(now);
    let mut errors = parsed.as_ref().err().cloned().unwrap_or_default();
    if !form.current_password.is_empty() && !knows_password(state, &account, &form.current_password).await? {
        errors.add("current_password", "accounts.password.wrong");
    }
    let (Ok(new), true) = (parsed, errors.0.is_empty()) else { return Err(errors.into()) };
    let is_other = new.email != account.email;
    let mut tx = state.db.begin().await?;
    if is_other {
        store::end_links(&mut tx, user, now).await?;
        // What waits for its mail server would go to whoever reads the other address.
        mail::store::forget_waiting(&mut tx, user, &account.email).await?;
    }
    store::change_details(&mut tx, user, &account.password_hash, &new).await?;
    let told = if is_other {
        match store::mail_proof(&mut tx, user, lang(), now).await {
            Ok(()) => "/me?done=details_mailed",
            // What was mistyped is corrected all the same.
            Err(AppError::SlowDown { .. }) => "/me?done=details_wait",
            Err(error) => return Err(error),
        }
    } else {
        "/me?done=details"
    };
    tx.commit().await?;
    state.work.notify_one();
    Ok(told)
}

/// Signs a person in on the device that asks, and out of the session that it had. Whatever way from a provider its browser was on ends
/// here. Commits.
///
/// # Errors
/// [`Conflict::Stale`] when what they claim the account by is over.
pub async fn let_in(state: &AppState, visit: &Visit, tx: Conn, user: UserId, claim: &Claim) -> Result<(), AppError> {
    auth::sign_in_device(seat(state, visit, tx, user, claim).await?);
    Ok(())
}

/// The same where there is no server function whose answer could be told: the cookies that its device gets.
///
/// # Errors
/// The same.
pub async fn seat(state: &AppState, visit: &Visit, mut tx: Conn, user: UserId, claim: &Claim) -> Result<Vec<String>, AppError> {
    let now = state.now();
    // First, as who links takes these: arrival, person, sessions.
    if let Some(secret) = &visit.arrival {
        store::forget_arrival(&mut tx, &fingerprint(secret)).await?;
    }
    // From here on nobody replaces the password: who does so afterwards ends this session.
    store::vouch(&mut tx, user, claim).await?;
    let (session, refresh) = store::begin_session(&mut tx, user, &visit.user_agent, now).await?;
    let before = visit.member.as_ref().map(auth::Member::session);
    if let Some(before) = before {
        store::end_session(&mut tx, before, now).await?;
    }
    tx.commit().await?;
    if let Some(before) = before {
        state.hub.session_ended(before);
    }
    let mut cookies = auth::session_cookies(state, user, session, &refresh, now)?.to_vec();
    if visit.traveller.is_some() || visit.arrival.is_some() {
        cookies.extend(auth::travelled_cookies(state));
    }
    Ok(cookies)
}

/// Ends a session of this person at once, its sockets too; whether it was theirs and alive.
///
/// # Errors
/// When the database fails.
pub async fn end(state: &AppState, user: UserId, session: SessionId) -> Result<bool, AppError> {
    let mut tx = state.db.begin().await?;
    let ended = store::end_own_session(&mut tx, user, session, state.now()).await?;
    tx.commit().await?;
    if ended {
        state.hub.session_ended(session);
    }
    Ok(ended)
}
