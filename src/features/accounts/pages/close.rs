//! `/me/close`

use crate::device::{self, load};
use crate::features::accounts::api::{CloseAccount, ReadAccount};
use crate::features::accounts::components::{CurrentPassword, own_page};
use crate::features::accounts::model::{CloseForm, MyAccount};
use crate::shared::error::AppError;
use crate::t;
use crate::ui::{ButtonKind, ErrorSummary, PostForm, SubmitButton, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Taking one's things along, and closing the account.
#[must_use]
pub fn close_page() -> AnyView {
    own_page(t!("accounts.close.title"), load(|| Ok(ReadAccount {})), |account| view! { <Form account/> }.into_any())
}

#[component]
fn Form(account: MyAccount) -> impl IntoView {
    // Nothing that was being written stays behind.
    let form = submission(CloseAccount::PATH).then(Callback::new(|(_, error): (&'static str, Option<AppError>)| {
        if error.is_none() {
            device::tab_clear();
        }
    }));
    let check = form.check(|sent: &CloseForm| sent.parse());
    view! {
        <div class="me">
            <header class="lead"><h1>{t!("accounts.close.title")}</h1></header>
            <section class="card form" aria-labelledby="export">
                <h2 id="export">{t!("accounts.export.title")}</h2>
                <p>{t!("accounts.export.text")}</p>
                <p class="row">
                    <a class="btn btn--line" href="/me/export" rel="external" download="moim.json">{t!("accounts.export.do")}</a>
                    <a class="btn btn--line" href="/me/export.zip" rel="external" download="moim.zip">{t!("accounts.export.all")}</a>
                </p>
            </section>
            <PostForm state=form attr:class="form card" attr:novalidate="" on:submit:capture=check>
                <h2>{t!("accounts.close.heading")}</h2>
                <ErrorSummary error=form.error/>
                <div class="prose"><ul>
                    <li>{t!("accounts.close.seats")}</li>
                    <li>{t!("accounts.close.words", name = t!("accounts.closed"))}</li>
                    <li>{t!("accounts.close.erased")}</li>
                </ul></div>
                // For the browser's own memory of passwords.
                <input type="hidden" autocomplete="username" value=account.email/>
                <CurrentPassword form/>
                <SubmitButton label=t!("accounts.close.do") pending=form.pending kind=ButtonKind::Danger/>
            </PostForm>
        </div>
    }
}
