//! The demo world: people, orders and conversations to look at, and two accounts to take part with.
//!
//! What it consists of is data (`data/demo`). It is replayed in the order in which it happened, through the functions that
//! people's clicks go through, in one transaction: it is there as a whole or not at all.

mod replay;
mod store;
#[cfg(test)]
mod tests;
mod world;

use self::replay::Replay;
use self::world::World;
use crate::server::keys::random_secret;
use crate::server::state::AppState;
use crate::shared::error::AppError;

/// Emails of the accounts that can be signed in to. The first one marks that the world is there.
pub const ACCOUNTS: [&str; 2] = ["test@test.com", "test1@test.com"];
/// Their password.
pub const PASSWORD: &str = "password123!";

/// What became of loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is there now.
    Loaded(Summary),
    /// It was there before; nothing was changed.
    Present,
    /// Others have accounts here, so it was left alone.
    Inhabited,
}

/// How much was loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Accounts.
    pub people: usize,
    /// Shared orders.
    pub orders: usize,
    /// 동 with orders.
    pub places: usize,
    /// Messages in all rooms.
    pub messages: usize,
}

/// Loads the demo world, unless it is there.
///
/// # Errors
/// [`AppError::Invalid`] when somebody else has one of its emails or nicknames; whatever the database says. Then nothing
/// was written.
pub async fn load(state: &AppState) -> Result<Outcome, AppError> {
    if is_present(state).await? {
        return Ok(Outcome::Present);
    }
    let world = World::read();
    let known = state.hasher.hash(PASSWORD.to_owned()).await?;
    // One secret that nobody has, for everybody who cannot sign in.
    let secret = state.hasher.hash(random_secret()).await?;
    let mut tx = state.db.begin().await?;
    let mut replay = Replay::new(&world, state.now());
    if let Err(error) = replay.move_in(&mut tx, &known, &secret).await {
        drop(tx);
        // Somebody else may have loaded it at this very moment; the database let one of us through.
        let is_theirs = matches!(error, AppError::Invalid(_)) && is_present(state).await?;
        return if is_theirs { Ok(Outcome::Present) } else { Err(error) };
    }
    let summary = replay.run(&mut tx).await?;
    tx.commit().await?;
    Ok(Outcome::Loaded(summary))
}

/// The same for the start of a node, which never adds well-known accounts to a database that people use.
///
/// # Errors
/// As [`load`].
pub async fn load_if_empty(state: &AppState) -> Result<Outcome, AppError> {
    let mut conn = state.db.read().await?;
    let is_inhabited = store::is_inhabited(&mut conn).await?;
    drop(conn);
    if is_inhabited && !is_present(state).await? { Ok(Outcome::Inhabited) } else { load(state).await }
}

async fn is_present(state: &AppState) -> Result<bool, AppError> {
    let mut conn = state.db.read().await?;
    store::has_account(&mut conn, ACCOUNTS[0]).await
}

impl Outcome {
    /// What to tell the operator.
    #[must_use]
    pub fn text(self) -> String {
        let accounts = format!("Sign in with {} or {}, password {PASSWORD}", ACCOUNTS[0], ACCOUNTS[1]);
        match self {
            Self::Loaded(Summary { people, orders, places, messages }) => {
                format!(
                    "The demo world is loaded: {people} people, {orders} orders in {places} neighbourhoods, {messages} messages.\n{accounts}"
                )
            }
            Self::Present => format!("The demo world is there.\n{accounts}"),
            Self::Inhabited => {
                "The demo world was not loaded: this database has other accounts. `moim demo` adds it all the same.".to_owned()
            }
        }
    }
}
