//! The present position.

use crate::device::{self, NoPosition, RwSignal, ask_in_body};
use crate::features::regions::api::LocateRegion;
use crate::features::regions::model::RegionView;
use crate::t;
use crate::ui::{Icon, IconName};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A button that finds the 동 in which the device is.
#[component]
pub fn Here(
    /// Where it is written what happens, for all to see and hear.
    note: RwSignal<String>,
    /// Told of it.
    then: Callback<RegionView>,
) -> impl IntoView {
    let locating = RwSignal::new(false);
    let locate = move |_| {
        if locating.get_untracked() {
            return;
        }
        locating.set(true);
        note.set(t!("regions.locating"));
        let (denied, nowhere) = (t!("regions.denied"), t!("regions.nowhere"));
        spawn_local(async move {
            let answer = match device::locate().await {
                Ok((latitude, longitude)) => ask_in_body(LocateRegion { latitude, longitude }).await.ok().flatten().ok_or(nowhere),
                Err(NoPosition::Denied) => Err(denied),
                Err(NoPosition::Unknown) => Err(nowhere),
            };
            // The page may be gone by now.
            let _ = locating.try_set(false);
            match answer {
                Ok(region) => {
                    let _ = then.try_run(region);
                }
                Err(sentence) => {
                    let _ = note.try_set(sentence);
                }
            }
        });
    };
    view! {
        <button
            class="btn btn--s btn--bare here js-only"
            type="button"
            aria-disabled=move || locating.get().then_some("true")
            on:click=locate
        >
            <Icon name=IconName::Locate/>
            {t!("regions.locate")}
        </button>
    }
}
