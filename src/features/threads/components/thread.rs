//! A part of a thread with everything that can be done there.

use super::comment::{CommentView, Place};
use super::writer::Writer;
use crate::device::StoredValue;
use crate::features::threads::api::{DeleteComment, LikeComment};
use crate::features::threads::model::{InHand, ThreadQuery, ThreadView};
use crate::shared::error::AppError;
use crate::shared::names::titled;
use crate::t;
use crate::ui::{ButtonKind, Empty, ErrorSummary, LinkButton, rows, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// What was said, and the box to say something: above everything, or below the comment that the reader is about to answer or
/// change.
#[component]
pub fn Thread(
    /// What was said.
    view: ThreadView,
    /// Which part that is.
    query: ThreadQuery,
    /// The page it stands on.
    #[prop(into)]
    path: String,
    /// Hears what became of each form on it.
    done: Callback<(&'static str, Option<AppError>)>,
) -> impl IntoView {
    let ThreadView { party, title, host, me, why_not, total, comments, next, in_hand, key, now } = view;
    let sort = |oldest: bool, name: String| {
        let current = (query.oldest == oldest).then_some("page");
        let href = ThreadQuery { oldest, ..ThreadQuery::default() }.href(&path);
        view! { <a class="chip" href=href aria-current=current>{name}</a> }.into_any()
    };
    let sorts = if query.of.is_some() {
        view! { <LinkButton href=path.clone()>{t!("threads.all")}</LinkButton> }.into_any()
    } else {
        view! {
            <nav class="row" aria-label=t!("threads.sort")>{sort(false, t!("threads.newest"))}{sort(true, t!("threads.oldest"))}</nav>
        }
        .into_any()
    };
    let held = in_hand.as_ref().map(|in_hand| match in_hand {
        InHand::Reply { id, .. } | InHand::Edit { id, .. } => *id,
    });
    let is_shown = |id| comments.iter().any(|comment| comment.id == id || comment.replies.iter().any(|reply| reply.id == id));
    let place_of_writer = held.filter(|id| is_shown(*id));
    let may_write = why_not.is_none();
    let place = StoredValue::new(Place { party, host, me, may_write, now, key, path: path.clone(), query: query.clone(), done });
    let invitation = why_not.map(|why| match why {
        AppError::SignInRequired => {
            let href = format!("/sign-in?next={path}");
            view! { <p><LinkButton href kind=ButtonKind::Main>{t!("threads.sign_in")}</LinkButton></p> }.into_any()
        }
        why => view! { <p class="meta">{why.text()}</p> }.into_any(),
    });
    // Without the program a refused button has no other place to say why.
    let refused = [LikeComment::PATH, DeleteComment::PATH].map(|path| view! { <ErrorSummary error=submission(path).error/> }.into_any());
    // Whenever the thread has been read again everything in it is new: what was typed and opened does not pass to others.
    let stands_alone = may_write && place_of_writer.is_none() && (query.of.is_none() || held.is_some());
    let writer = {
        let in_hand = in_hand.clone();
        rows(
            move || if stands_alone { vec![in_hand.clone()] } else { Vec::new() },
            move |_| key,
            move |in_hand| view! { <Writer place in_hand/> },
        )
    };
    let nothing = comments.is_empty().then(|| view! { <Empty title=t!("threads.none") text=t!("threads.none.text")/> }.into_any());
    let in_hand = StoredValue::new(in_hand.filter(|_| place_of_writer.is_some()));
    let list = (!comments.is_empty()).then(|| {
        let comments =
            rows(move || comments.clone(), move |comment| (comment.id, key), move |comment| view! { <CommentView comment place in_hand/> });
        view! { <ol class="card cmts">{comments}</ol> }.into_any()
    });
    let more = next.map(|next| {
        let href = ThreadQuery { after: Some(next.to_string()), ..query.at_rest() }.href(&path);
        view! { <p class="older"><LinkButton href>{t!("threads.more")}</LinkButton></p> }.into_any()
    });
    view! {
        <header class="lead">
            <h1 id="thread" tabindex="-1">{t!("threads.count", count = total)}</h1>
            <p class="meta">{titled(&title)}</p>
        </header>
        {refused}
        {sorts}
        {invitation}
        {writer}
        {list}
        {nothing}
        {more}
    }
}
