//! The present password, and a new one, typed twice, and how strong it looks.

use super::strength::{Strength, Typed};
use crate::features::accounts::model::MAX_PASSWORD;
use crate::t;
use crate::ui::{PasswordField, Submission};
use leptos::prelude::*;

/// The field `form[current_password]`, by which a form is the owner's.
#[component]
pub fn CurrentPassword(
    /// The form that it belongs to.
    form: Submission,
) -> impl IntoView {
    view! {
        <PasswordField
            name="form[current_password]"
            label=t!("accounts.password.current")
            autocomplete="current-password"
            maxlength=MAX_PASSWORD as u32
            error=form.field("current_password")
        />
    }
}

/// The two fields `form[new_password]` and `form[new_password_again]`, or `form[password]` and `form[password_again]` of
/// somebody who has none yet.
#[component]
pub fn NewPassword(
    /// The form that they belong to.
    form: Submission,
    /// What the password is judged by.
    typed: Typed,
    /// Whether there was none before.
    #[prop(optional)]
    is_first: bool,
) -> impl IntoView {
    let (fields, labels) = if is_first {
        (["password", "password_again"], [t!("accounts.password"), t!("accounts.password.again")])
    } else {
        (["new_password", "new_password_again"], [t!("accounts.password.new"), t!("accounts.password.new_again")])
    };
    let names = if is_first { ["form[password]", "form[password_again]"] } else { ["form[new_password]", "form[new_password_again]"] };
    let [label, again] = labels;
    view! {
        <PasswordField
            name=names[0]
            label
            autocomplete="new-password"
            maxlength=MAX_PASSWORD as u32
            error=form.field(fields[0])
        >
            <Strength typed/>
        </PasswordField>
        <PasswordField
            name=names[1]
            label=again
            autocomplete="new-password"
            maxlength=MAX_PASSWORD as u32
            error=form.field(fields[1])
        />
    }
}
