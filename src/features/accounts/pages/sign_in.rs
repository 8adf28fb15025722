//! `/sign-in`

use crate::features::accounts::api::SignIn;
use crate::features::accounts::components::JoinFrame;
use crate::features::accounts::model::{MAX_EMAIL, MAX_PASSWORD, SignInForm, sign_up_path};
use crate::t;
use crate::ui::{Banner, ButtonSize, ErrorSummary, IconName, PasswordField, PostForm, SubmitButton, TextField, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

/// Email and password of somebody who has an account.
#[derive(Debug)]
pub struct SignInPage;

#[lazy_route]
impl LazyRoute for SignInPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let form = submission(SignIn::PATH);
        let done = use_query_map().with_untracked(|query| query.get("done"));
        let done = match done.as_deref() {
            Some("reset") => Some(t!("accounts.reset.done")),
            Some("closed") => Some(t!("accounts.close.done")),
            Some("verified") => Some(t!("accounts.verify.done")),
            _ => None,
        };
        let next = form.value("form[next]", &use_query_map().with_untracked(|query| query.get("next").unwrap_or_default()));
        let sign_up = if next.is_empty() { "/sign-up".to_owned() } else { sign_up_path(&next) };
        let check = form.check(|sent: &SignInForm| sent.parse().map(|_| ()));
        view! {
            <JoinFrame title=t!("accounts.sign_in.title") lead=t!("accounts.sign_in.lead")>
                {done.map(|done| view! { <Banner icon=IconName::Check attr:role="status">{done}</Banner> }.into_any())}
                <p class="meta">{t!("accounts.sign_in.new")}" "<a class="link" href=sign_up>{t!("accounts.sign_up.title")}</a></p>
                <PostForm state=form attr:novalidate="" on:submit:capture=check>
                    <ErrorSummary error=form.error/>
                    <input type="hidden" name="form[next]" value=next/>
                    <TextField
                        name="form[email]"
                        label=t!("accounts.email")
                        kind="email"
                        inputmode="email"
                        autocomplete="username"
                        maxlength=MAX_EMAIL as u32
                        value=form.value("form[email]", "")
                        error=form.field("email")
                    />
                    <PasswordField
                        name="form[password]"
                        label=t!("accounts.password")
                        autocomplete="current-password"
                        maxlength=MAX_PASSWORD as u32
                        error=form.field("password")
                    />
                    <SubmitButton label=t!("accounts.sign_in.do") pending=form.pending size=ButtonSize::Wide/>
                </PostForm>
                <p class="meta"><a class="link" href="/forgot">{t!("accounts.sign_in.forgot")}</a></p>
            </JoinFrame>
        }
        .into_any()
    }
}
