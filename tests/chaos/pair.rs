//! Two people at a table, each at a node of their own: one speaks, the other only listens.

use super::ledger::{guests, open_for, room_of};
use super::people::Person;
use super::world::{Node, World};
use moim::live::protocol::close;
use moim::shared::ids::{RoomId, Seq, SessionId};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// What happens at one node is known at the other within this, also once they hear each other again: they look for the bus at least
/// every five seconds.
pub const SOON: Duration = Duration::from_secs(10);
/// What a node did not tell before it died is known within this: after fifteen seconds it is missed, by who looks every five seconds.
pub const MISSED: Duration = Duration::from_secs(25);

/// Two people. What is heard at the second node has come from the first: a node that writes itself reads what it has missed, but nobody
/// says anything here.
pub struct Pair {
    speaker: Arc<Person>,
    listener: Arc<Person>,
    room: RoomId,
    listening: JoinHandle<()>,
}

/// Another device of the listener's, which waits at their node.
pub struct Device {
    session: SessionId,
    waiting: JoinHandle<Option<u16>>,
}

impl Pair {
    /// They sit down.
    pub async fn begin(world: &World, nodes: &[Node; 2]) -> Self {
        let people = guests(world, &nodes.each_ref(), nodes.len()).await;
        let room = room_of(&people[0], open_for(&people).await).await;
        let (speaker, listener) = (people[0].clone(), people[1].clone());
        let listening = tokio::spawn(listener.clone().listen(room));
        Self { speaker, listener, room, listening }
    }

    /// The first says something; its number.
    pub async fn say(&self) -> Seq {
        self.speaker.say(self.room).await
    }

    /// The first says something at another node; its number.
    pub async fn say_at(&self, node: &Node) -> Seq {
        self.speaker.at(node.addr()).say(self.room).await
    }

    /// Waits until the second hears it, on the same connection as ever: one that comes anew reads what it has missed.
    pub async fn hear(&self, said: Seq, within: Duration) {
        let began = Instant::now();
        while self.listener.heard() < said {
            assert!(!self.listening.is_finished(), "the connection broke");
            assert!(began.elapsed() < within, "only {} is heard, not {said}", self.listener.heard());
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Signs the second in on another device as well.
    pub async fn device(&self) -> Device {
        let device = self.listener.again().await;
        Device { session: device.session().await, waiting: device.wait().await }
    }

    /// Signs that device out, at the node of the first.
    pub async fn end(&self, device: &Device, node: &Node) {
        self.listener.at(node.addr()).end(device.session).await;
    }

    /// Makes sure that nothing of this has come to the second node: otherwise the nodes heard each other all the time.
    pub fn is_unaware(&self, said: Seq, device: &Device) {
        assert!(self.listener.heard() < said, "{said} is heard");
        assert!(!device.waiting.is_finished(), "the device is signed out");
    }

    /// They get up; what was heard was the room's log.
    pub fn part(self) {
        self.listening.abort();
        assert_eq!(self.listener.ledger.lock().expect("unharmed").broken, Vec::<String>::new());
    }
}

impl Device {
    /// Waits until it is told that its session has ended.
    pub async fn until_signed_out(self, within: Duration) {
        let code = timeout(within, self.waiting).await.expect("it is told").expect("it waited");
        assert_eq!(code, Some(close::SESSION_ENDED));
    }
}
