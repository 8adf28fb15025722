//! Icons: one sprite, `public/icons.svg`, and a name for each of its symbols.

use leptos::prelude::*;
use leptos::tachys::html::InertElement;

macro_rules! icons {
    ($($name:ident => $id:literal),+ $(,)?) => {
        /// A symbol of `public/icons.svg`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum IconName {
            $(#[doc = concat!("`i-", $id, "`")] $name,)+
        }

        impl IconName {
            /// Every icon, in the order of the sprite.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its id in the sprite without the `i-`, such as `home`.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),+ }
            }

            /// The address for `<use href>`.
            #[must_use]
            pub const fn href(self) -> &'static str {
                match self { $(Self::$name => concat!("/icons.svg#i-", $id)),+ }
            }
        }
    };
}

icons! {
    Home => "home",
    Moim => "moim",
    Chat => "chat",
    Week => "week",
    Me => "me",
    Trip => "trip",
    Meal => "meal",
    Campus => "campus",
    Pen => "pen",
    Search => "search",
    Bell => "bell",
    Pin => "pin",
    Locate => "locate",
    Right => "right",
    Left => "left",
    Down => "down",
    Up => "up",
    Arrow => "arrow",
    Plus => "plus",
    Close => "close",
    Check => "check",
    Share => "share",
    Flag => "flag",
    More => "more",
    Menu => "menu",
    Grip => "grip",
    Filter => "filter",
    Heart => "heart",
    Scrap => "scrap",
    Comment => "comment",
    Reply => "reply",
    Send => "send",
    Image => "image",
    Retry => "retry",
    Trash => "trash",
    Copy => "copy",
    Ics => "ics",
    Exit => "exit",
    Clock => "clock",
    Star => "star",
    Crown => "crown",
    Temp => "temp",
    Tack => "tack",
    Wallet => "wallet",
    Train => "train",
    Walk => "walk",
    Car => "car",
    Sun => "sun",
    Moon => "moon",
    Rain => "rain",
    Cloud => "cloud",
    Snow => "snow",
    Eye => "eye",
    Alert => "alert",
    Lock => "lock",
    People => "people",
    List => "list",
    Book => "book",
    Bed => "bed",
    Jokbal => "jokbal",
    Stew => "stew",
    Fish => "fish",
    Pizza => "pizza",
    Grill => "grill",
    Fork => "fork",
    Chicken => "chicken",
    Noodle => "noodle",
    Leaf => "leaf",
    Rice => "rice",
    Dosirak => "dosirak",
    Bunsik => "bunsik",
    Cafe => "cafe",
    Burger => "burger",
    Mark => "mark",
}

/// An icon beside a text or inside a control that has a name of its own; screen readers skip it.
#[component]
pub fn Icon(
    /// Which one.
    name: IconName,
    /// 18 instead of 24 pixels.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let class = if small { "icon icon--s" } else { "icon" };
    // As text: nothing of it ever changes, and a page has fifty of them.
    InertElement::new(format!("<svg aria-hidden=\"true\" class=\"{class}\"><use href=\"{}\"></use></svg>", name.href()))
}

#[cfg(test)]
mod tests {
    use super::IconName;

    #[test]
    fn every_name_has_its_symbol_and_every_symbol_its_name() {
        let sprite = include_str!("../../public/icons.svg");
        for icon in IconName::ALL {
            assert!(sprite.contains(&format!("<symbol id=\"i-{}\"", icon.id())), "{icon:?}");
        }
        assert_eq!(sprite.matches("<symbol ").count(), IconName::ALL.len());
    }

    #[test]
    fn sprites_are_well_formed_where_it_is_easy_to_slip() {
        for sprite in [include_str!("../../public/icons.svg"), include_str!("../../public/scenes.svg")] {
            for comment in sprite.split("<!--").skip(1) {
                let text = comment.split("-->").next().unwrap_or_default();
                assert!(!text.contains("--"), "XML forbids two hyphens in a comment: {text}");
            }
            assert!(!sprite.contains("style="), "the content policy forbids inline styles");
        }
    }
}
