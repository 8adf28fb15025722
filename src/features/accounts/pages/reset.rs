//! `/reset/:token`: where the mail for a forgotten password leads.

use crate::device::{self, load};
use crate::features::accounts::api::{ResetLink, ResetPassword};
use crate::features::accounts::components::{JoinFrame, LostPage, NewPassword, Refusal, Typed};
use crate::features::accounts::model::{LinkView, ResetForm};
use crate::shared::error::{AppError, Conflict};
use crate::t;
use crate::ui::{ButtonKind, ButtonSize, ErrorSummary, LinkButton, Meta, PostForm, SubmitButton, Trouble, awaited, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
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
            <Suspense>
                {awaited(move || {
                    let token = token.clone();
                    async move {
                        match link.read().await {
                            Ok(link @ (LinkView::Good | LinkView::Unlinks)) => {
                                view! { <Form token unlinks=link == LinkView::Unlinks/> }.into_any()
                            }
                            Ok(LinkView::Used | LinkView::Over) => view! { <Over/> }.into_any(),
                            Err(error) => view! { <LostPage title=t!("accounts.reset.title")><Refusal error/></LostPage> }.into_any(),
                        }
                    }
                })}
            </Suspense>
        }
        .into_any()
    }
}

#[component]
fn Over() -> impl IntoView {
    let error = AppError::from(Conflict::LinkOver);
    device::set_status(error.status());
    view! {
        <LostPage title=t!("accounts.reset.title")>
            <Trouble error>
                <LinkButton href="/forgot" kind=ButtonKind::Main>{t!("accounts.forgot.again")}</LinkButton>
            </Trouble>
        </LostPage>
    }
}

#[component]
fn Form(
    token: String,
    /// Whether accounts of elsewhere sign in here.
    unlinks: bool,
) -> impl IntoView {
    let form = submission(ResetPassword::PATH);
    let typed = Typed::new(String::new(), String::new());
    let links = unlinks.then(|| view! { <p class="meta">{t!("accounts.password.unlinks")}</p> }.into_any());
    let check = form.check(|sent: &ResetForm| sent.parse("", "").map(|_| ()));
    view! {
        <JoinFrame title=t!("accounts.reset.title") lead=t!("accounts.reset.lead")>
            <PostForm state=form attr:novalidate="" on:submit:capture=check on:input=move |ev| typed.follow(&ev)>
                <ErrorSummary error=form.error/>
                <input type="hidden" name="form[token]" value=token/>
                <NewPassword form typed/>
                {links}
                <SubmitButton label=t!("accounts.reset.do") pending=form.pending size=ButtonSize::Wide/>
            </PostForm>
        </JoinFrame>
    }
}
