//! Between nodes: hints over Redis. Nothing depends on one of them arriving.
//!
//! A node that comes (back) to the bus compares everything that is followed on it with the database, and asks the others
//! to do the same: they cannot know what it could not tell them. And they do so by themselves when one falls silent: it may
//! have died after it wrote something and before it told them.

use super::hub::Hub;
use crate::shared::ids::{PartyId, QuestionId, RoomId, Seq, SessionId, UserId};
use futures_util::StreamExt;
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, Client, RedisResult};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, sleep};
use uuid::Uuid;

const CHANNEL: &str = "moim:live";
/// Events that may wait for the bus; more are lost, which the next one that arrives makes good.
const WAITING: usize = 4_096;
/// How often a node makes itself heard.
const BEAT: Duration = Duration::from_secs(5);
/// A node that does not hear itself for this long connects again; another that it does not hear for this long is gone.
const DEAF: Duration = Duration::from_secs(15);
/// Waits between attempts to connect: the first and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// What nodes tell each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A room's log is committed up to this number.
    Advanced {
        /// Which room.
        room: RoomId,
        /// The number.
        seq: Seq,
    },
    /// Somebody came into a room.
    Entered {
        /// Which room.
        room: RoomId,
        /// Who.
        user: UserId,
    },
    /// Somebody is out of a room.
    Left {
        /// Which room.
        room: RoomId,
        /// Who.
        user: UserId,
    },
    /// Somebody was given a seat by others.
    Seated {
        /// Who.
        user: UserId,
        /// Where.
        party: PartyId,
        /// What it is called.
        title: String,
    },
    /// Somebody is called something else now.
    Renamed {
        /// Who.
        user: UserId,
    },
    /// The pages of somebody come back, to be told anew.
    Recalled {
        /// Whose.
        user: UserId,
    },
    /// The notices of somebody are others now.
    Noticed {
        /// Whose.
        user: UserId,
    },
    /// More of an answer to a question of somebody's.
    Suggested {
        /// Whose.
        user: UserId,
        /// Which question.
        question: QuestionId,
        /// The answer so far.
        text: String,
        /// Nothing more comes.
        is_over: bool,
    },
    /// A room is silent for somebody now, or is heard again.
    Muted {
        /// For whom.
        user: UserId,
        /// Which room.
        room: RoomId,
        /// Whether it is silent.
        is_muted: bool,
    },
    /// Somebody blocks another person now, or no more.
    Blocked {
        /// Who.
        user: UserId,
        /// Whom.
        person: UserId,
        /// Whether they do.
        is_blocked: bool,
    },
    /// A room was deleted.
    Deleted {
        /// Which.
        room: RoomId,
    },
    /// A session has ended.
    SessionEnded {
        /// Which.
        session: SessionId,
    },
    /// Something on the bill of a room's party is different.
    Billed {
        /// Which room.
        room: RoomId,
    },
    /// Somebody has read on.
    Read {
        /// Which room.
        room: RoomId,
        /// Who.
        user: UserId,
        /// Up to where.
        seq: Seq,
        /// How many said messages that is.
        said: i64,
    },
    /// Somebody is writing.
    Typing {
        /// Which room.
        room: RoomId,
        /// Who.
        user: UserId,
        /// What they are called.
        nickname: String,
    },
    /// Events were lost: everybody looks into the database.
    Check,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    node: Uuid,
    /// Nothing in it is a sign of life.
    event: Option<Event>,
}

/// The other nodes, and when each was last heard.
#[derive(Debug, Default)]
struct Others(HashMap<Uuid, Instant>);

impl Others {
    fn heard(&mut self, node: Uuid, now: Instant) {
        self.0.insert(node, now);
    }

    /// Whether one of them has fallen silent since this was last asked.
    fn is_one_gone(&mut self, now: Instant) -> bool {
        let before = self.0.len();
        self.0.retain(|_, heard| now.duration_since(*heard) <= DEAF);
        self.0.len() < before
    }
}

/// Connects the hub to the others through Redis, for as long as the program runs.
pub fn start(hub: Hub, url: &str) {
    let (out, mut events) = mpsc::channel(WAITING);
    hub.connect_bus(out);
    let client = Client::open(url);
    tokio::spawn(async move {
        let client = match client {
            Ok(client) => client,
            Err(error) => {
                tracing::error!(%error, "REDIS_URL cannot be used; this node is alone");
                return;
            }
        };
        let node = Uuid::now_v7();
        // Also of before the connection broke: who dies before they are heard again is gone all the same.
        let mut others = Others::default();
        let mut pause = PAUSES.0;
        loop {
            let began = Instant::now();
            let Err(error) = carry(&hub, &client, node, &mut events, &mut others).await else { return };
            tracing::warn!(%error, "the bus is not available; trying again");
            if began.elapsed() > DEAF {
                pause = PAUSES.0;
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    });
}

/// Carries events both ways until something fails.
async fn carry(hub: &Hub, client: &Client, node: Uuid, events: &mut mpsc::Receiver<Event>, others: &mut Others) -> RedisResult<()> {
    let mut ears = client.get_async_pubsub().await?;
    ears.subscribe(CHANNEL).await?;
    let mut mouth = client.get_multiplexed_async_connection().await?;
    let mut heard = ears.into_on_message();
    // What waited since the connection broke may be old, but it is never wrong.
    hub.hear(Event::Check);
    say(&mut mouth, node, Some(Event::Check)).await?;
    tracing::info!("the bus is connected");
    let mut beat = interval(BEAT);
    let mut last_heard = Instant::now();
    loop {
        tokio::select! {
            message = heard.next() => {
                let Some(message) = message else { return Err(gone()) };
                last_heard = Instant::now();
                let Ok(envelope) = serde_json::from_slice::<Envelope>(message.get_payload_bytes()) else { continue };
                if envelope.node == node {
                    continue;
                }
                others.heard(envelope.node, last_heard);
                if let Some(event) = envelope.event {
                    hub.hear(event);
                }
            }
            event = events.recv() => {
                let Some(event) = event else { return Ok(()) };
                say(&mut mouth, node, Some(event)).await?;
                if hub.take_lost() {
                    say(&mut mouth, node, Some(Event::Check)).await?;
                }
            }
            _ = beat.tick() => {
                if last_heard.elapsed() > DEAF {
                    return Err(gone());
                }
                if others.is_one_gone(Instant::now()) {
                    tracing::info!("another node is silent; what it may not have told is looked for");
                    hub.hear(Event::Check);
                }
                say(&mut mouth, node, None).await?;
            }
        }
    }
}

fn gone() -> redis::RedisError {
    std::io::Error::from(std::io::ErrorKind::ConnectionAborted).into()
}

async fn say(mouth: &mut MultiplexedConnection, node: Uuid, event: Option<Event>) -> RedisResult<()> {
    let envelope = serde_json::to_string(&Envelope { node, event }).expect("an event is JSON");
    mouth.publish(CHANNEL, envelope).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_silent_is_missed_once() {
        let (mut others, began) = (Others::default(), Instant::now());
        let [one, two] = [Uuid::now_v7(), Uuid::now_v7()];
        let later = |seconds| began + Duration::from_secs(seconds);
        assert!(!others.is_one_gone(began), "nobody was there");
        others.heard(one, began);
        others.heard(two, began);
        others.heard(two, later(10));
        assert!(!others.is_one_gone(began + DEAF));
        assert!(others.is_one_gone(later(16)));
        assert!(!others.is_one_gone(later(20)), "it is known already");
        assert!(others.is_one_gone(later(26)));
        others.heard(one, later(30));
        assert!(!others.is_one_gone(later(31)) && others.is_one_gone(later(46)), "and again when it has come back");
    }
}
