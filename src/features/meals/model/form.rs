//! The form that opens or edits a shared order.

use super::Category;
use crate::features::parties::model::{Joining, MAX_BODY, TITLE};
use crate::shared::error::FieldErrors;
use crate::shared::ids::{ImageId, PartyId};
use crate::shared::images::Pictures;
use crate::shared::time::{Span, Timestamp};
use crate::shared::words;
use serde::{Deserialize, Serialize};

/// Greatest fee and minimum, in won.
pub const MAX_WON: i64 = 1_000_000;
/// Fewest and most seats, the host's included.
pub const SEATS: (u8, u8) = (2, 10);
/// Deadlines that are one press away, in minutes from now.
pub const QUICK_MINUTES: [i64; 3] = [20, 30, 60];
/// The choice of a deadline by date and time.
pub const DUE_AT: &str = "at";
/// The choice, when editing, of the deadline as it is.
pub const DUE_KEEP: &str = "keep";
/// Latest deadline from now.
const MAX_AHEAD: Span = Span::hours(24);
const MAX_LINK: usize = 500;
const SHOP: (usize, usize) = (1, 60);
const PICKUP: (usize, usize) = (2, 100);
/// The form's fields in the order of the page.
const FIELDS: [&str; 14] =
    ["title", "category", "shop", "link", "fee", "minimum", "seats", "outside", "due", "due_at", "pickup", "joining", "body", "image"];

/// A shared order, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct MealForm {
    /// The id that the page gave to the order before it was sent, so that sending it twice opens one.
    pub key: String,
    /// What it is about.
    #[cfg_attr(feature = "ssr", schemars(length(max = TITLE.1)))]
    pub title: String,
    /// A [`Category`]'s code.
    pub category: String,
    /// The shop's name.
    #[cfg_attr(feature = "ssr", schemars(length(max = SHOP.1)))]
    pub shop: String,
    /// Its page, if it has one.
    #[cfg_attr(feature = "ssr", schemars(length(max = MAX_LINK)))]
    pub link: String,
    /// The delivery fee in won, at most [`MAX_WON`]; `3,500` is understood.
    pub fee: String,
    /// The least order in won, at most [`MAX_WON`].
    pub minimum: String,
    /// Minutes from now; `at` for what `due_at` says, `keep` to leave it as it is.
    pub due: String,
    /// With `at`: what `<input type="datetime-local">` gives, Seoul's time.
    pub due_at: String,
    /// Seats, the host's included.
    pub seats: String,
    /// People with the host who are not on the service.
    pub outside: String,
    /// Where to pick it up.
    #[cfg_attr(feature = "ssr", schemars(length(max = PICKUP.1)))]
    pub pickup: String,
    /// More about it.
    #[cfg_attr(feature = "ssr", schemars(length(max = MAX_BODY)))]
    pub body: String,
    /// A [`Joining`]'s code.
    pub joining: String,
    /// What it shows, or is about to; of each only the id counts.
    pub pictures: Pictures,
    /// What it showed when the form was made: who has not touched its pictures changes nothing of them.
    pub before: Pictures,
}

/// What an order's host decides and may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MealFacts {
    /// 2–60 characters.
    pub title: String,
    /// What is ordered.
    pub category: Category,
    /// 1–60 characters.
    pub shop: String,
    /// An http or https address, at most 500 characters.
    pub link: Option<String>,
    /// Won, 0 to [`MAX_WON`].
    pub fee: i64,
    /// Won, 0 to [`MAX_WON`].
    pub minimum: i64,
    /// Within [`SEATS`].
    pub seats: u8,
    /// With the host no more than the seats.
    pub outside: u8,
    /// 2–100 characters.
    pub pickup: String,
    /// Markdown, at most 5,000 characters.
    pub body: String,
    /// How people come in.
    pub joining: Joining,
    /// At most [`crate::shared::images::MAX_PICTURES`], each once.
    pub pictures: Vec<ImageId>,
}

/// An order to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMeal {
    /// The id that its form gave to it.
    pub id: PartyId,
    /// After now, within a day.
    pub deadline: Timestamp,
    /// The rest.
    pub facts: MealFacts,
}

/// An order to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MealEdit {
    /// After now, within a day; `None` to keep it.
    pub deadline: Option<Timestamp>,
    /// What the order showed when its form was made.
    pub before: Vec<ImageId>,
    /// The rest.
    pub facts: MealFacts,
}

/// When an order's deadline is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// As it is.
    Keep,
    /// Then.
    At(Timestamp),
}

impl MealForm {
    /// Checks a new order.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self, now: Timestamp) -> Result<NewMeal, FieldErrors> {
        let mut errors = FieldErrors::default();
        let facts = self.facts(&mut errors);
        let due = self.due(now, &mut errors);
        if due == Some(Due::Keep) {
            errors.add("due", "meals.error.due_missing");
        }
        let id = self.key.parse().ok();
        if id.is_none() {
            errors.add("key", "error.stale");
        }
        let errors = in_order(errors);
        match (facts, due, id) {
            (Some(facts), Some(Due::At(deadline)), Some(id)) => errors.or(|| NewMeal { id, deadline, facts }),
            _ => Err(errors),
        }
    }

    /// Checks a changed order.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse_edit(&self, now: Timestamp) -> Result<MealEdit, FieldErrors> {
        let mut errors = FieldErrors::default();
        let facts = self.facts(&mut errors);
        let due = self.due(now, &mut errors);
        let errors = in_order(errors);
        match (facts, due) {
            (Some(facts), Some(due)) => errors.or(|| MealEdit {
                deadline: if let Due::At(at) = due { Some(at) } else { None },
                before: self.before.iter().map(|picture| picture.id).collect(),
                facts,
            }),
            _ => Err(errors),
        }
    }

    fn facts(&self, errors: &mut FieldErrors) -> Option<MealFacts> {
        let title = line(&self.title, "title", TITLE, "meals.error.title", errors);
        let category = Category::from_code(&self.category);
        if category.is_none() {
            errors.add("category", "meals.error.category");
        }
        if self.shop.trim().is_empty() {
            errors.add("shop", "meals.error.shop_missing");
        }
        let shop = line(&self.shop, "shop", SHOP, "meals.error.shop", errors);
        let link = link(&self.link, errors);
        let fee = won(&self.fee, "fee", "meals.error.fee", errors);
        let minimum = won(&self.minimum, "minimum", "meals.error.minimum", errors);
        let seats = self.seats.trim().parse().ok().filter(|seats| (SEATS.0..=SEATS.1).contains(seats));
        if seats.is_none() {
            errors.add_with("seats", "meals.error.seats", vec![("min", SEATS.0.to_string()), ("max", SEATS.1.to_string())]);
        }
        let outside = self.outside(seats, errors);
        let pickup = line(&self.pickup, "pickup", PICKUP, "meals.error.pickup", errors);
        let body = self.body.trim().replace("\r\n", "\n");
        if body.chars().count() > MAX_BODY {
            errors.add_with("body", "meals.error.body", vec![("max", MAX_BODY.to_string())]);
        }
        let joining = if self.joining.is_empty() { Some(Joining::default()) } else { Joining::from_code(&self.joining) };
        if joining.is_none() {
            errors.add("joining", "meals.error.joining");
        }
        let pictures = self.pictures.ids().map_err(|wrong| errors.0.extend(wrong.0)).ok();
        Some(MealFacts {
            title: title?,
            category: category?,
            shop: shop?,
            link: link?,
            fee: fee?,
            minimum: minimum?,
            seats: seats?,
            outside: outside?,
            pickup: pickup?,
            body,
            joining: joining?,
            pictures: pictures?,
        })
    }

    fn outside(&self, seats: Option<u8>, errors: &mut FieldErrors) -> Option<u8> {
        let text = self.outside.trim();
        let outside: Option<u8> = if text.is_empty() { Some(0) } else { text.parse().ok() };
        match (outside, seats) {
            (None, _) => {
                errors.add("outside", "meals.error.outside");
                None
            }
            (Some(outside), Some(seats)) if outside >= seats => {
                errors.add("outside", "meals.error.outside_many");
                None
            }
            (outside, _) => outside,
        }
    }

    fn due(&self, now: Timestamp, errors: &mut FieldErrors) -> Option<Due> {
        match self.due.as_str() {
            DUE_KEEP => Some(Due::Keep),
            DUE_AT => {
                let Some(at) = Timestamp::parse_local(&self.due_at) else {
                    errors.add("due_at", "meals.error.due_missing");
                    return None;
                };
                if at <= now {
                    errors.add("due_at", "meals.error.due_past");
                    None
                } else if at > now + MAX_AHEAD {
                    errors.add("due_at", "meals.error.due_far");
                    None
                } else {
                    Some(Due::At(at))
                }
            }
            minutes => {
                let quick = minutes.parse().ok().filter(|minutes| QUICK_MINUTES.contains(minutes));
                if quick.is_none() {
                    errors.add("due", "meals.error.due_missing");
                }
                quick.map(|minutes| Due::At(now + Span::minutes(minutes)))
            }
        }
    }
}

/// The same errors in the order of the page.
fn in_order(mut errors: FieldErrors) -> FieldErrors {
    errors.0.sort_by_key(|error| FIELDS.iter().position(|field| *field == error.field).unwrap_or(FIELDS.len()));
    errors
}

/// One line of text without spaces at its ends or doubled inside, of so many characters.
fn line(text: &str, field: &'static str, (min, max): (usize, usize), code: &'static str, errors: &mut FieldErrors) -> Option<String> {
    let text = words::line(text);
    let fits = (min..=max).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if !fits {
        errors.add_with(field, code, vec![("min", min.to_string()), ("max", max.to_string())]);
    }
    fits.then_some(text)
}

/// Whole won up to [`MAX_WON`], with or without separators of thousands.
fn won(text: &str, field: &'static str, code: &'static str, errors: &mut FieldErrors) -> Option<i64> {
    let won = crate::shared::money::read(text, 0..=MAX_WON);
    if won.is_none() {
        errors.add_with(field, code, vec![("max", crate::shared::money::group(MAX_WON))]);
    }
    won
}

/// No link, or one that leads to a page on the web and nowhere else.
fn link(text: &str, errors: &mut FieldErrors) -> Option<Option<String>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    let Some(link) = crate::shared::link::read(text, &["http://", "https://"]) else {
        errors.add("link", "meals.error.link");
        return None;
    };
    if link.chars().count() > MAX_LINK {
        errors.add_with("link", "meals.error.link_long", vec![("max", MAX_LINK.to_string())]);
        return None;
    }
    Some(Some(link))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const NOW: Timestamp = Timestamp(1_778_554_800_000);

    fn good() -> MealForm {
        MealForm {
            key: "0190a0a0-0000-7000-8000-000000000001".to_owned(),
            title: "반반 치킨 같이 시켜요".to_owned(),
            category: "chicken".to_owned(),
            shop: "온동네치킨".to_owned(),
            fee: "3,500".to_owned(),
            minimum: "18000".to_owned(),
            due: "20".to_owned(),
            seats: "4".to_owned(),
            pickup: "경의선숲길 3번 벤치".to_owned(),
            ..MealForm::default()
        }
    }

    fn wrong(change: impl Fn(&mut MealForm)) -> Vec<String> {
        let mut form = good();
        change(&mut form);
        match form.parse(NOW) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.0.into_iter().map(|error| error.field.into_owned()).collect(),
        }
    }

    #[test]
    fn a_good_form_becomes_an_order() {
        let meal = good().parse(NOW).expect("good");
        assert_eq!((meal.facts.fee, meal.facts.minimum, meal.facts.seats, meal.facts.outside), (3_500, 18_000, 4, 0));
        assert_eq!(meal.deadline, NOW + Span::minutes(20));
        assert_eq!(meal.facts.link, None);
    }

    #[test]
    fn what_is_wrong_stands_beside_its_field() {
        for fee in ["", "-1", "1000001", "3500.5", "３５００", "abc", "1e3", "+5", "99999999999999999999"] {
            assert_eq!(wrong(|form| form.fee = fee.to_owned()), ["fee"], "{fee}");
            assert_eq!(wrong(|form| form.minimum = fee.to_owned()), ["minimum"], "{fee}");
        }
        for seats in ["", "1", "0", "11", "-2", "x"] {
            assert_eq!(wrong(|form| form.seats = seats.to_owned()), ["seats"], "{seats}");
        }
        for outside in ["4", "9", "-1", "x"] {
            assert_eq!(wrong(|form| form.outside = outside.to_owned()), ["outside"], "{outside}");
        }
        for title in ["", "   ", "가", "\u{3000}\u{3000}\u{3000}", &"가".repeat(61)] {
            assert_eq!(wrong(|form| form.title = title.to_owned()), ["title"], "{title}");
        }
        for link in [
            "javascript:alert(1)",
            "ftp://a.b",
            "//a.b",
            "https://",
            "https:///x",
            "http://a b",
            "https://a\"b",
            "data:text/html,x",
            "http://x@y",
        ] {
            assert_eq!(wrong(|form| form.link = link.to_owned()), ["link"], "{link}");
        }
        assert_eq!(wrong(|form| form.link = format!("https://a.b/{}", "x".repeat(500))), ["link"]);
        assert_eq!(wrong(|form| form.category = "전체".to_owned()), ["category"]);
        assert_eq!(wrong(|form| form.shop = " ".to_owned()), ["shop"]);
        assert_eq!(wrong(|form| form.pickup = "x".to_owned()), ["pickup"]);
        assert_eq!(wrong(|form| form.body = "x".repeat(5_001)), ["body"]);
        assert_eq!(wrong(|form| form.joining = "x".to_owned()), ["joining"]);
        assert_eq!(wrong(|form| form.pictures = Pictures(Pictures::COMING.to_owned())), ["image"]);
        assert_eq!(wrong(|form| form.key = "x".to_owned()), ["key"]);
        for due in ["", "21", "-20", "keep"] {
            assert_eq!(wrong(|form| form.due = due.to_owned()), ["due"], "{due}");
        }
        let at = |at: Timestamp| {
            wrong(|form| {
                form.due = DUE_AT.to_owned();
                form.due_at = at.local();
            })
        };
        assert_eq!(at(NOW), ["due_at"]);
        assert_eq!(at(NOW + Span::minutes(1)), [""; 0]);
        assert_eq!(at(NOW + Span::hours(24)), [""; 0]);
        assert_eq!(at(NOW + Span::hours(24) + Span::minutes(1)), ["due_at"]);
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let errors = MealForm::default().parse(NOW).expect_err("empty");
        let fields: Vec<_> = errors.0.iter().map(|error| error.field.as_ref()).collect();
        assert_eq!(fields, ["title", "category", "shop", "fee", "minimum", "seats", "due", "pickup", "key"]);
        let codes: BTreeSet<_> = errors.0.iter().map(|error| &*error.code).collect();
        assert_eq!(codes.len(), fields.len(), "each has a sentence of its own");
    }

    #[test]
    fn a_shop_without_a_name_is_another_matter_than_a_long_one() {
        let code = |shop: &str| {
            let errors = MealForm { shop: shop.to_owned(), ..good() }.parse(NOW).expect_err("refused");
            errors.0.into_iter().map(|error| error.code.into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(code("  "), ["meals.error.shop_missing"]);
        assert_eq!(code(&"가".repeat(61)), ["meals.error.shop"]);
    }

    #[test]
    fn the_edges_are_allowed() {
        for (seats, outside) in [("2", "1"), ("10", "9"), ("10", "0")] {
            assert_eq!(wrong(|form| (form.seats, form.outside) = (seats.to_owned(), outside.to_owned())), [""; 0]);
        }
        assert_eq!(wrong(|form| form.fee = "1,000,000".to_owned()), [""; 0]);
        assert_eq!(wrong(|form| form.link = "HTTPS://shop.example/a?b=c#d".to_owned()), [""; 0]);
        let edit = MealForm { due: DUE_KEEP.to_owned(), ..good() }.parse_edit(NOW).expect("good");
        assert_eq!(edit.deadline, None);
    }
}
