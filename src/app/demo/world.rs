//! The files of `data/demo`, whose README says what each field means.

use crate::features::settlements::model::Split;
use crate::shared::ids::RegionCode;
use serde::Deserialize;
use std::collections::HashMap;

/// Everything in the files.
pub struct World {
    pub places: Vec<Place>,
    pub people: Vec<Resident>,
    pub orders: Vec<Order>,
    pub letters: Vec<Letters>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub name: String,
    pub code: RegionCode,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resident {
    pub nickname: String,
    pub email: String,
    pub place: String,
    pub born: String,
    pub gender: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    pub host: String,
    pub title: String,
    pub body: String,
    pub category: String,
    pub shop: String,
    #[serde(default)]
    pub link: String,
    pub fee: i64,
    pub minimum: i64,
    pub pickup: String,
    pub seats: u8,
    #[serde(default)]
    pub outside: u8,
    #[serde(default = "direct")]
    pub joining: String,
    pub opened: i64,
    pub deadline: i64,
    pub views: i64,
    #[serde(default)]
    pub members: Vec<Moment>,
    #[serde(default)]
    pub waitlist: Vec<Moment>,
    #[serde(default)]
    pub applications: Vec<Line>,
    pub closed: Option<i64>,
    #[serde(default)]
    pub items: Vec<Dish>,
    pub ordered: Option<i64>,
    pub arrived: Option<i64>,
    pub terms: Option<Terms>,
    #[serde(default)]
    pub sent: Vec<Moment>,
    #[serde(default)]
    pub received: Vec<Moment>,
    pub settled: Option<i64>,
    pub cancelled: Option<Reason>,
    #[serde(default)]
    pub read: HashMap<String, i64>,
    #[serde(default)]
    pub talk: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dish {
    pub ago: i64,
    pub who: String,
    pub what: String,
    pub price: i64,
    pub count: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    pub ago: i64,
    pub account: String,
    #[serde(default)]
    pub split: Split,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letters {
    pub pair: [String; 2],
    #[serde(default)]
    pub read: HashMap<String, i64>,
    pub talk: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    pub who: String,
    pub ago: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub ago: i64,
    pub who: String,
    pub says: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    pub ago: i64,
    pub says: String,
}

fn direct() -> String {
    "direct".to_owned()
}

macro_rules! file {
    ($name:literal) => {
        serde_json::from_str(include_str!(concat!("../../../data/demo/", $name, ".json"))).expect(concat!(
            "data/demo/",
            $name,
            ".json is tested"
        ))
    };
}

impl World {
    /// Reads the files, which are part of the program.
    pub fn read() -> Self {
        Self { places: file!("places"), people: file!("people"), orders: file!("orders"), letters: file!("letters") }
    }
}
