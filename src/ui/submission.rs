//! What a form knows of its last submission, with and without the browser's program.

use crate::shared::error::{AppError, FieldErrors};
use crate::shared::form::Refused;
use leptos::ev::SubmitEvent;
use leptos::form::FromFormData;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The state of one form. Copy it into the closures of the fields.
#[derive(Clone, Copy)]
pub struct Submission {
    refused: StoredValue<Option<Refused>>,
    found_here: RwSignal<Option<AppError>>,
    /// Why the last submission was refused, if it was.
    pub error: Signal<Option<AppError>>,
    /// Whether a submission is on its way.
    pub pending: Signal<bool>,
}

/// Follows the submissions of one form: those of `action`, and the one that this document answers, if it is one.
#[must_use]
pub fn submission<F>(action: ServerAction<F>) -> Submission
where
    F: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    F::Output: Clone + Send + Sync + 'static,
{
    let refused = use_context::<Option<Refused>>().flatten().filter(|refused| refused.path == F::PATH);
    let refused = StoredValue::new(refused);
    let found_here = RwSignal::new(None);
    let value = action.value();
    let version = action.version();
    let error = Signal::derive(move || {
        found_here.get().or_else(|| {
            if version.get() == 0 {
                return refused.with_value(|refused| refused.as_ref().map(|refused| refused.error.clone()));
            }
            value.with(|value| value.as_ref().and_then(|answer| answer.as_ref().err().cloned()))
        })
    });
    Submission { refused, found_here, error, pending: action.pending().into() }
}

impl Submission {
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
                Some(AppError::Invalid(errors)) => errors.of(field).map(|error| error.text()),
                _ => None,
            })
        })
    }

    /// A handler for `on:submit:capture` that runs the form's own `parse` before anything is sent. What it finds is shown
    /// at once; the server checks again, always.
    pub fn check<F>(self, parse: impl Fn(&F) -> Result<(), FieldErrors> + 'static) -> impl Fn(SubmitEvent) + 'static
    where
        F: FromFormData + 'static,
    {
        move |event: SubmitEvent| {
            let found = F::from_event(&event).ok().and_then(|arguments| parse(&arguments).err());
            if found.is_some() {
                event.prevent_default();
                event.stop_propagation();
            }
            self.found_here.set(found.map(AppError::Invalid));
        }
    }
}
