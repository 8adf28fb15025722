//! The design system: the parts that pages are made of. They take values and callbacks, fetch nothing and know no
//! feature. Every one stands in every state at `/kit`.

mod app_bar;
mod avatar;
mod badge;
mod banner;
mod button;
mod choice;
mod dialog;
mod empty;
mod field;
mod form;
mod icon;
pub mod kit;
mod kit_states;
mod pager;
mod progress;
mod scene;
mod seats;
mod skeleton;
mod submission;
mod text_area;
pub mod time;
mod toast;
mod trouble;

pub use app_bar::{AppBar, BarTools};
pub use avatar::{Avatar, AvatarSize, hue};
pub use badge::{Badge, BadgeKind, Count, Tile};
pub use banner::{Banner, BannerKind};
pub use button::{Button, ButtonKind, ButtonSize, LinkButton};
pub use choice::{CheckField, RadioGroup, RadioLook, SelectField};
pub use dialog::{Confirm, Dialog};
pub use empty::Empty;
pub use field::{Field, FieldProblem, FieldScope, PasswordField, TextAreaField, TextField, field_id};
pub use form::{ErrorSummary, SubmitButton, focus};
pub use icon::{Icon, IconName};
pub use pager::{PageNumbers, Pager};
pub use progress::Progress;
pub use scene::{Scene, SceneName};
pub use seats::{MOST_SEATS, Seat, SeatDots, SeatTable, YourSeat};
pub use skeleton::{ListBones, OrderBones};
pub use submission::{PostForm, Submission, submission};
pub use text_area::TextArea;
pub use time::{Countdown, DateTime, TimeAgo};
pub use toast::{ToastRegion, Toaster};
pub use trouble::{Trouble, TryAgain};
