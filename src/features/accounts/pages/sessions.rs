//! `/me/sessions`

use crate::device::load;
use crate::features::accounts::api::{EndOtherSessions, EndSession, ListSessions};
use crate::features::accounts::components::own_page;
use crate::features::accounts::model::{MySessions, SessionView};
use crate::shared::time::Timestamp;
use crate::t;
use crate::ui::time::around;
use crate::ui::{Badge, BadgeKind, ButtonKind, ButtonSize, Confirm, DateTime, Icon, IconName, SubmitButton, TimeAgo};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Where somebody is signed in, and how to end it.
#[must_use]
pub fn sessions_page() -> AnyView {
    own_page(t!("accounts.me.sessions"), load(|| Ok(ListSessions {})), |sessions| view! { <Sessions sessions/> }.into_any())
}

#[component]
fn Sessions(sessions: MySessions) -> impl IntoView {
    let now = sessions.now;
    let alone = sessions.sessions.len() < 2;
    let rows = sessions.sessions.into_iter().map(|session| view! { <Row session now/> }.into_any()).collect_view();
    let others = if alone {
        view! { <p class="meta">{t!("accounts.sessions.alone")}</p> }.into_any()
    } else {
        view! {
            <Confirm label=t!("accounts.sessions.end_others") question=t!("accounts.sessions.end_others_ask")>
                <form method="post" action=EndOtherSessions::PATH>
                    <SubmitButton label=t!("accounts.sessions.end_do") kind=ButtonKind::Danger size=ButtonSize::Small/>
                </form>
            </Confirm>
        }
        .into_any()
    };
    view! {
        <div class="me">
            <header class="lead"><h1>{t!("accounts.me.sessions")}</h1><p class="meta">{t!("accounts.me.sessions_text")}</p></header>
            <ul class="card list rows">{rows}</ul>
            {others}
        </div>
    }
}

#[component]
fn Row(session: SessionView, now: Timestamp) -> impl IntoView {
    let device = if session.device.is_empty() { t!("accounts.sessions.unknown") } else { session.device };
    let question = t!("accounts.sessions.end_ask", device = device);
    let end = if session.is_this {
        view! { <Badge kind=BadgeKind::You>{t!("accounts.sessions.this")}</Badge> }.into_any()
    } else {
        view! {
            <Confirm label=t!("accounts.sessions.end") question kind=ButtonKind::Soft size=ButtonSize::Small>
                <form method="post" action=EndSession::PATH>
                    <input type="hidden" name="session" value=session.id.to_string()/>
                    <SubmitButton label=t!("accounts.sessions.end_do") kind=ButtonKind::Danger size=ButtonSize::Small/>
                </form>
            </Confirm>
        }
        .into_any()
    };
    let seen = view! { <TimeAgo at=session.last_seen_at now/> }.into_any();
    let since = view! { <DateTime at=session.created_at now/> }.into_any();
    view! {
        <li>
            <Icon name=IconName::Lock/>
            <div class="grow">
                <p>{device}</p>
                <p class="meta">{around(|ago| t!("accounts.sessions.seen", ago = ago), seen)}</p>
                <p class="meta">{around(|moment| t!("accounts.sessions.since", moment = moment), since)}</p>
            </div>
            {end}
        </li>
    }
}
