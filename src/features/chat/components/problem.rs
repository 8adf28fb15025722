//! What stands in place of a room, and how notices read.

use crate::device;
use crate::features::chat::model::NoticeCode;
use crate::live::protocol::close;
use crate::shared::error::AppError;
use crate::shared::names::called;
use crate::t;
use crate::ui::{ButtonKind, Empty, LinkButton, SceneName, Title, Trouble, TryAgain};
use leptos::prelude::*;

/// A page that cannot be shown, under the refusal's status.
#[component]
pub fn Problem(
    /// Why.
    error: AppError,
    /// The page's own address, to come back to after signing in.
    #[prop(into)]
    path: String,
) -> impl IntoView {
    device::set_status(error.status());
    let next = if error == AppError::SignInRequired {
        view! { <LinkButton href=format!("/sign-in?next={path}") kind=ButtonKind::Main>{t!("chat.sign_in")}</LinkButton> }.into_any()
    } else {
        let again = error.is_passing().then(|| view! { <TryAgain/> }.into_any());
        view! { {again}<LinkButton href="/chat">{t!("chat.to_list")}</LinkButton> }.into_any()
    };
    view! {
        <Title text=t!("shell.title", page = t!("chat.title"))/>
        <Trouble error>{next}</Trouble>
    }
}

/// A room that is over for the reader, and the way back. `code` is one of [`close`].
#[component]
pub fn Gone(
    /// Why.
    code: u16,
    /// What the one who ended it said about it.
    #[prop(optional, into)]
    reason: String,
) -> impl IntoView {
    let (title, text) = if code == close::ROOM_DELETED {
        (t!("chat.deleted"), if reason.is_empty() { t!("chat.deleted.text") } else { reason })
    } else {
        (t!("chat.left"), t!("chat.left.text"))
    };
    view! {
        <div class="talk__none" role="alert">
            <Empty title text scene=SceneName::SeatLost>
                <LinkButton href="/chat" kind=ButtonKind::Main>{t!("chat.to_list")}</LinkButton>
            </Empty>
        </div>
    }
}

/// What happened, in a sentence.
#[must_use]
pub fn notice_text(notice: NoticeCode, subject: &str) -> String {
    let name = called(subject);
    match notice {
        NoticeCode::Joined => t!("chat.notice.joined", name = name),
        NoticeCode::Left => t!("chat.notice.left", name = name),
        NoticeCode::Removed => t!("chat.notice.removed", name = name),
        NoticeCode::HostChanged => t!("chat.notice.host_changed", name = name),
        NoticeCode::Edited => {
            let fields: Vec<String> = subject.split(',').filter_map(field_text).collect();
            if fields.is_empty() { t!("chat.notice.edited") } else { t!("chat.notice.edited_fields", fields = fields.join(", ")) }
        }
        NoticeCode::Closed => match subject {
            "full" => t!("chat.notice.closed_full"),
            "deadline" => t!("chat.notice.closed_deadline"),
            _ => t!("chat.notice.closed"),
        },
        NoticeCode::Reopened => t!("chat.notice.reopened"),
        NoticeCode::Ordered => t!("chat.notice.ordered"),
        NoticeCode::Arrived => t!("chat.notice.arrived"),
        NoticeCode::Settled => t!("chat.notice.settled"),
    }
}

/// What a field of a party is called; those that have no name here are not listed.
fn field_text(field: &str) -> Option<String> {
    Some(match field {
        "title" => t!("chat.field.title"),
        "body" => t!("chat.field.body"),
        "category" => t!("chat.field.category"),
        "seats" => t!("chat.field.seats"),
        "outside" => t!("chat.field.outside"),
        "deadline" => t!("chat.field.deadline"),
        "joining" => t!("chat.field.joining"),
        "shop" => t!("chat.field.shop"),
        "shop_link" => t!("chat.field.shop_link"),
        "fee" => t!("chat.field.fee"),
        "minimum" => t!("chat.field.minimum"),
        "pickup" => t!("chat.field.pickup"),
        "pictures" => t!("chat.field.pictures"),
        _ => return None,
    })
}
