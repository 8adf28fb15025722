//! Forms that are sent to a server function: plain ones that the browser's program improves.

use crate::device::{self, RwSignal, StoredValue};
use crate::shared::error::{AppError, FieldErrors};
use crate::shared::form::{Refused, read};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

/// The state of one form. Copy it into the closures of the fields.
#[derive(Clone, Copy, Debug)]
pub struct Submission {
    pub(super) path: &'static str,
    refused: StoredValue<Option<Refused>>,
    then: Option<Callback<(&'static str, Option<AppError>)>>,
    /// Why the last submission was refused, if it was: the one that this document answers, or one since.
    pub error: RwSignal<Option<AppError>>,
    /// Whether a submission is on its way.
    pub pending: RwSignal<bool>,
}

/// A form for the server function at `path`.
#[must_use]
pub fn submission(path: &'static str) -> Submission {
    let refused = use_context::<Option<Refused>>().flatten().filter(|refused| refused.path == path);
    let error = refused.as_ref().map(|refused| refused.error.clone());
    Submission { path, refused: StoredValue::new(refused), then: None, error: RwSignal::new(error), pending: RwSignal::new(false) }
}

impl Submission {
    /// The same form, which calls `then` with its path and its refusal whenever it was answered, even if it is gone by then.
    #[must_use]
    pub fn then(self, then: Callback<(&'static str, Option<AppError>)>) -> Self {
        Self { then: Some(then), ..self }
    }

    /// What the document's own refused submission had in a field, else `otherwise`. For a field's first value.
    #[must_use]
    pub fn value(&self, name: &str, otherwise: &str) -> String {
        self.refused.with_value(|refused| refused.as_ref().map_or(otherwise, |refused| refused.value(name)).to_owned())
    }

    /// Whether the document answers a refused submission of this form.
    #[must_use]
    pub fn is_retry(&self) -> bool {
        self.refused.with_value(Option::is_some)
    }

    /// The sentence beside a field, by its name in the form's errors.
    #[must_use]
    pub fn field(&self, field: &'static str) -> Signal<Option<String>> {
        let error = self.error;
        Signal::derive(move || {
            error.with(|error| match error {
                Some(AppError::Invalid(errors) | AppError::Spent { fields: errors, .. }) => errors.of(field).map(|error| error.text()),
                _ => None,
            })
        })
    }

    /// A handler for `on:submit:capture` that runs the form's own `parse` before anything is sent. What it finds is shown
    /// at once; the server checks again, always.
    pub fn check<F>(self, parse: impl Fn(&F) -> Result<(), FieldErrors> + 'static) -> impl Fn(SubmitEvent) + 'static
    where
        F: DeserializeOwned + 'static,
    {
        move |event: SubmitEvent| {
            let found = read(device::form_values(&event)).ok().and_then(|form| parse(&form).err());
            if found.is_some() {
                event.prevent_default();
                event.stop_propagation();
            }
            self.error.set(found.map(AppError::Invalid));
        }
    }

    /// Sends the form and stays on the page, unless the answer leads elsewhere.
    fn send(self, event: &SubmitEvent) {
        if event.default_prevented() {
            return;
        }
        let Some(fields) = device::form_fields(event) else { return };
        event.prevent_default();
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        spawn_local(async move {
            let error = device::send(self.path, &fields).await.err();
            // The form may be gone by now.
            let _ = self.pending.try_set(false);
            let _ = self.error.try_set(error.clone());
            if let Some(then) = self.then {
                let _ = then.try_run((self.path, error));
            }
        });
    }
}

/// A form that is sent by the browser, or by its program without leaving the page.
#[component]
pub fn PostForm(
    /// Its state.
    state: Submission,
    /// Its fields and its button.
    children: Children,
) -> impl IntoView {
    view! { <form method="post" action=state.path on:submit=move |event| state.send(&event)>{children()}</form> }
}
