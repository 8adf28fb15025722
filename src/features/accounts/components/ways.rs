//! Signing in with an account of elsewhere: the buttons, and the password that links one.

use crate::features::accounts::api::LinkLogin;
use crate::features::accounts::model::{LinkForm, MAX_PASSWORD, WayView, way_path};
use crate::t;
use crate::ui::{ButtonSize, ErrorSummary, PasswordField, PostForm, SubmitButton, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use uuid::Uuid;

/// The buttons that lead to providers, if there are any, and in the end to `next`. They leave the program.
#[must_use]
pub fn ways_out(ways: Vec<WayView>, next: &str) -> Option<AnyView> {
    let button = |way: WayView| {
        let href = way_path(&way.name, next);
        view! { <li><a class="btn btn--line btn--wide" href=href rel="external">{way.label}</a></li> }.into_any()
    };
    (!ways.is_empty())
        .then(|| view! { <ul class="ways" aria-label=t!("accounts.ways")>{ways.into_iter().map(button).collect_view()}</ul> }.into_any())
}

/// The password of the account with which an account of elsewhere is linked.
#[component]
pub fn LinkPassword(
    /// Who has arrived, as the page shows them.
    with: Uuid,
    /// The account's login name, for the browser's own memory of passwords.
    email: String,
    /// Where to go afterwards.
    #[prop(optional, into)]
    next: String,
    /// What the button does.
    label: String,
) -> impl IntoView {
    let form = submission(LinkLogin::PATH);
    let check = form.check(|sent: &LinkForm| sent.parse().map(|_| ()));
    view! {
        <PostForm state=form attr:class="form" attr:novalidate="" on:submit:capture=check>
            <ErrorSummary error=form.error/>
            <input type="hidden" name="form[next]" value=form.value("form[next]", &next)/>
            // Never what was sent before: that may be over.
            <input type="hidden" name="form[with]" value=with.to_string()/>
            <input type="hidden" autocomplete="username" value=email/>
            <PasswordField
                name="form[password]"
                label=t!("accounts.password")
                autocomplete="current-password"
                maxlength=MAX_PASSWORD as u32
                error=form.field("password")
            />
            <SubmitButton label pending=form.pending size=ButtonSize::Wide/>
        </PostForm>
    }
}
