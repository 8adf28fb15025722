//! Where messages are written.

use super::{in_words, reason};
use crate::device::{self, Memo, RwSignal, StoredValue};
use crate::features::chat::api::{SendImages, SendMessage, StartDirect};
use crate::features::chat::model::{DirectForm, MAX_TEXT, Person, Quote, SendForm};
use crate::features::images::components::{Chosen, ChosenPictures, FileChooser, named};
use crate::live::client::Live;
use crate::live::protocol::Up;
use crate::shared::error::AppError;
use crate::shared::ids::{RoomId, SendId, Seq, UserId};
use crate::shared::images::{ACCEPTED, Pictures};
use crate::shared::names::called;
use crate::t;
use crate::ui::{Icon, IconName, PostForm, TextArea, part, submission, words};
use leptos::ev::{KeyboardEvent, MouseEvent, SubmitEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use std::time::Duration;

/// The code that browsers give to a key which a Hangul or other input method is still working with.
const KEY_OF_INPUT_METHOD: u32 = 229;
/// "I am writing" is told at most this often.
const TYPING_PAUSE: Duration = Duration::from_secs(3);
/// From here on the number of characters is shown.
const COUNTED_FROM: usize = MAX_TEXT - 200;

/// Whether a key means "send": Enter alone, and no syllable is being put together.
fn is_send(ev: &KeyboardEvent) -> bool {
    ev.key() == "Enter" && !ev.shift_key() && !ev.is_composing() && ev.key_code() != KEY_OF_INPUT_METHOD
}

/// Sends the form that a text box stands in, as its button would.
fn submit(area: NodeRef<html::Textarea>) {
    if let Some(form) = area.get_untracked().and_then(|area| area.form()) {
        // A browser without it has the button.
        let _ = form.request_submit();
    }
}

/// Writes into a room. With the program, messages go through the outbox; without it, through a plain form.
#[component]
pub fn Composer(
    /// Which room.
    room: RoomId,
    /// Who writes.
    me: UserId,
    /// The name of a message that is sent without the program.
    send_id: SendId,
    /// What is being answered.
    reply: RwSignal<Option<Quote>>,
    /// The text box, for those who put the focus there.
    area: NodeRef<html::Textarea>,
) -> impl IntoView {
    let live = Live::of_page();
    let sent = submission(SendMessage::PATH);
    let written = RwSignal::new(0_usize);
    let problem = RwSignal::new(None::<AppError>);
    let told = StoredValue::new(false);
    let draft = format!("moim.draft.{me}.{room}");
    let shown = submission(SendImages::PATH);
    let chosen = RwSignal::new(Vec::<Chosen>::new());
    let wrong = Memo::new(move |_| problem.get().or_else(|| sent.error.get()).or_else(|| shown.error.get()));
    let sentence = words(move || wrong.get().map(|error| reason(&error)));
    let changed = {
        let draft = draft.clone();
        move |text: &str| {
            written.set(text.chars().count());
            device::tab_set(&draft, (!text.is_empty()).then_some(text));
        }
    };
    // What was being written when the tab was loaded again.
    device::effect({
        let (draft, changed) = (draft.clone(), changed.clone());
        move || {
            if let Some(area) = area.get()
                && area.value().is_empty()
                && let Some(kept) = device::tab_get(&draft)
            {
                area.set_value(&kept);
                changed(&kept);
            }
        }
    });
    let on_input = {
        let changed = changed.clone();
        move |_| {
            let Some(area) = area.get_untracked() else { return };
            changed(&area.value());
            problem.set(None);
            if !told.get_value() && !area.value().is_empty() {
                told.set_value(true);
                live.say(&Up::Typing { room });
                // The page may be gone by then.
                let rested = move || {
                    let _ = told.try_set_value(false);
                };
                device::later(rested, TYPING_PAUSE);
            }
        }
    };
    let on_submit = move |ev: SubmitEvent| {
        ev.prevent_default();
        ev.stop_propagation();
        let Some(area) = area.get_untracked() else { return };
        let quote = reply.get_untracked();
        let pictures = chosen.with_untracked(|chosen| chosen.iter().map(|chosen| chosen.word.clone()).collect::<Vec<_>>());
        if pictures.iter().any(String::is_empty) {
            problem.set(Some(AppError::field("image", "images.error.wait")));
            return;
        }
        let form = SendForm {
            room,
            send_id: SendId::random(),
            text: area.value(),
            reply_to: quote.as_ref().map(|quote| quote.seq),
            pictures: Pictures(pictures.join(" ")),
        };
        match form.parse() {
            Ok(_) => {
                chosen.update(|chosen| chosen.drain(..).for_each(Chosen::forget));
                live.send(form, quote.map(|quote| (quote.nickname, quote.text)));
                area.set_value("");
                changed("");
                reply.set(None);
                problem.set(None);
            }
            // Nothing was written: nothing to say about it.
            Err(_) if area.value().trim().is_empty() && form.pictures.is_empty() => {}
            Err(errors) => problem.set(Some(errors.into())),
        }
        // The keyboard of a phone stays open.
        let _ = area.focus();
    };
    let on_key = move |ev: KeyboardEvent| {
        if is_send(&ev) {
            ev.prevent_default();
            submit(area);
        } else if ev.key() == "Escape" {
            reply.set(None);
        }
    };
    let stop = move |ev: MouseEvent| {
        ev.prevent_default();
        reply.set(None);
    };
    let answering = part(move || {
        reply.get().map(|quote| {
            view! {
                <div class="replying">
                    <p class="grow"><b>{t!("chat.answer_to", name = called(&quote.nickname))}</b><br/><span class="meta clip">{in_words(quote.text)}</span></p>
                    <input type="hidden" form="compose" name="form[reply_to]" value=quote.seq.to_string()/>
                    <a class="tool" href=format!("/chat/{room}") aria-label=t!("chat.answer.cancel") on:click=stop><Icon name=IconName::Close/></a>
                </div>
            }.into_any()
        })
    });
    let left = part(move || {
        let count = written.get();
        (count > COUNTED_FROM)
            .then(|| view! { <span class="composer__left">{t!("chat.count", count = count, max = MAX_TEXT)}</span> }.into_any())
    });
    view! {
        {answering}
        <ChosenPictures chosen label=t!("images.chosen")/>
        <p class="composer__wrong" role="alert">{sentence}</p>
        <form id="compose" class="composer" action=SendMessage::PATH method="post" on:submit:capture=on_submit on:input=on_input on:keydown=on_key>
            <input type="hidden" name="form[room]" value=room.to_string()/>
            <input type="hidden" name="form[send_id]" value=sent.value("form[send_id]", &send_id.to_string())/>
            {attach(chosen, problem)}
            <label class="hush" for="say">{t!("chat.say")}</label>
            <TextArea id="say" name="form[text]" value=sent.value("form[text]", "") rows=1 placeholder=t!("chat.say")
                invalid=Signal::derive(move || wrong.get().is_some()) node=area/>
            {left}
            <button class="btn btn--main" type="submit" aria-label=t!("chat.send")><Icon name=IconName::Send/></button>
        </form>
        {plain_pictures("room", room.to_string(), send_id, reply.with_untracked(|reply| reply.as_ref().map(|quote| quote.seq)))}
    }
}

/// For pages without their program: a form of its own for pictures; the field says where, or to whom, and `answered` what is answered.
fn plain_pictures(field: &'static str, value: String, send_id: SendId, answered: Option<Seq>) -> AnyView {
    device::plain("plain-only row", move || {
        view! {
            <form class="row" action=SendImages::PATH method="post" enctype="multipart/form-data">
                <input type="hidden" name=field value=value/>
                <input type="hidden" name="send_id" value=send_id.twin().to_string()/>
                {answered.map(|seq| view! { <input type="hidden" name="reply_to" value=seq.to_string()/> })}
                <label class="hush" for="pictures">{t!("images.add")}</label>
                <input id="pictures" type="file" name="image" accept=ACCEPTED multiple=true/>
                <button class="btn btn--s" type="submit">{t!("images.send")}</button>
            </form>
        }
        .into_any()
    })
}

/// The button that chooses pictures.
fn attach(chosen: RwSignal<Vec<Chosen>>, problem: RwSignal<Option<AppError>>) -> AnyView {
    view! {
        <label class="tool js-only">
            <Icon name=IconName::Image/><span class="hush">{t!("images.add")}</span>
            <FileChooser chosen problem hush=true/>
        </label>
    }
    .into_any()
}

/// The first words to somebody; sending them makes the room.
#[component]
pub fn FirstWords(
    /// To whom.
    other: Person,
    /// The name of the message.
    send_id: SendId,
) -> impl IntoView {
    let sent = submission(StartDirect::PATH);
    let area = NodeRef::<html::Textarea>::new();
    let on_key = move |ev: KeyboardEvent| {
        if is_send(&ev) {
            ev.prevent_default();
            if !sent.pending.get_untracked() {
                submit(area);
            }
        }
    };
    let chosen = RwSignal::new(Vec::<Chosen>::new());
    let problem = RwSignal::new(None::<AppError>);
    let shown = submission(SendImages::PATH);
    let wrong = Memo::new(move |_| problem.get().or_else(|| sent.error.get()).or_else(|| shown.error.get()));
    let sentence = words(move || wrong.get().map(|error| reason(&error)));
    // The browser need not keep the files of a form that is gone.
    on_cleanup(move || {
        let _ = chosen.try_update_untracked(|chosen| chosen.drain(..).for_each(Chosen::forget));
    });
    view! {
        <ChosenPictures chosen label=t!("images.chosen")/>
        <p class="composer__wrong" role="alert">{sentence}</p>
        <PostForm state=sent attr:class="composer" on:keydown=on_key
            on:submit:capture=sent.check(|form: &DirectForm| form.parse().map(drop))>
            <input type="hidden" name="form[to]" value=other.id.to_string()/>
            <input type="hidden" name="form[send_id]" value=sent.value("form[send_id]", &send_id.to_string())/>
            <input type="hidden" name="form[pictures]" value=move || named(chosen)/>
            {attach(chosen, problem)}
            <label class="hush" for="say">{t!("chat.say")}</label>
            <TextArea id="say" name="form[text]" value=sent.value("form[text]", "") rows=1 placeholder=t!("chat.say")
                invalid=Signal::derive(move || wrong.get().is_some()) node=area/>
            <button class="btn btn--main" type="submit" aria-label=t!("chat.send")><Icon name=IconName::Send/></button>
        </PostForm>
        {plain_pictures("to", other.id.to_string(), send_id, None)}
    }
}
