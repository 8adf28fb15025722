//! A mail server on loopback, which takes mails, refuses them or says nothing.

use mail_parser::{Message, MessageParser};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How it treats those who come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manners {
    /// Takes every mail.
    Polite,
    /// Turns every recipient away, and says to come back later.
    Busy,
    /// Turns every recipient away for good.
    Strict,
    /// Turns everybody away at the door, for good.
    Shut,
    /// Takes no mail from those who have not signed in, for good.
    Suspicious,
    /// Takes the connection, and says nothing at all.
    Silent,
    /// Takes the mail as it comes, and does not say that it has it.
    Slow,
}

/// A mail that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// To whom, as the envelope has it.
    pub recipient: String,
    /// The whole message.
    pub raw: Vec<u8>,
}

impl Taken {
    fn message(&self) -> Message<'_> {
        MessageParser::default().parse(&self.raw).expect("a message")
    }

    /// Its subject line.
    pub fn subject(&self) -> String {
        self.message().subject().expect("a subject").to_owned()
    }

    /// What is for programs without HTML.
    pub fn text(&self) -> String {
        self.message().body_text(0).expect("a text").into_owned()
    }

    /// What is for all others.
    pub fn html(&self) -> String {
        self.message().body_html(0).expect("a document").into_owned()
    }

    /// The end of the link of its button: what follows `/<purpose>/`.
    pub fn token(&self, purpose: &str) -> String {
        let text = self.text();
        let at = text.find(&format!("http://moim.test/{purpose}/")).expect("a link") + format!("http://moim.test/{purpose}/").len();
        text[at..].chars().take_while(char::is_ascii_alphanumeric).collect()
    }
}

/// The mail server. It stops with this value.
pub struct Smtp {
    addr: SocketAddr,
    taken: Arc<Mutex<Vec<Taken>>>,
    manners: Arc<Mutex<Manners>>,
    task: JoinHandle<()>,
}

impl Smtp {
    /// Listens on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let (taken, manners) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Manners::Polite)));
        let (box_, how) = (taken.clone(), manners.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (box_, manners) = (box_.clone(), *how.lock().expect("manners"));
                // A client that breaks off is nobody's loss.
                tokio::spawn(async move { talk(stream, &box_, manners).await.ok() });
            }
        });
        Self { addr, taken, manners, task }
    }

    /// The value for `SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.addr)
    }

    /// Treats those who come from now on in another way.
    pub fn behave(&self, manners: Manners) {
        *self.manners.lock().expect("manners") = manners;
    }

    /// Every mail so far, the oldest first.
    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().expect("mails").clone()
    }

    /// The newest mail to somebody.
    pub fn newest_to(&self, recipient: &str) -> Taken {
        self.taken().into_iter().rev().find(|mail| mail.recipient == recipient).expect("a mail")
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One conversation (RFC 5321).
async fn talk(stream: TcpStream, taken: &Mutex<Vec<Taken>>, manners: Manners) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    if manners == Manners::Silent {
        // Until the other end gives up.
        return tokio::io::copy(&mut read, &mut tokio::io::sink()).await.map(drop);
    }
    if manners == Manners::Shut {
        return write.write_all(b"554 no mail here\r\n").await;
    }
    write.write_all(b"220 moim.test ESMTP\r\n").await?;
    let (mut line, mut recipient) = (String::new(), String::new());
    loop {
        line.clear();
        if read.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let answer = match line.split([' ', ':', '\r']).next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" => "250-moim.test\r\n250-8BITMIME\r\n250 SMTPUTF8",
            "MAIL" if manners == Manners::Suspicious => "530 5.7.0 who are you?",
            "RCPT" if manners == Manners::Busy => "451 later, please",
            "RCPT" if manners == Manners::Strict => {
                let line = line.trim_end().to_owned();
                write.write_all(format!("550 nobody: {line}\r\n").as_bytes()).await?;
                continue;
            }
            "RCPT" => {
                recipient = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                "250 fine"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut raw = Vec::new();
                while !raw.ends_with(b"\r\n.\r\n") {
                    if read.read_until(b'\n', &mut raw).await? == 0 {
                        return Ok(());
                    }
                }
                if manners == Manners::Slow {
                    return tokio::io::copy(&mut read, &mut tokio::io::sink()).await.map(drop);
                }
                raw.truncate(raw.len() - 3);
                taken.lock().expect("mails").push(Taken { recipient: recipient.clone(), raw });
                "250 taken"
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            "MAIL" | "RSET" | "NOOP" => "250 fine",
            _ => "502 what?",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}
