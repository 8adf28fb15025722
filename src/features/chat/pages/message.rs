//! `/chat/:room/:seq`: what I said, to be changed or deleted.

use crate::device::load;
use crate::features::accounts::components::narrow;
use crate::features::chat::api::{DeleteMessage, EditMessage, ReadMyMessage};
use crate::features::chat::model::{self, ChangeForm, MAX_TEXT, MyMessage};
use crate::shared::error::AppError;
use crate::shared::ids::{RoomId, Seq};
use crate::t;
use crate::ui::{
    AppBar, ButtonKind, ButtonSize, Confirm, DateTime, ErrorSummary, Meta, PostForm, SubmitButton, TextAreaField, Title, awaited,
    submission,
};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};

/// A message of the reader.
#[derive(Debug)]
pub struct ChatMessage;

#[lazy_route]
impl LazyRoute for ChatMessage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let place: Option<(RoomId, Seq)> =
            use_params_map().with_untracked(|params| Some((params.get("room")?.parse().ok()?, params.get("seq")?.parse().ok()?)));
        let message = load(move || {
            let (room, seq) = place.ok_or(AppError::NotFound)?;
            Ok(ReadMyMessage { room, seq })
        });
        let room = place.map_or_else(|| "/chat".to_owned(), |(room, _)| format!("/chat/{room}"));
        view! {
            <Title text=t!("shell.title", page = t!("chat.change"))/>
            <Meta name="robots" content="noindex"/>
            <div class="page">
                <Suspense>
                    {awaited(move || {
                        let room = room.clone();
                        async move {
                            let back = message.read().await.map_or(room, |message| model::place(message.room, message.seq, message.last));
                            view! { <AppBar back back_label=t!("chat.change.back")/> }.into_any()
                        }
                    })}
                </Suspense>
                {narrow(message, |message| view! { <Words message/> }.into_any())}
            </div>
        }
        .into_any()
    }
}

#[component]
fn Words(message: MyMessage) -> impl IntoView {
    let MyMessage { room, seq, text, pictures, at, now, .. } = message;
    let pictures = (!pictures.is_empty())
        .then(|| view! { <p class="meta">{t!("chat.change.pictures", count = pictures.iter().count())}</p> }.into_any());
    let edit = submission(EditMessage::PATH);
    let check = edit.check(|form: &ChangeForm| form.parse().map(drop));
    let delete = submission(DeleteMessage::PATH);
    view! {
        <div class="me">
            <header class="lead"><h1>{t!("chat.change")}</h1><p class="meta"><DateTime at now/></p></header>
            <PostForm state=edit attr:class="form card" attr:novalidate="" on:submit:capture=check>
                <ErrorSummary error=edit.error/>
                <p>{t!("chat.change.text")}</p>
                {pictures}
                <input type="hidden" name="form[room]" value=room.to_string()/>
                <input type="hidden" name="form[seq]" value=seq.to_string()/>
                <TextAreaField
                    name="form[text]"
                    label=t!("chat.change.said")
                    value=edit.value("form[text]", &text)
                    error=edit.field("text")
                    rows=4
                    maxlength=MAX_TEXT as u32
                />
                <SubmitButton label=t!("chat.change.save") pending=edit.pending/>
            </PostForm>
            <Confirm label=t!("chat.delete") question=t!("chat.delete.question") text=t!("chat.delete.text")>
                <PostForm state=delete>
                    <ErrorSummary error=delete.error/>
                    <input type="hidden" name="room" value=room.to_string()/>
                    <input type="hidden" name="seq" value=seq.to_string()/>
                    <SubmitButton label=t!("chat.delete.yes") pending=delete.pending kind=ButtonKind::Danger size=ButtonSize::Small/>
                </PostForm>
            </Confirm>
        </div>
    }
}
