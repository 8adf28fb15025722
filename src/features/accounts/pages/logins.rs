//! `/me/logins`

use crate::device::load;
use crate::features::accounts::api::{ListLogins, UnlinkLogin};
use crate::features::accounts::components::{LinkPassword, own_page};
use crate::features::accounts::model::{Arriving, LoginView, MyLogins, linking_path};
use crate::shared::time::Timestamp;
use crate::t;
use crate::ui::time::around;
use crate::ui::{Banner, ButtonKind, ButtonSize, Confirm, DateTime, Icon, IconName, SubmitButton};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

/// Which accounts of elsewhere sign in to one's own.
#[must_use]
pub fn logins_page() -> AnyView {
    own_page(t!("accounts.logins.title"), load(|| Ok(ListLogins {})), |logins| view! { <Logins logins/> }.into_any())
}

#[component]
fn Logins(logins: MyLogins) -> impl IntoView {
    let done = use_query_map().with_untracked(|query| query.get("done"));
    let done = match done.as_deref() {
        Some("unlinked") => Some(t!("accounts.logins.unlinked")),
        Some("declined") => Some(t!("accounts.ways.declined")),
        _ => None,
    };
    let MyLogins { logins, ways, arriving, email, now } = logins;
    let asked = arriving.map(|arriving| {
        let Arriving { id, label: name, email: elsewhere } = arriving;
        let which = elsewhere.map(|elsewhere| view! { <p><strong>{elsewhere}</strong></p> }.into_any());
        view! {
            <section class="card form" aria-labelledby="link">
                <h2 id="link">{t!("accounts.logins.link", name = name.clone())}</h2>
                {which}
                <p>{t!("accounts.logins.link_text", name = name)}</p>
                <LinkPassword with=id email label=t!("accounts.logins.link_do")/>
            </section>
        }
        .into_any()
    });
    let none = logins.is_empty().then(|| view! { <p class="meta">{t!("accounts.logins.none")}</p> }.into_any());
    let rows = logins.into_iter().map(|login| view! { <Row login now/> }.into_any()).collect_view();
    let ways = ways.into_iter().map(|way| {
        let (href, label) = (linking_path(&way.name), t!("accounts.logins.link", name = way.label));
        view! { <li><a class="btn btn--line" href=href rel="external">{label}</a></li> }.into_any()
    });
    view! {
        <div class="me">
            {done.map(|done| view! { <Banner icon=IconName::Check attr:role="status">{done}</Banner> }.into_any())}
            <header class="lead"><h1>{t!("accounts.logins.title")}</h1><p class="meta">{t!("accounts.logins.text")}</p></header>
            {asked}
            {none}
            <ul class="card list rows">{rows}</ul>
            <ul class="ways">{ways.collect_view()}</ul>
        </div>
    }
}

#[component]
fn Row(login: LoginView, now: Timestamp) -> impl IntoView {
    let question = t!("accounts.logins.unlink_ask", name = login.label.clone());
    let since = view! { <DateTime at=login.created_at now/> }.into_any();
    view! {
        <li>
            <Icon name=IconName::Lock/>
            <div class="grow">
                <p>{login.label}</p>
                <p class="meta">{around(|moment| t!("accounts.logins.since", moment = moment), since)}</p>
            </div>
            <Confirm label=t!("accounts.logins.unlink") question kind=ButtonKind::Soft size=ButtonSize::Small>
                <form method="post" action=UnlinkLogin::PATH>
                    <input type="hidden" name="login" value=login.id.to_string()/>
                    <SubmitButton label=t!("accounts.logins.unlink_do") kind=ButtonKind::Danger size=ButtonSize::Small/>
                </form>
            </Confirm>
        </li>
    }
}
