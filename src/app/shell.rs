//! The document around every page.

use super::routes::App;
use super::texts;
use crate::features::accounts::auth;
use crate::features::accounts::model::Theme;
use crate::server::security::content_security_policy;
use crate::server::state::AppState;
use crate::shared::form::Refused;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use leptos::attr::custom::custom_attribute;
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;

/// The whole document: the reader's language and colours stand in its first bytes.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let preferences = auth::visit().preferences;
    allow_own_scripts();
    let texts = texts::files(preferences.lang);
    let [first, more] = [&texts.first, &texts.more].map(|file| file.path.as_str());
    let theme = (preferences.theme != Theme::System).then(|| preferences.theme.code());
    let scheme = match preferences.theme {
        Theme::System => "light dark",
        chosen => chosen.code(),
    };
    let origin = use_context::<AppState>().map(|state| state.config.origin()).unwrap_or_default();
    // A refused form is answered under its own address; the browser's program puts the page's back.
    let page = use_context::<Parts>().filter(|parts| parts.extensions.get::<Refused>().is_some()).map(|parts| parts.uri.to_string());
    view! {
        <!DOCTYPE html>
        <html lang=preferences.lang.tag() data-theme=theme data-text=first data-more=more data-page=page>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"/>
                <meta name="color-scheme" content=scheme/>
                <meta name="theme-color" content="#f3f6f3" media="(prefers-color-scheme: light)"/>
                <meta name="theme-color" content="#0d1311" media="(prefers-color-scheme: dark)"/>
                <meta {..custom_attribute("property", "og:site_name")} content=crate::t!("shell.name")/>
                <meta name="twitter:card" content="summary_large_image"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <link rel="preload" href=first r#as="fetch" r#type="application/json" crossorigin="anonymous"/>
                <leptos_meta::HashedStylesheet options=options.clone() id="style"/>
                <HydrationScripts options/>
                <MetaTags/>
                // Behind the page's own: those who tell others of a page show the first.
                <meta {..custom_attribute("property", "og:image")} content=format!("{origin}/og.png")/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Only scripts that carry this response's nonce may run in it.
fn allow_own_scripts() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy(&format!("'nonce-{nonce}'"))) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}
