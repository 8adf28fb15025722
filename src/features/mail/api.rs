//! Server functions of mail.

use super::model::KeptMails;
use crate::shared::error::AppError;
use crate::shared::schema::Described;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use {super::model::KeptMail, super::store, crate::server::state::state};

/// The newest mails that were kept for want of a mail server; only where everybody may read them.
#[server(input = GetUrl, endpoint = "kept_mails", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn read_kept_mails() -> Result<KeptMails, AppError> {
    let state = state()?;
    if !state.shows_mail() {
        return Err(AppError::NotFound);
    }
    let mails = store::kept(&mut state.db.read().await?).await?;
    let shown = |mail: store::Mail| {
        let letter = mail.about.written(mail.lang, &state.keys, &state.config.url);
        let path = mail.about.path(&state.keys);
        KeptMail { recipient: mail.recipient, subject: letter.subject, text: letter.text, path, at: mail.created_at }
    };
    Ok(KeptMails { mails: mails.into_iter().map(shown).collect(), now: state.now() })
}
