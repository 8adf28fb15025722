//! A person's name.

use crate::features::accounts::model::in_path;
use crate::shared::names::{called, is_closed};
use leptos::prelude::*;

/// A name that leads to what its owner says about themselves; that of a closed account leads nowhere.
#[must_use]
pub fn named(nickname: &str) -> AnyView {
    let name = view! { <b>{called(nickname)}</b> }.into_any();
    if is_closed(nickname) {
        return name;
    }
    view! { <a class="link" href=format!("/users/{}", in_path(nickname))>{name}</a> }.into_any()
}
