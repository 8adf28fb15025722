//! Server functions of bills. The pages of the kinds of parties show what came of them.

use super::model::ItemForm;
use crate::shared::error::AppError;
use crate::shared::ids::{ItemId, PartyId};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {super::store, crate::features::accounts::auth, crate::server::state::state};

/// Enters something that the person orders, or changes it.
#[server(endpoint = "put_item")]
pub async fn put_item(form: ItemForm) -> Result<(), AppError> {
    let member = auth::member()?;
    let item = form.parse()?;
    let state = state()?;
    let mut tx = state.db.begin().await?;
    let news = store::put_item(&mut tx, &member, &item, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Takes something off that the person orders.
#[server(endpoint = "remove_item")]
pub async fn remove_item(party: PartyId, item: ItemId) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut tx = state.db.begin().await?;
    let news = store::remove_item(&mut tx, &member, party, item, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}
