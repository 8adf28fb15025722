//! The lines of a talk.

use super::{in_words, notice_text, reason};
use crate::device::{Memo, RwSignal};
use crate::features::chat::links::{Piece, pieces};
use crate::features::chat::model::{Content, Message, Quote, RoomMember, in_short};
use crate::features::chat::thread::{Line, Reads, unread_by};
use crate::features::images::components::shot;
use crate::live::client::{Live, Unsent};
use crate::shared::ids::{RoomId, UserId};
use crate::shared::images::{Pictures, Size};
use crate::shared::names::called;
use crate::shared::time::Timestamp;
use crate::t;
use crate::ui::time::{clock_text, day_text};
use crate::ui::{Avatar, Icon, IconName, part};
use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// A line that has its place in the log, or stands between such.
#[component]
pub fn LineView(
    /// Which.
    line: Line,
    /// Who looks.
    me: UserId,
    /// Where.
    room: RoomId,
    /// What the reader has said after this moment, they may change.
    since: Timestamp,
    /// Whose messages are folded. Another line stands in the place of one that is from now on, or no more.
    blocked: RwSignal<Vec<UserId>>,
    /// Everybody in the room.
    members: RwSignal<Vec<RoomMember>>,
    /// How far everybody has read.
    reads: RwSignal<Reads>,
    /// Begins an answer to it.
    #[prop(into)]
    answer: Callback<Quote>,
) -> impl IntoView {
    match line {
        Line::Day(at) => view! { <li class="rule"><time datetime=at.seoul().date.iso()>{day_text(at)}</time></li> }.into_any(),
        Line::Read => view! { <li class="rule rule--read">{t!("chat.read_here")}</li> }.into_any(),
        Line::Notice { notice, subject, .. } => view! { <li class="sys">{notice_text(notice, &subject)}</li> }.into_any(),
        Line::Said { message, next } => view! { <Said message next me room since blocked members reads answer/> }.into_any(),
    }
}

#[component]
fn Said(
    message: Message,
    next: bool,
    me: UserId,
    room: RoomId,
    since: Timestamp,
    blocked: RwSignal<Vec<UserId>>,
    members: RwSignal<Vec<RoomMember>>,
    reads: RwSignal<Reads>,
    answer: Callback<Quote>,
) -> impl IntoView {
    let quote = quoted(&message);
    let Message { seq, at, content, .. } = message;
    let Content::Text { author, text, pictures, reply, changed, .. } = content else { return ().into_any() };
    let mine = author.id == me;
    let class = match (mine, next) {
        (false, false) => "msg",
        (false, true) => "msg msg--next",
        (true, false) => "msg msg--me",
        (true, true) => "msg msg--me msg--next",
    };
    let unread = Memo::new(move |_| reads.with(|reads| unread_by(reads, seq)));
    let count = part(move || {
        let unread = unread.get();
        (unread > 0).then(|| view! { <b><span class="hush">{t!("chat.unread_by")}" "</span>{unread}</b> }.into_any())
    });
    let face = (!mine && !next).then(|| {
        let is_theirs = |member: &&RoomMember| member.person.id == author.id;
        let face = members.with_untracked(|members| members.iter().find(is_theirs).and_then(|member| member.person.face));
        view! { <Avatar name=author.nickname.clone() face/> }.into_any()
    });
    // Those who do not see whose side it stands on hear the name every time.
    let who = if mine {
        Some(view! { <b class="hush">{t!("chat.me")}</b> }.into_any())
    } else if next {
        Some(view! { <b class="hush">{called(&author.nickname)}</b> }.into_any())
    } else {
        Some(view! { <b class="msg__who">{called(&author.nickname)}</b> }.into_any())
    };
    let is_gone = quote.is_none();
    let bubble = if is_gone {
        view! { <p class="bubble bubble--gone">{t!("chat.gone")}</p> }.into_any()
    } else {
        let reply = reply.map(|reply| {
            let is_folded = blocked.with_untracked(|blocked| blocked.contains(&reply.author));
            let text = if is_folded { t!("chat.folded") } else { reply.text };
            view! { <Quoted nickname=reply.nickname text/> }.into_any()
        });
        let said = said(reply, &text, &pictures, Size::Medium);
        if blocked.with_untracked(|blocked| blocked.contains(&author.id)) {
            view! { <details class="fold"><summary class="meta">{t!("chat.folded")}</summary>{said}</details> }.into_any()
        } else {
            said
        }
    };
    let is_changed = (changed > 0 && !is_gone).then(|| view! { <span>{t!("chat.changed")}</span> }.into_any());
    let tools = quote.map(|quote| {
        let label = t!("chat.answer", name = called(&author.nickname));
        let change = (mine && at > since).then(|| {
            view! {
                <a class="tool" href=format!("/chat/{room}/{seq}") aria-label=t!("chat.change.open")><Icon name=IconName::Pen small=true/></a>
            }
            .into_any()
        });
        let go = move |ev: MouseEvent| {
            ev.prevent_default();
            answer.run(quote.clone());
        };
        view! {
            <div class="msg__tools">
                {change}
                <a class="tool" href=format!("/chat/{room}?reply={seq}#say") aria-label=label on:click=go><Icon name=IconName::Reply small=true/></a>
            </div>
        }
        .into_any()
    });
    view! {
        <li class=class id=format!("m{seq}")>
            {face}
            <div class="msg__body">
                {who}
                <div class="msg__row">
                    {bubble}
                    <span class="msg__meta">{count}{is_changed}<time datetime=at.iso()>{clock_text(at)}</time></span>
                    {tools}
                </div>
            </div>
        </li>
    }
    .into_any()
}

/// A message in short, as an answer has it; nothing of one that is deleted.
pub(super) fn quoted(message: &Message) -> Option<Quote> {
    let Content::Text { author, text, pictures, changed, .. } = &message.content else { return None };
    let text = in_short(text, pictures);
    (!text.is_empty()).then(|| Quote { seq: message.seq, author: author.id, nickname: author.nickname.clone(), text, changed: *changed })
}

#[component]
fn Quoted(nickname: String, text: String) -> impl IntoView {
    view! { <span class="bubble__quote"><b>{t!("chat.answer_to", name = called(&nickname))}</b><span class="bubble__quoted">{in_words(text)}</span></span> }
}

/// What was said, and the pictures under it. A size of them that is there already is asked for.
fn said(reply: Option<AnyView>, text: &str, pictures: &Pictures, size: Size) -> AnyView {
    let words = (reply.is_some() || !text.is_empty()).then(|| view! { <p class="bubble">{reply}{linked(text)}</p> }.into_any());
    if pictures.is_empty() {
        return words.into_any();
    }
    let shots = pictures.iter().map(|picture| shot(picture, size, t!("images.picture"), true)).collect::<Vec<_>>();
    view! { <div class="said">{words}<div class="shots">{shots}</div></div> }.into_any()
}

/// The text with its links.
fn linked(text: &str) -> impl IntoView + use<> {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned().into_any(),
            Piece::Link(link) => {
                view! { <a href=link.to_owned() target="_blank" rel="noopener noreferrer nofollow ugc">{link.to_owned()}</a> }.into_any()
            }
        })
        .collect_view()
}

/// A message that is on its way, or could not be sent.
#[component]
pub fn UnsentView(
    /// Which.
    unsent: Unsent,
) -> impl IntoView {
    let live = Live::of_page();
    let Unsent { form, quote, refused, .. } = unsent;
    let send_id = form.send_id;
    let class = if refused.is_some() { "msg msg--me msg--fail" } else { "msg msg--me msg--wait" };
    let under = match refused {
        None => view! { <span class="msg__why">{t!("chat.sending")}</span> }.into_any(),
        Some(error) => view! {
            <p class="msg__why msg__why--bad">{reason(&error)}</p>
            <div class="fix">
                <button type="button" on:click=move |_| live.retry(send_id)>
                    <Icon name=IconName::Retry small=true/>{t!("chat.failed")}
                </button>
                <button type="button" aria-label=t!("chat.discard") on:click=move |_| live.discard(send_id)>
                    <Icon name=IconName::Trash small=true/>
                </button>
            </div>
        }
        .into_any(),
    };
    view! {
        <li class=class>
            <div class="msg__body">
                <div class="msg__row">
                    {said(quote.map(|(nickname, text)| view! { <Quoted nickname text/> }.into_any()), &form.text, &form.pictures, Size::Small)}
                </div>
                {under}
            </div>
        </li>
    }
}
