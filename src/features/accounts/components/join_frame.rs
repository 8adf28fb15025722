//! The page of somebody who comes in: a form beside a table with one seat free.

use crate::t;
use crate::ui::{AppBar, Icon, IconName, Title};
use leptos::prelude::*;

/// A form beside a table with one seat free.
#[component]
pub fn JoinFrame(
    /// What the page is called.
    #[prop(into)]
    title: String,
    /// The heading.
    #[prop(into)]
    lead: String,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=t!("shell.title", page = title)/>
        <div class="page join">
            <aside class="art on-panel">
                <a class="brand" href="/"><Icon name=IconName::Mark/>{t!("shell.name")}</a>
                <img class="art__scene" src="/table.svg" alt="" width="480" height="480"/>
                <p>{t!("accounts.art")}<br/><span class="meta">{t!("accounts.art.more")}</span></p>
            </aside>
            <div>
                <main id="main" class="join__form">
                    <AppBar wordmark=true/>
                    <h1>{lead}</h1>
                    {children()}
                </main>
            </div>
        </div>
    }
}
