//! Emptying the outbox.

use super::store;
use crate::server::jobs::{Job, Kind, Trouble};
use crate::server::mail::NotSent;
use crate::server::state::AppState;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Sending one mail.
pub const SEND: Kind<Send> = Kind::new("send_mail");

/// Which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Send {
    /// Its id in the outbox.
    pub mail: Uuid,
}

/// Sends a mail, or keeps it where there is no mail server. It may go twice when the node dies just after it went; it has the
/// same name then. A link in it is good from now on; a letter whose link is over does not go.
///
/// # Errors
/// When it did not go: the mail server's words. After a day it is given up, and the log says so.
pub async fn send(state: &AppState, job: &Job) -> Result<(), Trouble> {
    let Send { mail: id } = job.read()?;
    let Some(mail) = store::find(&mut state.db.read().await?, id).await?.filter(|mail| mail.waits) else { return Ok(()) };
    let link = mail.about.link();
    if let Some(link) = link {
        let mut tx = state.db.begin().await?;
        let leads = store::begin_link(&mut tx, link, state.now()).await?;
        if !leads {
            store::drop_mail(&mut tx, id).await?;
        }
        tx.commit().await?;
        if !leads {
            metrics::counter!("mails_total", "outcome" => "dropped").increment(1);
            return Ok(());
        }
    }
    let outcome = match &state.mailer {
        None => Ok("kept"),
        Some(mailer) => {
            let letter = mail.about.written(mail.lang, &state.keys, &state.config.url);
            mailer.send(id, &mail.recipient, letter).await.map(|()| "sent")
        }
    };
    // Servers repeat the address in their refusals; it belongs into no log.
    let nameless = |why: String| why.replace(&mail.recipient, "…");
    let (settled, trouble) = match outcome {
        Ok(settled) => (Some(settled), None),
        Err(NotSent::Later(why)) if !job.is_last_try(state.now()) => (None, Some(Trouble::Later(nameless(why)))),
        Err(NotSent::Later(why) | NotSent::Never(why)) => (Some("given_up"), Some(Trouble::Never(nameless(why)))),
    };
    if let Some(settled) = settled {
        let mut tx = state.db.begin().await?;
        if let Some(link) = link.filter(|_| trouble.is_none()) {
            store::count_link(&mut tx, link, state.now()).await?;
        }
        store::settle(&mut tx, id, settled, state.now()).await?;
        tx.commit().await?;
        metrics::counter!("mails_total", "outcome" => settled).increment(1);
    }
    trouble.map_or(Ok(()), Err)
}
