//! A client for HTTP/1.1 that does as little as possible, so that what is measured is the server. It holds every answer to its own
//! word: a body that ends early is an error.

use crate::fail;
use crate::fail::{Fail, Outcome};
use memchr::memmem;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One connection, kept open from answer to answer.
pub struct Client {
    stream: TcpStream,
    host: String,
    /// What was read and not yet used.
    read: Vec<u8>,
    head: String,
    body: Vec<u8>,
}

impl Client {
    pub async fn connect(addr: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: addr.to_string(), read: Vec::with_capacity(64 * 1024), head: String::new(), body: Vec::new() })
    }

    /// Asks for a page; its status. `headers` are whole lines.
    pub async fn get(&mut self, path: &str, headers: &str) -> Outcome<u16> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", self.host);
        self.ask(request.as_bytes()).await
    }

    /// Sends a form; the answer's status.
    pub async fn post(&mut self, path: &str, headers: &str, form: &str) -> Outcome<u16> {
        let (host, length) = (&self.host, form.len());
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n{headers}\r\n{form}"
        );
        self.ask(request.as_bytes()).await
    }

    /// The last answer's body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The values of a header of the last answer.
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    async fn ask(&mut self, request: &[u8]) -> Outcome<u16> {
        self.stream.write_all(request).await?;
        let end = loop {
            match memmem::find(&self.read, b"\r\n\r\n") {
                Some(end) => break end + 4,
                None => self.more().await?,
            }
        };
        self.head.clear();
        self.head.push_str(std::str::from_utf8(&self.read[..end])?);
        self.read.drain(..end);
        let status = self.head.get(9..12).and_then(|text| text.parse().ok()).ok_or_else(|| Fail(format!("not HTTP: {}", self.head)))?;
        self.body.clear();
        let length = self.headers("content-length").next().map(str::parse::<usize>).transpose()?;
        match length {
            Some(length) => self.take(length).await?,
            None if self.headers("transfer-encoding").any(|coding| coding.eq_ignore_ascii_case("chunked")) => self.take_chunks().await?,
            None if status == 204 || status == 304 => {}
            None => fail!("an answer does not say where it ends"),
        }
        Ok(status)
    }

    async fn more(&mut self) -> Outcome<()> {
        match self.stream.read_buf(&mut self.read).await? {
            0 => fail!("the server closed the connection before the end of its answer"),
            _ => Ok(()),
        }
    }

    async fn take(&mut self, length: usize) -> Outcome<()> {
        while self.read.len() < length {
            self.more().await?;
        }
        self.body.extend_from_slice(&self.read[..length]);
        self.read.drain(..length);
        Ok(())
    }

    async fn take_chunks(&mut self) -> Outcome<()> {
        loop {
            let end = loop {
                match memmem::find(&self.read, b"\r\n") {
                    Some(end) => break end,
                    None => self.more().await?,
                }
            };
            let size = std::str::from_utf8(&self.read[..end])?.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16)?;
            self.read.drain(..end + 2);
            self.take(size).await?;
            while self.read.len() < 2 {
                self.more().await?;
            }
            self.read.drain(..2);
            if size == 0 {
                return Ok(());
            }
        }
    }
}
