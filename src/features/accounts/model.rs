//! What both sides know of accounts.

mod details;
mod logins;
mod names;
mod password;
mod school;
mod sign_up;

pub use details::{Details, NewDetails, UnverifiedForm};
pub use logins::{ArrivalView, Arriving, LinkForm, LoginView, MyLogins, WayView, Ways, linking_path, way_path};
pub use names::{MAX_EMAIL, MAX_NICKNAME, MIN_NICKNAME, email, in_path, nickname};
pub use password::{MAX_PASSWORD, MIN_PASSWORD, STRONGEST, is_digits, is_like_a_name, password_problem, strength};
pub use school::{MySchool, SchoolDraft, SchoolForm, SchoolMailForm};
pub use sign_up::{MIN_AGE, SignUpDraft, SignUpForm, in_order};

use crate::features::regions::model::{RegionChoice, RegionView};
use crate::shared::error::FieldErrors;
use crate::shared::ids::{ImageId, RegionCode, SessionId, UserId};
use crate::shared::text::Lang;
use crate::shared::time::{Date, Span, Timestamp};
use serde::{Deserialize, Serialize};

/// So long after an account was closed, everything is removed that says whose it was.
pub const ERASED_AFTER: Span = Span::days(30);

/// The signed-in person, as their own pages show them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Me {
    /// Who.
    pub id: UserId,
    /// What they are called.
    pub nickname: String,
    /// Their 동, if they have chosen one.
    pub region: Option<RegionView>,
}

/// What somebody says of their gender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Gender {
    /// 여성
    Female,
    /// 남성
    Male,
    /// 선택 안 함
    Unsaid,
}

impl Gender {
    /// How it is written in forms and stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
            Self::Unsaid => "unsaid",
        }
    }

    /// The inverse of [`Gender::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Female, Self::Male, Self::Unsaid].into_iter().find(|gender| gender.code() == code)
    }
}

/// An account to be opened: facts that were checked, except that the email and the nickname are free, which only the
/// database can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// As typed, without spaces around it.
    pub(crate) email: String,
    /// As others will see it.
    pub(crate) nickname: String,
    /// The day of birth.
    pub(crate) birth_date: Date,
    /// What they say of their gender.
    pub(crate) gender: Gender,
    /// Their 동.
    pub(crate) region: RegionCode,
    /// Their school's id and the year they entered it, if they go to one.
    pub(crate) school: Option<(String, Option<i32>)>,
}

/// A colour scheme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the device says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// How it is written in a cookie, an address and the document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The inverse of [`Theme::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::System, Self::Light, Self::Dark].into_iter().find(|theme| theme.code() == code)
    }
}

/// How a page is shown: kept with the account and in a cookie, applied on the first byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Preferences {
    /// The language of the interface.
    pub lang: Lang,
    /// The colour scheme.
    pub theme: Theme,
}

/// Where people go after signing in when no other page asked them to.
pub const FIRST_PAGE: &str = "/meals";

/// A page of ours to go to: `next` when it is a path on this site, else the other one. An address that browsers could read
/// as another site's (`//evil`, `/\\evil`) is not.
#[must_use]
pub fn own_path<'a>(next: &'a str, otherwise: &'a str) -> &'a str {
    let is_own = next.starts_with('/')
        && !next.starts_with("//")
        && !next.starts_with("/api/")
        && !next.contains(|c: char| c == '\\' || c.is_control() || c.is_whitespace());
    if is_own { next } else { otherwise }
}

/// Where to sign in to come back to a path of ours afterwards.
#[must_use]
pub fn sign_in_path(next: &str) -> String {
    with_next("/sign-in", next)
}

/// Where to sign up to come back to a path of ours afterwards.
#[must_use]
pub fn sign_up_path(next: &str) -> String {
    with_next("/sign-up", next)
}

fn with_next(page: &str, next: &str) -> String {
    use std::fmt::Write as _;
    let mut path = format!("{page}?next=");
    for byte in next.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(path, "%{byte:02X}");
        }
    }
    path
}

/// What is typed to sign in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SignInForm {
    /// The login name.
    pub email: String,
    /// The password.
    pub password: String,
    /// Where to go afterwards.
    pub next: String,
}

/// An email and a password that may fit each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub(in crate::features::accounts) email: String,
    pub(in crate::features::accounts) password: String,
}

impl SignInForm {
    /// Reads the form. What could be no email or password is told from a wrong one by nobody.
    ///
    /// # Errors
    /// The fields that are empty.
    pub fn parse(&self) -> Result<Credentials, FieldErrors> {
        let mut errors = FieldErrors::default();
        let email = self.email.trim();
        if email.is_empty() {
            errors.add("email", "accounts.email.needed");
        }
        if self.password.is_empty() {
            errors.add("password", "accounts.password.needed");
        }
        errors.or(|| Credentials { email: email.to_owned(), password: self.password.clone() })
    }
}

/// What is typed to close one's account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct CloseForm {
    /// The present password.
    pub current_password: String,
}

impl CloseForm {
    /// Checks what was typed.
    ///
    /// # Errors
    /// Nothing was.
    pub fn parse(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.current_password.is_empty() {
            errors.add("current_password", "accounts.password.current_needed");
        }
        errors.or(|| ())
    }
}

/// What is typed to change one's password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ChangePasswordForm {
    /// The present one.
    pub current_password: String,
    /// The new one.
    pub new_password: String,
    /// The new one again.
    pub new_password_again: String,
}

/// A present password to check, and a new one that may take its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordChange {
    pub(in crate::features::accounts) current: String,
    pub(in crate::features::accounts) new: String,
}

impl ChangePasswordForm {
    /// Reads the form of somebody with this email and nickname.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn parse(&self, email: &str, nickname: &str) -> Result<PasswordChange, FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.current_password.is_empty() {
            errors.add("current_password", "accounts.password.current_needed");
        }
        new_password(&self.new_password, &self.new_password_again, email, nickname, &mut errors);
        if !self.new_password.is_empty() && self.new_password == self.current_password {
            errors.add("new_password", "accounts.password.same");
        }
        errors.or(|| PasswordChange { current: self.current_password.clone(), new: self.new_password.clone() })
    }
}

/// What is typed by somebody who has forgotten their password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ForgotForm {
    /// The login name.
    pub email: String,
}

impl ForgotForm {
    /// Reads the form.
    ///
    /// # Errors
    /// When there is nothing that could be an address.
    pub fn parse(&self) -> Result<String, FieldErrors> {
        let mut errors = FieldErrors::default();
        names::email(&self.email).map_err(|code| {
            errors.add("email", code);
            errors
        })
    }
}

/// What is typed in the place of a forgotten password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ResetForm {
    /// The end of the mailed link.
    pub token: String,
    /// The new one.
    pub new_password: String,
    /// The new one again.
    pub new_password_again: String,
}

impl ResetForm {
    /// Reads the form of somebody with this email and nickname; the browser knows neither and leaves them empty.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn parse(&self, email: &str, nickname: &str) -> Result<String, FieldErrors> {
        let mut errors = FieldErrors::default();
        new_password(&self.new_password, &self.new_password_again, email, nickname, &mut errors);
        errors.or(|| self.new_password.clone())
    }
}

/// Names what is wrong with a new password that is typed twice.
fn new_password(new: &str, again: &str, email: &str, nickname: &str, errors: &mut FieldErrors) {
    if new.is_empty() {
        errors.add("new_password", "accounts.password.new_needed");
    } else if let Some(code) = password_problem(new, email, nickname) {
        errors.add("new_password", code);
    }
    if !new.is_empty() && again != new {
        errors.add("new_password_again", "accounts.password.differs");
    }
}

/// How a mailed link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinkView {
    /// It can be used.
    Good,
    /// It can be used, and unlinks the accounts of elsewhere that sign in here.
    Unlinks,
    /// It has done what it is for.
    Used,
    /// It is too old, or there is none.
    Over,
}

/// What is typed to move to another 동.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RegionForm {
    /// Its code, where the program or a radio button filled it in.
    pub region: String,
    /// Its name as typed.
    pub region_text: String,
    /// Where to go afterwards.
    pub next: String,
}

impl RegionForm {
    /// Reads the form.
    ///
    /// # Errors
    /// When nothing was chosen.
    pub fn parse(&self) -> Result<RegionChoice, FieldErrors> {
        let mut errors = FieldErrors::default();
        RegionChoice::read(&self.region, &self.region_text).ok_or_else(|| {
            errors.add("region", "regions.needed");
            errors
        })
    }
}

/// Somebody's own account, as only they see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MyAccount {
    /// The login name.
    pub email: String,
    /// What they are called.
    pub nickname: String,
    /// Their face, if they show one.
    pub face: Option<ImageId>,
    /// Their 동.
    pub region: Option<RegionView>,
    /// Their school's name, in their language.
    pub school: Option<String>,
    /// How pages are shown to them.
    pub preferences: Preferences,
    /// Whether they have proved their address.
    pub is_verified: bool,
    /// Whether mails are kept where everybody can read them, because there is no mail server.
    pub are_mails_kept: bool,
    /// Whether accounts of elsewhere can be linked, or are.
    pub has_ways: bool,
}

/// One signed-in device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SessionView {
    /// Its session.
    pub id: SessionId,
    /// Browser and system such as `Chrome · Windows`; empty when they cannot be told.
    pub device: String,
    /// Whether it is the one that asks.
    pub is_this: bool,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it was last seen, to about a quarter of an hour.
    pub last_seen_at: Timestamp,
}

/// Where somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MySessions {
    /// This device first, then the last seen.
    pub sessions: Vec<SessionView>,
    /// When they were read.
    pub now: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_pages_follow_a_sign_in() {
        for own in ["/", "/meals", "/meals/1?page=2#comments", "/me/sessions", "/apiary"] {
            assert_eq!(own_path(own, FIRST_PAGE), own);
        }
        for foreign in [
            "",
            "meals",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            " /meals",
            "/me als",
            "/api/sign_out",
            "/meals\r\nSet-Cookie: a=b",
        ] {
            assert_eq!(own_path(foreign, FIRST_PAGE), "/meals", "{foreign:?}");
        }
    }

    #[test]
    fn the_way_to_sign_in_names_the_way_back() {
        assert_eq!(sign_in_path("/meals/1?q=가 b&x"), "/sign-in?next=%2Fmeals%2F1%3Fq%3D%EA%B0%80%20b%26x");
    }

    #[test]
    fn a_changed_password_is_a_new_one_typed_twice() {
        let form = |current: &str, new: &str, again: &str| ChangePasswordForm {
            current_password: current.to_owned(),
            new_password: new.to_owned(),
            new_password_again: again.to_owned(),
        };
        let codes = |form: ChangePasswordForm| -> Vec<String> {
            let errors = form.parse("mina@moim.test", "mina").expect_err("refused");
            errors.0.into_iter().map(|error| error.code.into_owned()).collect()
        };
        let (old, new) = ("seven herons on a roof", "eight herons in a tree");
        assert_eq!(codes(form(old, old, old)), ["accounts.password.same"]);
        assert_eq!(codes(form(old, new, old)), ["accounts.password.differs"]);
        assert_eq!(codes(form("", "", "")), ["accounts.password.current_needed", "accounts.password.new_needed"]);
        assert!(form(old, new, new).parse("mina@moim.test", "mina").is_ok());
    }
}
