//! How strong a new password looks while it is typed: seats fill up.

use crate::device::{Memo, RwSignal};
use crate::features::accounts::model::{MIN_PASSWORD, STRONGEST, is_digits, is_like_a_name, strength};
use crate::t;
use crate::ui::{Icon, IconName, SeatDots, part, words};
use leptos::ev::Event;
use leptos::prelude::*;
use leptos::web_sys::HtmlInputElement;

/// What is in the fields that a password is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Typed {
    password: RwSignal<String>,
    email: RwSignal<String>,
    nickname: RwSignal<String>,
}

impl Typed {
    /// At first: no password yet.
    #[must_use]
    pub fn new(email: String, nickname: String) -> Self {
        Self { password: RwSignal::new(String::new()), email: RwSignal::new(email), nickname: RwSignal::new(nickname) }
    }

    /// Another nickname was offered.
    pub fn rename(self, nickname: String) {
        self.nickname.set(nickname);
    }

    /// A handler for `on:input` of the form.
    pub fn follow(self, ev: &Event) {
        let input: HtmlInputElement = event_target(ev);
        match input.name().as_str() {
            "form[password]" | "form[new_password]" => self.password.set(input.value()),
            "form[email]" => self.email.set(input.value()),
            "form[nickname]" => self.nickname.set(input.value()),
            _ => {}
        }
    }
}

/// Seats that fill up, and which rules are kept. Needs the program; the server checks the rules in any case.
#[component]
pub fn Strength(
    /// The fields.
    typed: Typed,
) -> impl IntoView {
    let seats = Memo::new(move |_| typed.password.with(|password| strength(password, &typed.email.get(), &typed.nickname.get())));
    let word = words(move || match seats.get() {
        0 => None,
        1 => Some(t!("accounts.strength.weak")),
        2 => Some(t!("accounts.strength.fair")),
        3 => Some(t!("accounts.strength.good")),
        _ => Some(t!("accounts.strength.best")),
    });
    // Nothing is judged before anything is typed.
    let judged = move |keeps: fn(&str, Typed) -> bool| {
        Signal::derive(move || typed.password.with(|password| (!password.is_empty()).then(|| keeps(password, typed))))
    };
    let long = judged(|password, _| password.chars().count() >= MIN_PASSWORD);
    let mixed = judged(|password, _| !is_digits(password));
    let own = judged(|password, typed| !is_like_a_name(password, &typed.email.get(), &typed.nickname.get()));
    view! {
        <p class="strength js-only">
            {part(move || Some(view! { <SeatDots seats=STRONGEST taken=seats.get()/> }))}
            <b role="status">{word}</b>
        </p>
        <ul class="rules">
            <Rule label=t!("accounts.rule.length") met=long/>
            <Rule label=t!("accounts.rule.digits") met=mixed/>
            <Rule label=t!("accounts.rule.name") met=own/>
        </ul>
    }
}

#[component]
fn Rule(label: String, met: Signal<Option<bool>>) -> impl IntoView {
    let is_met = move || met.get() == Some(true);
    let mark = part(move || {
        Some(match met.get() {
            Some(true) => view! { <Icon name=IconName::Check/> }.into_any(),
            Some(false) => view! { <Icon name=IconName::Close/> }.into_any(),
            None => view! { <i class="rules__dot"></i> }.into_any(),
        })
    });
    view! {
        <li class:met=is_met>
            {mark}
            {label}
            <span class="hush">{words(move || is_met().then(|| t!("accounts.rule.met")))}</span>
        </li>
    }
}
