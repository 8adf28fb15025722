//! Views of bills. The pages of the kinds of parties put them together.

mod hosting;
mod items;
mod settling;
mod tabs;

pub use hosting::Hosting;
pub use items::{Draft, MyItems};
pub use settling::{Desk, History, MyShare, Shares};
pub use tabs::{Sum, Tabs};

use crate::device::{self, StoredValue};
use crate::shared::error::{AppError, Conflict};
use crate::shared::form::Refused;
use crate::shared::ids::ItemId;
use crate::shared::money::group;
use crate::t;
use crate::ui::Submission;
use leptos::prelude::provide_context;

/// `9,500원`
pub(super) fn won(amount: i64) -> String {
    t!("settlements.won", won = group(amount))
}

/// What somebody has called a thing, as long as it is known.
pub(super) fn entered(name: &str) -> String {
    if name.is_empty() { t!("settlements.item.gone") } else { name.to_owned() }
}

/// The name that a form gives to what it enters: the one that it had when it was refused, so that it is entered once; another one when
/// that was used for something else.
pub(super) fn key_of(form: Submission, next: ItemId) -> String {
    let is_used = form.error.with_untracked(|error| *error == Some(AppError::Conflict(Conflict::Stale)));
    let next = next.to_string();
    if is_used { next } else { form.value("form[key]", &next) }
}

/// For a form that is drawn again and again: only the first one is what the document was asked for. Whether this is another.
pub(super) fn is_drawn_anew(is_first: StoredValue<bool>) -> bool {
    if is_first.get_value() {
        // In the browser; the server draws one page, however often it looks.
        device::effect(move || {
            let _ = is_first.try_set_value(false);
        });
        return false;
    }
    // Why that was refused, and what was typed then, is over.
    provide_context::<Option<Refused>>(None);
    true
}
