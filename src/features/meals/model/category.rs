//! What is ordered.

use crate::t;
use serde::{Deserialize, Serialize};

macro_rules! categories {
    ($($name:ident => $code:literal, $key:literal;)+) => {
        /// A kind of food, in the order in which they are offered.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum Category {
            $(#[doc = concat!("`", $code, "`")] $name,)+
        }

        impl Category {
            /// All of them.
            pub const ALL: [Self; 14] = [$(Self::$name),+];

            /// How it is stored and written in addresses.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// What it is called, in the reader's language.
            #[must_use]
            pub fn label(self) -> String {
                match self { $(Self::$name => t!($key)),+ }
            }
        }
    };
}

categories! {
    Jokbal => "jokbal", "meals.category.jokbal";
    Stew => "stew", "meals.category.stew";
    Japanese => "japanese", "meals.category.japanese";
    Pizza => "pizza", "meals.category.pizza";
    Grill => "grill", "meals.category.grill";
    Western => "western", "meals.category.western";
    Chicken => "chicken", "meals.category.chicken";
    Chinese => "chinese", "meals.category.chinese";
    Asian => "asian", "meals.category.asian";
    Korean => "korean", "meals.category.korean";
    Dosirak => "dosirak", "meals.category.dosirak";
    Bunsik => "bunsik", "meals.category.bunsik";
    Cafe => "cafe", "meals.category.cafe";
    Fastfood => "fastfood", "meals.category.fastfood";
}

impl Category {
    /// The inverse of [`Category::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.code() == code)
    }
}
