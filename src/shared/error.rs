//! The one error that crosses the wire: a closed set of codes. Sentences live in `locales/`, causes in the log.

use super::text::{Args, t_args};
use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::codec::JsonEncoding;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// Why a request was not done. Each variant has one HTTP status ([`AppError::status`]) and one sentence ([`AppError::text`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(from = "Wire", into = "Wire")]
pub enum AppError {
    /// The request was not understood (malformed body, missing argument).
    BadRequest,
    /// Nobody is signed in, or the session has ended.
    SignInRequired,
    /// Somebody is signed in, but this is not theirs to do.
    Forbidden,
    /// Somebody is signed in, but has to prove their address first.
    Unverified,
    /// It does not exist, or the viewer may not know that it does.
    NotFound,
    /// The state of things forbids it now.
    Conflict(Conflict),
    /// The body is over its limit.
    TooLarge,
    /// Fields are wrong; each is named.
    Invalid(FieldErrors),
    /// Too many attempts; try again after this many seconds.
    SlowDown {
        /// Seconds to wait, at least 1.
        seconds: u32,
    },
    /// It was done as often as it may be a day: named beside a field, open again after this many seconds.
    Spent {
        /// The field and its sentence.
        fields: FieldErrors,
        /// Seconds to wait, at least 1.
        seconds: u32,
    },
    /// The database or the image store cannot be reached or written just now, or too much is asked of this node.
    Unavailable,
    /// A fault of ours. Its cause is in the log under the request's id.
    Internal,
    /// Only in the browser: the request never reached the server, or its answer never came back.
    Offline,
}

/// How an [`AppError`] is written: `{"code":"conflict","conflict":"full"}`. A flat object, because reading Serde's own forms
/// of such an enum, whose fields may come in any order, would be a tenth of the program that every page waits for.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema), schemars(rename = "Error"))]
struct Wire {
    code: Code,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    conflict: Option<Conflict>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fields: Option<FieldErrors>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seconds: Option<u32>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Code {
    BadRequest,
    SignInRequired,
    Forbidden,
    Unverified,
    NotFound,
    Conflict,
    TooLarge,
    Invalid,
    SlowDown,
    Spent,
    Unavailable,
    Internal,
    Offline,
}

impl From<Wire> for AppError {
    fn from(wire: Wire) -> Self {
        match wire.code {
            Code::BadRequest => Self::BadRequest,
            Code::SignInRequired => Self::SignInRequired,
            Code::Forbidden => Self::Forbidden,
            Code::Unverified => Self::Unverified,
            Code::NotFound => Self::NotFound,
            Code::Conflict => wire.conflict.map_or(Self::Internal, Self::Conflict),
            Code::TooLarge => Self::TooLarge,
            Code::Invalid => Self::Invalid(wire.fields.unwrap_or_default()),
            Code::SlowDown => Self::SlowDown { seconds: wire.seconds.unwrap_or(1) },
            Code::Spent => Self::Spent { fields: wire.fields.unwrap_or_default(), seconds: wire.seconds.unwrap_or(1) },
            Code::Unavailable => Self::Unavailable,
            Code::Internal => Self::Internal,
            Code::Offline => Self::Offline,
        }
    }
}

impl From<AppError> for Wire {
    fn from(error: AppError) -> Self {
        let plain = |code| Self { code, conflict: None, fields: None, seconds: None };
        match error {
            AppError::BadRequest => plain(Code::BadRequest),
            AppError::SignInRequired => plain(Code::SignInRequired),
            AppError::Forbidden => plain(Code::Forbidden),
            AppError::Unverified => plain(Code::Unverified),
            AppError::NotFound => plain(Code::NotFound),
            AppError::Conflict(conflict) => Self { conflict: Some(conflict), ..plain(Code::Conflict) },
            AppError::TooLarge => plain(Code::TooLarge),
            AppError::Invalid(fields) => Self { fields: Some(fields), ..plain(Code::Invalid) },
            AppError::SlowDown { seconds } => Self { seconds: Some(seconds), ..plain(Code::SlowDown) },
            AppError::Spent { fields, seconds } => Self { fields: Some(fields), seconds: Some(seconds), ..plain(Code::Spent) },
            AppError::Unavailable => plain(Code::Unavailable),
            AppError::Internal => plain(Code::Internal),
            AppError::Offline => plain(Code::Offline),
        }
    }
}

/// A refusal that depends on the state of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// Every seat is taken.
    Full,
    /// The party is not open: the host closed it, its deadline passed, or it was cancelled.
    Closed,
    /// The host removed this person.
    Banned,
    /// There are more members than the new number of seats.
    SeatsTaken,
    /// The host must hand the party over or cancel it first.
    HostCannotLeave,
    /// The person is not a member.
    NotMember,
    /// The party asks its host's approval; it can be applied for, not joined.
    ApprovalNeeded,
    /// There are free seats; no need to wait.
    SeatsFree,
    /// The room was deleted.
    RoomDeleted,
    /// The thing changed since the form was opened.
    Stale,
    /// A conversation needs two people.
    Yourself,
    /// The deadline has passed; the host can move it.
    DeadlinePassed,
    /// It is not the party's turn for this yet: it is closed, ordered, received and settled in this order.
    NotYet,
    /// The host has ordered: nobody comes or goes, and nothing is changed.
    Ordered,
    /// Everybody has paid: it is over.
    Settled,
    /// As many people wait as may.
    QueueFull,
    /// Somebody orders as many things as they may.
    ManyItems,
    /// Somebody still owes something.
    Unpaid,
    /// The mailed link was used or is too old.
    LinkOver,
    /// This server sends no mails.
    NoMail,
    /// What was said stands for too long to be changed.
    TooLate,
    /// The writer blocks the one they write to.
    Blocked,
    /// The question before is still being answered.
    Answering,
    /// The person has closed their account.
    AccountClosed,
    /// The account of elsewhere is linked with another account here.
    LoginTaken,
    /// Another account of the same provider is linked already.
    SecondLogin,
    /// Too long ago somebody has come back from a provider, or another tab has since.
    ArrivalOver,
    /// The address is proved; what goes with it stands.
    Proved,
}

impl AppError {
    /// The HTTP status that callers get.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::SignInRequired => 401,
            Self::Forbidden | Self::Unverified => 403,
            Self::NotFound => 404,
            Self::Conflict(Conflict::LinkOver | Conflict::AccountClosed | Conflict::ArrivalOver) => 410,
            Self::Conflict(_) => 409,
            Self::TooLarge => 413,
            Self::Invalid(_) => 422,
            Self::SlowDown { .. } | Self::Spent { .. } => 429,
            Self::Internal => 500,
            Self::Unavailable | Self::Offline => 503,
        }
    }

    /// After how many seconds it may work, where trying again is all that helps.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::SlowDown { seconds } | Self::Spent { seconds, .. } => Some(*seconds),
            Self::Unavailable => Some(5),
            _ => None,
        }
    }

    /// A refusal of one field: `code` is a key of `locales/`.
    #[must_use]
    pub fn field(field: &'static str, code: &'static str) -> Self {
        let mut errors = FieldErrors::default();
        errors.add(field, code);
        Self::Invalid(errors)
    }

    /// What the reader should know and do, in the language of the current context.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::SlowDown { seconds } => t_args("error.slow_down", &[("seconds", seconds.to_string())]),
            Self::Invalid(errors) => t_args("error.invalid", &[("count", errors.0.len().to_string())]),
            other => t_args(other.key(), &[]),
        }
    }

    /// The key of the sentence in `locales/`.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::BadRequest => "error.bad_request",
            Self::SignInRequired => "error.sign_in_required",
            Self::Forbidden => "error.forbidden",
            Self::Unverified => "error.unverified",
            Self::NotFound => "error.not_found",
            Self::TooLarge => "error.too_large",
            Self::Invalid(_) => "error.invalid",
            Self::SlowDown { .. } => "error.slow_down",
            Self::Spent { .. } => "error.spent",
            Self::Unavailable => "error.unavailable",
            Self::Internal => "error.internal",
            Self::Offline => "error.offline",
            Self::Conflict(conflict) => match conflict {
                Conflict::Full => "error.full",
                Conflict::Closed => "error.closed",
                Conflict::Banned => "error.banned",
                Conflict::SeatsTaken => "error.seats_taken",
                Conflict::HostCannotLeave => "error.host_cannot_leave",
                Conflict::NotMember => "error.not_member",
                Conflict::ApprovalNeeded => "error.approval_needed",
                Conflict::SeatsFree => "error.seats_free",
                Conflict::RoomDeleted => "error.room_deleted",
                Conflict::Stale => "error.stale",
                Conflict::Yourself => "error.yourself",
                Conflict::DeadlinePassed => "error.deadline_passed",
                Conflict::NotYet => "error.not_yet",
                Conflict::Ordered => "error.ordered",
                Conflict::Settled => "error.settled",
                Conflict::Unpaid => "error.unpaid",
                Conflict::ManyItems => "error.many_items",
                Conflict::QueueFull => "error.queue_full",
                Conflict::LinkOver => "error.link_over",
                Conflict::NoMail => "error.no_mail",
                Conflict::TooLate => "error.too_late",
                Conflict::Blocked => "error.blocked",
                Conflict::Answering => "error.answering",
                Conflict::AccountClosed => "error.account_closed",
                Conflict::LoginTaken => "error.login_taken",
                Conflict::SecondLogin => "error.second_login",
                Conflict::ArrivalOver => "error.arrival_over",
                Conflict::Proved => "error.proved",
            },
        }
    }

    /// Whether the same may work a little later.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Offline | Self::Unavailable | Self::Internal | Self::SlowDown { .. })
    }

    /// The errors of the fields, empty when the refusal is of another kind.
    #[must_use]
    pub fn fields(&self) -> FieldErrors {
        match self {
            Self::Invalid(errors) | Self::Spent { fields: errors, .. } => errors.clone(),
            _ => FieldErrors::default(),
        }
    }
}

impl From<Conflict> for AppError {
    fn from(conflict: Conflict) -> Self {
        Self::Conflict(conflict)
    }
}

impl From<FieldErrors> for AppError {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.key())
    }
}

impl std::error::Error for AppError {}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_) => Self::BadRequest,
            ServerFnErrorErr::Request(_) => Self::Offline,
            _ => Self::Internal,
        }
    }
}

/// The fields of a form that are wrong, in the order in which they were found; at most one error a field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct FieldErrors(pub Vec<FieldError>);

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// The field's name in its form.
    pub field: Cow<'static, str>,
    /// A key of `locales/`.
    pub code: Cow<'static, str>,
    /// What the sentence mentions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<(Cow<'static, str>, String)>,
}

impl FieldError {
    /// The sentence to show beside the field, in the language of the current context.
    #[must_use]
    pub fn text(&self) -> String {
        let args: Args<'_> = &self.args.iter().map(|(name, value)| (name.as_ref(), value.clone())).collect::<Vec<_>>();
        t_args(&self.code, args)
    }
}

impl FieldErrors {
    /// Names a wrong field. The first error of a field stands.
    pub fn add(&mut self, field: &'static str, code: &'static str) {
        self.add_with(field, code, Vec::new());
    }

    /// Names a wrong field with what its sentence mentions.
    pub fn add_with(&mut self, field: &'static str, code: &'static str, args: Vec<(&'static str, String)>) {
        if self.of(field).is_none() {
            self.0.push(FieldError {
                field: field.into(),
                code: code.into(),
                args: args.into_iter().map(|(name, value)| (name.into(), value)).collect(),
            });
        }
    }

    /// The error of a field, if it has one.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&FieldError> {
        self.0.iter().find(|error| error.field == field)
    }

    /// `Ok(value)` when no field is wrong.
    ///
    /// # Errors
    /// These errors, when there are any.
    pub fn or<T>(self, value: impl FnOnce() -> T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value()) } else { Err(self) }
    }
}
