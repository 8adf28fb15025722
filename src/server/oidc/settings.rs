//! Which providers there are: `MOIM_OIDC` names them, and each has a few variables of its own.

use crate::server::http::is_safe_address;
use crate::shared::text::{Lang, t_args_in, t_in};
use std::collections::HashSet;
use url::Url;

/// Providers that everybody knows by the same address: name, issuer, and the scope that makes them tell the email.
const KNOWN: [(&str, &str, &str); 2] =
    [("google", "https://accounts.google.com", "email"), ("kakao", "https://kauth.kakao.com", "account_email")];
/// Most providers; each is a button on the page of signing in.
const MOST: usize = 8;
/// Longest name, in bytes.
const MAX_NAME: usize = 20;

/// What the operator decided about a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Its name in addresses and variables: lower-case letters and digits.
    pub name: String,
    /// Its address, as it writes it itself.
    pub issuer: String,
    /// What people call it, where that is not the same for everybody.
    pub label: Option<String>,
    /// What it calls this server.
    pub id: String,
    /// How this server proves that it is.
    pub secret: String,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
}

impl Settings {
    /// Reads all of them, by the names of variables.
    ///
    /// # Errors
    /// A sentence that names the variable and what it should be.
    pub fn read(value: &dyn Fn(&str) -> Option<String>) -> Result<Vec<Self>, String> {
        let names = value("MOIM_OIDC").unwrap_or_default();
        let names: Vec<&str> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        if let Some(wrong) = names.iter().find(|name| !is_name(name)) {
            return Err(format!("MOIM_OIDC must be names of lower-case letters and digits such as google,kakao; {wrong:?} is none"));
        }
        if names.len() > MOST {
            return Err(format!("MOIM_OIDC may name at most {MOST} providers"));
        }
        let settings = names.into_iter().map(|name| Self::one(name, value)).collect::<Result<Vec<_>, String>>()?;
        let (mut known, mut issuers) = (HashSet::new(), HashSet::new());
        for Self { name, issuer, .. } in &settings {
            if !known.insert(name) || !issuers.insert(issuer) {
                return Err(format!("MOIM_OIDC must name each provider once; {name} or its address {issuer} stands there twice"));
            }
        }
        Ok(settings)
    }

    fn one(name: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let variable = |end: &str| format!("MOIM_OIDC_{}_{end}", name.to_uppercase());
        let needed = |end: &str, what: &str| {
            let variable = variable(end);
            value(&variable).ok_or_else(|| format!("{variable} must be given, because MOIM_OIDC names {name}: {what}"))
        };
        let known = KNOWN.iter().find(|(known, ..)| *known == name);
        let (issuer, label, scope) = match known {
            Some((_, issuer, scope)) => ((*issuer).to_owned(), None, *scope),
            None => {
                let issuer = needed("ISSUER", "the provider's address such as https://id.example")?;
                (issuer, Some(needed("LABEL", "what people call it")?), "email")
            }
        };
        if !Url::parse(&issuer).is_ok_and(|url| is_safe_address(&url)) {
            let variable = variable("ISSUER");
            return Err(format!("{variable} must be an https address (http only for one on this machine), not {issuer:?}"));
        }
        let scopes = value(&variable("SCOPES")).unwrap_or_else(|| scope.to_owned());
        Ok(Self {
            name: name.to_owned(),
            issuer,
            label,
            id: needed("ID", "what the provider calls this server")?,
            secret: needed("SECRET", "what the provider gave this server with its id")?,
            // The library adds it always.
            scopes: scopes.split_whitespace().filter(|scope| *scope != "openid").map(str::to_owned).collect(),
        })
    }

    /// Whether it is one on this machine, without TLS.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.issuer.starts_with("http:")
    }

    /// What people call it.
    #[must_use]
    pub fn called(&self, lang: Lang) -> String {
        match (&self.label, self.name.as_str()) {
            (Some(label), _) => label.clone(),
            (None, "kakao") => t_in(lang, "oidc.kakao"),
            (None, _) => t_in(lang, "oidc.google"),
        }
    }

    /// What stands on the button that leads there.
    #[must_use]
    pub fn invitation(&self, lang: Lang) -> String {
        let name = self.called(lang);
        let key = if ends_in_consonant(&name) { "oidc.go_on_closed" } else { "oidc.go_on" };
        t_args_in(lang, key, &[("name", name)])
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

/// Whether a word takes 으로 and not 로: its last syllable ends in a consonant other than ㄹ. Words in other letters are taken as
/// ending in a vowel.
fn ends_in_consonant(word: &str) -> bool {
    const FIRST: u32 = 0xac00;
    const LAST: u32 = 0xd7a3;
    const RIEUL: u32 = 8;
    let last = word.chars().last().map_or(0, u32::from);
    (FIRST..=LAST).contains(&last) && !matches!((last - FIRST) % 28, 0 | RIEUL)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOGLE: [(&str, &str); 3] = [("MOIM_OIDC", "google"), ("MOIM_OIDC_GOOGLE_ID", "id"), ("MOIM_OIDC_GOOGLE_SECRET", "secret")];
    const CAMPUS: [(&str, &str); 5] = [
        ("MOIM_OIDC", "campus"),
        ("MOIM_OIDC_CAMPUS_ISSUER", "https://id.campus.example/realms/all"),
        ("MOIM_OIDC_CAMPUS_LABEL", "학교 계정"),
        ("MOIM_OIDC_CAMPUS_ID", "id"),
        ("MOIM_OIDC_CAMPUS_SECRET", "secret"),
    ];

    fn read(pairs: &[(&str, &str)]) -> Result<Vec<Settings>, String> {
        // The last one counts.
        Settings::read(&|name| pairs.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn known_providers_need_an_id_and_a_secret() {
        assert_eq!(read(&[]), Ok(Vec::new()));
        let google = read(&GOOGLE).expect("complete").remove(0);
        assert_eq!((google.issuer.as_str(), google.label.is_none(), google.is_plain()), ("https://accounts.google.com", true, false));
        let kakao = [("MOIM_OIDC", " kakao, google,"), ("MOIM_OIDC_KAKAO_ID", "id"), ("MOIM_OIDC_KAKAO_SECRET", "secret")];
        let both = read(&[&GOOGLE[..], &kakao].concat()).expect("complete");
        assert_eq!(
            both.iter().map(|one| (one.name.as_str(), one.scopes.join(" "))).collect::<Vec<_>>(),
            [("kakao", "account_email".to_owned()), ("google", "email".to_owned())]
        );
        let scopes = read(&[&GOOGLE[..], &[("MOIM_OIDC_GOOGLE_SCOPES", "openid profile")]].concat()).expect("complete");
        assert_eq!(scopes[0].scopes, ["profile"]);
    }

    #[test]
    fn others_need_an_address_and_a_label() {
        assert_eq!(read(&CAMPUS).expect("complete")[0].label.as_deref(), Some("학교 계정"));
        for (missing, _) in &CAMPUS[1..] {
            let some: Vec<_> = CAMPUS.into_iter().filter(|(name, _)| name != missing).collect();
            let refused = read(&some).expect_err("incomplete");
            assert!(refused.starts_with(missing), "{refused}");
        }
        for near in ["http://127.0.0.1:4000", "http://localhost:4000", "http://[::1]:4000/oidc"] {
            assert!(read(&[&CAMPUS[..], &[("MOIM_OIDC_CAMPUS_ISSUER", near)]].concat()).expect(near)[0].is_plain());
        }
        for wrong in [
            "id.campus.example",
            "http://id.campus.example",
            "https://id.campus.example/?a=b",
            "https://id.campus.example/#x",
            "ftp://127.0.0.1",
        ] {
            let refused = read(&[&CAMPUS[..], &[("MOIM_OIDC_CAMPUS_ISSUER", wrong)]].concat()).expect_err(wrong);
            assert!(refused.starts_with("MOIM_OIDC_CAMPUS_ISSUER must be"), "{refused}");
        }
    }

    #[test]
    fn names_are_plain_and_stand_there_once() {
        for wrong in ["Google", "my-school", "google kakao", "../x", "waytoolongaproviderfor"] {
            assert!(read(&[("MOIM_OIDC", wrong)]).expect_err(wrong).starts_with("MOIM_OIDC must"), "{wrong}");
        }
        let twice = read(&[&GOOGLE[..], &[("MOIM_OIDC", "google,google")]].concat()).expect_err("twice");
        assert!(twice.contains("once"), "{twice}");
        let same = [("MOIM_OIDC", "google,campus"), ("MOIM_OIDC_CAMPUS_ISSUER", "https://accounts.google.com")];
        assert!(read(&[&GOOGLE[..], &CAMPUS, &same].concat()).expect_err("the same").contains("once"));
    }

    #[test]
    fn a_button_says_its_name_as_people_do() {
        for (word, closed) in [("학교 계정", true), ("카카오", false), ("서울", false), ("Google", false), ("", false)] {
            assert_eq!(ends_in_consonant(word), closed, "{word}");
        }
    }
}
