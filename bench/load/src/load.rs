//! Asks for pages, again and again, over some connections.

use crate::fail;
use crate::fail::Outcome;
use crate::http::Client;
use memchr::memmem;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// What a whole answer looks like.
#[derive(Clone, Debug)]
pub struct Whole {
    /// At least so many bytes.
    pub bytes: usize,
    /// This text, exactly so often.
    pub text: &'static str,
    pub times: usize,
    /// Ends so.
    pub end: &'static str,
}

impl Whole {
    /// An error that says what is missing.
    pub fn check(&self, status: u16, body: &[u8]) -> Outcome<()> {
        if status != 200 {
            fail!("an answer has the status {status}");
        }
        let times = memmem::find_iter(body, self.text).count();
        let is_ended = body.trim_ascii_end().ends_with(self.end.as_bytes());
        if body.len() < self.bytes || times != self.times || !is_ended {
            fail!(
                "an answer is not whole: {} bytes of at least {}, {:?} {times} times of {}, its end is {}there",
                body.len(),
                self.bytes,
                self.text,
                self.times,
                if is_ended { "" } else { "not " }
            );
        }
        Ok(())
    }
}

/// Seconds that each answer took.
pub struct Answers {
    pub seconds: Vec<f64>,
    /// From the first question to the last answer.
    pub whole: f64,
}

impl Answers {
    pub fn rate(&self) -> f64 {
        self.seconds.len() as f64 / self.whole
    }
}

/// When to stop.
#[derive(Clone, Copy)]
pub enum Until {
    Passed(Duration),
    Asked(u64),
}

/// `path` makes the address of the n-th question. Any answer that is not whole ends it with an error.
pub async fn ask(
    addr: SocketAddr,
    connections: usize,
    until: Until,
    path: impl Fn(u64) -> String + Send + Sync + 'static,
    whole: &Whole,
) -> Outcome<Answers> {
    let (path, asked) = (Arc::new(path), Arc::new(AtomicU64::new(0)));
    let started = Instant::now();
    let mut tasks: JoinSet<Outcome<Vec<f64>>> = JoinSet::new();
    for _ in 0..connections {
        let (path, asked, whole) = (path.clone(), asked.clone(), whole.clone());
        tasks.spawn(async move {
            let mut client = Client::connect(addr).await?;
            let mut seconds = Vec::new();
            loop {
                let number = asked.fetch_add(1, Ordering::Relaxed);
                let is_over = match until {
                    Until::Passed(time) => started.elapsed() >= time,
                    Until::Asked(most) => number >= most,
                };
                if is_over {
                    return Ok(seconds);
                }
                let before = Instant::now();
                let status = client.get(&path(number), "").await?;
                seconds.push(before.elapsed().as_secs_f64());
                whole.check(status, client.body())?;
            }
        });
    }
    let mut seconds = Vec::new();
    while let Some(done) = tasks.join_next().await {
        seconds.append(&mut done??);
    }
    Ok(Answers { seconds, whole: started.elapsed().as_secs_f64() })
}
