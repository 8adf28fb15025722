//! What somebody would like to order, as the address of the form that opens an order says it.

use super::Category;
use crate::shared::words;

/// Longest name of a menu, in characters.
pub const MAX_MENU: usize = 40;

/// A menu that an order is to be opened for. Any page may lead here, so whatever is wrong in it is as if it were not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Its name: one line of 1 to [`MAX_MENU`] characters.
    pub menu: Option<String>,
    /// What kind of food it is.
    pub category: Option<Category>,
}

impl Wish {
    /// Reads an address by its parts.
    pub fn read(part: impl Fn(&str) -> Option<String>) -> Self {
        Self { menu: part("menu").as_deref().and_then(menu_name), category: part("category").and_then(|code| Category::from_code(&code)) }
    }
}

/// A name as it can be that of a menu.
fn menu_name(text: &str) -> Option<String> {
    // Enough to tell that it is too long.
    let text: String = text.chars().take(4 * MAX_MENU).collect();
    let name = words::line(&text);
    let fits = (1..=MAX_MENU).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    fits.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(menu: &str, category: &str) -> Wish {
        Wish::read(|name| match name {
            "menu" => Some(menu.to_owned()),
            _ => Some(category.to_owned()),
        })
    }

    #[test]
    fn a_menu_and_its_kind_are_read() {
        let wish = read(" 김치  찌개 ", "stew");
        assert_eq!(wish, Wish { menu: Some("김치 찌개".to_owned()), category: Some(Category::Stew) });
        assert_eq!(read(&"가".repeat(MAX_MENU), "x").menu.map(|menu| menu.chars().count()), Some(MAX_MENU));
    }

    #[test]
    fn what_is_too_long_or_no_line_is_not_there() {
        for menu in ["", "  ", "a\u{7}b", &"가".repeat(MAX_MENU + 1), &"가".repeat(1_000_000)] {
            assert_eq!(read(menu, "soup"), Wish::default());
        }
        assert_eq!(Wish::read(|_| None), Wish::default());
    }
}
