//! `/about`

use crate::features::accounts::components::ProsePage;
use crate::t;
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

/// What this is, and whose data it stands on.
#[derive(Debug)]
pub struct AboutPage;

#[lazy_route]
impl LazyRoute for AboutPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! {
            <ProsePage title=t!("about.title") lead=t!("about.lead")>
                <h2>{t!("about.data")}</h2>
                <p>{t!("about.regions")}</p>
            </ProsePage>
        }
        .into_any()
    }
}
