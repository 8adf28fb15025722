//! Server functions of accounts.

mod school;

pub use school::*;

use super::model::{
    ChangePasswordForm, CloseForm, Details, ForgotForm, LinkForm, LinkView, Me, MyAccount, MyLogins, MySessions, RegionForm, ResetForm,
    SignInForm, SignUpForm, UnverifiedForm, Ways,
};
use crate::shared::error::AppError;
use crate::shared::ids::SessionId;
use crate::shared::schema::Described;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
#[cfg(feature = "ssr")]
use {
    super::auth,
    super::desk,
    super::jobs::{CLOSED, Closed, FORGOT, Forgot},
    super::model::{FIRST_PAGE, Preferences, SessionView, Theme, own_path},
    super::nicknames,
    super::store::{self, Claim, LinkState, Purpose},
    super::travel,
    super::user_agent::device_name,
    crate::features::regions::{atlas, choice},
    crate::features::schools,
    crate::server::state::state,
    crate::shared::error::{Conflict, FieldErrors},
    crate::shared::text::{Lang, lang},
    crate::shared::time::Span,
    leptos_axum::redirect,
};

/// Who is signed in here, if anybody.
#[server(input = GetUrl, endpoint = "me", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn who_am_i() -> Result<Option<Me>, AppError> {
    Ok(auth::visit().member.map(|member| Me {
        id: member.id(),
        nickname: member.nickname().to_owned(),
        region: member.region().and_then(atlas::find),
    }))
}

/// A nickname that nobody has at this moment.
#[server(input = GetUrl, endpoint = "suggest_nickname", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn suggest_nickname() -> Result<String, AppError> {
    let names = nicknames::suggestions(lang());
    let mut conn = state()?.db.read().await?;
    let taken = store::taken_nicknames(&mut conn, &names).await?;
    let free = names.iter().find(|name| !taken.contains(&store::nickname_key(name)));
    Ok(free.cloned().unwrap_or_else(|| nicknames::numbered(&names[0])))
}

/// Opens an account and signs its person in.
///
/// # Errors
/// [`AppError::SlowDown`]; where an account of elsewhere has arrived, [`Conflict::ArrivalOver`] and [`Conflict::LoginTaken`].
#[server(endpoint = "sign_up", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn sign_up(form: SignUpForm) -> Result<(), AppError> {
    let state = state()?;
    let visit = auth::visit();
    let (person, password_hash) = desk::admit(&state, &visit, &form).await?;
    let mut tx = state.db.begin().await?;
    let arrival = if form.with.is_empty() { None } else { Some(travel::join(&mut tx, &state, &visit, &form.with).await?) };
    let is_verified = !state.asks_for_proof() || arrival.as_ref().is_some_and(|arrival| arrival.proves(&person));
    let user = store::open_account(&mut tx, &person, &password_hash, is_verified, state.now()).await?;
    if let Some(arrival) = &arrival {
        store::add_login(&mut tx, user, arrival, state.now()).await?;
    }
    if !is_verified {
        store::mail_proof(&mut tx, user, lang(), state.now()).await?;
    }
    desk::let_in(&state, &visit, tx, user, &Claim::Opened).await?;
    state.work.notify_one();
    redirect(own_path(&form.next, FIRST_PAGE));
    Ok(())
}

/// Signs a person in on this device.
///
/// # Errors
/// [`AppError::SlowDown`] after too many wrong passwords; [`Conflict::Stale`] when the password was changed meanwhile.
#[server(endpoint = "sign_in", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn sign_in(form: SignInForm) -> Result<(), AppError> {
    let state = state()?;
    let visit = auth::visit();
    let (user, checked) = desk::recognise(&state, &visit, form.parse()?).await?;
    let tx = state.db.begin().await?;
    desk::let_in(&state, &visit, tx, user, &Claim::Password(checked)).await?;
    redirect(own_path(&form.next, FIRST_PAGE));
    Ok(())
}

/// Signs this device out: its session ends on the server too.
#[server(endpoint = "sign_out", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn sign_out() -> Result<(), AppError> {
    let state = state()?;
    if let Some(member) = auth::visit().member {
        desk::end(&state, member.id(), member.session()).await?;
    }
    auth::sign_out_device(&state);
    // Whoever sits down here next has been nowhere.
    auth::end_travel(&state);
    redirect("/");
    Ok(())
}

/// Where one may sign in with an account of elsewhere, and who has come back from there in this browser.
#[server(input = GetUrl, endpoint = "sign_in_ways", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn sign_in_ways() -> Result<Ways, AppError> {
    travel::ways(&state()?, &auth::visit()).await
}

/// Links the account of elsewhere that has arrived in this browser: with one's own account, or with the one that has its address,
/// and signs in there. In both cases only with that account's password, and its owner is told by mail.
///
/// # Errors
/// [`Conflict::ArrivalOver`]; [`AppError::SignInRequired`] when it arrived for somebody who is not signed in any more;
/// [`Conflict::LoginTaken`]; [`Conflict::SecondLogin`]; [`AppError::SlowDown`] after too many wrong passwords.
#[server(endpoint = "link_login", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn link_login(form: LinkForm) -> Result<(), AppError> {
    let password = form.parse()?;
    let (state, visit) = (state()?, auth::visit());
    let settled = travel::settle(&state, &visit, &form.with, password).await?;
    let mut tx = state.db.begin().await?;
    travel::link(&mut tx, &state, &visit, &settled).await?;
    if settled.arrival.user_id.is_some() {
        tx.commit().await?;
        auth::end_travel(&state);
        redirect("/me?done=linked");
    } else {
        desk::let_in(&state, &visit, tx, settled.user, &Claim::Password(settled.checked)).await?;
        redirect(own_path(&form.next, FIRST_PAGE));
    }
    state.work.notify_one();
    Ok(())
}

/// Which accounts of elsewhere sign in to one's own.
///
/// # Errors
/// [`AppError::NotFound`] where nobody can sign in with an account of elsewhere.
#[server(input = GetUrl, endpoint = "list_logins", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn list_logins() -> Result<MyLogins, AppError> {
    let member = auth::member()?;
    travel::logins(&state()?, &auth::visit(), member.id()).await
}

/// Unlinks an account of elsewhere from one's own, and signs every other device out: it may have signed in there.
#[server(endpoint = "unlink_login", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn unlink_login(login: Uuid) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut tx = state.db.begin().await?;
    if !store::unlink(&mut tx, member.id(), login).await? {
        return Err(AppError::NotFound);
    }
    let ended = store::end_other_sessions(&mut tx, member.id(), member.session(), state.now()).await?;
    tx.commit().await?;
    ended.into_iter().for_each(|session| state.hub.session_ended(session));
    redirect("/me/logins?done=unlinked");
    Ok(())
}

/// Mails the signed-in person the link again with which they prove their address.
#[server(endpoint = "mail_proof", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn mail_proof() -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut tx = state.db.begin().await?;
    store::mail_proof(&mut tx, member.id(), lang(), state.now()).await?;
    tx.commit().await?;
    state.work.notify_one();
    redirect("/me?done=mailed");
    Ok(())
}

/// Proves an address with the end of a mailed link. A link that has done so already has done so.
///
/// # Errors
/// [`AppError::NotFound`] for what is no such link; [`Conflict::LinkOver`].
#[server(endpoint = "prove_address", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn prove_address(token: String) -> Result<(), AppError> {
    let state = state()?;
    let id = state.keys.unseal(Purpose::Verify.code(), &token).ok_or(AppError::NotFound)?;
    let user = desk::prove(&state, id).await?;
    let is_here = auth::visit().member.is_some_and(|member| Some(member.id()) == user);
    redirect(if is_here { "/me?done=verified" } else { "/sign-in?done=verified" });
    Ok(())
}

/// Email, birth date and gender of the signed-in person, as long as they can change them.
///
/// # Errors
/// [`Conflict::Proved`]
#[server(input = GetUrl, endpoint = "read_details", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn read_details() -> Result<Details, AppError> {
    let member = auth::member()?;
    store::details(&mut state()?.db.read().await?, member.id()).await
}

/// Changes them, with the password, before the address is proved. Another address gets a mail of its own.
///
/// # Errors
/// [`Conflict::Proved`]
#[server(endpoint = "change_unverified", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn change_unverified(form: UnverifiedForm) -> Result<(), AppError> {
    let member = auth::member()?;
    redirect(desk::mend(&state()?, member.id(), &form).await?);
    Ok(())
}

/// Mails a link for a new password to an address, if it has an account. Whether it has is not to be seen here.
///
/// # Errors
/// [`AppError::SlowDown`]; [`Conflict::NoMail`].
#[server(endpoint = "forget_password", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn forget_password(form: ForgotForm) -> Result<(), AppError> {
    let state = state()?;
    if !state.asks_for_proof() {
        return Err(Conflict::NoMail.into());
    }
    let email = form.parse()?;
    desk::may_forget(&state, &auth::visit(), &email)?;
    let mut tx = state.db.begin().await?;
    FORGOT.enqueue(&mut tx, &Forgot { email, lang: lang() }, state.now()).await?;
    tx.commit().await?;
    state.work.notify_one();
    redirect("/forgot?done=mailed");
    Ok(())
}

/// How the link of a mail for a new password stands.
#[server(input = GetUrl, endpoint = "reset_link", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn reset_link(token: String) -> Result<LinkView, AppError> {
    let state = state()?;
    let Some(id) = state.keys.unseal(Purpose::Reset.code(), &token) else { return Ok(LinkView::Over) };
    let mut conn = state.db.read().await?;
    Ok(match store::link(&mut conn, id, Purpose::Reset, state.now()).await? {
        (LinkState::Good, Some(user)) if !store::logins(&mut conn, user).await?.is_empty() => LinkView::Unlinks,
        (LinkState::Good, _) => LinkView::Good,
        (LinkState::Used, _) => LinkView::Used,
        (LinkState::Over, _) => LinkView::Over,
    })
}

/// Puts a new password in the place of a forgotten one, and signs every device out. Who reads the mail owns the address.
///
/// # Errors
/// [`Conflict::LinkOver`]
#[server(endpoint = "reset_password", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn reset_password(form: ResetForm) -> Result<(), AppError> {
    let state = state()?;
    let id = state.keys.unseal(Purpose::Reset.code(), &form.token).ok_or(Conflict::LinkOver)?;
    let (user, hash) = desk::replace_password(&state, id, &form).await?;
    let now = state.now();
    let mut tx = state.db.begin().await?;
    store::hold_links(&mut tx, user).await?;
    if store::use_link(&mut tx, id, Purpose::Reset, now).await? != Some(user) {
        return Err(Conflict::LinkOver.into());
    }
    store::reset_password(&mut tx, user, &hash).await?;
    store::prove_address(&mut tx, user, now).await?;
    store::use_up_links(&mut tx, user, Purpose::Reset, now).await?;
    store::unlink_all(&mut tx, user).await?;
    let ended = store::end_all_sessions(&mut tx, user, now).await?;
    tx.commit().await?;
    ended.into_iter().for_each(|session| state.hub.session_ended(session));
    auth::sign_out_device(&state);
    redirect("/sign-in?done=reset");
    Ok(())
}

/// The signed-in person's own account.
#[server(input = GetUrl, endpoint = "read_account", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn read_account() -> Result<MyAccount, AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut conn = state.db.read().await?;
    let account = store::account(&mut conn, member.id()).await?;
    let school = match account.school {
        Some(id) => schools::store::find(&mut conn, &id).await?,
        None => None,
    };
    Ok(MyAccount {
        email: account.email,
        nickname: account.nickname,
        face: account.face_id,
        region: account.region.and_then(atlas::find),
        school: school.map(|school| school.names.called(lang()).to_owned()),
        preferences: auth::visit().preferences,
        is_verified: account.verified_at.is_some(),
        are_mails_kept: state.shows_mail(),
        has_ways: !state.providers.all().is_empty() || !store::logins(&mut conn, member.id()).await?.is_empty(),
    })
}

/// Where the signed-in person is signed in.
#[server(input = GetUrl, endpoint = "list_sessions", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn list_sessions() -> Result<MySessions, AppError> {
    let member = auth::member()?;
    let state = state()?;
    let now = state.now();
    let mut conn = state.db.read().await?;
    let rows = store::sessions(&mut conn, member.id(), member.session(), now).await?;
    let view = |row: store::SessionRow| SessionView {
        id: row.id,
        device: device_name(&row.user_agent),
        is_this: row.id == member.session(),
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
    };
    Ok(MySessions { sessions: rows.into_iter().map(view).collect(), now })
}

/// Signs another device of the same person out, or this one.
#[server(endpoint = "end_session", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn end_session(session: SessionId) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    if !desk::end(&state, member.id(), session).await? {
        return Err(AppError::NotFound);
    }
    if session == member.session() {
        auth::sign_out_device(&state);
        redirect("/");
    } else {
        redirect("/me/sessions");
    }
    Ok(())
}

/// Signs every other device of the same person out.
#[server(endpoint = "end_other_sessions", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn end_other_sessions() -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut tx = state.db.begin().await?;
    let ended = store::end_other_sessions(&mut tx, member.id(), member.session(), state.now()).await?;
    tx.commit().await?;
    ended.into_iter().for_each(|session| state.hub.session_ended(session));
    redirect("/me/sessions");
    Ok(())
}

/// Changes the signed-in person's password, unlinks every account of elsewhere and signs their other devices out.
///
/// # Errors
/// A wrong password beside its field; too many of them; [`Conflict::Stale`] when it was changed meanwhile.
#[server(endpoint = "change_password", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn change_password(form: ChangePasswordForm) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let account = {
        let mut conn = state.db.read().await?;
        store::account(&mut conn, member.id()).await?
    };
    let hash = desk::renew_password(&state, &account, &form).await?;
    let mut tx = state.db.begin().await?;
    if !store::change_password(&mut tx, member.id(), &account.password_hash, &hash).await? {
        return Err(Conflict::Stale.into());
    }
    // Whoever knew the old password may have linked an account of theirs.
    store::unlink_all(&mut tx, member.id()).await?;
    let ended = store::end_other_sessions(&mut tx, member.id(), member.session(), state.now()).await?;
    tx.commit().await?;
    ended.into_iter().for_each(|session| state.hub.session_ended(session));
    redirect("/me?done=password");
    Ok(())
}

/// Closes the signed-in person's account: nobody signs in to it any more, and what it held is given up soon after.
///
/// # Errors
/// [`AppError::SignInRequired`]; a wrong password beside its field; too many of them; [`Conflict::Stale`] when it was changed meanwhile.
#[server(endpoint = "close_account", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn close_account(form: CloseForm) -> Result<(), AppError> {
    let member = auth::member()?;
    form.parse()?;
    let state = state()?;
    let account = store::account(&mut state.db.read().await?, member.id()).await?;
    if !desk::knows_password(&state, &account, &form.current_password).await? {
        return Err(AppError::field("current_password", "accounts.password.wrong"));
    }
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let ended = store::close(&mut tx, member.id(), &account.password_hash, now).await?;
    let closed = Closed { user: member.id() };
    CLOSED.enqueue(&mut tx, &closed, now).await?;
    // Once more for what was under way when the account was closed.
    CLOSED.enqueue(&mut tx, &closed, now + Span::minutes(1)).await?;
    tx.commit().await?;
    state.work.notify_one();
    ended.into_iter().for_each(|session| state.hub.session_ended(session));
    state.hub.renamed(member.id());
    auth::sign_out_device(&state);
    redirect("/sign-in?done=closed");
    Ok(())
}

/// Moves the signed-in person to another 동.
#[server(endpoint = "set_region", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn set_region(form: RegionForm) -> Result<(), AppError> {
    let member = auth::member()?;
    let mut errors = FieldErrors::default();
    let region = choice::settle(&form.parse()?, "region", &mut errors).ok_or(errors)?;
    let mut tx = state()?.db.begin().await?;
    store::set_region(&mut tx, member.id(), region).await?;
    tx.commit().await?;
    redirect(own_path(&form.next, "/me?done=region"));
    Ok(())
}

/// Shows pages in another language from now on, to this person or visitor.
#[server(endpoint = "set_language", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn set_language(lang: String) -> Result<(), AppError> {
    let lang = [Lang::Ko, Lang::En].into_iter().find(|known| known.tag() == lang).ok_or(AppError::BadRequest)?;
    let state = state()?;
    let visit = auth::visit();
    if let Some(member) = visit.member {
        let mut tx = state.db.begin().await?;
        store::set_lang(&mut tx, member.id(), lang).await?;
        tx.commit().await?;
    }
    auth::remember(&state, Preferences { lang, ..visit.preferences });
    Ok(())
}

/// Shows pages in another colour scheme from now on, to this person or visitor.
#[server(endpoint = "set_theme", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn set_theme(theme: String) -> Result<(), AppError> {
    let theme = Theme::from_code(&theme).ok_or(AppError::BadRequest)?;
    let state = state()?;
    let visit = auth::visit();
    if let Some(member) = visit.member {
        let mut tx = state.db.begin().await?;
        store::set_theme(&mut tx, member.id(), theme).await?;
        tx.commit().await?;
    }
    auth::remember(&state, Preferences { theme, ..visit.preferences });
    Ok(())
}
