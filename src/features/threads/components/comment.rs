//! One comment and the answers to it.

use super::writer::Writer;
use crate::device::{RwSignal, StoredValue};
use crate::features::accounts::components::named;
use crate::features::threads::api::{DeleteComment, LikeComment};
use crate::features::threads::model::{Comment, InHand, ThreadQuery};
use crate::shared::error::AppError;
use crate::shared::ids::{CommentId, PartyId, UserId};
use crate::shared::names::called;
use crate::shared::time::Timestamp;
use crate::t;
use crate::ui::{
    Avatar, AvatarSize, Badge, BadgeKind, ButtonKind, ButtonSize, Confirm, Icon, IconName, PostForm, SubmitButton, TimeAgo, submission,
    words,
};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// What everything in a thread knows.
pub(super) struct Place {
    pub party: PartyId,
    pub host: UserId,
    pub me: Option<UserId>,
    pub may_write: bool,
    pub now: Timestamp,
    pub key: CommentId,
    pub path: String,
    pub query: ThreadQuery,
    pub done: Callback<(&'static str, Option<AppError>)>,
}

/// A comment, what can be done with it, and the answers.
#[component]
pub(super) fn CommentView(
    /// Which.
    comment: Comment,
    /// Where.
    place: StoredValue<Place>,
    /// What the reader is about to answer or change.
    in_hand: StoredValue<Option<InHand>>,
) -> impl IntoView {
    row(comment, place, in_hand)
}

/// One type of view for comments and answers, which stand inside them.
fn row(mut comment: Comment, place: StoredValue<Place>, in_hand: StoredValue<Option<InHand>>) -> AnyView {
    let id = comment.id;
    let held =
        in_hand.get_value().filter(|held| matches!(held, InHand::Reply { id: held, .. } | InHand::Edit { id: held, .. } if *held == id));
    let is_edited_now = matches!(held, Some(InHand::Edit { .. }));
    let writer = held.map(|held| view! { <Writer place in_hand=Some(held)/> }.into_any());
    let replies = std::mem::take(&mut comment.replies);
    let shown = replies.len() as i64;
    let more = (place.with_value(|place| place.query.of.is_none()) && comment.reply_count > shown).then(|| {
        let href = place.with_value(|place| ThreadQuery { of: Some(id), ..ThreadQuery::default() }.href(&place.path));
        view! { <a class="link" href=href>{t!("threads.replies", count = comment.reply_count)}</a> }.into_any()
    });
    let replies: Vec<AnyView> = replies.into_iter().map(|reply| row(reply, place, in_hand)).collect();
    let replies = (!replies.is_empty()).then(|| view! { <ol class="cmt__replies">{replies}</ol> }.into_any());
    let said = if comment.author.is_none() {
        view! { <p class="meta">{t!("threads.gone")}</p> }.into_any()
    } else {
        said(comment, place, is_edited_now)
    };
    view! { <li class="cmt" id=format!("c-{id}")>{said}{writer}{replies}{more}</li> }.into_any()
}

fn said(comment: Comment, place: StoredValue<Place>, is_edited_now: bool) -> AnyView {
    let Comment { id, author, answers, text, likes, is_liked, at, is_edited, is_folded, .. } = comment;
    let Some(author) = author else { return ().into_any() };
    let name = named(&author.nickname);
    let (host, me, may_write, now, done) = place.with_value(|place| (place.host, place.me, place.may_write, place.now, place.done));
    let is_mine = me == Some(author.id);
    let badge = (author.id == host).then(|| view! { <Badge>{t!("parties.host")}</Badge> }.into_any());
    let mine = is_mine.then(|| view! { <Badge kind=BadgeKind::You>{t!("chat.me")}</Badge> }.into_any());
    let edited = is_edited.then(|| view! { <span class="meta">{t!("chat.changed")}</span> }.into_any());
    let answers = answers.map(|name| view! { <b class="cmt__to">{format!("@{} ", called(&name))}</b> }.into_any());
    let to = |query: &dyn Fn(ThreadQuery) -> ThreadQuery| {
        place.with_value(|place| format!("{}#c-{id}", query(place.query.at_rest()).href(&place.path)))
    };
    let reply = may_write.then(|| {
        let href = to(&|query| ThreadQuery { reply: Some(id), ..query });
        view! { <a href=href aria-label=t!("threads.reply_to", name = called(&author.nickname))>{t!("threads.reply")}</a> }.into_any()
    });
    let own = is_mine.then(|| {
        let href = to(&|query| ThreadQuery { edit: Some(id), ..query });
        let form = submission(DeleteComment::PATH).then(done);
        view! {
            {may_write.then(|| view! { <a href=href>{t!("threads.change.open")}</a> }.into_any())}
            <Confirm label=t!("threads.delete") question=t!("threads.delete.question") kind=ButtonKind::Bare size=ButtonSize::Small>
                <PostForm state=form>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <SubmitButton label=t!("threads.delete") pending=form.pending kind=ButtonKind::Danger size=ButtonSize::Small/>
                </PostForm>
            </Confirm>
        }
        .into_any()
    });
    let like = if may_write && !is_mine {
        view! { <Like id likes is_liked done/> }.into_any()
    } else {
        let count = (likes > 0).then(|| {
            view! { <span><Icon name=IconName::Heart small=true/><span class="hush">{t!("threads.likes")}" "</span>{likes}</span> }
                .into_any()
        });
        count.into_any()
    };
    let body = (!is_edited_now).then(|| view! { <p class="cmt__text">{answers}{text}</p> }.into_any());
    let body = if is_folded {
        view! { <details class="fold"><summary class="meta">{t!("threads.folded")}</summary>{body}</details> }.into_any()
    } else {
        body.into_any()
    };
    view! {
        <p class="cmt__head">
            <Avatar name=author.nickname face=author.face size=AvatarSize::Small/>
            {name}
            {badge}{mine}
            <span class="meta"><TimeAgo at now/></span>
            {edited}
        </p>
        {body}
        <div class="cmt__acts">{like}{reply}{own}</div>
    }
    .into_any()
}

/// A button that is down while the reader likes it. The thread is not read again for it, so the focus stays.
#[component]
fn Like(id: CommentId, likes: i64, is_liked: bool, done: Callback<(&'static str, Option<AppError>)>) -> impl IntoView {
    let liked = RwSignal::new(is_liked);
    let others = likes - i64::from(is_liked);
    let form = submission(LikeComment::PATH).then(Callback::new(move |(path, error): (&'static str, Option<AppError>)| match error {
        None => {
            // The page may be gone by now.
            let _ = liked.try_update(|liked| *liked = !*liked);
        }
        error => done.run((path, error)),
    }));
    let next = move || if liked.get() { "false" } else { "true" };
    let pressed = move || if liked.get() { "true" } else { "false" };
    let count = words(move || Some(others + i64::from(liked.get())).filter(|count| *count > 0).map(|count| count.to_string()));
    view! {
        <PostForm state=form>
            <input type="hidden" name="id" value=id.to_string()/>
            <input type="hidden" name="likes" value=next/>
            <button class="cmt__like" aria-pressed=pressed>
                <Icon name=IconName::Heart small=true/><span class="hush">{t!("threads.likes")}" "</span>{count}
            </button>
        </PostForm>
    }
}
