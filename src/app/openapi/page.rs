//! `/api/docs`: the description of the API for people. It stands alone: a style sheet of ours, and no program.

use super::operations::{self, Encoding, Operation};
use super::{DOCUMENT, DOCUMENT_PATH, Described, Document, PAGE_PATH, words};
use crate::app::server::RouteName;
use crate::features::accounts::api::{SetLanguage, SetTheme};
use crate::features::accounts::auth::Visit;
use crate::features::accounts::model::Theme;
use crate::server::markdown;
use crate::server::rate_limit::Limit;
use crate::server::state::AppState;
use crate::shared::text::{Lang, t_args_in, t_in};
use crate::shared::time::Span;
use crate::ui::{Icon, IconName};
use axum::extract::{Extension, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde_json::Value;

/// Only our own style sheet and pictures are loaded, and only our own forms are sent.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Answers with the page, in the reader's language and colours.
pub async fn page(State(state): State<AppState>, Extension(visit): Extension<Visit>) -> Response {
    let lang = visit.preferences.lang;
    let theme = (visit.preferences.theme != Theme::System).then(|| visit.preferences.theme.code());
    let style = format!("/{}/{}.css", state.leptos.site_pkg_dir, state.leptos.output_name);
    let title = t_in(lang, "api.title");
    let document = view! {
        <html lang=lang.tag() data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content=theme.unwrap_or("light dark")/>
                <meta name="description" content=t_in(lang, "api.lead")/>
                <title>{t_args_in(lang, "shell.title", &[("page", title.clone())])}</title>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=style/>
            </head>
            <body>
                <a class="skip" href="#main">{t_in(lang, "shell.skip")}</a>
                {bar(lang)}
                <main id="main" class="wrap api">
                    <header class="lead"><h1>{title}</h1><p class="meta">{t_in(lang, "api.lead")}</p></header>
                    {introduction(lang)}
                    {contents(lang)}
                    {operations::features().map(|feature| section(lang, feature)).collect_view()}
                    {shapes(lang)}
                </main>
            </body>
        </html>
    };
    let document = format!("<!DOCTYPE html>{}", document.to_html());
    let mut response = ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(document)).into_response();
    response.extensions_mut().insert(RouteName(PAGE_PATH.to_owned()));
    response
}

/// The way home, the other language, the other colours.
fn bar(lang: Lang) -> AnyView {
    let other = if lang == Lang::Ko { Lang::En } else { Lang::Ko };
    let name = t_in(lang, if other == Lang::En { "accounts.language.en" } else { "accounts.language.ko" });
    let theme = |class: &'static str, theme: Theme, icon: IconName, label: String| {
        view! { <button class=class name="theme" value=theme.code() aria-label=label><Icon name=icon/></button> }
    };
    view! {
        <header class="appbar">
            <a class="brand" href="/" aria-label=t_in(lang, "ui.home")><Icon name=IconName::Mark/>{t_in(lang, "shell.name")}</a>
            <span class="spacer"></span>
            <form method="post" action=SetLanguage::PATH>
                <button class="btn btn--s btn--bare" name="lang" value=other.tag() lang=other.tag()>{name}</button>
            </form>
            <form method="post" action=SetTheme::PATH>
                {theme("tool theme__dark", Theme::Dark, IconName::Moon, t_in(lang, "accounts.theme.to_dark"))}
                {theme("tool theme__light", Theme::Light, IconName::Sun, t_in(lang, "accounts.theme.to_light"))}
            </form>
        </header>
    }
    .into_any()
}

/// What holds for all calls.
fn introduction(lang: Lang) -> AnyView {
    let refusals = DOCUMENT.refusals.iter().map(|refusal| {
        view! { <tr><td>{refusal.error.status()}</td><td><code>{refusal.code.clone()}</code></td><td>{refusal.meaning(lang)}</td></tr> }
    });
    let limits = limits().into_iter().map(|limit| {
        let Limit { name, attempts, window } = limit;
        view! { <tr><td>{t_in(lang, &format!("api.limit.{}", name.replace(' ', "_")))}</td><td>{attempts}</td><td>{span(lang, window)}</td></tr> }
    });
    let mut refusals =
        Some(table([t_in(lang, "api.status"), t_in(lang, "api.code"), t_in(lang, "api.meaning")], refusals.collect_view().into_any()));
    let mut limits =
        Some(table([t_in(lang, "api.what"), t_in(lang, "api.attempts"), t_in(lang, "api.window")], limits.collect_view().into_any()));
    let parts = words::INTRODUCTION.map(|(title, text)| {
        let more = match title {
            "api.errors" => refusals.take(),
            "api.limits" => limits.take(),
            _ => None,
        };
        view! {
            <section class="card prose api__part" id=title.replace('.', "-")>
                <h2>{t_in(lang, title)}</h2>
                <div class="prose" inner_html=prose(&t_in(lang, text))></div>
                {more}
            </section>
        }
    });
    view! {
        {parts.into_iter().collect_view()}
        <p><a class="link" href=DOCUMENT_PATH>{t_in(lang, "api.document")}</a></p>
    }
    .into_any()
}

/// What bounds how often something is done.
fn limits() -> Vec<Limit> {
    use crate::features::{accounts, chat, images, meals, moderation, parties, profiles, suggestions, threads, weather};
    [
        accounts::desk::LIMITS.as_slice(),
        &[
            accounts::store::SCHOOL_MAILS,
            profiles::store::CHANGES,
            profiles::store::EXPORTS,
            images::store::RECEIVING,
            images::store::TAKING,
            meals::store::OPENINGS,
            weather::forecasts::ASKING,
            weather::forecasts::ASKING_BY_ADDRESS,
            weather::forecasts::FETCHING,
            weather::forecasts::FETCHING_BY_ADDRESS,
            suggestions::store::QUESTIONS,
            parties::throttle::DEEDS,
            parties::throttle::COMINGS,
            threads::store::COMMENTING,
            chat::writer::SENDING,
            moderation::store::REPORTING,
        ],
    ]
    .concat()
}

fn span(lang: Lang, window: Span) -> String {
    let seconds = window.0 / 1_000;
    let (key, count) = match seconds {
        _ if seconds % 86_400 == 0 => ("api.days", seconds / 86_400),
        _ if seconds % 3_600 == 0 => ("api.hours", seconds / 3_600),
        _ if seconds % 60 == 0 => ("api.minutes", seconds / 60),
        _ => ("api.seconds", seconds),
    };
    t_args_in(lang, key, &[("count", count.to_string())])
}

/// Every call's name, by feature.
fn contents(lang: Lang) -> AnyView {
    let features = operations::features().map(|feature| {
        let names = of(feature).map(|described| {
            let name = described.operation.name();
            view! { <li><a class="link" href=format!("#{name}")><code>{name}</code></a></li> }
        });
        view! { <h3>{t_in(lang, operations::title(feature))}</h3><ul class="api__names">{names.collect_view()}</ul> }
    });
    view! {
        <nav class="card prose" aria-labelledby="contents"><h2 id="contents">{t_in(lang, "api.contents")}</h2>{features.collect_view()}</nav>
    }
    .into_any()
}

fn of(feature: &str) -> impl Iterator<Item = &'static Described> {
    DOCUMENT.operations.iter().filter(move |described| described.operation.feature == feature)
}

fn section(lang: Lang, feature: &'static str) -> AnyView {
    let calls = of(feature).map(|described| call(lang, described)).collect_view();
    view! {
        <section class="api__part" aria-labelledby=feature>
            <h2 id=feature>{t_in(lang, operations::title(feature))}</h2>
            {calls}
        </section>
    }
    .into_any()
}

/// One call, in full.
fn call(lang: Lang, described: &'static Described) -> AnyView {
    let Described { operation, what, errors, fields, answer, .. } = described;
    let Operation { path, method, encoding, who, .. } = operation;
    let sent = t_in(
        lang,
        match encoding {
            Encoding::Query => "api.sent.query",
            Encoding::Form => "api.sent.form",
            Encoding::Files => "api.sent.files",
        },
    );
    let rows = fields.iter().map(|field| {
        let needed = t_in(lang, if field.required { "api.required" } else { "api.optional" });
        view! {
            <tr>
                <td><code>{field.name.clone()}</code>" "<span class="meta">{needed}</span></td>
                <td>{kind(lang, &field.schema)}</td>
                <td lang="en">{meaning(&field.schema)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view().into_any();
    let fields = (!fields.is_empty()).then(|| {
        view! { <h4>{sent}</h4>{table([t_in(lang, "api.field"), t_in(lang, "api.type"), t_in(lang, "api.meaning")], rows)} }
    });
    let errors = (!errors.is_empty()).then(|| view! { <div class="prose" lang="en" inner_html=prose(errors)></div> });
    let statuses = DOCUMENT.statuses_of(described).iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    view! {
        <article class="card prose api__call" id=operation.name()>
            <h3><span class="badge">{method.as_str()}</span>" "<code>{*path}</code></h3>
            <div class="prose" lang="en" inner_html=prose(what)></div>
            <p class="meta">{t_in(lang, who.key())}</p>
            {fields}
            <h4>{t_in(lang, "api.answer")}</h4>
            <p>{kind(lang, answer)}</p>
            <h4>{t_in(lang, "api.refusals")}</h4>
            {errors}
            <p><a class="link" href="#api-errors">{statuses}</a></p>
        </article>
    }
    .into_any()
}

/// The shapes of answers.
fn shapes(lang: Lang) -> AnyView {
    let Document { shapes, .. } = &*DOCUMENT;
    let all = shapes.iter().map(|(name, schema)| {
        view! {
            <article class="card prose api__call" id=format!("shape-{name}")>
                <h3><code>{name.clone()}</code></h3>
                <p lang="en">{meaning(schema)}</p>
                {shape(lang, schema)}
            </article>
        }
    });
    view! {
        <section class="api__part" aria-labelledby="shapes"><h2 id="shapes">{t_in(lang, "api.shapes")}</h2>{all.collect_view()}</section>
    }
    .into_any()
}

/// What a shape is made of: the fields of an object, or one of several.
fn shape(lang: Lang, schema: &Value) -> AnyView {
    let heads = || [t_in(lang, "api.field"), t_in(lang, "api.type"), t_in(lang, "api.meaning")];
    if let Some(properties) = schema["properties"].as_object() {
        let rows = properties.iter().map(|(name, schema)| {
            view! { <tr><td><code>{name.clone()}</code></td><td>{kind(lang, schema)}</td><td lang="en">{meaning(schema)}</td></tr> }
        });
        return table(heads(), rows.collect_view().into_any());
    }
    let Some(either) = schema["oneOf"].as_array() else { return view! { <p>{kind(lang, schema)}</p> }.into_any() };
    let items = either.iter().map(|one| {
        view! { <li>{kind(lang, one)}" "<span lang="en">{meaning(one)}</span></li> }
    });
    view! { <ul>{items.collect_view()}</ul> }.into_any()
}

/// The type of a value: its kind, its bounds, or where its shape stands.
fn kind(lang: Lang, schema: &Value) -> AnyView {
    if let Some(name) = schema["$ref"].as_str().and_then(|to| to.rsplit('/').next()).map(str::to_owned) {
        return view! { <a class="link" href=format!("#shape-{name}")><code>{name.clone()}</code></a> }.into_any();
    }
    if let Some(either) = schema["anyOf"].as_array() {
        let joined = either.iter().enumerate().map(|(at, one)| view! { {(at > 0).then_some(" | ")}{kind(lang, one)} });
        return joined.collect_view().into_any();
    }
    let choices = words::choices(schema);
    if let Some(word) = schema["const"].as_str().map(|word| vec![word.to_owned()]).or((!choices.is_empty()).then_some(choices)) {
        let words = word.into_iter().enumerate().map(|(at, word)| view! { {(at > 0).then_some(" | ")}<code>{word}</code> });
        return words.collect_view().into_any();
    }
    if let Some(one) = schema.get("items").filter(|items| items.is_object()) {
        return view! { "["{kind(lang, one)}"]" }.into_any();
    }
    if let Some(parts) = schema["prefixItems"].as_array() {
        let parts = parts.iter().enumerate().map(|(at, one)| view! { {(at > 0).then_some(", ")}{kind(lang, one)} });
        return view! { "["{parts.collect_view()}"]" }.into_any();
    }
    if let Some(properties) = schema["properties"].as_object() {
        let parts = properties.iter().enumerate().map(|(at, (name, one))| {
            view! { {(at > 0).then_some(", ")}<code>{name.clone()}</code>": "{kind(lang, one)} }
        });
        return view! { "{ "{parts.collect_view()}" }" }.into_any();
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut text = kinds.join(" | ");
    if let Some(format) = schema["format"].as_str() {
        text.push_str(&format!(" ({format})"));
    }
    let bounds =
        [("minimum", "≥ "), ("maximum", "≤ ")].into_iter().filter_map(|(bound, sign)| Some(format!("{sign}{}", schema.get(bound)?)));
    let length = schema.get("maxLength").map(|length| t_args_in(lang, "api.length", &[("max", length.to_string())]));
    let pattern = schema["pattern"].as_str().map(str::to_owned);
    let bounds: Vec<String> = bounds.chain(length).chain(pattern).collect();
    view! { <code>{text}</code>{(!bounds.is_empty()).then(|| format!(" {}", bounds.join(", ")))} }.into_any()
}

/// What a schema says of itself.
fn meaning(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().replace('`', "")
}

/// Sentences as they are shown; what stands between backticks is only set apart in the document for programs.
fn prose(text: &str) -> String {
    markdown::to_html(&text.replace('`', ""))
}

/// A table that a narrow window moves sideways.
fn table<const N: usize>(heads: [String; N], rows: AnyView) -> AnyView {
    let heads = heads.into_iter().map(|head| view! { <th scope="col">{head}</th> }).collect_view();
    view! {
        <div class="api__table" tabindex="0"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>
    }
    .into_any()
}
