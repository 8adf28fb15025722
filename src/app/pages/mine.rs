//! `/me/:page`: small pages of one's own. They are one part of the program, because a route of its own is paid by every page. Only
//! those that have little in common with the rest are loaded by themselves.

use super::NotFound;
use crate::device::Memo;
use crate::features::accounts::pages::{close_page, details_page, logins_page, password_page, school_page, sessions_page};
use crate::features::chat::pages::blocked_page;
use crate::features::profiles::pages::my_profile_page;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};

/// One of them.
#[derive(Debug)]
pub struct MinePage;

#[lazy_route]
impl LazyRoute for MinePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let params = use_params_map();
        let name = Memo::new(move |_| params.with(|params| params.get("page").unwrap_or_default()));
        // The address may change from one of them to another.
        (move || match name.get().as_str() {
            "sessions" => sessions_page(),
            "logins" => logins_page(),
            "password" => password_page(),
            "school" => school_page(),
            "close" => close_page(),
            "details" => details_page(),
            _ => view! { <NotFound/> }.into_any(),
        })
        .into_any()
    }
}

/// `/me/profile`.
#[derive(Debug)]
pub struct MyProfile;

#[lazy_route]
impl LazyRoute for MyProfile {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        my_profile_page()
    }
}

/// `/me/blocks`.
#[derive(Debug)]
pub struct Blocked;

#[lazy_route]
impl LazyRoute for Blocked {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        blocked_page()
    }
}
