//! When, where and from which shop.

use crate::features::meals::model::MealDetail;
use crate::features::parties::model::State;
use crate::shared::money::group;
use crate::t;
use crate::ui::DateTime;
use leptos::prelude::*;

/// The facts of an order.
#[component]
pub fn Facts(
    /// The order.
    meal: MealDetail,
) -> impl IntoView {
    let MealDetail { now, card, link, minimum, region, .. } = meal;
    let town = region.map(|region| format!("{} {}", region.district, region.name)).unwrap_or_default();
    let told = |text: String| if text.is_empty() { t!("meals.facts.private") } else { text };
    let (shop, pickup) = (told(card.shop), told(card.pickup));
    let shop = match link {
        Some(link) => view! { <a class="link" href=link rel="noopener noreferrer nofollow ugc">{shop}</a> }.into_any(),
        None => shop.into_any(),
    };
    let full = (card.state == State::Open).then(|| view! { <span class="meta">{t!("meals.facts.full")}</span> }.into_any());
    let costs = t!("meals.facts.costs", minimum = group(minimum), fee = group(card.fee));
    view! {
        <section class="card spot" aria-labelledby="where">
            <h2 id="where">{t!("meals.facts")}</h2>
            <dl class="facts">
                <dt>{t!("meals.facts.deadline")}</dt>
                <dd><b><DateTime at=card.deadline now/></b>{full}</dd>
                <dt>{t!("meals.facts.pickup")}</dt>
                <dd>
                    <b>{pickup}</b><span class="meta">{town}</span>
                </dd>
                <dt>{t!("meals.facts.shop")}</dt>
                <dd><b>{shop}</b><span class="meta">{costs}</span></dd>
            </dl>
        </section>
    }
}
