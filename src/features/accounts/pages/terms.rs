//! `/terms`

use crate::features::accounts::components::ProsePage;
use crate::t;
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

/// The terms of use.
#[derive(Debug)]
pub struct TermsPage;

#[lazy_route]
impl LazyRoute for TermsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! {
            <ProsePage title=t!("terms.title") lead=t!("terms.lead")>
                <p>{t!("terms.who")}</p>
                <p>{t!("terms.behave")}</p>
                <p>{t!("terms.parties")}</p>
                <p>{t!("terms.content")}</p>
                <p>{t!("terms.warranty")}</p>
            </ProsePage>
        }
        .into_any()
    }
}
