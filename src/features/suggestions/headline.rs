//! What the first page says that somebody could eat.

use super::menus::Slot;
use super::scorer::{Facts, Pick, Reason};
use crate::shared::text::lang;
use crate::t;

/// `비 오는 점심엔 칼국수`: a menu, and for when, in the reader's language.
#[must_use]
pub fn headline(pick: &Pick<'_>, facts: &Facts) -> String {
    let menu = pick.menu.name(lang());
    let slot = Slot::at(facts.hour);
    match pick.reason {
        Reason::Rain => t!("suggestions.headline.rain", time = time(slot), menu = menu),
        Reason::Snow => t!("suggestions.headline.snow", time = time(slot), menu = menu),
        Reason::Cold { .. } => t!("suggestions.headline.cold", time = time(slot), menu = menu),
        Reason::Hot { .. } => t!("suggestions.headline.hot", time = time(slot), menu = menu),
        _ => match slot {
            Slot::Breakfast => t!("suggestions.headline.breakfast", menu = menu),
            Slot::Lunch => t!("suggestions.headline.lunch", menu = menu),
            Slot::Afternoon => t!("suggestions.headline.afternoon", menu = menu),
            Slot::Dinner => t!("suggestions.headline.dinner", menu = menu),
            Slot::Night => t!("suggestions.headline.night", menu = menu),
        },
    }
}

fn time(slot: Slot) -> String {
    match slot {
        Slot::Breakfast => t!("suggestions.time.breakfast"),
        Slot::Lunch => t!("suggestions.time.lunch"),
        Slot::Afternoon => t!("suggestions.time.afternoon"),
        Slot::Dinner => t!("suggestions.time.dinner"),
        Slot::Night => t!("suggestions.time.night"),
    }
}
