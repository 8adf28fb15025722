//! The browser's entry point.

use super::routes::{App, Pages};
use crate::device;
use crate::shared::sentences;
use crate::shared::text::{self, Lang};
use leptos_router::{ChooseView, MatchInterface, RouteDefs};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

/// Fetches the page's sentences, then takes over the server's document.
pub fn start() {
    console_error_panic_hook::set_once();
    // A redirect after a form changes who is signed in or what exists: the next document says so from its first byte.
    let _ = leptos::server_fn::redirect::set_redirect_hook(device::go_to);
    spawn_local(async {
        // Once: who has the page translated gets another language written there, and goes on with ours.
        text::set_page_lang(device::document_attribute("lang").and_then(|tag| Lang::from_tag(&tag)).unwrap_or_default());
        if let Some(path) = device::document_attribute("data-text") {
            // Without its sentences this program would spoil a page that works as the server made it.
            let Some(body) = device::fetch_text(&path).await else { return };
            if !learn(body) {
                return;
            }
        }
        device::restore_address();
        load_page().await;
        leptos::mount::hydrate_from(leptos::tachys::dom::body(), App).forget();
        device::mark_ready();
    });
}

/// Takes the sentences of a file; whether it is one. The loader of lazy parts calls it with what it has fetched for a page.
#[wasm_bindgen]
pub fn learn(body: String) -> bool {
    sentences::unpack(body).map(|sentences| text::install(text::lang(), sentences)).is_some()
}

/// Loads the page's own part: it takes over what the server has drawn at one go, so all of it has to be there before.
async fn load_page() {
    let Some(frame) = RouteDefs::new(Pages()).match_route(&device::path()) else { return };
    let (frame, page) = frame.into_view_and_child();
    frame.preload().await;
    if let Some(page) = page {
        page.into_view_and_child().0.preload().await;
    }
}
