//! What readers see of shared orders.

use super::{Area, Category, MealForm};
use crate::features::chat::model::Person;
use crate::features::parties::model::{Circle, Joining, State};
use crate::features::regions::model::RegionView;
use crate::features::settlements::model::{Bill, Settlement};
use crate::features::weather::model::Report;
use crate::shared::ids::{ImageId, PartyId, RegionCode, RoomId, UserId};
use crate::shared::images::Pictures;
use crate::shared::paging::Page;
use crate::shared::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What an order in a list is to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mine {
    /// Nothing.
    No,
    /// They sit there.
    Member,
    /// They opened it.
    Host,
}

/// An order in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MealCard {
    /// Which.
    pub id: PartyId,
    /// Its title.
    pub title: String,
    /// What is ordered.
    pub category: Category,
    /// The shop's name.
    pub shop: String,
    /// Where to pick it up.
    pub pickup: String,
    /// The name of its 동.
    pub region: String,
    /// The state at the time of the answer.
    pub state: State,
    /// When people can no longer come in.
    pub deadline: Timestamp,
    /// Seats in all.
    pub seats: u8,
    /// Seats taken.
    pub taken: u8,
    /// The delivery fee in won.
    pub fee: i64,
    /// What it is to the reader.
    pub mine: Mine,
    /// The first of its pictures.
    pub picture: Option<ImageId>,
}

/// Where a list looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Place {
    /// The 동 in the middle.
    pub region: RegionView,
    /// How far.
    pub area: Area,
}

/// A list of orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MealList {
    /// The time of the answer.
    pub now: Timestamp,
    /// Where; `None` when the reader has to choose first.
    pub place: Option<Place>,
    /// The reader's own 동.
    pub home: Option<RegionView>,
    /// Whether somebody is signed in.
    pub signed_in: bool,
    /// The 동 that fit what was looked for.
    pub found: Vec<RegionView>,
    /// The orders.
    pub page: Page<MealCard>,
}

/// An order, as one reader may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MealView {
    /// It takes place.
    Live(Box<MealDetail>),
    /// It was called off.
    Cancelled(Cancelled),
}

/// An order that takes place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MealDetail {
    /// The time of the answer.
    pub now: Timestamp,
    /// What lists show of it.
    pub card: MealCard,
    /// Its text as safe HTML.
    pub body: String,
    /// Its pictures; the first is its cover.
    pub pictures: Pictures,
    /// The whole address of the cover's largest form, for those who tell others of the page.
    pub cover: Option<String>,
    /// The shop's page.
    pub link: Option<String>,
    /// The least order in won.
    pub minimum: i64,
    /// People with the host who are not on the service.
    pub outside: u8,
    /// How people come in.
    pub joining: Joining,
    /// Its 동.
    pub region: Option<RegionView>,
    /// Who opened it.
    pub host: Person,
    /// How often it was looked at.
    pub views: i64,
    /// Its chat room, for those who sit there.
    pub room: Option<RoomId>,
    /// Who is around it.
    pub circle: Circle,
    /// The reader, if they are signed in.
    pub me: Option<UserId>,
    /// The reader's part of the delivery fee in won, split equally: as it is for those who sit there, as it would be for others.
    pub my_fee: i64,
    /// Whether the reader keeps it for later.
    pub is_kept: bool,
    /// Whether the reader has reported it.
    pub is_reported: bool,
    /// For its host, as long as they can write it anew: who wrote what stands there has closed their account, so that those who do not
    /// sit there read nothing of it.
    pub has_to_be_rewritten: bool,
    /// Comments under it, with answers.
    pub comments: i64,
    /// The newest of them, after the names of their writers.
    pub words: Vec<(String, String)>,
    /// Set when the reader lives in another 동: the name of theirs.
    pub elsewhere: Option<String>,
}

/// An order that was called off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Cancelled {
    /// Its title.
    pub title: String,
    /// Where it was.
    pub region: RegionCode,
    /// Why, in the host's words; may be empty.
    pub reason: String,
    /// Whether the reader sat there.
    pub was_member: bool,
}

/// The bill of an order, for those who sit there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct BillView {
    /// The time of the answer.
    pub now: Timestamp,
    /// The least order in won.
    pub minimum: i64,
    /// The delivery fee that the order was opened with, in won.
    pub fee: i64,
    /// Who orders what.
    pub bill: Bill,
    /// Who pays what, once it is ordered.
    pub settlement: Option<Settlement>,
}

/// Some of the orders of the signed-in person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MyMeals {
    /// The time of the answer.
    pub now: Timestamp,
    /// The orders.
    pub page: Page<MealCard>,
}

/// A form to fill in: a new order, or one as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MealDraft {
    /// The time of the answer.
    pub now: Timestamp,
    /// What stands in the form at first.
    pub form: MealForm,
    /// Where the order is, or will be; `None` when the person has to choose first.
    pub region: Option<RegionView>,
    /// The deadline as it is, when editing.
    pub deadline: Option<Timestamp>,
}

/// The first page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct HomeView {
    /// The time of the answer.
    pub now: Timestamp,
    /// What the signed-in person is called.
    pub nickname: Option<String>,
    /// Their 동.
    pub region: Option<RegionView>,
    /// What is known of the weather there. `None` without a 동, and where the operator wants none.
    pub weather: Option<Report>,
    /// Open orders that close soon: around the person, or anywhere for visitors.
    pub soon: Vec<MealCard>,
    /// The person's own orders that go on.
    pub mine: Vec<MealCard>,
}
