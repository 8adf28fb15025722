//! Which model answers: three variables.

use crate::server::http::is_this_machine;
use url::Url;

/// What the operator decided about a model.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where it is asked: `…/chat/completions`.
    pub url: Url,
    /// What proves that this server may ask; some need none.
    pub key: Option<String>,
    /// Which model.
    pub model: String,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("url", &self.url.as_str()).field("model", &self.model).finish_non_exhaustive()
    }
}

impl Settings {
    /// Reads them, by the names of variables; `None` when there is no model.
    ///
    /// # Errors
    /// A sentence that names the variable and what it should be.
    pub fn read(value: &dyn Fn(&str) -> Option<String>) -> Result<Option<Self>, String> {
        let Some(base) = value("MOIM_SUGGEST_URL") else {
            let other = ["MOIM_SUGGEST_KEY", "MOIM_SUGGEST_MODEL"].into_iter().find(|name| value(name).is_some());
            return other.map_or(Ok(None), |name| Err(format!("MOIM_SUGGEST_URL must be given when {name} is")));
        };
        let url = Url::parse(&format!("{}/chat/completions", base.trim().trim_end_matches('/'))).ok().filter(|url| {
            let is_safe = url.scheme() == "https" || (url.scheme() == "http" && url.host_str().is_some_and(is_this_machine));
            is_safe && url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none()
        });
        let url = url.ok_or_else(|| {
            format!("MOIM_SUGGEST_URL must be an https address such as https://api.example/v1 (http only on this machine), not {base:?}")
        })?;
        let model = value("MOIM_SUGGEST_MODEL")
            .ok_or("MOIM_SUGGEST_MODEL must be given when MOIM_SUGGEST_URL is: the name of the model that answers")?;
        let key = value("MOIM_SUGGEST_KEY").map(|key| key.trim().to_owned());
        if key.as_ref().is_some_and(|key| !key.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err("MOIM_SUGGEST_KEY must be one word of ASCII letters, digits and signs".to_owned());
        }
        Ok(Some(Self { url, key, model: model.trim().to_owned() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Option<Settings>, String> {
        Settings::read(&|name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_model_has_an_address_and_a_name() {
        assert_eq!(read(&[]), Ok(None));
        for base in ["https://api.example/v1", "https://api.example/v1/", "http://127.0.0.1:8080/v1", "http://localhost/v1"] {
            let settings = read(&[("MOIM_SUGGEST_URL", base), ("MOIM_SUGGEST_MODEL", "small")]).expect("valid").expect("a model");
            assert!(settings.url.path().ends_with("/v1/chat/completions") && settings.key.is_none(), "{settings:?}");
        }
        let settings = [("MOIM_SUGGEST_URL", "https://a.example/v1"), ("MOIM_SUGGEST_MODEL", "m"), ("MOIM_SUGGEST_KEY", "sk-secret")];
        assert!(!format!("{:?}", read(&settings)).contains("sk-secret"), "no log shows the key");
    }

    #[test]
    fn each_wrong_value_is_named() {
        let model = ("MOIM_SUGGEST_MODEL", "small");
        for base in
            ["api.example/v1", "http://api.example/v1", "ftp://api.example", "https://api.example/v1?x=1", "https://u:p@api.example/v1"]
        {
            assert!(read(&[("MOIM_SUGGEST_URL", base), model]).expect_err(base).starts_with("MOIM_SUGGEST_URL"), "{base}");
        }
        assert!(read(&[model]).expect_err("no address").starts_with("MOIM_SUGGEST_URL"));
        let base = ("MOIM_SUGGEST_URL", "https://api.example/v1");
        assert!(read(&[base]).expect_err("no model").starts_with("MOIM_SUGGEST_MODEL"));
        assert!(read(&[base, model, ("MOIM_SUGGEST_KEY", "two words")]).expect_err("no word").starts_with("MOIM_SUGGEST_KEY"));
    }
}
