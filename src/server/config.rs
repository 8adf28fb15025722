//! Configuration: the environment, and an optional file of `NAME=value` lines under it. Only this module reads either.

use super::completions::settings::Settings as Completions;
use super::http::is_safe_address;
use super::oidc::settings::Settings;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use url::Url;

/// Where the files of pictures lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Files {
    /// A directory of this machine.
    Directory(PathBuf),
    /// A store that speaks S3.
    S3 {
        /// Its bucket.
        bucket: String,
        /// What the names of all files there begin with; may be empty.
        prefix: String,
        /// `AWS_ENDPOINT_URL`: its address, when it is not Amazon's.
        endpoint: Option<Url>,
        /// `AWS_REGION`
        region: String,
        /// `AWS_ACCESS_KEY_ID`
        key: String,
        /// `AWS_SECRET_ACCESS_KEY`
        secret: String,
    },
}

/// Who is asked for the weather.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WeatherSource {
    /// Nobody.
    Off,
    /// Open-Meteo, at this address.
    OpenMeteo(Url),
    /// The Korean Meteorological Administration's short-term forecast.
    Kma {
        /// The address of the service.
        url: Url,
        /// `KMA_SERVICE_KEY`, not encoded.
        key: String,
    },
}

/// What the operator decided. `README.md` documents every variable.
#[derive(Clone, Debug)]
pub struct Config {
    /// `MOIM_ADDR`: where to listen.
    pub addr: SocketAddr,
    /// `MOIM_URL`: the address that people use, without a path.
    pub url: Url,
    /// `MOIM_DATA_DIR`: where the database and the secrets live.
    pub data_dir: PathBuf,
    /// `DATABASE_URL`
    pub database_url: String,
    /// `MOIM_IMAGES`: where pictures lie, such as `s3://bucket/moim`; `images` in the data directory when it is not given.
    pub files: Files,
    /// `REDIS_URL`: carries live events between nodes.
    pub redis_url: Option<String>,
    /// `SMTP_URL`: where mail is sent; without it mails are kept.
    pub smtp_url: Option<String>,
    /// `MOIM_MAIL_FROM`: who mails are from, such as `Moim <no-reply@moim.example>`.
    pub mail_from: String,
    /// `MOIM_OIDC`, `MOIM_OIDC_…`: where people may sign in with an account of elsewhere.
    pub oidc: Vec<Settings>,
    /// `MOIM_SUGGEST_…`: the model that answers what to eat, if there is one.
    pub completions: Option<Completions>,
    /// `MOIM_WEATHER`, `MOIM_WEATHER_URL`, `KMA_SERVICE_KEY`: who is asked for the weather.
    pub weather: WeatherSource,
    /// `MOIM_LOG`: a filter such as `info` or `moim=debug,warn`.
    pub log: String,
    /// `MOIM_DEMO`: load a demo world on first start and print its accounts.
    pub demo: bool,
    /// Whether mails that are kept, because there is no mail server, can be read by everybody at `/dev/mail`: where strangers'
    /// accounts are nobody's secret, in the demo and in development builds.
    pub shows_kept_mail: bool,
    /// `MOIM_SECRET`: signs sessions; generated into the data directory when it is not given.
    pub secret: Option<String>,
    /// `MOIM_PROXIES`: how many proxies in front of us add to `X-Forwarded-For`.
    pub proxies: usize,
    /// `MOIM_SITE_DIR`: the browser's files, when they are not beside the program.
    pub site_dir: Option<PathBuf>,
}

impl Config {
    /// Reads the environment and the file that `MOIM_CONFIG` names, if any. The environment wins.
    ///
    /// # Errors
    /// A sentence that names the variable and what it should be.
    pub fn from_env() -> Result<Self, String> {
        let mut values: HashMap<String, String> = HashMap::new();
        if let Ok(path) = std::env::var("MOIM_CONFIG") {
            let file = std::fs::read_to_string(&path).map_err(|e| format!("MOIM_CONFIG: the file {path} cannot be read: {e}"))?;
            values.extend(parse_file(&file)?);
        }
        values.extend(std::env::vars());
        Self::read(&|name| values.get(name).cloned())
    }

    /// Reads values by their names.
    ///
    /// # Errors
    /// A sentence that names the variable and what it should be.
    pub fn read(value: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let get = |name: &str| value(name).filter(|v| !v.trim().is_empty());
        let addr_text = get("MOIM_ADDR").unwrap_or_else(|| "127.0.0.1:3000".to_owned());
        let addr: SocketAddr =
            addr_text.parse().map_err(|_| format!("MOIM_ADDR must be an address and a port such as 127.0.0.1:3000, not {addr_text:?}"))?;
        let url_text = get("MOIM_URL").unwrap_or_else(|| format!("http://{addr}"));
        let url = Url::parse(&url_text)
            .ok()
            .filter(|url| {
                matches!(url.scheme(), "http" | "https") && url.host_str().is_some() && url.path() == "/" && url.query().is_none()
            })
            .ok_or_else(|| {
                format!("MOIM_URL must be an http or https address without a path such as https://moim.example, not {url_text:?}")
            })?;
        // A number is no place where mail comes from.
        let host = url.domain().unwrap_or("localhost").to_owned();
        let data_dir = PathBuf::from(get("MOIM_DATA_DIR").unwrap_or_else(|| "./data".to_owned()));
        let database_url = get("DATABASE_URL").unwrap_or_else(|| format!("sqlite://{}", data_dir.join("moim.db").display()));
        if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| database_url.starts_with(scheme)) {
            return Err("DATABASE_URL must begin with sqlite:// or postgres://".to_owned());
        }
        let files = files(&get, &data_dir)?;
        let redis_url = scheme_checked("REDIS_URL", get("REDIS_URL"), &["redis", "rediss"])?;
        let smtp_url = scheme_checked("SMTP_URL", get("SMTP_URL"), &["smtp", "smtps"])?;
        let demo = match get("MOIM_DEMO").as_deref().unwrap_or("0") {
            "1" | "true" | "yes" | "on" => true,
            "0" | "false" | "no" | "off" => false,
            other => return Err(format!("MOIM_DEMO must be 1 or 0, not {other:?}")),
        };
        let proxies_text = get("MOIM_PROXIES").unwrap_or_else(|| "0".to_owned());
        let proxies = proxies_text
            .parse()
            .ok()
            .filter(|n| *n <= 8)
            .ok_or_else(|| format!("MOIM_PROXIES must be the number of proxies in front (0 to 8), not {proxies_text:?}"))?;
        let secret = get("MOIM_SECRET");
        if secret.as_ref().is_some_and(|s| s.len() < 32) {
            return Err("MOIM_SECRET must have at least 32 characters".to_owned());
        }
        if redis_url.is_some() && secret.is_none() {
            return Err("MOIM_SECRET must be given, and be the same on every node, when REDIS_URL is".to_owned());
        }
        Ok(Self {
            addr,
            url,
            data_dir,
            database_url,
            files,
            redis_url,
            smtp_url,
            oidc: Settings::read(&get)?,
            completions: Completions::read(&get)?,
            weather: weather(&get)?,
            mail_from: get("MOIM_MAIL_FROM").unwrap_or_else(|| format!("Moim <no-reply@{host}>")),
            log: get("MOIM_LOG").unwrap_or_else(|| "info".to_owned()),
            demo,
            shows_kept_mail: demo || cfg!(debug_assertions),
            secret,
            proxies,
            site_dir: get("MOIM_SITE_DIR").map(PathBuf::from),
        })
    }

    /// The origin of [`Config::url`], as browsers write it.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Whether people use https, so that cookies must be `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }
}

fn files(get: &dyn Fn(&str) -> Option<String>, data_dir: &Path) -> Result<Files, String> {
    let Some(address) = get("MOIM_IMAGES") else { return Ok(Files::Directory(data_dir.join("images"))) };
    let url = Url::parse(&address).ok().filter(|url| url.scheme() == "s3" && url.query().is_none());
    let (bucket, prefix) = url
        .as_ref()
        .and_then(|url| Some((url.host_str()?.to_owned(), url.path().trim_matches('/').to_owned())))
        .ok_or_else(|| format!("MOIM_IMAGES must be a bucket of an S3 store such as s3://bucket/moim, not {address:?}"))?;
    let needed = |name: &str| get(name).ok_or_else(|| format!("{name} must be given when MOIM_IMAGES is"));
    let endpoint = get("AWS_ENDPOINT_URL")
        .map(|text| {
            let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
            url.ok_or_else(|| format!("AWS_ENDPOINT_URL must be an http or https address, not {text:?}"))
        })
        .transpose()?;
    Ok(Files::S3 {
        bucket,
        prefix,
        endpoint,
        region: get("AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
        key: needed("AWS_ACCESS_KEY_ID")?,
        secret: needed("AWS_SECRET_ACCESS_KEY")?,
    })
}

fn weather(get: &dyn Fn(&str) -> Option<String>) -> Result<WeatherSource, String> {
    let kind = get("MOIM_WEATHER").unwrap_or_else(|| "open-meteo".to_owned());
    let address = |usual: &str| {
        let text = get("MOIM_WEATHER_URL").unwrap_or_else(|| usual.to_owned());
        // What is asked for is added to it.
        let url = Url::parse(&format!("{}/", text.trim_end_matches('/'))).ok().filter(is_safe_address);
        url.ok_or_else(|| format!("MOIM_WEATHER_URL must be an https address (http only for one on this machine), not {text:?}"))
    };
    match kind.as_str() {
        "off" => Ok(WeatherSource::Off),
        "open-meteo" => Ok(WeatherSource::OpenMeteo(address("https://api.open-meteo.com")?)),
        "kma" => {
            let key = get("KMA_SERVICE_KEY").ok_or("KMA_SERVICE_KEY must be given when MOIM_WEATHER is kma")?;
            Ok(WeatherSource::Kma { url: address("https://apis.data.go.kr/1360000/VilageFcstInfoService_2.0")?, key: decoded(key.trim()) })
        }
        other => Err(format!("MOIM_WEATHER must be open-meteo, kma or off, not {other:?}")),
    }
}

/// The public data portal gives each key twice: as it is, and as it stands in addresses.
fn decoded(key: &str) -> String {
    if !key.contains('%') {
        return key.to_owned();
    }
    url::form_urlencoded::parse(key.as_bytes()).map(|(name, value)| format!("{name}{value}")).collect()
}

fn scheme_checked(name: &str, value: Option<String>, schemes: &[&str]) -> Result<Option<String>, String> {
    match value {
        Some(text) if !Url::parse(&text).is_ok_and(|url| schemes.contains(&url.scheme())) => {
            Err(format!("{name} must be an address that begins with {}://", schemes.join(":// or ")))
        }
        other => Ok(other),
    }
}

fn parse_file(file: &str) -> Result<Vec<(String, String)>, String> {
    let mut values = Vec::new();
    for (number, line) in file.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line.split_once('=').ok_or_else(|| format!("MOIM_CONFIG: line {} is not NAME=value", number + 1))?;
        values.push((name.trim().to_owned(), value.trim().trim_matches('"').to_owned()));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, String> {
        Config::read(&|name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn nothing_is_needed_to_start() {
        let config = read(&[]).expect("defaults are complete");
        assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
        assert_eq!(config.origin(), "http://127.0.0.1:3000");
        assert_eq!(config.database_url, "sqlite://./data/moim.db");
        assert!(!config.demo && !config.is_https());
    }

    #[test]
    fn each_wrong_value_is_named() {
        let secret = "0123456789012345678901234567890123456789";
        for (name, value) in [
            ("MOIM_ADDR", "here"),
            ("MOIM_URL", "moim.example"),
            ("MOIM_URL", "https://moim.example/app"),
            ("DATABASE_URL", "mysql://x"),
            ("REDIS_URL", "http://x"),
            ("MOIM_IMAGES", "/var/images"),
            ("MOIM_IMAGES", "https://bucket"),
            ("SMTP_URL", "mail"),
            ("MOIM_DEMO", "maybe"),
            ("MOIM_PROXIES", "-1"),
            ("MOIM_SECRET", "short"),
            ("MOIM_OIDC", "Google"),
            ("MOIM_SUGGEST_URL", "api.example/v1"),
            ("MOIM_WEATHER", "sunny"),
            ("MOIM_WEATHER_URL", "api.open-meteo.com"),
            ("MOIM_WEATHER_URL", "http://api.open-meteo.com"),
            ("MOIM_WEATHER_URL", "https://api.open-meteo.com/?apikey=x"),
        ] {
            let refused = read(&[(name, value)]).expect_err(value);
            assert!(refused.starts_with(name), "{name}: {refused}");
        }
        assert!(read(&[("REDIS_URL", "redis://127.0.0.1")]).expect_err("secret").starts_with("MOIM_SECRET"));
        assert!(read(&[("REDIS_URL", "redis://127.0.0.1"), ("MOIM_SECRET", secret)]).is_ok());
    }

    #[test]
    fn pictures_lie_in_the_data_directory_or_in_a_bucket() {
        assert_eq!(read(&[("MOIM_DATA_DIR", "/srv/moim")]).expect("valid").files, Files::Directory("/srv/moim/images".into()));
        let bucket = [("MOIM_IMAGES", "s3://pictures/moim/"), ("AWS_ACCESS_KEY_ID", "key"), ("AWS_SECRET_ACCESS_KEY", "secret")];
        let Files::S3 { bucket: name, prefix, endpoint: None, region, .. } = read(&bucket).expect("valid").files else {
            panic!("a bucket")
        };
        assert_eq!((name.as_str(), prefix.as_str(), region.as_str()), ("pictures", "moim", "us-east-1"));
        assert!(read(&bucket[..2]).expect_err("no secret").starts_with("AWS_SECRET_ACCESS_KEY"));
        let wrong = [&bucket[..], &[("AWS_ENDPOINT_URL", "here")]].concat();
        assert!(read(&wrong).expect_err("no address").starts_with("AWS_ENDPOINT_URL"));
    }

    #[test]
    fn the_weather_comes_from_where_the_operator_says() {
        let asked = |pairs: &[(&str, &str)]| read(pairs).map(|config| config.weather);
        let url = |text: &str| Url::parse(text).expect("an address");
        assert_eq!(asked(&[]), Ok(WeatherSource::OpenMeteo(url("https://api.open-meteo.com/"))));
        assert_eq!(asked(&[("MOIM_WEATHER", "off")]), Ok(WeatherSource::Off));
        let near = [("MOIM_WEATHER_URL", "http://127.0.0.1:9/weather")];
        assert_eq!(asked(&near), Ok(WeatherSource::OpenMeteo(url("http://127.0.0.1:9/weather/"))));
        assert!(asked(&[("MOIM_WEATHER", "kma")]).expect_err("no key").starts_with("KMA_SERVICE_KEY"));
        // Both forms in which the portal gives a key are the same one.
        for key in ["a+b/c==", "a%2Bb%2Fc%3D%3D"] {
            let kma = asked(&[("MOIM_WEATHER", "kma"), ("KMA_SERVICE_KEY", key)]).expect("complete");
            let url = url("https://apis.data.go.kr/1360000/VilageFcstInfoService_2.0/");
            assert_eq!(kma, WeatherSource::Kma { url, key: "a+b/c==".to_owned() });
        }
    }

    #[test]
    fn a_file_holds_names_and_values() {
        assert_eq!(parse_file("# note\nMOIM_LOG = \"debug\"\n\n").as_deref(), Ok(&[("MOIM_LOG".to_owned(), "debug".to_owned())][..]));
        assert!(parse_file("nonsense").expect_err("no equals sign").contains("line 1"));
    }
}
