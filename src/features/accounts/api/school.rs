//! Server functions of the school that somebody goes to, and of its proof.

use crate::features::accounts::model::{MySchool, SchoolForm, SchoolMailForm};
use crate::shared::error::AppError;
use crate::shared::schema::Described;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use {
    crate::features::accounts::auth,
    crate::features::accounts::desk,
    crate::features::accounts::store::{self, LinkState, Purpose},
    crate::features::schools,
    crate::server::state::state,
    crate::shared::error::{Conflict, FieldErrors},
    crate::shared::text::lang,
    leptos_axum::redirect,
};

/// The signed-in person's own school, and how it is proved.
#[server(input = GetUrl, endpoint = "my_school", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn read_my_school() -> Result<MySchool, AppError> {
    let member = auth::member()?;
    let state = state()?;
    let now = state.now();
    let mut conn = state.db.read().await?;
    let account = store::account(&mut conn, member.id()).await?;
    let school = match account.school {
        Some(id) => schools::store::find(&mut conn, &id).await?,
        None => None,
    };
    let mut names: Vec<String> = schools::store::all(&mut conn).await?.into_iter().map(|school| school.called(lang()).to_owned()).collect();
    names.sort();
    Ok(MySchool {
        now,
        admission_year: account.admission_year,
        domains: school.as_ref().map(|school| school.domains.clone()).unwrap_or_default(),
        school: school.map(|school| school.names.called(lang()).to_owned()),
        standing: schools::store::standing(&mut conn, member.id(), now).await?,
        is_verified: account.verified_at.is_some(),
        are_mails_kept: state.shows_mail(),
        names,
    })
}

/// Names the school that the signed-in person goes to, or none. Another one than before has yet to be proved.
#[server(endpoint = "set_school", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn set_school(form: SchoolForm) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let draft = form.parse(state.now())?;
    let mut errors = FieldErrors::default();
    let mut tx = state.db.begin().await?;
    let school = desk::named_school(&mut tx, &draft.school, &mut errors).await?;
    let school = errors.or(|| school)?;
    store::set_school(&mut tx, member.id(), school.as_ref(), draft.admission_year).await?;
    tx.commit().await?;
    redirect("/me/school?done=saved");
    Ok(())
}

/// Mails a link to an address at the signed-in person's school; following it proves that they go there.
///
/// # Errors
/// An address that is none of the school's, beside its field; [`AppError::SlowDown`]; [`Conflict::NoMail`].
#[server(endpoint = "mail_school_proof", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn mail_school_proof(form: SchoolMailForm) -> Result<(), AppError> {
    let member = auth::verified()?;
    let state = state()?;
    if !state.asks_for_proof() {
        return Err(Conflict::NoMail.into());
    }
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let mailbox = store::mail_school_link(&mut tx, member.id(), &form, &state.keys, lang(), now).await?;
    state.limiter.attempt(store::SCHOOL_MAILS, &mailbox, now)?;
    tx.commit().await?;
    state.work.notify_one();
    redirect("/me/school?done=mailed");
    Ok(())
}

/// Proves that the signed-in person goes to their school, with the end of a mailed link that is theirs: a mail that others had sent
/// to somebody's mailbox proves nothing for them. A link that has done so already has done so.
///
/// # Errors
/// [`AppError::NotFound`] for what is no such link of theirs; [`Conflict::LinkOver`].
#[server(endpoint = "prove_school", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn prove_school(token: String) -> Result<(), AppError> {
    let member = auth::verified()?;
    let state = state()?;
    let id = state.keys.unseal(Purpose::School.code(), &token).ok_or(AppError::NotFound)?;
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let stands = match store::use_link(&mut tx, id, Purpose::School, now).await? {
        Some(user) if user == member.id() => schools::store::prove(&mut tx, id, user, now).await?,
        Some(_) => return Err(AppError::NotFound),
        None => match store::link(&mut tx, id, Purpose::School, now).await? {
            (LinkState::Used, Some(user)) if user == member.id() => schools::store::verified_school(&mut tx, user, now).await?.is_some(),
            (LinkState::Used, _) => return Err(AppError::NotFound),
            _ => false,
        },
    };
    if !stands {
        return Err(Conflict::LinkOver.into());
    }
    tx.commit().await?;
    redirect("/me/school?done=proved");
    Ok(())
}
