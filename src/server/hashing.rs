//! Password hashing: Argon2id off the async threads and behind them. Never so much at once that no core is left for others, if there are
//! two.

use super::aside::aside;
use crate::shared::error::AppError;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// OWASP's recommendation of 2025 for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes and checks passwords.
#[derive(Clone, Debug)]
pub struct Hasher {
    permits: Arc<Semaphore>,
    /// The hash of a password that nobody has, checked when an address is unknown so that both answers take equal work.
    dummy: Arc<str>,
}

impl Hasher {
    /// A hasher for this machine's cores.
    ///
    /// # Errors
    /// When the machine's random source fails.
    pub fn new() -> Result<Self, AppError> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let dummy = hash_now("a password that nobody has")?;
        Ok(Self { permits: Arc::new(Semaphore::new(at_once(cores))), dummy: dummy.into() })
    }

    /// The PHC string of a new password.
    ///
    /// # Errors
    /// [`AppError::Internal`] when hashing fails.
    pub async fn hash(&self, password: String) -> Result<String, AppError> {
        self.run(move || hash_now(&password)).await?
    }

    /// Whether a password fits a stored hash. `None` costs the same and never fits.
    ///
    /// # Errors
    /// [`AppError::Internal`] when the work could not be run.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, AppError> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.dummy.to_string());
        let fits = self
            .run(move || PasswordHash::new(&stored).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok()))
            .await?;
        Ok(fits && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
        metrics::counter!("password_hashes_total").increment(1);
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| AppError::Internal)?;
        let held = move || {
            // Free when the work is done, not when nobody waits for it any more.
            let _permit = permit;
            work()
        };
        aside(held).await?.ok_or_else(|| {
            tracing::error!("hashing a password did not finish");
            AppError::Internal
        })
    }
}

/// How many passwords are hashed at once where there are `cores`.
fn at_once(cores: usize) -> usize {
    cores.saturating_sub(1).max(1)
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the constants are within Argon2's ranges");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> Result<String, AppError> {
    argon2().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(|error| {
        tracing::error!(%error, "a password could not be hashed");
        AppError::Internal
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    #[test]
    fn a_core_is_left_for_others_where_there_are_two() {
        assert_eq!([1, 2, 3, 8].map(at_once), [1, 1, 2, 7]);
        let here = std::thread::available_parallelism().expect("cores").get();
        assert_eq!(Hasher::new().expect("random source").permits.available_permits(), at_once(here));
    }

    #[tokio::test]
    async fn who_goes_away_does_not_let_more_in_at_once() {
        let hasher = Hasher { permits: Arc::new(Semaphore::new(1)), dummy: "".into() };
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let gone = tokio::spawn({
            let hasher = hasher.clone();
            let work = move || {
                let _ = begun.send(());
                let _ = wait.recv();
            };
            async move { hasher.run(work).await }
        });
        has_begun.await.expect("it begins");
        gone.abort();
        assert!(gone.await.is_err_and(|error| error.is_cancelled()));
        assert_eq!(hasher.permits.available_permits(), 0);
        drop(go_on);
        let next = timeout(Duration::from_secs(30), hasher.run(|| "next")).await;
        assert_eq!(next.expect("its turn").expect("work"), "next");
    }

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let hasher = Hasher::new().expect("random source");
        let stored = hasher.hash("password123!".to_owned()).await.expect("hash");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(hasher.verify("password123!".to_owned(), Some(stored.clone())).await.expect("verify"));
        assert!(!hasher.verify("password123".to_owned(), Some(stored)).await.expect("verify"));
        assert!(!hasher.verify("a password that nobody has".to_owned(), None).await.expect("verify"));
        assert!(!hasher.verify("x".to_owned(), Some("garbage".to_owned())).await.expect("verify"));
    }
}
