//! Bones: the shape of what is being read. Screen readers hear one word instead.

use crate::t;
use leptos::prelude::*;

/// Cards of parties that are on their way.
#[component]
pub fn OrderBones(
    /// How many.
    #[prop(default = 3)]
    count: usize,
) -> impl IntoView {
    let cards = (0..count)
        .map(|i| {
            let (title, line) = if i % 2 == 0 { ("w8", "w6") } else { ("w6", "w7") };
            view! {
                <div class="order">
                    <div class="row"><span class="bone bone--badge"></span><span class="bone bone--due"></span></div>
                    <div class="order__head">
                        <span class="bone bone--tile"></span>
                        <div class="grow">
                            <span class=format!("bone bone--line {title}")></span>
                            <span class=format!("bone {line}")></span>
                        </div>
                    </div>
                    <div class="order__foot"><span class="bone bone--seats"></span><span class="bone bone--fee"></span></div>
                </div>
            }
        })
        .collect_view();
    view! {
        <div aria-busy="true">
            <p class="hush" role="status">{t!("ui.loading")}</p>
            <div class="orders" aria-hidden="true">{cards}</div>
        </div>
    }
}

/// Rows of a list that are on their way.
#[component]
pub fn ListBones(
    /// How many.
    #[prop(default = 5)]
    count: usize,
) -> impl IntoView {
    let rows = (0..count)
        .map(|i| {
            let (title, line) = if i % 2 == 0 { ("w4", "w8") } else { ("w5", "w6") };
            view! {
                <div class="item">
                    <span class="bone bone--face"></span>
                    <div class="grow">
                        <span class=format!("bone bone--line {title}")></span>
                        <span class=format!("bone {line}")></span>
                    </div>
                </div>
            }
        })
        .collect_view();
    view! {
        <div aria-busy="true">
            <p class="hush" role="status">{t!("ui.loading")}</p>
            <div class="list" aria-hidden="true">{rows}</div>
        </div>
    }
}
