//! The newest words, on the page of what they are about.

use crate::shared::names::called;
use crate::t;
use leptos::prelude::*;

/// How many comments there are, the newest of them in a line each, and the way to all of them.
#[component]
pub fn Teaser(
    /// How many there are, with answers.
    total: i64,
    /// The newest, after the names of their writers.
    lines: Vec<(String, String)>,
    /// Where all of them are.
    #[prop(into)]
    path: String,
) -> impl IntoView {
    let lines: Vec<AnyView> =
        lines.into_iter().map(|(who, words)| view! { <p class="clip">{format!("{}: {words}", called(&who))}</p> }.into_any()).collect();
    view! {
        <section class="card" aria-labelledby="talk">
            <div class="sec__head"><h2 id="talk">{t!("threads.count", count = total)}</h2><a class="link" href=path>{t!("threads.all")}</a></div>
            {lines}
        </section>
    }
}
