//! What letters say, in the language of whom they are to.

use crate::server::keys::Keys;
use crate::server::mail::Letter;
use crate::shared::text::{Lang, t_args_in};
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

/// The looks of a letter: mail programs know neither style sheets nor variables.
const TEMPLATE: &str = include_str!("letter.html");

/// What a letter is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum About {
    /// That the address is theirs.
    Verify {
        /// What they are called.
        nickname: String,
        /// Which link.
        link: Uuid,
    },
    /// A new password in the place of a forgotten one.
    Reset {
        /// What they are called.
        nickname: String,
        /// Which link.
        link: Uuid,
    },
    /// That they go to a school.
    School {
        /// What they are called.
        nickname: String,
        /// What the school is called, in their language.
        school: String,
        /// Which link.
        link: Uuid,
    },
    /// That an account of elsewhere signs in to theirs from now on.
    Linked {
        /// What they are called.
        nickname: String,
        /// What people call the provider.
        provider: String,
    },
}

impl About {
    /// Its name among the sentences, and the purpose of the link in it if it has one: what that is sealed for and stored as.
    #[must_use]
    pub const fn purpose(&self) -> &'static str {
        match self {
            Self::Verify { .. } => "verify",
            Self::Reset { .. } => "reset",
            Self::School { .. } => "school",
            Self::Linked { .. } => "linked",
        }
    }

    /// The link in it, if it has one that proves something.
    #[must_use]
    pub const fn link(&self) -> Option<Uuid> {
        match self {
            Self::Verify { link, .. } | Self::Reset { link, .. } | Self::School { link, .. } => Some(*link),
            Self::Linked { .. } => None,
        }
    }

    /// Where its button leads.
    #[must_use]
    pub fn path(&self, keys: &Keys) -> String {
        let sealed = |link: &Uuid| keys.seal(self.purpose(), *link);
        match self {
            Self::Verify { link, .. } => format!("/verify/{}", sealed(link)),
            Self::Reset { link, .. } => format!("/reset/{}", sealed(link)),
            Self::School { link, .. } => format!("/me/school?token={}", sealed(link)),
            Self::Linked { .. } => "/me/logins".to_owned(),
        }
    }

    /// The letter, with links to a site.
    #[must_use]
    pub fn written(&self, lang: Lang, keys: &Keys, site: &Url) -> Letter {
        let (nickname, other) = match self {
            Self::Verify { nickname, .. } | Self::Reset { nickname, .. } => (nickname, ("", "")),
            Self::School { nickname, school, .. } => (nickname, ("school", school.as_str())),
            Self::Linked { nickname, provider } => (nickname, ("provider", provider.as_str())),
        };
        let names = [("name", nickname.clone()), (other.0, other.1.to_owned())];
        let say = |part: &str| t_args_in(lang, &format!("mail.{}.{part}", self.purpose()), &names);
        let always = |key: &str| t_args_in(lang, key, &[("site", site.as_str().trim_end_matches('/').to_owned())]);
        let link = site.join(&self.path(keys)).map_or_else(|_| String::new(), String::from);
        let (subject, hello, text, button, note) = (say("subject"), say("hello"), say("text"), say("button"), say("note"));
        let (copy, foot) = (always("mail.copy"), always("mail.foot"));
        let plain = format!("{hello}\n\n{text}\n\n{button}:\n{link}\n\n{note}\n\n-- \n{foot}\n");
        let gaps = [
            ("{lang}", lang.tag()),
            ("{subject}", &subject),
            ("{hello}", &hello),
            ("{text}", &text),
            ("{button}", &button),
            ("{note}", &note),
            ("{copy}", &copy),
            ("{foot}", &foot),
            ("{link}", &link),
        ];
        let html = gaps.into_iter().fold(TEMPLATE.to_owned(), |html, (gap, value)| html.replace(gap, &escape(value)));
        Letter { subject, text: plain, html }
    }
}

/// Text as HTML has it. Braces too: what somebody is called must not open a gap.
fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut html, c| {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '{' => html.push_str("&#123;"),
            c => html.push(c),
        }
        html
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_text_and_opens_no_gap() {
        crate::app::texts::install_all();
        let about = About::Verify { nickname: "<b>{link}".to_owned(), link: Uuid::nil() };
        let site = Url::parse("https://moim.example").expect("an address");
        let letter = about.written(Lang::En, &Keys::derive("root"), &site);
        assert!(letter.html.contains("Welcome, &lt;b&gt;&#123;link}!") && !letter.html.contains("<b>"), "{}", letter.html);
        assert!(letter.text.contains("Welcome, <b>{link}!") && letter.text.contains("https://moim.example/verify/"), "{}", letter.text);
        assert!(!letter.html.contains("{"), "every gap is filled");
    }
}
