//! `/privacy`

use crate::features::accounts::components::ProsePage;
use crate::t;
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
        view! {
            <ProsePage title=t!("privacy.title") lead=t!("privacy.lead")>
                <p>{t!("privacy.what")}</p>
                <p>{t!("privacy.why")}</p>
                <p>{t!("privacy.place")}</p>
                <p>{t!("privacy.school")}</p>
                <p>{t!("privacy.password")}</p>
                <p>{t!("privacy.devices")}</p>
                <p>{t!("privacy.logins")}</p>
                <p>{t!("privacy.cookies")}</p>
                <p>{t!("privacy.rights")}</p>
            </ProsePage>
        }
        .into_any()
    }
}
