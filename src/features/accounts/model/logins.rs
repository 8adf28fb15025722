//! Signing in with an account of elsewhere.

use crate::shared::error::FieldErrors;
use crate::shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A provider that one may go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct WayView {
    /// Its name in addresses.
    pub name: String,
    /// What stands on its button, such as `Google로 계속하기`; where one links it, what people call it.
    pub label: String,
}

/// Somebody who has come back from a provider and is not known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ArrivalView {
    /// What a form names them by: the one that is shown, and not one that has arrived in another tab since.
    pub id: Uuid,
    /// What people call the provider.
    pub label: String,
    /// Their address, if the provider has verified it.
    pub email: Option<String>,
    /// Whether there is an account with this address.
    pub has_account: bool,
}

/// What the pages of signing in and up offer besides a password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Ways {
    /// Where to go.
    pub ways: Vec<WayView>,
    /// Who has come back in this browser, if somebody has.
    pub arrival: Option<ArrivalView>,
}

/// One account of elsewhere that signs in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct LoginView {
    /// Its link.
    pub id: Uuid,
    /// What people call the provider.
    pub label: String,
    /// When it was linked.
    pub created_at: Timestamp,
}

/// An account of elsewhere that is about to be linked with somebody's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Arriving {
    /// What the form names it by.
    pub id: Uuid,
    /// What people call the provider.
    pub label: String,
    /// Its address, if the provider has verified it: which of several accounts it is.
    pub email: Option<String>,
}

/// What is linked with somebody's own account, and what could be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MyLogins {
    /// What is linked, the oldest first.
    pub logins: Vec<LoginView>,
    /// Providers of which nothing is linked yet.
    pub ways: Vec<WayView>,
    /// What they have come back with, when only their password is missing.
    pub arriving: Option<Arriving>,
    /// Their login name, for the browser's own memory of passwords.
    pub email: String,
    /// When this was read.
    pub now: Timestamp,
}

/// What is typed to link an account of elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct LinkForm {
    /// Who has arrived, as the page has shown them.
    pub with: String,
    /// The password of the account here.
    pub password: String,
    /// Where to go afterwards.
    pub next: String,
}

impl LinkForm {
    /// Checks what was typed.
    ///
    /// # Errors
    /// Nothing was.
    pub fn parse(&self) -> Result<String, FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.password.is_empty() {
            errors.add("password", "accounts.password.needed");
        }
        errors.or(|| self.password.clone())
    }
}

/// Where the way to a provider begins. `next` is where to go in the end.
#[must_use]
pub fn way_path(name: &str, next: &str) -> String {
    let start = format!("/oidc/start/{name}");
    if next.is_empty() { start } else { super::with_next(&start, next) }
}

/// Where the way begins that ends in a link with one's own account.
#[must_use]
pub fn linking_path(name: &str) -> String {
    format!("/oidc/start/{name}?link=true")
}
