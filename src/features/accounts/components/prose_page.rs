//! A page of sentences: terms, privacy, about.

use crate::t;
use crate::ui::{AppBar, Description, Title};
use leptos::prelude::*;

/// A page of sentences.
#[component]
pub fn ProsePage(
    /// What it is called.
    #[prop(into)]
    title: String,
    /// What it is about.
    #[prop(into)]
    lead: String,
    /// The sentences.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=t!("shell.title", page = title.clone())/>
        <Description text=lead.clone()/>
        <div class="page">
            <AppBar/>
            <main id="main" class="wrap narrow">
                <header class="lead"><h1>{title}</h1><p class="meta">{lead}</p></header>
                <div class="card prose">{children()}</div>
            </main>
        </div>
    }
}
