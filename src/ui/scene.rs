//! Drawings larger than icons: `public/scenes.svg`, in the colours of the place of use.

use leptos::prelude::*;

/// A symbol of `public/scenes.svg`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SceneName {
    /// The travel door.
    DoorTrip,
    /// The meal door.
    DoorMeal,
    /// The campus door.
    DoorCampus,
    /// A table nobody sits at yet; the lit seat is yours.
    #[default]
    SeatOpen,
    /// A table that tipped over: something failed.
    SeatBroken,
    /// A table whose fourth seat is not there.
    SeatLost,
    /// A bowl of noodles, steaming, for the first page's panel.
    Bowl,
}

impl SceneName {
    const fn href(self) -> &'static str {
        match self {
            Self::DoorTrip => "/scenes.svg#door-trip",
            Self::DoorMeal => "/scenes.svg#door-meal",
            Self::DoorCampus => "/scenes.svg#door-campus",
            Self::SeatOpen => "/scenes.svg#seat-open",
            Self::SeatBroken => "/scenes.svg#seat-broken",
            Self::SeatLost => "/scenes.svg#seat-lost",
            Self::Bowl => "/scenes.svg#bowl",
        }
    }

    const fn view_box(self) -> &'static str {
        match self {
            Self::DoorTrip | Self::DoorMeal | Self::DoorCampus => "0 0 112 128",
            Self::SeatOpen | Self::SeatBroken => "0 0 112 96",
            Self::SeatLost => "0 0 240 220",
            Self::Bowl => "0 0 232 210",
        }
    }
}

/// A drawing without meaning of its own; screen readers skip it.
#[component]
pub fn Scene(
    /// Which one.
    name: SceneName,
) -> impl IntoView {
    view! {
        <svg class="scene" viewBox=name.view_box() preserveAspectRatio="xMidYMax" aria-hidden="true">
            <use href=name.href() />
        </svg>
    }
}
