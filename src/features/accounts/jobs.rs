//! What accounts have done beside the requests.

use super::store;
use crate::server::jobs::{Job, Kind, Trouble};
use crate::server::state::AppState;
use crate::shared::error::AppError;
use crate::shared::ids::UserId;
use crate::shared::text::Lang;
use serde::{Deserialize, Serialize};

/// Answering somebody who has forgotten their password.
pub const FORGOT: Kind<Forgot> = Kind::new("forgotten_password");

/// Giving up what somebody held who has closed their account. Whoever keeps it does it: parties.
pub const CLOSED: Kind<Closed> = Kind::new("closed_account");

/// Whose account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// The person.
    pub user: UserId,
}

/// What they typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgot {
    /// An address, with an account or without.
    pub email: String,
    /// The language of the page.
    pub lang: Lang,
}

/// Mails a link to the owner of an address, if it has one. It is done here and not in the request, so that nobody can tell
/// by the time it takes whether there is such an account.
///
/// # Errors
/// When the database fails.
pub async fn forgot(state: &AppState, job: &Job) -> Result<(), Trouble> {
    let Forgot { email, lang } = job.read()?;
    let known = store::credentials(&mut state.db.read().await?, &email).await?;
    let Some((user, _)) = known else { return Ok(()) };
    let mut tx = state.db.begin().await?;
    match store::mail_reset(&mut tx, user, lang, state.now()).await {
        // Enough went to them already.
        Ok(()) | Err(AppError::SlowDown { .. } | AppError::NotFound) => {
            tx.commit().await?;
            state.work.notify_one();
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}
