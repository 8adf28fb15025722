//! Faces: the first letter of a name on one of twelve hues, or the picture that its owner chose.

use super::icon::{Icon, IconName};
use crate::shared::ids::ImageId;
use crate::shared::images::{Size, path};
use crate::shared::names::is_closed;
use leptos::either::Either;
use leptos::prelude::*;

/// How large a face is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AvatarSize {
    /// 28 pixels, beside a line of text.
    Small,
    /// 40 pixels.
    #[default]
    Medium,
    /// 48 pixels.
    Large,
    /// 56 pixels.
    Huge,
}

impl AvatarSize {
    const fn class(self) -> &'static str {
        match self {
            Self::Small => " avatar--s",
            Self::Medium => "",
            Self::Large => " avatar--l",
            Self::Huge => " avatar--xl",
        }
    }
}

/// The hue of a name, 0 to 11; the same on every machine and in every version (FNV-1a, 32 bits).
#[must_use]
pub fn hue(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)) % 12
}

/// A face. Decorative: the name stands beside it.
#[component]
pub fn Avatar(
    /// Whose it is.
    #[prop(into)]
    name: String,
    /// How large it is.
    #[prop(optional)]
    size: AvatarSize,
    /// Their own picture, shown over the letter as soon as it is there.
    #[prop(default = None)]
    face: Option<ImageId>,
    /// The person is not known; those who are gone are drawn so by their name.
    #[prop(optional)]
    none: bool,
) -> impl IntoView {
    let initial = name.trim().chars().next().filter(|_| !none && !is_closed(&name));
    let class = match initial {
        Some(_) => format!("avatar{} h{}", size.class(), hue(&name)),
        None => format!("avatar{} avatar--none", size.class()),
    };
    view! {
        <span class=class aria-hidden="true">
            {match initial {
                Some(letter) => Either::Left(letter.to_string()),
                None => Either::Right(view! { <Icon name=IconName::Me /> }),
            }}
            {face.map(|id| view! { <img src=path(id, Size::Small) alt="" loading="lazy" decoding="async"/> }.into_any())}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::hue;

    #[test]
    fn a_name_keeps_its_hue() {
        assert_eq!(hue("몽글"), hue("몽글"));
        assert!(["", "mina", "하린", "감자튀김"].into_iter().all(|name| hue(name) < 12));
    }
}
