//! Server functions of profiles.

use super::model::{MyProfile, Profile, ProfileForm};
use crate::shared::error::AppError;
use crate::shared::schema::Described;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use {
    super::model::AgeGroup, super::store, crate::features::accounts::auth, crate::features::chat, crate::features::meals,
    crate::features::parties, crate::features::parties::model::Shelf, crate::features::schools, crate::server::state::state,
    crate::shared::paging::PageAsk, crate::shared::text::lang,
};

/// A person, as others may see them.
///
/// # Errors
/// [`AppError::NotFound`] when nobody is called that.
#[server(input = GetUrl, endpoint = "profile", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn read_profile(nickname: String) -> Result<Profile, AppError> {
    let viewer = auth::visit().member.map(|member| member.id());
    let state = state()?;
    let now = state.now();
    let mut conn = state.db.read().await?;
    let seen = store::find(&mut conn, &nickname).await?;
    let hosted = parties::store::shelf(&mut conn, "meal", seen.id, Shelf::Hosted, PageAsk::default()).await?;
    let hosted = meals::store::cards(&mut conn, &hosted.rows, viewer, now).await?;
    let others = viewer.filter(|viewer| *viewer != seen.id);
    let is_blocked = match others {
        Some(viewer) => chat::store::is_blocked(&mut conn, viewer, seen.id).await?,
        None => false,
    };
    let school = schools::store::verified_school(&mut conn, seen.id, now).await?;
    Ok(Profile {
        now,
        school: school.map(|school| school.names.called(lang()).to_owned()),
        nickname: seen.nickname,
        face: seen.face,
        intro: seen.intro,
        age: AgeGroup::of(seen.born, now.seoul().date),
        since: seen.since.seoul().date.year,
        hosted,
        is_me: viewer == Some(seen.id),
        id: others.map(|_| seen.id),
        is_blocked,
        can_write: others.is_some() && !is_blocked,
    })
}

/// What I have written about myself.
#[server(input = GetUrl, endpoint = "my_profile", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn read_my_profile() -> Result<MyProfile, AppError> {
    let member = auth::member()?;
    store::mine(&mut state()?.db.read().await?, member.id()).await
}

/// Changes what I am called and say about myself.
#[server(endpoint = "edit_profile", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn edit_profile(form: ProfileForm) -> Result<(), AppError> {
    let member = auth::member()?;
    let edit = form.parse()?;
    let state = state()?;
    state.limiter.attempt(store::CHANGES, &member.id().to_string(), state.now())?;
    let mut tx = state.db.begin().await?;
    let is_renamed = store::change(&mut tx, member.id(), &edit).await?;
    tx.commit().await?;
    if is_renamed {
        state.hub.renamed(member.id());
    }
    leptos_axum::redirect("/me?done=profile");
    Ok(())
}
