//! A WebSocket that does as little as possible, so that a thousand of them leave the machine to the server.

use crate::fail;
use crate::fail::{Fail, Outcome};
use memchr::memmem;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use uuid::Uuid;

/// An open connection. Pings are answered.
pub struct Socket {
    stream: TcpStream,
    read: Vec<u8>,
    /// Where in it the next frame begins.
    next: usize,
}

/// What came.
pub enum Frame {
    /// A text that stands there in [`Socket::text`].
    Text(std::ops::Range<usize>),
    /// The server has closed, with this code.
    Closed(u16),
}

impl Socket {
    /// Opens one; `headers` are whole lines. `small`: little is kept for it in the kernel, but not so little that it could only be read
    /// slowly later.
    pub async fn open(addr: SocketAddr, path: &str, headers: &str, small: bool) -> Outcome<Self> {
        let socket = TcpSocket::new_v4()?;
        if small {
            socket.set_recv_buffer_size(64 * 1024)?;
        }
        let mut stream = socket.connect(addr).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://{addr}\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut read = Vec::with_capacity(4_096);
        let next = loop {
            if stream.read_buf(&mut read).await? == 0 {
                fail!("a socket was closed before it was open");
            }
            if let Some(end) = memmem::find(&read, b"\r\n\r\n") {
                break end + 4;
            }
        };
        if !read.starts_with(b"HTTP/1.1 101") {
            fail!("a socket was refused: {}", String::from_utf8_lossy(&read[..next]).lines().next().unwrap_or_default());
        }
        Ok(Self { stream, read, next })
    }

    /// The text of a frame.
    pub fn text(&self, range: std::ops::Range<usize>) -> &[u8] {
        &self.read[range]
    }

    /// The next frame. May be dropped and called again: nothing is lost.
    pub async fn next(&mut self) -> Outcome<Frame> {
        loop {
            match self.whole()? {
                Some((1 | 2, range)) => return Ok(Frame::Text(range)),
                Some((8, range)) => {
                    let code = self.read[range].first_chunk().map_or(1005, |code| u16::from_be_bytes(*code));
                    return Ok(Frame::Closed(code));
                }
                // Pongs are short enough for the kernel to take them whole.
                Some((9, _)) => drop(self.stream.try_write(&[0x8a, 0x80, 0, 0, 0, 0])?),
                Some(_) => {}
                None => {
                    self.read.drain(..self.next);
                    self.next = 0;
                    if self.stream.read_buf(&mut self.read).await? == 0 {
                        fail!("a socket was closed without a word");
                    }
                }
            }
        }
    }

    /// Steps over a frame, if all of it is there: its kind, and where its content stands.
    fn whole(&mut self) -> Outcome<Option<(u8, std::ops::Range<usize>)>> {
        let rest = &self.read[self.next..];
        let (Some(first), Some(second)) = (rest.first(), rest.get(1)) else { return Ok(None) };
        let (kind, is_last) = (first & 0x0f, first & 0x80 != 0);
        if !is_last || second & 0x80 != 0 {
            fail!("a frame that no server here sends");
        }
        let (head, length) = match second & 0x7f {
            126 => match rest.get(2..4) {
                Some(bytes) => (4, usize::from(u16::from_be_bytes([bytes[0], bytes[1]]))),
                None => return Ok(None),
            },
            127 => match rest.get(2..10).and_then(|bytes| bytes.first_chunk()) {
                Some(bytes) => (10, usize::try_from(u64::from_be_bytes(*bytes))?),
                None => return Ok(None),
            },
            length => (2, usize::from(length)),
        };
        if rest.len() < head + length {
            return Ok(None);
        }
        let begin = self.next + head;
        self.next = begin + length;
        Ok(Some((kind, begin..self.next)))
    }

    /// Sends a text.
    pub async fn send(&mut self, text: &[u8]) -> Outcome<()> {
        let mut frame = vec![0x81];
        match u16::try_from(text.len()).map_err(|_| Fail("too long a text".to_owned()))? {
            length @ 0..126 => frame.push(0x80 | length as u8),
            length => {
                frame.push(0x80 | 126);
                frame.extend_from_slice(&length.to_be_bytes());
            }
        }
        // Masked with nothing: allowed, and no work.
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(text);
        Ok(self.stream.write_all(&frame).await?)
    }

    /// Reads until our own server says that the message of this name is stored: what others say comes in between.
    pub async fn acknowledged(&mut self, send: Uuid) -> Outcome<()> {
        loop {
            match self.next().await? {
                Frame::Closed(code) => fail!("a socket was closed with the code {code}"),
                Frame::Text(range) => {
                    let text = self.text(range);
                    if text.starts_with(b"{\"ack\"") {
                        if memmem::find(text, send.to_string().as_bytes()).is_none() {
                            fail!("{send} was sent, but this is acknowledged: {}", String::from_utf8_lossy(text));
                        }
                        return Ok(());
                    }
                    if text.starts_with(b"{\"refused\"") {
                        fail!("a message was refused: {}", String::from_utf8_lossy(text));
                    }
                }
            }
        }
    }
}
