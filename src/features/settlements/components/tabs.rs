//! What everybody orders, and what it comes to.

use super::items::times;
use super::{entered, won};
use crate::features::settlements::model::{Bill, Tab};
use crate::shared::names::called;
use crate::t;
use crate::ui::{Avatar, Badge, BadgeKind, Icon, IconName, part};
use leptos::prelude::*;

/// What all of it costs, against the least that can be ordered.
#[component]
pub fn Sum(
    /// The bill.
    #[prop(into)]
    bill: Signal<Bill>,
    /// The least order, in won; 0 for none.
    minimum: i64,
) -> impl IntoView {
    let inside = part(move || {
        let sum = bill.with(Bill::sum);
        let left = minimum - sum;
        let words = match left {
            _ if minimum == 0 => None,
            left if left > 0 => Some(t!("settlements.sum.left", left = won(left), minimum = won(minimum))),
            _ => Some(t!("settlements.sum.enough", minimum = won(minimum))),
        };
        // In tenths, and full only when it is.
        let width = if left <= 0 { 10 } else { (sum * 10 / minimum).clamp(0, 9) };
        let bar = words.is_some().then(|| view! { <p class="bar" aria-hidden="true"><i class=format!("w{width}")></i></p> }.into_any());
        let words = words.map(|words| view! { <p class="meta">{words}</p> }.into_any());
        Some(view! { <p class="bill__sum"><span>{t!("settlements.sum")}</span><b>{won(sum)}</b></p>{bar}{words} })
    });
    view! { <section class="card bill__all" role="status" aria-label=t!("settlements.sum")>{inside}</section> }
}

/// What everybody orders, grouped by person.
#[component]
pub fn Tabs(
    /// The bill.
    #[prop(into)]
    bill: Signal<Bill>,
) -> impl IntoView {
    let list = part(move || {
        bill.with(|bill| {
            let mut tabs = bill.tabs.iter().map(|tab| one(bill, tab)).collect::<Vec<_>>();
            tabs.extend((bill.released > 0).then(|| released(bill.released)));
            Some(view! { <ul class="list">{tabs}</ul> })
        })
    });
    view! { <section class="card" aria-labelledby="tabs"><h2 id="tabs">{t!("settlements.tabs")}</h2>{list}</section> }
}

fn one(bill: &Bill, tab: &Tab) -> AnyView {
    let Tab { person, items } = tab;
    let host =
        (person.id == bill.host).then(|| view! { <Badge><Icon name=IconName::Crown small=true/>{t!("parties.host")}</Badge> }.into_any());
    let me = (person.id == bill.me).then(|| view! { <Badge kind=BadgeKind::You>{t!("settlements.me")}</Badge> }.into_any());
    let lines = items
        .iter()
        .map(|item| view! { <li>{entered(&item.name)}" "<span class="meta">{times(item)}</span></li> }.into_any())
        .collect::<Vec<_>>();
    let lines = if lines.is_empty() {
        view! { <p class="meta">{t!("settlements.tabs.none")}</p> }.into_any()
    } else {
        view! { <ul>{lines}</ul> }.into_any()
    };
    view! {
        <li class="item bill__tab">
            <Avatar name=person.nickname.clone() face=person.face/>
            <div class="grow"><p class="who"><b>{called(&person.nickname)}</b>{host}{me}</p>{lines}</div>
            <b>{won(tab.sum())}</b>
        </li>
    }
    .into_any()
}

/// What is ordered and of nobody who sits there.
fn released(sum: i64) -> AnyView {
    view! {
        <li class="item bill__tab">
            <Avatar name="" none=true/>
            <div class="grow"><p>{t!("settlements.released")}</p></div>
            <b>{won(sum)}</b>
        </li>
    }
    .into_any()
}
