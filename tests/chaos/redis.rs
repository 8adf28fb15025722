//! A Redis, and a wire to it that can be cut.

use super::world::script;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A real one, behind a wire.
pub struct Redis {
    dir: PathBuf,
    wire: SocketAddr,
    whole: watch::Sender<bool>,
}

impl Redis {
    pub async fn start(dir: &Path) -> Self {
        let url = script("redis.sh", "start", dir, &[]);
        let server: SocketAddr = url.trim_start_matches("redis://").parse().expect("an address");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let wire = listener.local_addr().expect("an address");
        let (whole, state) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let mut state = state.clone();
                tokio::spawn(async move {
                    if !*state.borrow_and_update() {
                        return;
                    }
                    let Ok(mut far) = TcpStream::connect(server).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = state.wait_for(|whole| !whole) => {}
                    }
                });
            }
        });
        Self { dir: dir.to_owned(), wire, whole }
    }

    /// Where nodes find it.
    pub fn url(&self) -> String {
        format!("redis://{}", self.wire)
    }

    /// Ends every connection, and lets none come.
    pub async fn cut(&self) {
        self.whole.send_replace(false);
        // Each of them watches, and so does who lets them in.
        while self.whole.receiver_count() > 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        script("redis.sh", "stop", &self.dir, &[]);
    }
}
