//! Whose turn it is: forms with files take long to come, and each of those that are read holds one file in memory.
//!
//! Nobody keeps others out by sending slowly: one person has at most [`TURNS`] of them read at once, and whoever waits too long
//! for the others is told to come back.

use crate::shared::error::AppError;
use crate::shared::ids::UserId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Forms that are read at once on this node.
const READERS: usize = 16;
/// Those of one person among them; their others wait for these.
const TURNS: usize = 2;
/// Forms that one person may have under way, with those that wait: two messages with as many pictures as they may have.
const UNDER_WAY: usize = 8;
/// Seconds after which who has more may try again.
const PAUSE: u32 = 10;
/// How long a form waits for those of others.
const PATIENCE: Duration = Duration::from_secs(15);

type People = Arc<Mutex<HashMap<UserId, Person>>>;

#[derive(Debug)]
struct Person {
    turns: Arc<Semaphore>,
    under_way: usize,
}

/// Those who read. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Readers {
    all: Arc<Semaphore>,
    people: People,
    patience: Duration,
}

/// Leave to read one form, given back when it is dropped.
#[derive(Debug)]
pub struct Reader {
    _leave: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
    // The last to go, so that the turn is free before the person is forgotten.
    _place: Place,
}

/// One form that is under way.
#[derive(Debug)]
struct Place {
    people: People,
    owner: UserId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(person) = people.get_mut(&self.owner) {
            person.under_way -= 1;
            if person.under_way == 0 {
                people.remove(&self.owner);
            }
        }
    }
}

impl Default for Readers {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(READERS)), people: People::default(), patience: PATIENCE }
    }
}

impl Readers {
    /// The same with another patience.
    pub(super) fn patient(&self, patience: Duration) -> Self {
        Self { patience, ..self.clone() }
    }

    /// Waits until a form of somebody may be read.
    ///
    /// # Errors
    /// [`AppError::SlowDown`] when they have too many under way; [`AppError::Unavailable`] when others are read for too long.
    pub(super) async fn turn(&self, owner: UserId) -> Result<Reader, AppError> {
        let (place, turns) = self.place(owner)?;
        // Not for ever: each form before it has so long to come.
        let turn = turns.acquire_owned().await.map_err(|_| AppError::Internal)?;
        let leave = timeout(self.patience, self.all.clone().acquire_owned()).await.map_err(|_| AppError::Unavailable)?;
        Ok(Reader { _leave: leave.map_err(|_| AppError::Internal)?, _turn: turn, _place: place })
    }

    fn place(&self, owner: UserId) -> Result<(Place, Arc<Semaphore>), AppError> {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        let person = people.entry(owner).or_insert_with(|| Person { turns: Arc::new(Semaphore::new(TURNS)), under_way: 0 });
        if person.under_way == UNDER_WAY {
            return Err(AppError::SlowDown { seconds: PAUSE });
        }
        person.under_way += 1;
        Ok((Place { people: self.people.clone(), owner }, person.turns.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use uuid::Uuid;

    fn somebody() -> UserId {
        UserId(Uuid::new_v4())
    }

    #[tokio::test]
    async fn one_person_has_two_turns_and_the_next_form_waits_for_them() {
        let (readers, mina) = (Readers::default(), somebody());
        let first = readers.turn(mina).await.expect("a turn");
        let second = readers.turn(mina).await.expect("a turn");
        let mut third = Box::pin(readers.turn(mina));
        assert!((&mut third).now_or_never().is_none());
        assert!(readers.turn(somebody()).now_or_never().expect("at once").is_ok());
        drop(first);
        let third = third.now_or_never().expect("at once").expect("a turn");
        drop((second, third));
        assert!(readers.people.lock().expect("people").is_empty(), "who has nothing under way is forgotten");
    }

    #[tokio::test]
    async fn one_person_has_so_many_under_way() {
        let (readers, mina) = (Readers::default(), somebody());
        let mut under_way: Vec<_> = (0..UNDER_WAY).map(|_| Box::pin(readers.turn(mina))).collect();
        let begun: Vec<_> = under_way.iter_mut().map(|form| form.now_or_never()).collect();
        assert_eq!(begun.iter().filter(|begun| begun.is_some()).count(), TURNS);
        assert_eq!(readers.turn(mina).await.map(drop), Err(AppError::SlowDown { seconds: PAUSE }));
        // One that nobody waits for any more is under way no more.
        under_way.pop();
        assert!(readers.turn(mina).now_or_never().is_none(), "it waits");
    }

    #[tokio::test]
    async fn who_waits_for_others_too_long_is_told_so() {
        let readers = Readers::default().patient(Duration::ZERO);
        let mut all = Vec::new();
        for _ in 0..READERS {
            all.push(readers.turn(somebody()).await.expect("a turn"));
        }
        let mina = somebody();
        assert_eq!(readers.turn(mina).await.map(drop), Err(AppError::Unavailable));
        all.pop();
        assert!(readers.turn(mina).await.is_ok());
    }
}
