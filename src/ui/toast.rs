//! Short messages that come and go: what was done, and that it was.

use super::icon::{Icon, IconName};
use super::part::rows;
use crate::device::{self, RwSignal, StoredValue};
use crate::t;
use leptos::prelude::*;
use std::time::Duration;

/// How long a toast stays while nobody points at it.
const STAY: Duration = Duration::from_secs(6);
/// More than these and the oldest goes.
const MOST: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Toast {
    id: u32,
    text: String,
}

/// Where toasts are put. The layout provides it; pages find it with [`Toaster::of_page`].
#[derive(Clone, Copy, Debug)]
pub struct Toaster {
    toasts: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

impl Toaster {
    /// Makes one and puts it into the context of everything below.
    pub fn provide() -> Self {
        let toaster = Self { toasts: RwSignal::new(Vec::new()), next: StoredValue::new(0) };
        provide_context(toaster);
        toaster
    }

    /// The one of this page. Without a layout around it, one that nobody sees.
    #[must_use]
    pub fn of_page() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    /// Shows a sentence, in the reader's language.
    pub fn push(self, text: String) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.toasts.update(|toasts| {
            toasts.push(Toast { id, text });
            if toasts.len() > MOST {
                toasts.remove(0);
            }
        });
    }

    fn close(self, id: u32) {
        self.toasts.update(|toasts| toasts.retain(|toast| toast.id != id));
    }
}

/// The region where toasts appear. Once, at the end of the body, and always there, so that screen readers know it.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toaster = Toaster::of_page();
    let held = RwSignal::new(false);
    view! {
        <div
            class="toasts"
            role="status"
            on:mouseenter=move |_| held.set(true)
            on:mouseleave=move |_| held.set(false)
            on:focusin=move |_| held.set(true)
            on:focusout=move |_| held.set(false)
        >
            {rows(move || toaster.toasts.get(), |toast| toast.id, move |toast| view! { <ToastView toaster toast held /> })}
        </div>
    }
}

#[component]
fn ToastView(toaster: Toaster, toast: Toast, held: RwSignal<bool>) -> impl IntoView {
    let Toast { id, text } = toast;
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(Some(running)) = timer.try_update_value(Option::take) {
            running.clear();
        }
    };
    // Its time starts again whenever the pointer or the focus leaves the region.
    device::effect(move || {
        stop();
        if !held.get() {
            timer.set_value(set_timeout_with_handle(move || toaster.close(id), STAY).ok());
        }
    });
    on_cleanup(stop);
    view! {
        <div class="toast">
            <Icon name=IconName::Check />
            <span class="grow">{text}</span>
            <button class="tool" type="button" aria-label=t!("ui.close") on:click=move |_| {
                // The pointer or the focus was here and has nowhere to leave from.
                held.set(false);
                toaster.close(id);
            }>
                <Icon name=IconName::Close />
            </button>
        </div>
    }
}
