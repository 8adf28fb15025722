//! Who sits at a party.

use crate::features::accounts::components::named;
use crate::features::parties::model::Seated;
use crate::shared::ids::UserId;
use crate::shared::time::Timestamp;
use crate::t;
use crate::ui::time::around;
use crate::ui::{Avatar, Badge, Icon, IconName, TimeAgo};
use leptos::prelude::*;

/// The members, the host marked, and how many came along from outside.
#[component]
pub fn Members(
    /// In the order of coming.
    members: Vec<Seated>,
    /// Which of them is the host.
    host: UserId,
    /// People with the host who are not on the service.
    outside: u8,
    /// Seats in all.
    seats: u8,
    /// The time of the answer.
    now: Timestamp,
) -> impl IntoView {
    let count = members.len() + usize::from(outside);
    let rows = members
        .into_iter()
        .map(|Seated { person, at }| {
            let badge = (person.id == host)
                .then(|| view! { <Badge><Icon name=IconName::Crown small=true />{t!("parties.host")}</Badge> }.into_any());
            let came = view! { <TimeAgo at now /> }.into_any();
            let name = named(&person.nickname);
            view! {
                <li class="item">
                    <Avatar name=person.nickname face=person.face />
                    <div class="grow">
                        <p class="who">{name}{badge}</p>
                        <p class="meta">{around(|ago| t!("parties.came", ago = ago), came)}</p>
                    </div>
                </li>
            }
        })
        .collect::<Vec<_>>();
    let others = (outside > 0).then(|| {
        view! {
            <li class="item"><Avatar name="" none=true /><div class="grow"><b>{t!("parties.outside", count = outside)}</b></div></li>
        }
        .into_any()
    });
    view! {
        <section class="card" aria-labelledby="members">
            <div class="sec__head">
                <h2 id="members">{t!("parties.members", count = count)}</h2>
                <span class="meta">{t!("parties.up_to", seats = seats)}</span>
            </div>
            <ul class="list">{rows}{others}</ul>
        </section>
    }
}
