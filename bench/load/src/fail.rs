//! Why a bar could not be measured. There is nobody to recover: a sentence is enough.

use std::error::Error;
use std::fmt;

#[derive(Debug)]
pub struct Fail(pub String);

impl Fail {
    /// The same, with who it was about.
    pub fn of(self, name: &str) -> Self {
        Self(format!("{name}: {}", self.0))
    }
}

pub type Outcome<T> = Result<T, Fail>;

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Every library's error becomes its sentence. (`Fail` is no `Error` itself, so that this can be.)
impl<E: Error> From<E> for Fail {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        Self(text)
    }
}

/// Ends the bar with a sentence.
#[macro_export]
macro_rules! fail {
    ($($text:tt)*) => { return Err($crate::fail::Fail(format!($($text)*))) };
}
