//! `/privacy`

use crate::device::load;
use crate::features::accounts::api::SignInWays;
use crate::features::accounts::components::ProsePage;
use crate::t;
use crate::ui::awaited;
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

/// What is kept of people, and why.
#[derive(Debug)]
pub struct PrivacyPage;

#[lazy_route]
impl LazyRoute for PrivacyPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let ways = load(|| Ok(SignInWays {}));
        // Where there is no account of elsewhere to link, nothing of one is kept. Without an answer it is said.
        let logins = awaited(move || async move {
            let is_said = ways.read().await.map_or(true, |ways| !ways.ways.is_empty());
            is_said.then(|| view! { <p>{t!("privacy.logins")}</p> }.into_any())
        });
        view! {
            <ProsePage title=t!("privacy.title") lead=t!("privacy.lead")>
                <p>{t!("privacy.what")}</p>
                <p>{t!("privacy.why")}</p>
                <p>{t!("privacy.place")}</p>
                <p>{t!("privacy.school")}</p>
                <p>{t!("privacy.password")}</p>
                <p>{t!("privacy.devices")}</p>
                <Suspense>{logins}</Suspense>
                <p>{t!("privacy.menus")}</p>
                <p>{t!("privacy.cookies")}</p>
                <p>{t!("privacy.rights")}</p>
            </ProsePage>
        }
        .into_any()
    }
}
