//! Forms that bring files along.

use super::submission::Submission;
use crate::device;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A form with files that is sent by the browser, or by its program without leaving the page.
#[component]
pub fn FileForm(
    /// Its state.
    state: Submission,
    /// Its fields and its button.
    children: Children,
) -> impl IntoView {
    let send = move |event: SubmitEvent| {
        let Some(form) = device::filled_form(&event) else { return };
        event.prevent_default();
        if state.pending.get_untracked() {
            return;
        }
        state.pending.set(true);
        spawn_local(async move {
            let error = device::send_files(state.path, form).await.err();
            // The form may be gone by now.
            let _ = state.pending.try_set(false);
            let _ = state.error.try_set(error);
        });
    };
    view! { <form method="post" action=state.path enctype="multipart/form-data" on:submit=send>{children()}</form> }
}
