//! The school that a person names, and the mail with which they prove it.

use super::links::{Purpose, new_link, reader};
use crate::features::accounts::model::SchoolMailForm;
use crate::features::mail::letters::About;
use crate::features::mail::store::post;
use crate::features::schools::directory::School;
use crate::features::schools::store as schools;
use crate::server::db::Conn;
use crate::server::keys::Keys;
use crate::server::rate_limit::Limit;
use crate::shared::error::AppError;
use crate::shared::ids::UserId;
use crate::shared::text::Lang;
use crate::shared::time::{Span, Timestamp};
use crate::{execute, fetch_optional};

/// Mails to one mailbox at a school, whoever asks for them: nobody's mailbox is filled by many accounts.
pub const SCHOOL_MAILS: Limit = Limit { name: "school_mailbox", attempts: 10, window: Span::days(1) };

/// Names the school that a person goes to and the year they entered it, or none. Another school than before ends its proof.
///
/// # Errors
/// When the database fails.
pub async fn set_school(tx: &mut Conn, user: UserId, school: Option<&School>, year: Option<i32>) -> Result<(), AppError> {
    let id = school.map(|school| school.id.as_str());
    // The person first: a proof that comes at the same time sees the new school or is ended below.
    execute!(tx, "update users set school = $2, admission_year = $3 where id = $1 and closed_at is null", user, id, year)?;
    schools::end_other_proof(tx, user, id.unwrap_or_default()).await
}

/// Mails a link to an address at the school that a person names: following it proves that they go there. As often as other links,
/// and not while they have proved it for some time to come. The mailbox, as proofs call it.
///
/// # Errors
/// An address that is none of the school's, beside its field; [`AppError::SlowDown`] with the time until the next may go.
pub async fn mail_school_link(
    tx: &mut Conn,
    user: UserId,
    form: &SchoolMailForm,
    keys: &Keys,
    lang: Lang,
    now: Timestamp,
) -> Result<String, AppError> {
    let reader = reader(tx, user).await?;
    let named: Option<(Option<String>,)> = fetch_optional!(
        tx,
        (Option<String>,),
        "select school from users where id = $1 and verified_at is not null and closed_at is null",
        user
    )?;
    let (named,) = named.ok_or(AppError::Unverified)?;
    let school = match named {
        Some(id) => schools::find(tx, &id).await?,
        None => None,
    };
    let school = school.ok_or_else(|| AppError::field("address", "schools.address.first"))?;
    let address = form.parse(&school.domains)?;
    if !schools::standing(tx, user, now).await?.may_prove() {
        return Err(AppError::field("address", "schools.address.early"));
    }
    let link = new_link(tx, user, Purpose::School, now).await?;
    let address_key = schools::address_key(keys, &address);
    schools::claim(tx, link, schools::Claim { school: &school, address_key: &address_key }).await?;
    let lang = reader.lang(lang);
    let about = About::School { nickname: reader.nickname, school: school.names.called(lang).to_owned(), link };
    post(tx, user, &address, lang, &about, now).await?;
    Ok(address_key)
}
