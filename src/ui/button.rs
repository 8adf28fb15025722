//! Buttons and links that look like them. One `Main` in a view; everything else is softer.

use leptos::prelude::*;

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The ordinary one.
    #[default]
    Soft,
    /// The one thing this view is for.
    Main,
    /// Outlined.
    Line,
    /// Only text.
    Bare,
    /// Takes something away.
    Danger,
    /// Leads to an open seat, and nothing else does.
    Yuzu,
}

impl ButtonKind {
    /// The class names, for elements that are written by hand.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Soft => "btn",
            Self::Main => "btn btn--main",
            Self::Line => "btn btn--line",
            Self::Bare => "btn btn--bare",
            Self::Danger => "btn btn--danger",
            Self::Yuzu => "btn btn--yuzu",
        }
    }
}

/// How large a button is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonSize {
    /// 48 pixels high.
    #[default]
    Medium,
    /// 44 pixels high with small text.
    Small,
    /// As wide as its place.
    Wide,
}

pub(super) fn class(kind: ButtonKind, size: ButtonSize) -> String {
    let size = match size {
        ButtonSize::Medium => "",
        ButtonSize::Small => " btn--s",
        ButtonSize::Wide => " btn--wide",
    };
    format!("{}{size}", kind.class())
}

/// A button that does something here and now. For a form's own button see [`super::SubmitButton`].
#[component]
pub fn Button(
    /// How it looks.
    #[prop(optional)]
    kind: ButtonKind,
    /// How large it is.
    #[prop(optional)]
    size: ButtonSize,
    /// Its name, and icons.
    children: Children,
) -> impl IntoView {
    view! { <button type="button" class=class(kind, size)>{children()}</button> }
}

/// A link that looks like a button.
#[component]
pub fn LinkButton(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// How it looks.
    #[prop(optional)]
    kind: ButtonKind,
    /// How large it is.
    #[prop(optional)]
    size: ButtonSize,
    /// Its name, and icons.
    children: Children,
) -> impl IntoView {
    view! { <a href=href class=class(kind, size)>{children()}</a> }
}
