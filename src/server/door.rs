//! The listening socket of a node, which is closed without turning away who is at it.

use axum::serve::Listener;
use std::future::pending;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// Lets connections in until it is asked to close. Then it lets in those that the system has made already, and closes: whoever comes
/// later is refused before they have said anything, and asks another node.
#[derive(Debug)]
pub struct Door {
    /// Nothing once it is closed.
    listener: Option<TcpListener>,
    addr: SocketAddr,
    asked: CancellationToken,
}

impl Door {
    /// Listens here until it is asked to close.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn open(addr: SocketAddr, asked: CancellationToken) -> std::io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        Ok(Self { addr: listener.local_addr()?, listener: Some(listener), asked })
    }
}

impl Listener for Door {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        if let Some(listener) = &mut self.listener {
            tokio::select! {
                biased;
                connection = Listener::accept(listener) => return connection,
                () = self.asked.cancelled() => {}
            }
        }
        self.listener = None;
        pending().await
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.addr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_is_at_the_door_comes_in_and_who_comes_later_is_refused() {
        let asked = CancellationToken::new();
        let mut door = Door::open(SocketAddr::from(([127, 0, 0, 1], 0)), asked.clone()).await.expect("a port");
        let addr = door.local_addr().expect("an address");
        let early = [TcpStream::connect(addr).await.expect("a connection"), TcpStream::connect(addr).await.expect("a connection")];
        asked.cancel();
        for one in &early {
            let (_, from) = door.accept().await;
            assert_eq!(Ok(from), one.local_addr().map_err(|_| ()));
        }
        // Those who come before it has looked up come in as well.
        let serving = tokio::spawn(async move {
            loop {
                door.accept().await;
            }
        });
        let mut late = TcpStream::connect(addr).await;
        while late.is_ok() {
            tokio::task::yield_now().await;
            late = TcpStream::connect(addr).await;
        }
        assert_eq!(late.map_err(|error| error.kind()).err(), Some(std::io::ErrorKind::ConnectionRefused));
        assert!(!serving.is_finished());
    }
}
