//! The box to say something, to answer, and to change what was said.

use super::comment::Place;
use crate::device::{self, StoredValue};
use crate::features::threads::api::{ChangeComment, WriteComment};
use crate::features::threads::model::{CommentChange, CommentForm, InHand, MAX_COMMENT};
use crate::shared::names::called;
use crate::t;
use crate::ui::{ButtonKind, ButtonSize, ErrorSummary, LinkButton, PostForm, SubmitButton, TextAreaField, field_id, focus, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// A form for a comment, an answer, or other words for a comment of one's own.
#[component]
pub(super) fn Writer(
    /// Where.
    place: StoredValue<Place>,
    /// What is to be answered or changed, if anything is.
    in_hand: Option<InHand>,
) -> impl IntoView {
    let (party, key, done, rest) =
        place.with_value(|place| (place.party.to_string(), place.key.to_string(), place.done, place.query.at_rest().href(&place.path)));
    let is_edit = matches!(in_hand, Some(InHand::Edit { .. }));
    let form = submission(if is_edit { ChangeComment::PATH } else { WriteComment::PATH }).then(done);
    let check = form.check(|form: &CommentForm| form.parse().map(drop));
    let check_change = form.check(|form: &CommentChange| form.parse().map(drop));
    let (text, label, button) = match &in_hand {
        None => (String::new(), t!("threads.say"), t!("threads.do")),
        Some(InHand::Reply { nickname, .. }) => (String::new(), t!("threads.reply_to", name = called(nickname)), t!("threads.reply")),
        Some(InHand::Edit { text, .. }) => (text.clone(), t!("threads.change"), t!("threads.change.do")),
    };
    let quoted = match &in_hand {
        Some(InHand::Reply { text, .. }) => Some(view! { <p class="meta clip">{text.clone()}</p> }.into_any()),
        _ => None,
    };
    let cancel = in_hand.is_some().then(|| {
        view! { <LinkButton href=rest kind=ButtonKind::Soft size=ButtonSize::Small>{t!("threads.cancel")}</LinkButton> }.into_any()
    });
    let names = match in_hand {
        Some(InHand::Edit { id, .. }) => view! { <input type="hidden" name="form[id]" value=id.to_string()/> }.into_any(),
        about => {
            let parent = match about {
                Some(InHand::Reply { id, .. }) => {
                    Some(view! { <input type="hidden" name="form[parent]" value=id.to_string()/> }.into_any())
                }
                _ => None,
            };
            view! {
                <input type="hidden" name="form[party]" value=party/>
                <input type="hidden" name="form[key]" value=form.value("form[key]", &key)/>
                {parent}
            }
            .into_any()
        }
    };
    if cancel.is_some() {
        let id = field_id("form[text]");
        device::effect(move || focus(&id));
    }
    view! {
        <PostForm state=form attr:class="form cmt__write" attr:novalidate=""
            on:submit:capture=move |event| if is_edit { check_change(event) } else { check(event) }>
            <ErrorSummary error=form.error/>
            {quoted}
            {names}
            <TextAreaField
                name="form[text]"
                label
                value=form.value("form[text]", &text)
                error=form.field("text")
                rows=2
                maxlength=MAX_COMMENT as u32
                placeholder=t!("threads.placeholder")
            />
            <div class="row">
                <SubmitButton label=button pending=form.pending size=ButtonSize::Small/>
                {cancel}
            </div>
        </PostForm>
    }
}
