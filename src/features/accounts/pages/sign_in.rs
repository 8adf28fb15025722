//! `/sign-in`

use crate::device::load;
use crate::features::accounts::api::{SignIn, SignInWays};
use crate::features::accounts::components::{JoinFrame, LinkPassword, ways_out};
use crate::features::accounts::model::{ArrivalView, MAX_EMAIL, MAX_PASSWORD, SignInForm, WayView, Ways, sign_up_path};
use crate::t;
use crate::ui::{Banner, ButtonSize, ErrorSummary, IconName, PasswordField, PostForm, SubmitButton, TextField, awaited, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

/// Email and password of somebody who has an account, and the ways in without them.
#[derive(Debug)]
pub struct SignInPage;

#[lazy_route]
impl LazyRoute for SignInPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let ways = load(|| Ok(SignInWays {}));
        view! {
            <JoinFrame title=t!("accounts.sign_in.title") lead=t!("accounts.sign_in.lead")>
                <Suspense>
                    {awaited(move || async move {
                        // Without an answer a password works as well.
                        let Ways { ways, arrival } = ways.read().await.unwrap_or_default();
                        let with = query("with");
                        match arrival.filter(|arrival| arrival.has_account && arrival.id.to_string() == with) {
                            Some(arrival) => view! { <Link arrival/> }.into_any(),
                            None => view! { <Form ways is_late=!with.is_empty()/> }.into_any(),
                        }
                    })}
                </Suspense>
            </JoinFrame>
        }
        .into_any()
    }
}

fn query(name: &str) -> String {
    use_query_map().with_untracked(|query| query.get(name).unwrap_or_default())
}

/// For somebody who has come back from a provider: the password of the account with the same address.
#[component]
fn Link(arrival: ArrivalView) -> impl IntoView {
    let ArrivalView { id, label, email, .. } = arrival;
    let email = email.unwrap_or_default();
    view! {
        <p>{t!("accounts.link.text", name = label, email = email.clone())}</p>
        <LinkPassword with=id email next=query("next") label=t!("accounts.link.do")/>
        <p class="meta"><a class="link" href="/forgot">{t!("accounts.sign_in.forgot")}</a></p>
        <p class="meta"><a class="link" href="/sign-in">{t!("accounts.link.other")}</a></p>
    }
}

/// Email and password, and the other ways.
#[component]
fn Form(
    ways: Vec<WayView>,
    /// Whether they have come back from a provider too late.
    is_late: bool,
) -> impl IntoView {
    let form = submission(SignIn::PATH);
    let done = match query("done").as_str() {
        "reset" => Some(t!("accounts.reset.done")),
        "closed" => Some(t!("accounts.close.done")),
        "verified" => Some(t!("accounts.verify.done")),
        "declined" => Some(t!("accounts.ways.declined")),
        _ if is_late => Some(t!("accounts.ways.late")),
        _ => None,
    };
    let next = form.value("form[next]", &query("next"));
    let sign_up = if next.is_empty() { "/sign-up".to_owned() } else { sign_up_path(&next) };
    let ways = ways_out(ways, &next);
    let check = form.check(|sent: &SignInForm| sent.parse().map(|_| ()));
    view! {
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
        {ways}
        <p class="meta"><a class="link" href="/forgot">{t!("accounts.sign_in.forgot")}</a></p>
    }
}
