//! A room without people, rights or a log: what comes from one socket goes to all.

use crate::fail::Outcome;
use futures_util::{SinkExt, StreamExt};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, accept_async_with_config};

/// How a message gets to the sockets.
#[derive(Clone, Copy)]
pub enum Way {
    /// One loop sends it to each, one after the other.
    EachAtOnce,
    /// It is put into a queue of each, whose task sends all that is there and flushes once.
    Coalescing,
}

type Sink = futures_util::stream::SplitSink<WebSocketStream<TcpStream>, Message>;

enum News {
    Come(Sink),
    Said(Message),
}

pub async fn run(addr: SocketAddr, way: Way) -> Outcome<()> {
    let listener = TcpListener::bind(addr).await?;
    let (news, heard) = mpsc::channel(4_096);
    match way {
        Way::EachAtOnce => tokio::spawn(tell_each(heard)),
        Way::Coalescing => tokio::spawn(queue_for_each(heard)),
    };
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(serve(stream, news.clone()));
    }
}

async fn serve(stream: TcpStream, news: mpsc::Sender<News>) -> Outcome<()> {
    stream.set_nodelay(true)?;
    let mut first = [0; 10];
    // Who only asks whether it runs gets a plain answer.
    if stream.peek(&mut first).await? >= first.len() && first.starts_with(b"GET /ready") {
        return say_ready(stream).await;
    }
    // As the application's own sockets.
    let config = WebSocketConfig::default().read_buffer_size(1024).write_buffer_size(4 * 1024).max_write_buffer_size(512 * 1024);
    let (sink, mut frames) = accept_async_with_config(stream, Some(config)).await?.split();
    news.send(News::Come(sink)).await?;
    while let Some(frame) = frames.next().await {
        let frame = frame?;
        if frame.is_text() {
            news.send(News::Said(frame)).await?;
        }
    }
    Ok(())
}

async fn tell_each(mut news: mpsc::Receiver<News>) {
    let mut sinks: Vec<Sink> = Vec::new();
    while let Some(news) = news.recv().await {
        match news {
            News::Come(sink) => sinks.push(sink),
            News::Said(message) => {
                for sink in &mut sinks {
                    // Who is gone is missed by the one who counts.
                    let _ = sink.send(message.clone()).await;
                }
            }
        }
    }
}

async fn queue_for_each(mut news: mpsc::Receiver<News>) {
    let mut queues: Vec<mpsc::UnboundedSender<Message>> = Vec::new();
    while let Some(news) = news.recv().await {
        match news {
            News::Come(sink) => {
                let (queue, waiting) = mpsc::unbounded_channel();
                queues.push(queue);
                tokio::spawn(drain(sink, waiting));
            }
            News::Said(message) => queues.iter().for_each(|queue| drop(queue.send(message.clone()))),
        }
    }
}

async fn drain(mut sink: Sink, mut waiting: mpsc::UnboundedReceiver<Message>) {
    let mut messages = Vec::with_capacity(64);
    while waiting.recv_many(&mut messages, 64).await > 0 {
        for message in messages.drain(..) {
            if sink.feed(message).await.is_err() {
                return;
            }
        }
        if sink.flush().await.is_err() {
            return;
        }
    }
}

async fn say_ready(mut stream: TcpStream) -> Outcome<()> {
    let mut asked = [0; 1_024];
    let _ = stream.read(&mut asked).await?;
    Ok(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nready").await?)
}
