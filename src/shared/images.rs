//! Pictures that people put in: what both sides know of them.

use super::error::{AppError, FieldErrors};
use super::ids::ImageId;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Largest file, in bytes.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;
/// Most pictures of one message, or of one party.
pub const MAX_PICTURES: usize = 4;
/// What file choosers offer.
pub const ACCEPTED: &str = "image/jpeg,image/png,image/webp";

/// Why files are refused, beside the field of files; the key of a sentence in `locales/`.
#[must_use]
pub fn refusal(key: &'static str) -> AppError {
    let mut errors = FieldErrors::default();
    errors.add_with("image", key, vec![("megabytes", (MAX_BYTES / 1024 / 1024).to_string()), ("max", MAX_PICTURES.to_string())]);
    errors.into()
}

/// The sizes in which each picture is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// For faces.
    Small,
    /// For conversations and lists.
    Medium,
    /// For looking at.
    Large,
}

impl Size {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Small, Self::Medium, Self::Large];

    /// How it is called in addresses.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Small => "s",
            Self::Medium => "m",
            Self::Large => "l",
        }
    }

    /// The longer edge, in pixels; smaller pictures are kept as they are.
    #[must_use]
    pub const fn edge(self) -> u32 {
        match self {
            Self::Small => 192,
            Self::Medium => 640,
            Self::Large => 1_600,
        }
    }
}

/// Where a picture is served.
#[must_use]
pub fn path(id: ImageId, size: Size) -> String {
    format!("/images/{id}/{}", size.code())
}

/// A picture and its largest form's size in pixels. Written `ID.WIDTHxHEIGHT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Which.
    pub id: ImageId,
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}x{}", self.id, self.width, self.height)
    }
}

impl FromStr for Picture {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (id, size) = text.split_once('.').ok_or(())?;
        let (width, height) = size.split_once('x').ok_or(())?;
        let number = |text: &str| text.parse().map_err(|_| ());
        Ok(Self { id: id.parse().map_err(|_| ())?, width: number(width)?, height: number(height)? })
    }
}

/// Some pictures in order: their words with spaces between. Kept, sent and stored as that text, and read where they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema), schemars(extend("pattern" = r"^([0-9a-f-]{36}\.[0-9]+x[0-9]+( [0-9a-f-]{36}\.[0-9]+x[0-9]+)*)?$")))]
#[serde(transparent)]
pub struct Pictures(pub String);

impl Pictures {
    /// What stands in a form in the place of one that is still on its way to the server.
    pub const COMING: &str = "-";

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first of them.
    #[must_use]
    pub fn first(&self) -> Option<Picture> {
        self.iter().next()
    }

    /// Which they are, each once: as a form names them, where only the ids count.
    ///
    /// # Errors
    /// Beside the field of files: one is still on its way, or there are more than [`MAX_PICTURES`].
    pub fn ids(&self) -> Result<Vec<ImageId>, FieldErrors> {
        let mut ids = Vec::new();
        for word in self.0.split_whitespace() {
            let picture: Picture = word.parse().map_err(|()| refusal("images.error.wait").fields())?;
            if !ids.contains(&picture.id) {
                ids.push(picture.id);
            }
            if ids.len() > MAX_PICTURES {
                return Err(refusal("images.error.many").fields());
            }
        }
        Ok(ids)
    }

    /// One after the other; what is no picture is left out.
    pub fn iter(&self) -> impl Iterator<Item = Picture> + '_ {
        self.0.split_whitespace().filter_map(|word| word.parse().ok())
    }
}

impl FromIterator<Picture> for Pictures {
    fn from_iter<I: IntoIterator<Item = Picture>>(pictures: I) -> Self {
        Self(pictures.into_iter().map(|picture| picture.to_string()).collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    proptest! {
        #[test]
        fn a_form_names_each_picture_once_and_not_too_many(numbers in proptest::collection::vec(0..6_u128, 0..9), coming in any::<bool>()) {
            let named: Pictures = numbers.iter().map(|n| Picture { id: ImageId(Uuid::from_u128(*n)), width: 1, height: 1 }).collect();
            let mut each: Vec<ImageId> = Vec::new();
            for n in &numbers {
                if !each.contains(&ImageId(Uuid::from_u128(*n))) {
                    each.push(ImageId(Uuid::from_u128(*n)));
                }
            }
            let named = if coming { Pictures(format!("{named} {}", Pictures::COMING, named = named.0)) } else { named };
            let code = |errors: FieldErrors| errors.of("image").map(|error| error.code.to_string());
            let expected = match (each.len() > MAX_PICTURES, coming) {
                (true, _) => Err(Some("images.error.many".to_owned())),
                (false, true) => Err(Some("images.error.wait".to_owned())),
                (false, false) => Ok(each),
            };
            prop_assert_eq!(named.ids().map_err(code), expected);
        }
    }

    #[test]
    fn pictures_are_written_and_read() {
        let some = [1, 2].map(|n| Picture { id: ImageId(Uuid::from_u128(n)), width: 1_600, height: 900 });
        let written: Pictures = some.into_iter().collect();
        assert_eq!(written.0, "00000000-0000-0000-0000-000000000001.1600x900 00000000-0000-0000-0000-000000000002.1600x900");
        assert!(written.iter().eq(some));
        assert!(
            Pictures::default().is_empty()
                && Pictures("x 1.2x3 00000000-0000-0000-0000-000000000001.-1x2".to_owned()).iter().next().is_none()
        );
    }
}
