//! Seats: a table seen from above. Filled, open (dashed), yours (yuzu).

use super::avatar::Avatar;
use super::icon::{Icon, IconName};
use crate::shared::names::called;
use crate::t;
use leptos::prelude::*;
use leptos::tachys::html::InertElement;

/// The most seats that a table is drawn with; `style/components.css` has a class for each.
pub const MOST_SEATS: usize = 30;

/// Where the reader stands among the dots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum YourSeat {
    /// No seat is marked.
    #[default]
    None,
    /// The next open seat could be theirs.
    Open,
    /// They sit here: the last of the taken seats is theirs.
    Taken,
}

/// Dots that show how full a party is. Only a picture: say `2/4` beside it.
#[component]
pub fn SeatDots(
    /// How many seats there are.
    seats: u8,
    /// How many of them are taken.
    taken: u8,
    /// Which one is the reader's.
    #[prop(optional)]
    yours: YourSeat,
) -> impl IntoView {
    let class = if seats > 6 { "seats seats--many" } else { "seats" };
    // As text: a list has as many dots as it has words, and none of them ever changes by itself.
    let mut html = format!("<span aria-hidden=\"true\" class=\"{class}\">");
    for seat in 0..seats {
        html.push_str("<i class=\"");
        html.push_str(match yours {
            YourSeat::Open if seat == taken => "you",
            YourSeat::Taken if seat + 1 == taken => "you",
            _ if seat < taken => "in",
            _ => "",
        });
        html.push_str("\"></i>");
    }
    html.push_str("</span>");
    InertElement::new(html)
}

/// One place at a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seat {
    /// Somebody sits here.
    Person {
        /// Their nickname.
        name: String,
        /// It is the reader.
        mine: bool,
    },
    /// Open, and the reader may take it.
    You,
    /// Open.
    Free,
    /// Taken by somebody who is not a member here.
    Outside,
}

/// A table with its seats. Its picture has one name that lists the people; the seats' own names are for eyes.
#[component]
pub fn SeatTable(
    /// What stands on the table.
    icon: IconName,
    /// How full it is, such as `2/4명`.
    #[prop(into)]
    text: String,
    /// The seats, clockwise from the top; at most [`MOST_SEATS`] are drawn.
    seats: Vec<Seat>,
) -> impl IntoView {
    let drawn = seats.len().clamp(2, MOST_SEATS);
    let many = if drawn > 7 { " table--many" } else { "" };
    let label = label(&seats);
    let seats = seats
        .into_iter()
        .take(MOST_SEATS)
        .enumerate()
        .map(|(i, seat)| {
            let class = if matches!(seat, Seat::Person { mine: true, .. }) { "table__seat table__seat--me" } else { "table__seat" };
            view! { <div class=format!("{class} i{i}")>{draw(seat)}</div> }
        })
        .collect_view();
    view! {
        <div class=format!("table n{drawn}{many}") role="img" aria-label=label>
            <div class="table__top"><Icon name=icon />{text}</div>
            {seats}
        </div>
    }
}

fn draw(seat: Seat) -> AnyView {
    match seat {
        Seat::Person { name, mine: true } => view! {
            <Avatar name />
            <b class="table__name">{t!("ui.seat.me")}</b>
        }
        .into_any(),
        Seat::Person { name, mine: false } => view! {
            <Avatar name=name.clone() />
            <span class="table__name">{called(&name)}</span>
        }
        .into_any(),
        Seat::You => view! {
            <span class="table__you"><Icon name=IconName::Plus /></span>
            <b class="table__name">{t!("ui.seat.you")}</b>
        }
        .into_any(),
        Seat::Free => view! {
            <span class="table__free"></span>
            <span class="table__name">{t!("ui.seat.free")}</span>
        }
        .into_any(),
        Seat::Outside => view! {
            <span class="table__out"><Icon name=IconName::Me /></span>
            <span class="table__name">{t!("ui.seat.outside")}</span>
        }
        .into_any(),
    }
}

/// `네 자리 중 두 자리가 찼어요. 몽글, 감자튀김. …`
fn label(seats: &[Seat]) -> String {
    let names: Vec<String> = seats
        .iter()
        .filter_map(|seat| match seat {
            Seat::Person { name, mine: true } => Some(t!("ui.seat.mine", name = name)),
            Seat::Person { name, mine: false } => Some(called(name)),
            _ => None,
        })
        .collect();
    let outside = seats.iter().filter(|seat| **seat == Seat::Outside).count();
    let taken = names.len() + outside;
    let mut label = t!("ui.seat.label", seats = seats.len(), taken = taken);
    let mut add = |sentence: String| {
        label.push(' ');
        label.push_str(&sentence);
    };
    if !names.is_empty() {
        add(t!("ui.seat.names", names = names.join(", ")));
    }
    if outside > 0 {
        add(t!("ui.seat.outside_count", count = outside));
    }
    if seats.contains(&Seat::You) {
        add(t!("ui.seat.yours"));
    }
    label
}
