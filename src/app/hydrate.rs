//! The browser's entry point.

use super::routes::App;
use crate::device;
use crate::shared::json;
use crate::shared::text::{self, Catalog, Lang};
use wasm_bindgen_futures::spawn_local;

/// Fetches the page's sentences, then takes over the server's document.
pub fn start() {
    console_error_panic_hook::set_once();
    // A redirect after a form changes who is signed in or what exists: the next document says so from its first byte.
    let _ = leptos::server_fn::redirect::set_redirect_hook(device::go_to);
    spawn_local(async {
        let lang = device::document_attribute("lang").and_then(|tag| Lang::from_tag(&tag)).unwrap_or_default();
        if let Some(path) = device::document_attribute("data-text") {
            // Without its sentences this program would spoil a page that works as the server made it.
            let Some(body) = device::fetch_text(&path).await else { return };
            text::install(lang, catalog(&body));
        }
        text::set_page_lang(lang);
        device::restore_address();
        // Until the page's own part is here as well: only then does everything on it answer.
        leptos::mount::hydrate_from_async(leptos::tachys::dom::body(), App).await.forget();
        device::mark_ready();
    });
}

/// Sentences live as long as the document, so they are leaked once instead of copied at each use.
fn catalog(body: &str) -> Catalog {
    let sentences: Vec<(String, String)> = json::read(body).unwrap_or_default();
    sentences.into_iter().map(|(key, sentence)| (&*key.leak(), &*sentence.leak())).collect()
}
