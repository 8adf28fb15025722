//! The application under measurement: a release build with a database of its own.

use crate::base::{Base, Kind, Sort, id};
use crate::fail;
use crate::fail::Outcome;
use crate::process::{Running, free_addr, start};
use crate::settings;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::path::PathBuf;
use tokio::process::Command;
use uuid::Uuid;

const SECRET: &str = "a secret of nobody, for measurements on this machine only";

/// What a server starts with.
pub struct Prepared {
    dir: PathBuf,
    /// Its database.
    pub url: String,
}

impl Prepared {
    /// A database with the application's schema and nothing in it.
    pub async fn new(kind: Kind, name: &str) -> Outcome<Self> {
        let dir = settings::work()?.join(format!("{name}-{}", Uuid::new_v4().simple()));
        std::fs::create_dir_all(&dir)?;
        let url = kind.create(&dir, &format!("bench_{name}")).await?;
        let prepared = Self { dir, url };
        let done = prepared.command("127.0.0.1:0", None)?.arg("migrate").output().await?;
        if !done.status.success() {
            fail!("moim migrate failed: {}", String::from_utf8_lossy(&done.stderr));
        }
        Ok(prepared)
    }

    /// Its database, to be filled before it starts.
    pub async fn base(&self) -> Outcome<Base> {
        Base::open(&self.url).await
    }

    /// Starts it; with so many threads that serve, or as many as there are cores.
    pub async fn start(&self, workers: Option<usize>) -> Outcome<Running> {
        let addr = free_addr()?;
        start("moim", self.command(&addr.to_string(), workers)?, addr, "/readyz").await
    }

    // Only what is named here: settings of whoever measures must not leak in. Its log says what the peers' say: only what is wrong.
    fn command(&self, addr: &str, workers: Option<usize>) -> Outcome<Command> {
        let mut command = Command::new(settings::required("MOIM_BIN")?);
        command
            .env_clear()
            .env("MOIM_ADDR", addr)
            .env("MOIM_DATA_DIR", &self.dir)
            .env("DATABASE_URL", &self.url)
            .env("MOIM_SITE_DIR", settings::required("MOIM_SITE_DIR")?)
            .env("MOIM_SECRET", SECRET)
            .env("MOIM_WEATHER", "off")
            .env("MOIM_LOG", "warn");
        if let Some(workers) = workers {
            command.env("TOKIO_WORKER_THREADS", workers.to_string());
        }
        Ok(command)
    }
}

/// The cookie of the n-th of [`crate::seed::people`], signed as the application signs it, and good for some hours.
pub fn cookie(n: u64) -> String {
    let claims = serde_json::json!({ "sub": id(Sort::Person, n), "sid": id(Sort::Session, n), "exp": expiry() });
    let [head, claims] = [serde_json::json!({ "typ": "JWT", "alg": "HS256" }), claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let key = mac(SECRET.as_bytes(), b"access");
    let signature = URL_SAFE_NO_PAD.encode(mac(&key, format!("{head}.{claims}").as_bytes()));
    format!("Cookie: moim_access={head}.{claims}.{signature}\r\n")
}

fn expiry() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_secs()) + 3 * 3_600
}

fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}
