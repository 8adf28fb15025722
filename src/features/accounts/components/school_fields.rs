//! The school that somebody goes to.

use crate::t;
use crate::ui::{Field, Submission, TextField, field_id};
use leptos::prelude::*;

/// The school, with those that can be named offered while it is typed, and the year, if any.
#[component]
pub fn SchoolFields(
    /// What the schools are called that can be named.
    names: Vec<String>,
    /// The form that they stand in.
    form: Submission,
    /// The school that stands there at first.
    #[prop(optional, into)]
    school: String,
    /// The year that stands there at first.
    #[prop(optional, into)]
    year: String,
) -> impl IntoView {
    let id = field_id("school");
    let error = form.field("school");
    let describedby = format!("{id}-error {id}-hint");
    let options = names.into_iter().map(|name| view! { <option value=name></option> }.into_any()).collect_view();
    view! {
        <Field name="form[school]" label=t!("accounts.school") hint=t!("accounts.school.hint") error>
            <input
                class="input"
                id=id
                name="form[school]"
                type="text"
                list="schools"
                value=form.value("form[school]", &school)
                autocomplete="organization"
                maxlength="80"
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=describedby
            />
            <datalist id="schools">{options}</datalist>
        </Field>
        <TextField
            name="form[admission_year]"
            label=t!("accounts.admission_year")
            inputmode="numeric"
            maxlength=4
            value=form.value("form[admission_year]", &year)
            error=form.field("admission_year")
        />
    }
}
