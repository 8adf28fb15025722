//! Parts of the page that says what to eat.

use super::model::{AskForm, Exchange, MAX_QUESTION, Progress, Suggested};
use crate::device::{Memo, RwSignal};
use crate::features::meals::components::category_icon;
use crate::shared::ids::QuestionId;
use crate::t;
use crate::ui::{
    ButtonKind, ButtonSize, ErrorSummary, Icon, IconName, PostForm, Submission, SubmitButton, TextField, Tile, part, rows, words,
};
use leptos::prelude::*;

/// The answer that is coming, as far as it was heard.
pub type Partial = RwSignal<Option<(QuestionId, String)>>;

/// Why a button did nothing, beside it.
pub fn wrong(form: Submission) -> impl IntoView {
    part(move || {
        let error = form.error.get()?;
        let text = error.fields().0.first().map_or_else(|| error.text(), |wrong| wrong.text());
        Some(view! { <p class="error" role="alert"><Icon name=IconName::Alert/><span>{text}</span></p> })
    })
}

/// A menu, why, and the way to an order for it.
#[component]
pub fn Card(
    /// The menu.
    menu: Suggested,
) -> impl IntoView {
    let Suggested { name, category, reason, href } = menu;
    let icon = category.map_or(IconName::Meal, category_icon);
    let kind = category.map(|category| category.label());
    view! {
        <li class="dish">
            <div class="dish__head">
                <Tile icon/>
                <div class="grow"><h3>{name.clone()}</h3><p class="meta">{kind}</p></div>
            </div>
            <p>{reason}</p>
            <a class="btn btn--s" href=href><span class="hush">{name}": "</span>{t!("suggestions.open")}</a>
        </li>
    }
}

/// What was asked and answered, and the form for the next question.
#[component]
pub fn Conversation(
    /// A name for the next question.
    next: RwSignal<Option<QuestionId>>,
    /// What was asked, oldest first.
    exchanges: RwSignal<Vec<Exchange>>,
    /// The answer that is coming.
    partial: Partial,
    /// The form that asks.
    asking: Submission,
    /// The form that forgets.
    forgetting: Submission,
) -> impl IntoView {
    let key = move || next.get().map(|id| id.to_string());
    let is_empty = Memo::new(move |_| exchanges.with(Vec::is_empty));
    view! {
        <section class="sec talk" id="talk" aria-labelledby="talk-title">
            <div class="sec__head">
                <h2 id="talk-title" tabindex="-1">{t!("suggestions.talk")}</h2>
                {part(move || (!is_empty.get()).then(|| view! {
                    <PostForm state=forgetting>
                        <SubmitButton label=t!("suggestions.forget") pending=forgetting.pending kind=ButtonKind::Bare size=ButtonSize::Small/>
                    </PostForm>
                }))}
            </div>
            {wrong(forgetting)}
            <p class="meta">{t!("suggestions.talk.text")}" "{t!("suggestions.outside")}</p>
            <ol class="talk__list" aria-live="polite">
                {rows(move || exchanges.get(), |exchange| (exchange.id, exchange.progress as u8), move |exchange| said(exchange, partial))}
            </ol>
            <PostForm state=asking attr:class="card form" attr:novalidate=true on:submit:capture=asking.check(|form: &AskForm| form.parse().map(drop))>
                <ErrorSummary error=asking.error/>
                <input type="hidden" name="form[key]" value=key/>
                <TextField
                    name="form[text]" label=t!("suggestions.ask") value=asking.value("form[text]", "") error=asking.field("text")
                    hint=t!("suggestions.ask.hint") autocomplete="off" maxlength=MAX_QUESTION as u32
                />
                <div class="row"><SubmitButton label=t!("suggestions.ask.send") pending=asking.pending/></div>
            </PostForm>
        </section>
    }
}

/// A question and its answer.
fn said(exchange: Exchange, partial: Partial) -> impl IntoView {
    let Exchange { id, question, text, menus, progress, .. } = exchange;
    let is_waiting = progress == Progress::Waiting;
    let heard = move || {
        partial.with(|partial| match partial {
            Some((known, heard)) if *known == id && is_waiting && heard.len() > text.len() => Some(heard.clone()),
            _ => (!text.is_empty()).then(|| text.clone()),
        })
    };
    let has_menus = !menus.is_empty();
    let cards = menus.into_iter().map(|menu| view! { <Card menu/> }.into_any()).collect::<Vec<_>>();
    let note = match progress {
        Progress::Whole => None,
        Progress::Waiting => Some(t!("suggestions.waiting")),
        Progress::BrokenOff => Some(t!("suggestions.broken_off")),
        Progress::Failed => Some(t!("suggestions.failed")),
    };
    view! {
        <li class="said" aria-busy=is_waiting.then_some("true")>
            <p class="said__you"><span class="hush">{t!("suggestions.you")}": "</span>{question}</p>
            <div class="said__model">
                <span class="hush">{t!("suggestions.model")}": "</span>
                <p class="said__text">{words(heard)}</p>
                {has_menus.then(|| view! { <ul class="dishes">{cards}</ul> }.into_any())}
                {note.map(|note| view! { <p class="meta">{note}</p> }.into_any())}
            </div>
        </li>
    }
}
