//! Which region a form means.

use super::atlas;
use super::model::{RegionChoice, RegionView};
use crate::shared::error::{FieldError, FieldErrors};
use crate::shared::ids::RegionCode;

/// Most regions to choose from when a text fits several.
const MOST_CHOICES: usize = 12;
/// Enough to find a chosen region among those that a text fits.
const ALL: usize = 500;

/// Finds the region that a form's two fields mean; the error is one of `field` and carries the regions to choose from when
/// several fit.
///
/// A code counts when it fits what is typed: without JavaScript the code of the region before may stand beside the text of
/// another one.
pub fn settle(choice: &RegionChoice, field: &'static str, errors: &mut FieldErrors) -> Option<RegionCode> {
    let text = choice.text.as_str();
    let coded = choice.code.and_then(atlas::find);
    if let Some(region) = coded
        && (text.is_empty() || region.full() == text || atlas::search(text, ALL).contains(&region))
    {
        return Some(region.code);
    }
    let found = atlas::search(text, MOST_CHOICES);
    let exact: Vec<&RegionView> = found.iter().filter(|region| region.name == text || region.full() == text).collect();
    match (found.as_slice(), exact.as_slice()) {
        ([only], _) => Some(only.code),
        (_, [only]) => Some(only.code),
        ([], _) => {
            errors.add(field, if text.is_empty() { "regions.needed" } else { "regions.unknown" });
            None
        }
        _ => {
            let args = found.iter().map(|region| (region.code.0.to_string().into(), region.full())).collect();
            if errors.of(field).is_none() {
                errors.0.push(FieldError { field: field.into(), code: "regions.several".into(), args });
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(code: &str, text: &str) -> Result<u32, FieldError> {
        let mut errors = FieldErrors::default();
        let choice = RegionChoice::read(code, text).expect("something");
        settle(&choice, "region", &mut errors).map(|code| code.0).ok_or_else(|| errors.0.remove(0))
    }

    #[test]
    fn a_code_or_a_text_that_only_one_region_has_is_enough() {
        assert_eq!(meant("11440124", "").expect("by its code"), 11_440_124);
        assert_eq!(meant("", "연남동").expect("by its name"), 11_440_124);
        assert_eq!(meant("", "서울 마포구 연남동").expect("in full"), 11_440_124);
        assert_eq!(meant("11440124", "서울 마포구 연남동").expect("both"), 11_440_124);
    }

    #[test]
    fn what_is_typed_outweighs_the_code_of_another() {
        let found = meant("11440124", "성산일출").err();
        assert_eq!(found.expect("unknown").code, "regions.unknown");
        let seogyo = meant("11440124", "서울 서교동").expect("by its name");
        assert_ne!(seogyo, 11_440_124);
        assert_eq!(meant(&seogyo.to_string(), "서교").expect("chosen from several"), seogyo);
    }

    #[test]
    fn several_that_fit_are_offered() {
        let several = meant("", "신촌동").expect_err("in several cities");
        assert_eq!(several.code, "regions.several");
        assert!((2..=MOST_CHOICES).contains(&several.args.len()), "{several:?}");
        let (code, name) = several.args[1].clone();
        assert!(name.ends_with("신촌동"), "{name}");
        assert_eq!(meant(&code, "신촌동").expect("the chosen one").to_string(), code);
    }

    #[test]
    fn codes_of_nothing_are_refused() {
        for code in ["99999999", "x", "-1", "11440124 or 1=1"] {
            assert_eq!(meant(code, "").expect_err(code).code, "regions.needed");
        }
    }
}
