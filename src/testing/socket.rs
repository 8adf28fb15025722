//! A live connection, as a browser holds it.

use super::actor::Actor;
use crate::features::chat::model::Tally;
use crate::live::protocol::{Down, Up, VERSION};
use crate::shared::ids::RoomId;
use futures_util::{SinkExt, StreamExt};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Nothing that a test waits for takes this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// An open socket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens a socket that takes in only a little before it is read.
    pub async fn open_narrow(addr: SocketAddr, actor: &Actor) -> Self {
        let request = request(addr, actor, &format!("http://{addr}"), &page_of(actor));
        let tcp = TcpSocket::new_v4().expect("a socket");
        tcp.set_recv_buffer_size(4 * 1024).expect("a size");
        let stream = MaybeTlsStream::Plain(tcp.connect(addr).await.expect("a connection"));
        Self(tokio_tungstenite::client_async(request, stream).await.expect("the socket opens").0)
    }

    /// Opens a socket with a browser's cookies.
    ///
    /// # Errors
    /// The server's refusal.
    pub async fn open(addr: SocketAddr, actor: &Actor) -> Result<Self, Error> {
        Self::open_from(addr, actor, &format!("http://{addr}")).await
    }

    /// The same from a page of another origin.
    ///
    /// # Errors
    /// The server's refusal.
    pub async fn open_from(addr: SocketAddr, actor: &Actor, origin: &str) -> Result<Self, Error> {
        let request = request(addr, actor, origin, &page_of(actor));
        Ok(Self(connect_async(request).await?.0))
    }

    /// The same with a query of its own, such as `v=2`.
    ///
    /// # Errors
    /// The server's refusal.
    pub async fn open_with(addr: SocketAddr, actor: &Actor, query: &str) -> Result<Self, Error> {
        Ok(Self(connect_async(request(addr, actor, &format!("http://{addr}"), query)).await?.0))
    }

    /// What the server says first.
    pub async fn ready(&mut self) -> Vec<(RoomId, Tally)> {
        match self.next().await {
            Ok(Down::Ready { rooms, .. }) => rooms,
            other => panic!("not ready: {other:?}"),
        }
    }

    /// Says something.
    pub async fn say(&mut self, frame: &Up) {
        self.say_raw(&serde_json::to_string(frame).expect("a frame")).await;
    }

    /// Says anything.
    pub async fn say_raw(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("sent");
    }

    /// Says something that the server may not want to hear any more.
    pub async fn try_say(&mut self, frame: &Up) {
        self.try_say_raw(&serde_json::to_string(frame).expect("a frame")).await;
    }

    /// The same with anything.
    pub async fn try_say_raw(&mut self, text: &str) {
        let _ = self.0.send(Message::text(text)).await;
    }

    /// Listens for a while without expecting anything.
    pub async fn idle(&mut self, time: Duration) {
        let _ = tokio::time::timeout(time, self.0.next()).await;
    }

    /// The next frame, or the code with which the server closed.
    pub async fn next(&mut self) -> Result<Down, u16> {
        in_time("the server says something", self.hear()).await
    }

    async fn hear(&mut self) -> Result<Down, u16> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).expect("a frame")),
                Some(Ok(Message::Close(reason))) => return Err(reason.map_or(1005, |reason| reason.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }

    /// Skips frames until one fits.
    pub async fn until(&mut self, mut fits: impl FnMut(&Down) -> bool) -> Down {
        let fitting = async {
            loop {
                let frame = self.hear().await.expect("the socket stays open");
                if fits(&frame) {
                    return frame;
                }
            }
        };
        in_time("the server says what is waited for", fitting).await
    }

    /// The code with which the server closes, skipping frames before.
    pub async fn closed(&mut self) -> u16 {
        let closing = async {
            loop {
                if let Err(code) = self.hear().await {
                    return code;
                }
            }
        };
        in_time("the server closes the socket", closing).await
    }
}

/// All of a wait, however many pings and other frames come meanwhile.
async fn in_time<T>(what: &str, wait: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, wait).await.expect(what)
}

/// The query of a page that was made for somebody.
fn page_of(actor: &Actor) -> String {
    actor.known_id().map_or_else(|| format!("v={VERSION}"), |me| format!("v={VERSION}&me={me}"))
}

fn request(addr: SocketAddr, actor: &Actor, origin: &str, query: &str) -> Request {
    let mut request = format!("ws://{addr}/ws?{query}").into_client_request().expect("a request");
    let headers = request.headers_mut();
    headers.insert("origin", origin.parse().expect("a header"));
    headers.insert("cookie", actor.cookie_header().parse().expect("a header"));
    request
}
