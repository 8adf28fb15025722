//! The one task of this node that writes messages and read positions, and changes of what was said beside it.
//!
//! Those that arrive together are stored in one transaction, and only after its commit are they acknowledged and fanned
//! out. A batch that fails is stored again one by one, so that a bad message only takes itself down. When the database is
//! not available everybody who waits is told so.

use super::model::{NewMessage, Sent, place};
use super::store::{self, Appended, Outgoing, ReadOn, Stored};
use crate::server::rate_limit::Limit;
use crate::server::state::AppState;
use crate::shared::error::AppError;
use crate::shared::ids::{RoomId, Seq, UserId};
use crate::shared::time::Span;
use futures_util::FutureExt;
use leptos::prelude::use_context;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

/// Messages in a transaction.
const MAX_BATCH: usize = 50;
/// How long a transaction waits at most for the senders of the one before it; and never longer than half of what that one took. Where
/// the disk is quick, more is stored by two groups of senders by turns, of which one talks while the other's messages are written.
const GATHER: Duration = Duration::from_millis(2);
/// Messages that may wait at once; more are refused.
const MAX_WAITING: usize = 4_096;
/// What one person may send.
pub const SENDING: Limit = Limit { name: "chat_send", attempts: 20, window: Span::seconds(10) };

type Done = Box<dyn FnOnce(Result<Sent, AppError>) + Send>;

enum Job {
    Send(Outgoing, Done),
    Read(RoomId, UserId, Seq),
}

/// The way to the writing task. Cheap to clone; the task ends when the last clone is gone and everything is written.
#[derive(Clone)]
pub struct Writer {
    jobs: mpsc::Sender<Job>,
}

/// Starts the writing task of this node.
#[must_use]
pub fn start(state: AppState) -> Writer {
    let (jobs, waiting) = mpsc::channel(MAX_WAITING);
    tokio::spawn(run(state, waiting));
    Writer { jobs }
}

/// The writer, from inside a server function.
///
/// # Errors
/// [`AppError::Internal`] outside a request.
pub fn writer() -> Result<Writer, AppError> {
    use_context::<Writer>().ok_or(AppError::Internal)
}

/// Counts a message of a person.
///
/// # Errors
/// [`AppError::SlowDown`]
pub fn throttle(state: &AppState, user: UserId) -> Result<(), AppError> {
    state.limiter.attempt(SENDING, &user.to_string(), state.now())
}

/// Puts other words in the place of what somebody said, none to delete it, and tells those who follow the room.
///
/// # Errors
/// Those of [`store::change`]; [`AppError::SlowDown`]
pub async fn change(state: &AppState, room: RoomId, seq: Seq, author: UserId, text: &str) -> Result<(), AppError> {
    throttle(state, author)?;
    let mut tx = state.db.begin().await?;
    let number = store::change(&mut tx, room, seq, author, text, state.now()).await?;
    tx.commit().await?;
    if let Some(number) = number {
        state.hub.advanced(room, number);
    }
    Ok(())
}

/// The room of two people; who wants to say the first words there makes it.
///
/// # Errors
/// Those of [`store::open_direct`].
pub async fn room_of_two(state: &AppState, user: UserId, other: UserId) -> Result<RoomId, AppError> {
    let mut tx = state.db.begin().await?;
    let room = store::open_direct(&mut tx, user, other, state.now()).await?;
    tx.commit().await?;
    Ok(room)
}

/// Where a message stands, in the part of its room's log around it; the room, where that cannot be found out.
pub async fn whereabouts(state: &AppState, room: RoomId, seq: Seq) -> String {
    let ends = async { store::ends(&mut state.db.read().await?, &[room]).await };
    let ends: Result<_, AppError> = ends.await;
    ends.ok().and_then(|ends| ends.first().copied()).map_or_else(|| format!("/chat/{room}"), |(_, last, _)| place(room, seq, last))
}

impl Writer {
    /// Hands a message over; `done` is called once, after its commit or with the reason why it is not stored.
    pub fn submit(&self, author: UserId, message: NewMessage, done: impl FnOnce(Result<Sent, AppError>) + Send + 'static) {
        let job = Job::Send(Outgoing { author, message }, Box::new(done));
        if let Err(refused) = self.jobs.try_send(job)
            && let Job::Send(_, done) = refused.into_inner()
        {
            done(Err(AppError::Unavailable));
        }
    }

    /// Stores a message.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when the author is not in the room, [`crate::shared::error::Conflict::RoomDeleted`],
    /// [`AppError::Unavailable`].
    pub async fn send(&self, author: UserId, message: NewMessage) -> Result<Sent, AppError> {
        let (tell, told) = oneshot::channel();
        self.submit(author, message, move |result| {
            // Nobody may be waiting any more; the message is stored all the same.
            let _ = tell.send(result);
        });
        told.await.unwrap_or(Err(AppError::Unavailable))
    }

    /// Moves a read position forward, soon. Lost when too much waits: the next one says more.
    pub fn read(&self, room: RoomId, user: UserId, seq: Seq) {
        let _ = self.jobs.try_send(Job::Read(room, user, seq));
    }
}

async fn run(state: AppState, mut waiting: mpsc::Receiver<Job>) {
    let (mut expected, mut took) = (1, GATHER);
    while let Some(first) = waiting.recv().await {
        let mut jobs = vec![first];
        let until = Instant::now() + (took / 2).min(GATHER);
        loop {
            while jobs.len() < MAX_BATCH
                && let Ok(job) = waiting.try_recv()
            {
                jobs.push(job);
            }
            if jobs.len() >= expected.min(MAX_BATCH) {
                break;
            }
            match timeout_at(until, waiting.recv()).await {
                Ok(Some(job)) => jobs.push(job),
                Ok(None) | Err(_) => break,
            }
        }
        let these = jobs.len();
        metrics::gauge!("chat_writer_waiting").set(waiting.len() as f64);
        // The next ones are written all the same; these hear that theirs were not.
        let begun = Instant::now();
        let late = AssertUnwindSafe(store_all(&state, jobs, &waiting)).catch_unwind().await;
        if late.is_err() {
            tracing::error!("the chat's writer panicked");
        }
        took = begun.elapsed();
        // Senders who were just answered come back at once: they are worth a short wait, in which those who came too late for this
        // transaction join them.
        expected = these + late.unwrap_or_default();
    }
}

/// Stores what came together and answers everybody; how many more waited by then, before anybody was answered.
async fn store_all(state: &AppState, jobs: Vec<Job>, waiting: &mpsc::Receiver<Job>) -> usize {
    let (mut sends, mut done, mut reads) = (Vec::new(), Vec::new(), BTreeMap::new());
    for job in jobs {
        match job {
            Job::Send(send, tell) => {
                sends.push(send);
                done.push(tell);
            }
            Job::Read(room, user, seq) => {
                let read = reads.entry((room, user)).or_insert(seq);
                *read = seq.max(*read);
            }
        }
    }
    let reads: Vec<_> = reads.into_iter().map(|((room, user), seq)| (room, user, seq)).collect();
    let stored = store(state, &sends, &reads).await;
    let late = waiting.len();
    match stored {
        Ok(outcome) => finish(state, &sends, done, outcome),
        Err(AppError::Unavailable) => refuse(done, &AppError::Unavailable),
        Err(error) if sends.len() + reads.len() == 1 => refuse(done, &error),
        Err(_) => {
            for (send, tell) in sends.into_iter().zip(done) {
                let alone = [send];
                match store(state, &alone, &[]).await {
                    Ok(outcome) => finish(state, &alone, vec![tell], outcome),
                    Err(error) => refuse(vec![tell], &error),
                }
            }
            // Read positions that are lost here are told again by the next ones.
            for read in reads {
                if let Ok(outcome) = store(state, &[], &[read]).await {
                    finish(state, &[], Vec::new(), outcome);
                }
            }
        }
    }
    late
}

async fn store(state: &AppState, sends: &[Outgoing], reads: &[(RoomId, UserId, Seq)]) -> Result<(Appended, Vec<ReadOn>), AppError> {
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let appended = if sends.is_empty() { Appended::default() } else { store::append(&mut tx, sends, now).await? };
    let read = store::mark_read(&mut tx, reads).await?;
    // Conversations are on no visitor's page: however busy they are, those pages stay.
    tx.commit_unseen().await?;
    Ok((appended, read))
}

/// After the commit: first those who wait are told, then everybody else.
fn finish(state: &AppState, sends: &[Outgoing], done: Vec<Done>, (appended, reads): (Appended, Vec<ReadOn>)) {
    let mut said: BTreeMap<RoomId, Vec<_>> = BTreeMap::new();
    let mut stored = 0;
    for ((send, tell), result) in sends.iter().zip(done).zip(appended.results) {
        let room = send.message.room;
        tell(match result {
            Ok(Stored::New(message)) => {
                let sent = Sent { room, seq: message.seq, at: message.at };
                said.entry(room).or_default().push(message);
                stored += 1;
                Ok(sent)
            }
            Ok(Stored::Before(seq, at)) => Ok(Sent { room, seq, at }),
            Err(error) => Err(error),
        });
    }
    metrics::counter!("messages_sent_total").increment(stored);
    for (room, user) in appended.shown {
        state.hub.entered(room, user);
    }
    for (room, messages) in said {
        state.hub.said(room, messages);
    }
    for ReadOn { room, person, seq, said } in reads {
        state.hub.read(room, person, seq, said);
    }
}

fn refuse(done: Vec<Done>, error: &AppError) {
    for tell in done {
        tell(Err(error.clone()));
    }
}
