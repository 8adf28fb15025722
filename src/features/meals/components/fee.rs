//! How the delivery fee is split.

use crate::features::meals::model::MealCard;
use crate::features::parties::components::can_come;
use crate::features::parties::model::{Standing, State};
use crate::shared::money::{Split, group, split};
use crate::t;
use crate::ui::{ButtonSize, Icon, IconName, LinkButton};
use leptos::prelude::*;

/// What each pays now, and, while people can come, with the viewer and when every seat is taken; in whole won, with who carries what
/// is left over. Once it is ordered the bill says what is paid, and who does not see it has nothing to pay.
#[component]
pub fn FeeSplit(
    /// The order.
    card: MealCard,
    /// How the viewer stands to it.
    standing: Standing,
    /// Whether the host has brought people, for whom they pay.
    is_accompanied: bool,
) -> impl IntoView {
    let (taken, seats) = (i64::from(card.taken), i64::from(card.seats));
    let seated = standing.is_seated();
    let comes = !seated && standing != Standing::Banned && card.state == State::Open && can_come(card.state);
    let row = |label: String, people: i64, yours: bool| {
        let Split { each, rest } = split(card.fee, people);
        let rest = (rest > 0).then(|| {
            let text = if is_accompanied { t!("meals.fee.rest_near", won = group(rest)) } else { t!("meals.fee.rest", won = group(rest)) };
            view! { <small>{text}</small> }
        });
        let label = if yours { view! { <b>{label}</b> }.into_any() } else { label.into_any() };
        view! {
            <tr class:split__you=yours>
                <th scope="row">{label}{rest}</th>
                <td>{t!("meals.won", won = group(each))}</td>
            </tr>
        }
    };
    let is_going_on = card.state.ended().is_none();
    let mut rows = vec![row(t!("meals.fee.row_now", people = taken), taken, seated)];
    if comes {
        rows.push(row(t!("meals.fee.row_me", people = taken + 1), taken + 1, true));
    }
    if is_going_on && taken + i64::from(comes) < seats {
        rows.push(row(t!("meals.fee.row_full", people = seats), seats, false));
    }
    let go = if is_going_on { t!("settlements.go") } else { t!("settlements.go.pay") };
    let bill = seated.then(|| {
        view! { <p class="feecard__bill"><LinkButton href=format!("/meals/{}/bill", card.id) size=ButtonSize::Small><Icon name=IconName::Wallet small=true/>{go}</LinkButton></p> }.into_any()
    });
    view! {
        <section class="card feecard" aria-labelledby="fee">
            <h2 id="fee">{t!("meals.fee.title", won = group(card.fee))}</h2>
            <table class="split">
                <thead class="hush"><tr><th scope="col">{t!("meals.fee.people")}</th><th scope="col">{t!("meals.fee.share")}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
            {bill}
        </section>
    }
}
