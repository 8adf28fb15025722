//! `/forgot`

use crate::features::accounts::api::ForgetPassword;
use crate::features::accounts::components::JoinFrame;
use crate::features::accounts::model::{ForgotForm, MAX_EMAIL};
use crate::t;
use crate::ui::{Banner, ButtonSize, ErrorSummary, IconName, LinkButton, PostForm, SubmitButton, TextField, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

/// Asking for a mail in the place of a forgotten password.
#[derive(Debug)]
pub struct ForgotPage;

#[lazy_route]
impl LazyRoute for ForgotPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let is_done = use_query_map().with_untracked(|query| query.get("done").is_some());
        let inside = if is_done { view! { <Mailed/> }.into_any() } else { view! { <Form/> }.into_any() };
        view! { <JoinFrame title=t!("accounts.forgot.title") lead=t!("accounts.forgot.lead")>{inside}</JoinFrame> }.into_any()
    }
}

/// The same for everybody: whether there is such an account is nobody's business.
#[component]
fn Mailed() -> impl IntoView {
    view! {
        <Banner icon=IconName::Check attr:role="status">{t!("accounts.forgot.done")}</Banner>
        <p class="meta">{t!("accounts.forgot.done_text")}</p>
        <div class="row"><LinkButton href="/sign-in">{t!("accounts.sign_in.do")}</LinkButton><LinkButton href="/forgot">{t!("accounts.forgot.again")}</LinkButton></div>
    }
}

#[component]
fn Form() -> impl IntoView {
    let form = submission(ForgetPassword::PATH);
    let check = form.check(|sent: &ForgotForm| sent.parse().map(|_| ()));
    view! {
        <p class="meta">{t!("accounts.forgot.text")}</p>
        <PostForm state=form attr:novalidate="" on:submit:capture=check>
            <ErrorSummary error=form.error/>
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
            <SubmitButton label=t!("accounts.forgot.do") pending=form.pending size=ButtonSize::Wide/>
        </PostForm>
    }
}
