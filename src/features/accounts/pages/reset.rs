//! `/reset/:token`: where the mail for a forgotten password leads.

use crate::device::{self, load};
use crate::features::accounts::api::{ResetLink, ResetPassword};
use crate::features::accounts::components::{JoinFrame, Refusal, Strength, Typed};
use crate::features::accounts::model::{LinkView, MAX_PASSWORD, ResetForm};
use crate::shared::error::{AppError, Conflict};
use crate::t;
use crate::ui::{ButtonKind, ButtonSize, ErrorSummary, LinkButton, PasswordField, PostForm, SubmitButton, Trouble, awaited, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Meta;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};

/// A new password in the place of a forgotten one.
#[derive(Debug)]
pub struct ResetPage;

#[lazy_route]
impl LazyRoute for ResetPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let token = use_params_map().with_untracked(|params| params.get("token").unwrap_or_default());
        let link = {
            let token = token.clone();
            load(move || Ok(ResetLink { token: token.clone() }))
        };
        view! {
            <Meta name="robots" content="noindex"/>
            <JoinFrame title=t!("accounts.reset.title") lead=t!("accounts.reset.lead")>
                <Suspense>
                    {awaited(move || {
                        let token = token.clone();
                        async move {
                            match link.read().await {
                                Ok(LinkView::Good) => view! { <Form token/> }.into_any(),
                                Ok(LinkView::Used | LinkView::Over) => view! { <Over/> }.into_any(),
                                Err(error) => view! { <Refusal error/> }.into_any(),
                            }
                        }
                    })}
                </Suspense>
            </JoinFrame>
        }
        .into_any()
    }
}

#[component]
fn Over() -> impl IntoView {
    device::set_status(410);
    view! {
        <Trouble error=AppError::Conflict(Conflict::LinkOver)>
            <LinkButton href="/forgot" kind=ButtonKind::Main>{t!("accounts.forgot.again")}</LinkButton>
        </Trouble>
    }
}

#[component]
fn Form(token: String) -> impl IntoView {
    let form = submission(ResetPassword::PATH);
    let typed = Typed::new(String::new(), String::new());
    let check = form.check(|sent: &ResetForm| sent.parse("", "").map(|_| ()));
    view! {
        <PostForm state=form attr:novalidate="" on:submit:capture=check on:input=move |ev| typed.follow(&ev)>
            <ErrorSummary error=form.error/>
            <input type="hidden" name="form[token]" value=token/>
            <PasswordField
                name="form[new_password]"
                label=t!("accounts.password.new")
                autocomplete="new-password"
                maxlength=MAX_PASSWORD as u32
                error=form.field("new_password")
            >
                <Strength typed/>
            </PasswordField>
            <PasswordField
                name="form[new_password_again]"
                label=t!("accounts.password.new_again")
                autocomplete="new-password"
                maxlength=MAX_PASSWORD as u32
                error=form.field("new_password_again")
            />
            <SubmitButton label=t!("accounts.reset.do") pending=form.pending size=ButtonSize::Wide/>
        </PostForm>
    }
}
