//! `/me/password`

use crate::device::load;
use crate::features::accounts::api::{ChangePassword, ReadAccount};
use crate::features::accounts::components::{CurrentPassword, NewPassword, Typed, own_page};
use crate::features::accounts::model::{ChangePasswordForm, MyAccount};
use crate::t;
use crate::ui::{ErrorSummary, PostForm, SubmitButton, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// A new password in the place of the present one.
#[must_use]
pub fn password_page() -> AnyView {
    own_page(t!("accounts.change_password.title"), load(|| Ok(ReadAccount {})), |account| view! { <Form account/> }.into_any())
}

#[component]
fn Form(account: MyAccount) -> impl IntoView {
    let form = submission(ChangePassword::PATH);
    let typed = Typed::new(account.email.clone(), account.nickname.clone());
    let user = account.email.clone();
    let links = account.has_ways.then(|| view! { <p class="meta">{t!("accounts.password.unlinks")}</p> }.into_any());
    let check = form.check(move |sent: &ChangePasswordForm| sent.parse(&account.email, &account.nickname).map(|_| ()));
    view! {
        <header class="lead">
            <h1>{t!("accounts.change_password.title")}</h1>
            <p class="meta">{t!("accounts.me.password_text")}</p>
            {links}
        </header>
        <PostForm state=form attr:class="form card" attr:novalidate="" on:submit:capture=check on:input=move |ev| typed.follow(&ev)>
            <ErrorSummary error=form.error/>
            // For the browser's own memory of passwords.
            <input type="hidden" autocomplete="username" value=user/>
            <CurrentPassword form/>
            <NewPassword form typed/>
            <SubmitButton label=t!("accounts.change_password.do") pending=form.pending/>
        </PostForm>
    }
}
