//! `/verify/:token`: where the mail that proves an address leads.

use crate::features::accounts::api::ProveAddress;
use crate::features::accounts::components::JoinFrame;
use crate::t;
use crate::ui::{ButtonSize, ErrorSummary, Meta, PostForm, SubmitButton, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};

/// One button. Opening the page proves nothing: programs that look for bad links in mails open it too.
#[derive(Debug)]
pub struct VerifyPage;

#[lazy_route]
impl LazyRoute for VerifyPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let token = use_params_map().with_untracked(|params| params.get("token").unwrap_or_default());
        let form = submission(ProveAddress::PATH);
        view! {
            <Meta name="robots" content="noindex"/>
            <JoinFrame title=t!("accounts.verify.title") lead=t!("accounts.verify.lead")>
                <p class="meta">{t!("accounts.verify.text")}</p>
                <PostForm state=form>
                    <ErrorSummary error=form.error/>
                    <input type="hidden" name="token" value=token/>
                    <SubmitButton label=t!("accounts.verify.do") pending=form.pending size=ButtonSize::Wide/>
                </PostForm>
            </JoinFrame>
        }
        .into_any()
    }
}
