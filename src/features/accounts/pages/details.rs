//! `/me/details`

use crate::device::{self, load};
use crate::features::accounts::api::{ChangeUnverified, ReadDetails};
use crate::features::accounts::components::{CurrentPassword, genders, own_page};
use crate::features::accounts::model::{Details, MAX_EMAIL, UnverifiedForm};
use crate::t;
use crate::ui::{ErrorSummary, PostForm, RadioGroup, RadioLook, SubmitButton, TextField, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Email, birth date and gender, as long as the address is not proved.
#[must_use]
pub fn details_page() -> AnyView {
    own_page(t!("accounts.details.title"), load(|| Ok(ReadDetails {})), |details| view! { <Form details/> }.into_any())
}

#[component]
fn Form(details: Details) -> impl IntoView {
    let form = submission(ChangeUnverified::PATH);
    let check = form.check(|sent: &UnverifiedForm| sent.parse(device::now()).map(|_| ()));
    view! {
        <header class="lead"><h1>{t!("accounts.details.title")}</h1><p class="meta">{t!("accounts.details.text")}</p></header>
        <PostForm state=form attr:class="form card" attr:novalidate="" on:submit:capture=check>
            <ErrorSummary error=form.error/>
            <TextField
                name="form[email]"
                label=t!("accounts.email")
                kind="email"
                inputmode="email"
                autocomplete="email"
                maxlength=MAX_EMAIL as u32
                value=form.value("form[email]", &details.email)
                error=form.field("email")
            />
            <TextField
                name="form[birth_date]"
                label=t!("accounts.birth_date")
                kind="date"
                autocomplete="bday"
                hint=t!("accounts.birth_date.hint")
                value=form.value("form[birth_date]", &details.birth_date)
                error=form.field("birth_date")
            />
            <RadioGroup
                name="form[gender]"
                label=t!("accounts.gender")
                look=RadioLook::Segments
                options=genders()
                value=form.value("form[gender]", &details.gender)
                error=form.field("gender")
            />
            <CurrentPassword form/>
            <SubmitButton label=t!("accounts.details.do") pending=form.pending/>
        </PostForm>
    }
}
