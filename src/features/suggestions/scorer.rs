//! Five menus for somebody, now: points for what speaks for a menu, and the strongest of these as the reason that is told.
//!
//! Points are hundredths of a liking; only how they compare matters. The same facts and the same seed give the same five.

use super::menus::{MOST_FONDNESS, Menu, Slot, names};
use crate::features::meals::model::Category;
use crate::t;
use std::cmp::Ordering;

/// How many are suggested at a time.
pub const FIVE: usize = 5;
/// Of one kind of food at most, among five.
const MOST_OF_A_KIND: usize = 2;
/// So many of five may be hot in the mouth: not everybody bears it.
const MOST_SPICY: usize = 3;
/// It is cold up to this, in °C.
const COLD: i32 = 10;
/// It is hot from this on, in °C.
const HOT: i32 = 26;
/// A menu that is wanted up to no more than this is one for the cold; one that is wanted only from [`FOR_HEAT`] on is one for the heat.
const FOR_COLD: i32 = 24;
const FOR_HEAT: i32 = 12;
/// The wind is strong from this on, in metres a second (as the weather service counts it).
const STRONG: f32 = 9.0;
/// So many orders of a kind make it a favourite, when they are no less than one in [`FAVOURITE_OF`].
const FAVOURITE: u32 = 2;
const FAVOURITE_OF: u32 = 4;
/// What chance may add, so that not everybody sees the same every day.
const CHANCE: u64 = 150;
/// Every score lies within these.
pub const BOUNDS: (i32, i32) = (-1_000, 3_000);

/// What falls from the sky.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Falls {
    /// 비
    Rain,
    /// 비와 눈
    Sleet,
    /// 눈
    Snow,
    /// 소나기
    Shower,
}

/// The weather around somebody, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weather {
    /// In °C.
    pub temperature: Option<f32>,
    /// Nothing falls, or it is not known.
    pub falls: Option<Falls>,
    /// In metres a second.
    pub wind: Option<f32>,
}

/// An open order near somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    /// What kind of food it is.
    pub category: Category,
    /// Its title and its shop.
    pub words: String,
}

/// What a suggestion is made of. Nothing in it says who somebody is or where.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The hour, 0–23, of Seoul's clock.
    pub hour: u8,
    /// The month, 1–12.
    pub month: u8,
    /// The weather, when it could be had.
    pub weather: Option<Weather>,
    /// At how many of their last orders somebody had each kind of food.
    pub past: Vec<(Category, u32)>,
    /// The open orders around them at which they do not sit.
    pub near: Vec<Near>,
}

impl Facts {
    fn temperature(&self) -> Option<i32> {
        self.weather.and_then(|weather| weather.temperature).filter(|degrees| degrees.is_finite()).map(|degrees| degrees.round() as i32)
    }
}

/// A quarter of the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Season {
    /// March to May.
    Spring,
    /// June to August.
    Summer,
    /// September to November.
    Autumn,
    /// December to February.
    Winter,
}

impl Season {
    /// All of them.
    const ALL: [Self; 4] = [Self::Spring, Self::Summer, Self::Autumn, Self::Winter];

    /// Whether a menu is of it: no other holds more of its months.
    fn is_of(self, menu: &Menu) -> bool {
        let months = |season| (1..=12).filter(|month| Self::of(*month) == season && menu.is_in_season(*month) == Some(true)).count();
        let own = months(self);
        own > 0 && Self::ALL.into_iter().all(|other| months(other) <= own)
    }

    /// The one in which a month of 1–12 lies.
    #[must_use]
    pub const fn of(month: u8) -> Self {
        match month {
            3..=5 => Self::Spring,
            6..=8 => Self::Summer,
            9..=11 => Self::Autumn,
            _ => Self::Winter,
        }
    }
}

/// Why a menu is suggested: what spoke for it most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It rains, and it is one for rain.
    Rain,
    /// It snows, and it is one for snow.
    Snow,
    /// It is cold, and it warms.
    Cold {
        /// In °C.
        degrees: i32,
    },
    /// It is hot, and it is one for the heat.
    Hot {
        /// In °C.
        degrees: i32,
    },
    /// The wind is strong, and it is a hot soup.
    Wind,
    /// It is its season.
    Season(Season),
    /// It is the time of the day for it.
    Hour(Slot),
    /// They had this kind of food often.
    Favourite {
        /// Which kind.
        category: Category,
        /// At so many of their last orders,
        count: u32,
        /// of so many.
        total: u32,
    },
    /// There are open orders near them that name it.
    NearMenu {
        /// How many.
        count: u32,
    },
    /// There are open orders near them of its kind.
    NearKind {
        /// Which kind.
        category: Category,
        /// How many.
        count: u32,
    },
}

impl Reason {
    /// The sentence, in the reader's language.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Rain => t!("suggestions.reason.rain"),
            Self::Snow => t!("suggestions.reason.snow"),
            Self::Cold { degrees } => t!("suggestions.reason.cold", degrees = degrees),
            Self::Hot { degrees } => t!("suggestions.reason.hot", degrees = degrees),
            Self::Wind => t!("suggestions.reason.wind"),
            Self::Season(Season::Spring) => t!("suggestions.reason.spring"),
            Self::Season(Season::Summer) => t!("suggestions.reason.summer"),
            Self::Season(Season::Autumn) => t!("suggestions.reason.autumn"),
            Self::Season(Season::Winter) => t!("suggestions.reason.winter"),
            Self::Hour(Slot::Breakfast) => t!("suggestions.reason.breakfast"),
            Self::Hour(Slot::Lunch) => t!("suggestions.reason.lunch"),
            Self::Hour(Slot::Afternoon) => t!("suggestions.reason.afternoon"),
            Self::Hour(Slot::Dinner) => t!("suggestions.reason.dinner"),
            Self::Hour(Slot::Night) => t!("suggestions.reason.night"),
            Self::Favourite { category, count, total } => {
                t!("suggestions.reason.favourite", category = category.label(), count = count, total = total)
            }
            Self::NearMenu { count } => t!("suggestions.reason.near_menu", count = count),
            Self::NearKind { category, count } => t!("suggestions.reason.near_kind", category = category.label(), count = count),
        }
    }
}

/// A menu that is suggested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pick<'m> {
    /// Which.
    pub menu: &'m Menu,
    /// Why.
    pub reason: Reason,
    /// Its points.
    pub score: i32,
}

/// Five that were not shown, as long as there are so many; `shown` has the keys of those that were, oldest first.
///
/// What was not shown comes before what makes a good mixture. When it is less than five it begins again, with the last five left out.
#[must_use]
pub fn five<'m>(menus: &'m [Menu], facts: &Facts, seed: u64, shown: &[String]) -> Vec<Pick<'m>> {
    let picks = ranked(menus, facts, seed);
    let last = &shown[shown.len().saturating_sub(FIVE)..];
    let mut chosen = Vec::with_capacity(FIVE);
    for (but, is_mixed) in [(shown, true), (shown, false), (last, true), (last, false)] {
        choose(&mut chosen, &picks, but, is_mixed);
    }
    chosen.sort_by(best_first);
    chosen
}

/// What speaks for menus with these keys, in their order; those that are not eaten at this time of the day are left out.
#[must_use]
pub fn again<'m>(menus: &'m [Menu], facts: &Facts, seed: u64, keys: &[String]) -> Vec<Pick<'m>> {
    let picks = ranked(menus, facts, seed);
    keys.iter().filter_map(|key| picks.iter().find(|pick| pick.menu.key == *key).copied()).collect()
}

/// All that are eaten at this time of the day, the most fitting first.
fn ranked<'m>(menus: &'m [Menu], facts: &Facts, seed: u64) -> Vec<Pick<'m>> {
    let slot = Slot::at(facts.hour);
    let named: Vec<Option<&str>> = facts.near.iter().map(|near| named(menus, near)).collect();
    let eaten = menus.iter().filter(|menu| menu.slots.contains(&slot));
    let mut picks: Vec<Pick<'m>> = eaten.map(|menu| weigh(menu, slot, facts, &named, seed)).collect();
    picks.sort_by(best_first);
    picks
}

fn best_first(a: &Pick<'_>, b: &Pick<'_>) -> Ordering {
    b.score.cmp(&a.score).then_with(|| a.menu.key.cmp(&b.menu.key))
}

/// Adds the best of the others until there are five, of which few are of a kind and few are spicy if they are to be mixed.
fn choose<'m>(chosen: &mut Vec<Pick<'m>>, picks: &[Pick<'m>], but: &[String], is_mixed: bool) {
    for pick in picks.iter().filter(|pick| !but.contains(&pick.menu.key)) {
        let of_its_kind = chosen.iter().filter(|other| other.menu.category == pick.menu.category).count();
        let is_mild = !pick.menu.is_spicy || chosen.iter().filter(|other| other.menu.is_spicy).count() < MOST_SPICY;
        let fits = !is_mixed || (of_its_kind < MOST_OF_A_KIND && is_mild);
        if chosen.len() < FIVE && fits && !chosen.iter().any(|other| other.menu.key == pick.menu.key) {
            chosen.push(*pick);
        }
    }
}

/// The menu that an order is for: of those of its kind that it names the one with the longest name.
fn named<'m>(menus: &'m [Menu], near: &Near) -> Option<&'m str> {
    let length = |menu: &Menu| [&menu.ko, &menu.en].into_iter().filter(|name| names(&near.words, name)).map(|name| name.len()).max();
    let of_its_kind = menus.iter().filter(|menu| menu.category == near.category);
    of_its_kind.filter_map(|menu| Some((length(menu)?, menu))).max_by_key(|(length, _)| *length).map(|(_, menu)| menu.key.as_str())
}

/// The points of a menu that is eaten at this time of the day. `named` has what the orders near are for.
fn weigh<'m>(menu: &'m Menu, slot: Slot, facts: &Facts, named: &[Option<&str>], seed: u64) -> Pick<'m> {
    // The first of equal ones stands.
    let mut for_it: Vec<(i32, Reason)> = vec![(80 + 20 * (Slot::ALL.len() - menu.slots.len()) as i32, Reason::Hour(slot))];
    let mut against = 0;
    match menu.is_in_season(facts.month) {
        Some(true) if Season::of(facts.month).is_of(menu) => for_it.push((220, Reason::Season(Season::of(facts.month)))),
        Some(false) => against += 400,
        // There is no word for what is in season around the turn of two.
        Some(true) | None => {}
    }
    if let Some(degrees) = facts.temperature() {
        if degrees < menu.warmth.0 || degrees > menu.warmth.1 {
            against += 300;
        } else if degrees <= COLD && menu.warmth.1 <= FOR_COLD && !menu.is_cold {
            for_it.push((160 + 10 * (COLD - degrees).min(15), Reason::Cold { degrees }));
        } else if degrees >= HOT && menu.warmth.0 >= FOR_HEAT {
            for_it.push((160 + 15 * (degrees - HOT).min(10), Reason::Hot { degrees }));
        }
    }
    let weather = facts.weather.unwrap_or_default();
    if let Some(falls) = weather.falls {
        let is_wet = matches!(falls, Falls::Rain | Falls::Shower | Falls::Sleet);
        let is_white = matches!(falls, Falls::Snow | Falls::Sleet);
        if is_wet && menu.rain > 1 {
            for_it.push((130 * i32::from(menu.rain), Reason::Rain));
        }
        if is_white && menu.snow > 1 {
            for_it.push((130 * i32::from(menu.snow), Reason::Snow));
        }
        if menu.is_cold {
            against += 100;
        }
    }
    if menu.is_soup && weather.wind.is_some_and(|wind| wind >= STRONG) {
        for_it.push((120, Reason::Wind));
    }
    let total = facts.past.iter().map(|(_, count)| count).sum::<u32>();
    if let Some((category, count)) = facts.past.iter().copied().find(|(category, _)| *category == menu.category)
        && count >= FAVOURITE
        && count * FAVOURITE_OF >= total
    {
        let share = 300 * i64::from(count) / i64::from(total);
        for_it.push((100 + i32::try_from(share).unwrap_or(300), Reason::Favourite { category, count, total }));
    }
    let of_its_kind = facts.near.iter().filter(|near| near.category == menu.category).count() as u32;
    let of_its_name = named.iter().filter(|key| **key == Some(menu.key.as_str())).count() as u32;
    if of_its_name > 0 {
        for_it.push((320 + 40 * of_its_name.min(4) as i32, Reason::NearMenu { count: of_its_name }));
    } else if of_its_kind > 0 {
        for_it.push((110 + 30 * of_its_kind.min(4) as i32, Reason::NearKind { category: menu.category, count: of_its_kind }));
    }
    let points: i32 = for_it.iter().map(|(points, _)| points).sum();
    let (_, reason) = for_it.into_iter().reduce(|best, other| if other.0 > best.0 { other } else { best }).expect("the hour speaks for it");
    Pick { menu, reason, score: points - against + chance(seed, &menu.key) }
}

/// What chance depends on for somebody on a day.
#[must_use]
pub fn seed(who: &[u8], day: i64) -> u64 {
    hash(hash(BASIS, who), &day.to_le_bytes())
}

/// FNV-1a's beginning.
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a.
fn hash(from: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(from, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// 0 to [`CHANCE`], the same for the same seed and menu.
fn chance(seed: u64, key: &str) -> i32 {
    // SplitMix64's last steps spread what differs in few bits only.
    let hash = hash(BASIS ^ seed, key.as_bytes());
    let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) % (CHANCE + 1)) as i32
}

const _: () = assert!(MOST_FONDNESS == 3, "the bounds of scores count on it");

#[cfg(test)]
mod tests {
    use super::super::menus::all;
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    const NOON: Facts = Facts { hour: 12, month: 4, weather: None, past: Vec::new(), near: Vec::new() };

    fn weather(temperature: f32, falls: Option<Falls>) -> Option<Weather> {
        Some(Weather { temperature: Some(temperature), falls, wind: Some(2.0) })
    }

    fn keys(picks: &[Pick<'_>]) -> Vec<String> {
        picks.iter().map(|pick| pick.menu.key.clone()).collect()
    }

    /// Whether what is told is so.
    fn is_true(pick: &Pick<'_>, facts: &Facts) -> bool {
        let menu = pick.menu;
        let falls = facts.weather.and_then(|weather| weather.falls);
        let kinds = |category| facts.near.iter().filter(|near| near.category == category).count() as u32;
        match pick.reason {
            Reason::Rain => menu.rain > 0 && matches!(falls, Some(Falls::Rain | Falls::Shower | Falls::Sleet)),
            Reason::Snow => menu.snow > 0 && matches!(falls, Some(Falls::Snow | Falls::Sleet)),
            Reason::Cold { degrees } => facts.temperature() == Some(degrees) && degrees <= COLD && !menu.is_cold,
            Reason::Hot { degrees } => facts.temperature() == Some(degrees) && degrees >= HOT && menu.warmth.0 >= FOR_HEAT,
            Reason::Wind => menu.is_soup && facts.weather.and_then(|weather| weather.wind).is_some_and(|wind| wind >= STRONG),
            Reason::Season(season) => {
                let (from, to) = menu.months.expect("a season");
                let long = (to + 12 - from) % 12 + 1;
                let seasons: Vec<Season> = (0..long).map(|n| Season::of((from - 1 + n) % 12 + 1)).collect();
                let held = |season| seasons.iter().filter(|held| **held == season).count();
                season == Season::of(facts.month) && seasons.iter().all(|other| held(*other) <= held(season)) && held(season) > 0
            }
            Reason::Hour(slot) => slot == Slot::at(facts.hour) && menu.slots.contains(&slot),
            Reason::Favourite { category, count, total } => {
                menu.category == category
                    && facts.past.contains(&(category, count))
                    && total == facts.past.iter().map(|(_, count)| count).sum::<u32>()
                    && count >= FAVOURITE
                    && f64::from(count) / f64::from(total) >= 0.25
            }
            Reason::NearMenu { count } => {
                let of_its_kind = || facts.near.iter().filter(|near| near.category == menu.category);
                let called_so = of_its_kind().filter(|near| near.words == menu.ko).count() as u32;
                let named = of_its_kind().filter(|near| names(&near.words, &menu.ko) || names(&near.words, &menu.en)).count() as u32;
                count > 0 && (called_so..=named).contains(&count)
            }
            Reason::NearKind { category, count } => category == menu.category && count > 0 && count == kinds(category),
        }
    }

    fn any_facts() -> impl Strategy<Value = Facts> {
        let falls =
            prop_oneof![Just(None), Just(Some(Falls::Rain)), Just(Some(Falls::Sleet)), Just(Some(Falls::Snow)), Just(Some(Falls::Shower))];
        let temperature = prop::option::of(prop_oneof![-30.0f32..45.0, Just(f32::NAN), Just(f32::INFINITY)]);
        let weather = (temperature, falls, prop::option::of(0.0f32..40.0)).prop_map(|(temperature, falls, wind)| Weather {
            temperature,
            falls,
            wind,
        });
        let category = (0..Category::ALL.len()).prop_map(|n| Category::ALL[n]);
        let near = (category.clone(), 0..all().len()).prop_map(|(category, n)| Near { category, words: all()[n].ko.clone() });
        let past = prop::collection::hash_map(category, 1u32..50, 0..6).prop_map(|past| past.into_iter().collect::<Vec<_>>());
        (0u8..24, 1u8..=12, prop::option::of(weather), past, prop::collection::vec(near, 0..20))
            .prop_map(|(hour, month, weather, past, near)| Facts { hour, month, weather, past, near })
    }

    proptest! {
        #[test]
        fn there_are_always_five_with_true_reasons(facts in any_facts(), seed: u64, rounds in 0usize..=7) {
            let mut shown = Vec::new();
            for round in 0..=rounds {
                let picks = five(all(), &facts, seed, &shown);
                prop_assert!(picks.is_sorted_by_key(|pick| -pick.score));
                prop_assert_eq!(keys(&picks).into_iter().collect::<HashSet<_>>().len(), FIVE);
                for pick in &picks {
                    prop_assert!(is_true(pick, &facts), "{:?} of {:?}", pick, facts);
                    prop_assert!((BOUNDS.0..=BOUNDS.1).contains(&pick.score), "{:?}", pick);
                    let of_its_kind = picks.iter().filter(|other| other.menu.category == pick.menu.category).count();
                    let spicy = picks.iter().filter(|other| other.menu.is_spicy).count();
                    prop_assert!(round > 0 || (of_its_kind <= MOST_OF_A_KIND && spicy <= MOST_SPICY));
                }
                shown.extend(keys(&picks));
                prop_assert_eq!(again(all(), &facts, seed, &keys(&picks)), picks);
            }
        }
    }

    #[test]
    fn nothing_comes_again_before_everything_was_shown() {
        for hour in 0..24 {
            let facts = Facts { hour, ..NOON };
            let eaten = all().iter().filter(|menu| menu.slots.contains(&Slot::at(hour))).count();
            let mut shown: Vec<String> = Vec::new();
            for round in 0..eaten / FIVE {
                let next = keys(&five(all(), &facts, 7, &shown));
                assert!(!next.iter().any(|key| shown.contains(key)), "{next:?} at {hour} in round {round}");
                shown.extend(next);
            }
            let begun = keys(&five(all(), &facts, 7, &shown));
            assert_eq!(begun.iter().filter(|key| !shown.contains(key)).count(), eaten % FIVE, "what is left at {hour} comes first");
            assert!(!begun.iter().any(|key| shown[shown.len() - FIVE..].contains(key)), "not what was there just now");
        }
        assert_ne!(keys(&five(all(), &NOON, 1, &[])), keys(&five(all(), &NOON, 2, &[])), "another day has others");
    }

    #[test]
    fn rain_snow_cold_and_heat_are_felt() {
        let wet = Facts { weather: weather(17.0, Some(Falls::Rain)), ..NOON };
        let picks = five(all(), &wet, 1, &[]);
        assert!(picks.iter().all(|pick| pick.reason == Reason::Rain), "{picks:?}");
        let white = Facts { month: 1, weather: weather(-3.4, Some(Falls::Snow)), ..NOON };
        assert!(five(all(), &white, 1, &[]).iter().all(|pick| matches!(pick.reason, Reason::Snow)));
        let cold = Facts { month: 1, weather: weather(-9.6, None), ..NOON };
        let picks = five(all(), &cold, 1, &[]);
        assert!(picks.iter().any(|pick| pick.reason == Reason::Cold { degrees: -10 }), "{picks:?}");
        assert!(picks.iter().all(|pick| !pick.menu.is_cold), "{picks:?}");
        let hot = Facts { month: 7, weather: weather(33.0, None), ..NOON };
        let picks = five(all(), &hot, 1, &[]);
        assert!(picks.iter().filter(|pick| pick.reason == Reason::Hot { degrees: 33 }).count() >= 3, "{picks:?}");
    }

    #[test]
    fn a_season_is_named_where_it_is_the_menus_own() {
        let menu = |name: &str| super::super::menus::find(name).expect("a menu");
        for (name, own) in [("물냉면", Season::Summer), ("어묵탕", Season::Winter)] {
            assert_eq!(Season::ALL.into_iter().filter(|season| season.is_of(menu(name))).collect::<Vec<_>>(), [own], "{name}");
        }
        let may = Facts { month: 5, ..NOON };
        let cold = weigh(menu("물냉면"), Slot::Lunch, &may, &[], 1);
        assert_eq!(cold.reason, Reason::Hour(Slot::Lunch), "it is eaten already, and not best in spring");
    }

    #[test]
    fn an_order_is_for_the_menu_that_it_names_and_for_one_only() {
        let order = |category, words: &str| Near { category, words: words.to_owned() };
        let is_for = |category, words: &str| named(all(), &order(category, words));
        assert_eq!(is_for(Category::Bunsik, "떡 볶이 먹을 사람 온동네분식"), Some("tteokbokki"));
        assert_eq!(is_for(Category::Pizza, "떡볶이 먹을 사람"), None, "it is something else, whatever it is called");
        assert_eq!(is_for(Category::Bunsik, "혼자 먹을 거라면"), None);
    }

    #[test]
    fn what_somebody_likes_and_what_is_open_counts() {
        let fond = Facts { past: vec![(Category::Pizza, 9), (Category::Korean, 1)], ..NOON };
        let picks = five(all(), &fond, 1, &[]);
        let pizza = picks.iter().find(|pick| pick.menu.category == Category::Pizza).expect("a pizza");
        assert_eq!(pizza.reason, Reason::Favourite { category: Category::Pizza, count: 9, total: 10 });
        let order = |words: &str| Near { category: Category::Korean, words: words.to_owned() };
        let near = Facts { near: vec![order("칼국수 먹을 사람 손칼국수집"), order("비 오는 날 칼 국수")], ..NOON };
        let picks = five(all(), &near, 1, &[]);
        assert_eq!((picks[0].menu.key.as_str(), picks[0].reason), ("kalguksu", Reason::NearMenu { count: 2 }));
    }
}
