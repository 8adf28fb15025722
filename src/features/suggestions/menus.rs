//! The menus that ship with the program, with what suits them: `data/menus.csv`, which `data/README.md` explains.

use crate::features::meals::model::Category;
use crate::shared::text::Lang;
use csv::{ReaderBuilder, StringRecord, Trim};
use std::sync::LazyLock;

const COLUMNS: [&str; 11] = ["key", "ko", "en", "category", "from_c", "to_c", "rain", "snow", "hours", "months", "traits"];
/// How much a menu can be one for rain or for snow.
pub const MOST_FONDNESS: u8 = 3;

/// A part of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// 5–9 o'clock.
    Breakfast,
    /// 10–13.
    Lunch,
    /// 14–16.
    Afternoon,
    /// 17–20.
    Dinner,
    /// 21–4.
    Night,
}

impl Slot {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Breakfast, Self::Lunch, Self::Afternoon, Self::Dinner, Self::Night];

    /// The part in which an hour of 0–23 lies.
    #[must_use]
    pub const fn at(hour: u8) -> Self {
        match hour {
            5..=9 => Self::Breakfast,
            10..=13 => Self::Lunch,
            14..=16 => Self::Afternoon,
            17..=20 => Self::Dinner,
            _ => Self::Night,
        }
    }

    /// How it is written in the list, and where it is kept.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Breakfast => 'b',
            Self::Lunch => 'l',
            Self::Afternoon => 'a',
            Self::Dinner => 'd',
            Self::Night => 'n',
        }
    }
}

/// A menu, and what suits it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu {
    /// How it is called among us; never changes.
    pub key: String,
    /// Its Korean name.
    pub ko: String,
    /// Its English name.
    pub en: String,
    /// What kind of food it is.
    pub category: Category,
    /// The temperatures outside, in °C, at which people want it: from and to.
    pub warmth: (i32, i32),
    /// How much it is one for rain, 0 to [`MOST_FONDNESS`].
    pub rain: u8,
    /// How much it is one for snow, 0 to [`MOST_FONDNESS`].
    pub snow: u8,
    /// When it is eaten.
    pub slots: Vec<Slot>,
    /// Its months, 1–12, where it has a season; of a season around the year's end the first is the greater.
    pub months: Option<(u8, u8)>,
    /// Whether it is a hot soup or stew.
    pub is_soup: bool,
    /// Whether it is eaten cold.
    pub is_cold: bool,
    /// Whether it is hot in the mouth.
    pub is_spicy: bool,
}

impl Menu {
    /// What it is called in a language.
    #[must_use]
    pub fn name(&self, lang: Lang) -> &str {
        match lang {
            Lang::Ko => &self.ko,
            Lang::En => &self.en,
        }
    }

    /// Whether a month of 1–12 lies in its season; `None` when it has none.
    #[must_use]
    pub fn is_in_season(&self, month: u8) -> Option<bool> {
        self.months.map(|(from, to)| if from <= to { (from..=to).contains(&month) } else { month >= from || month <= to })
    }
}

/// All of them.
#[must_use]
pub fn all() -> &'static [Menu] {
    static ALL: LazyLock<Vec<Menu>> = LazyLock::new(|| read(include_str!("../../../data/menus.csv")).expect("the embedded file is tested"));
    &ALL
}

/// A name without blanks and capitals, so that it is found however it is written.
#[must_use]
pub fn compact(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a text names something: from the beginning of a word on, however it is written with blanks and capitals, and not as the
/// beginning of a longer Latin word. (What follows a Korean name without a blank is mostly a particle.)
#[must_use]
pub fn names(text: &str, name: &str) -> bool {
    let name: Vec<char> = compact(name).chars().collect();
    let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let is_word = |at: usize| text.get(at).is_some_and(|c| c.is_alphanumeric());
    let begins = |at: &usize| is_word(*at) && (*at == 0 || !is_word(*at - 1));
    (0..text.len()).filter(begins).any(|start| {
        let mut rest = name.iter();
        let mut wanted = rest.next();
        for (at, c) in text.iter().enumerate().skip(start).filter(|(_, c)| c.is_alphanumeric()) {
            if wanted != Some(c) {
                return false;
            }
            wanted = rest.next();
            if wanted.is_none() {
                return !(c.is_ascii_alphanumeric() && text.get(at + 1).is_some_and(char::is_ascii_alphanumeric));
            }
        }
        false
    })
}

/// Where an order for a menu is opened.
#[must_use]
pub fn href(name: &str, category: Option<Category>) -> String {
    // Browsers' programs do not read a plus as a blank there; one in the name is written otherwise.
    let name = url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20");
    let category = category.map(|category| format!("&category={}", category.code())).unwrap_or_default();
    format!("/meals/new?menu={name}{category}")
}

/// The menu with this name, in either language.
#[must_use]
pub fn find(name: &str) -> Option<&'static Menu> {
    let name = compact(name);
    all().iter().find(|menu| compact(&menu.ko) == name || compact(&menu.en) == name)
}

fn read(file: &str) -> Result<Vec<Menu>, String> {
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(file.as_bytes());
    let head = reader.headers().map_err(|error| error.to_string())?;
    if !head.iter().eq(COLUMNS) {
        return Err(format!("the columns are {head:?}"));
    }
    let menu = |record: Result<StringRecord, csv::Error>| {
        let record = record.map_err(|error| error.to_string())?;
        one(&record).ok_or_else(|| format!("a line cannot be right: {record:?}"))
    };
    reader.records().map(menu).collect()
}

fn one(record: &StringRecord) -> Option<Menu> {
    let text = |column: &str| record.get(COLUMNS.iter().position(|known| *known == column)?);
    let name = |column: &str| text(column).filter(|name| !name.is_empty()).map(str::to_owned);
    let fondness = |column: &str| text(column)?.parse().ok().filter(|fondness| *fondness <= MOST_FONDNESS);
    let warmth: (i32, i32) = (text("from_c")?.parse().ok()?, text("to_c")?.parse().ok()?);
    let slots: Vec<Slot> = Slot::ALL.into_iter().filter(|slot| text("hours").is_some_and(|hours| hours.contains(slot.letter()))).collect();
    let months = match text("months")? {
        "" => None,
        months => {
            let (from, to) = months.split_once('-')?;
            let month = |text: &str| text.parse().ok().filter(|month| (1..=12).contains(month));
            Some((month(from)?, month(to)?))
        }
    };
    let traits: Vec<&str> = text("traits")?.split_whitespace().collect();
    let is_right = warmth.0 < warmth.1
        && slots.len() == text("hours")?.chars().count()
        && !slots.is_empty()
        && traits.iter().all(|known| ["soup", "cold", "spicy"].contains(known));
    is_right.then_some(Menu {
        key: name("key")?,
        ko: name("ko")?,
        en: name("en")?,
        category: Category::from_code(text("category")?)?,
        warmth,
        rain: fondness("rain")?,
        snow: fondness("snow")?,
        slots,
        months,
        is_soup: traits.contains(&"soup"),
        is_cold: traits.contains(&"cold"),
        is_spicy: traits.contains(&"spicy"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::meals::model::MAX_MENU;
    use std::collections::HashSet;

    #[test]
    fn the_list_is_right() {
        let menus = read(include_str!("../../../data/menus.csv")).expect("right");
        assert!(menus.len() >= 120, "{}", menus.len());
        let (mut keys, mut known) = (HashSet::new(), HashSet::new());
        for menu in &menus {
            assert!(menu.key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", menu.key);
            assert!(keys.insert(menu.key.clone()), "{} stands twice", menu.key);
            for name in [&menu.ko, &menu.en] {
                assert!(known.insert(compact(name)), "{name} stands twice");
                assert!(name.chars().count() <= MAX_MENU, "{name}");
            }
            assert!((-20..=40).contains(&menu.warmth.0) && (-20..=40).contains(&menu.warmth.1), "{}", menu.key);
            assert!(!(menu.is_cold && menu.is_soup), "{}: a soup is hot here", menu.key);
        }
    }

    #[test]
    fn every_kind_of_food_and_every_part_of_the_day_has_enough() {
        for category in Category::ALL {
            assert!(all().iter().filter(|menu| menu.category == category).count() >= 5, "{category:?}");
        }
        for slot in Slot::ALL {
            let eaten: Vec<&Menu> = all().iter().filter(|menu| menu.slots.contains(&slot)).collect();
            let kinds: HashSet<Category> = eaten.iter().map(|menu| menu.category).collect();
            assert!(eaten.len() >= 20 && kinds.len() >= 6, "{slot:?}: {} of {}", eaten.len(), kinds.len());
        }
    }

    #[test]
    fn a_season_may_lie_around_the_end_of_the_year() {
        let menu = |months| Menu { months, ..all()[0].clone() };
        assert_eq!([11, 12, 2, 3].map(|month| menu(Some((11, 2))).is_in_season(month)), [true, true, true, false].map(Some));
        assert_eq!([5, 6, 8, 9].map(|month| menu(Some((6, 8))).is_in_season(month)), [false, true, true, false].map(Some));
        assert_eq!(menu(None).is_in_season(1), None);
    }

    #[test]
    fn a_text_names_a_menu_from_the_beginning_of_a_word_on() {
        for (text, name) in
            [("떡 볶이 먹을 사람", "떡볶이"), ("칼국수를 나눠요", "칼국수"), ("오늘 Pho?", "Pho"), ("PAD thai, 둘", "pad thai")]
        {
            assert!(names(text, name), "{text}");
        }
        for (text, name) in [
            ("혼자 먹을 거라면", "라면"),
            ("10분만 두 번", "만두"),
            ("iPhone 케이스", "Pho"),
            ("Phone 케이스", "Pho"),
            ("유부초밥", "초밥"),
            ("떡", "떡볶이"),
            ("", "떡볶이"),
            ("아무거나", ""),
        ] {
            assert!(!names(text, name), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_in_a_list_is_refused() {
        let head = COLUMNS.join(",");
        let good = "a,가,A,stew,-20,20,3,2,ld,11-2,soup";
        assert!(read(&format!("{head}\n{good}\n")).is_ok());
        for wrong in [
            "a,가,A,soup,-20,20,3,2,ld,,",
            "a,가,A,stew,20,-20,3,2,ld,,",
            "a,가,A,stew,-20,20,4,2,ld,,",
            "a,가,A,stew,-20,20,3,2,lx,,",
            "a,가,A,stew,-20,20,3,2,,,",
            "a,가,A,stew,-20,20,3,2,ld,13-2,",
            "a,가,A,stew,-20,20,3,2,ld,,sweet",
            "a,,A,stew,-20,20,3,2,ld,,",
        ] {
            assert!(read(&format!("{head}\n{wrong}\n")).is_err(), "{wrong}");
        }
        assert!(read("key,ko\n").is_err());
    }

    #[test]
    fn a_menu_is_found_by_either_name() {
        assert_eq!(find("김치 찌개").map(|menu| menu.key.as_str()), Some("kimchi-jjigae"));
        assert_eq!(find("KIMCHI STEW").map(|menu| menu.key.as_str()), Some("kimchi-jjigae"));
        assert_eq!(find("돌멩이"), None);
        assert_eq!(find(""), None);
    }
}
