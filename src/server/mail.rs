//! The way to a mail server.

use super::config::Config;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

/// A mail server that has not taken a letter by then is given up until the next try.
const PATIENCE: Duration = Duration::from_secs(60);

/// A letter as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// For programs that show no HTML.
    pub text: String,
    /// A whole document.
    pub html: String,
}

/// Why a letter was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// It may go later.
    Later(String),
    /// The address cannot be written to.
    Never(String),
}

/// Sends letters through `SMTP_URL`.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    patience: Duration,
}

/// Tells other programs not to answer (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }
    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Mailer {
    /// The one that the operator has configured; `None` without `SMTP_URL`. Connects only when there is something to send.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn of(config: &Config) -> Result<Option<Self>, String> {
        Self::patient(config, PATIENCE)
    }

    /// The same, which waits so long until a letter is taken.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn patient(config: &Config, patience: Duration) -> Result<Option<Self>, String> {
        let Some(url) = &config.smtp_url else { return Ok(None) };
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|error| format!("SMTP_URL is not the address of a mail server: {error}"))?
            .timeout(Some(patience))
            .build();
        let from = config.mail_from.parse().map_err(|error| format!("MOIM_MAIL_FROM is not a mail address: {error}"))?;
        Ok(Some(Self { transport, from, patience }))
    }

    /// Sends a letter. `id` makes its name, so that one that is sent twice can be known by it.
    ///
    /// # Errors
    /// What the mail server said, or why it could not be asked.
    pub async fn send(&self, id: Uuid, to: &str, letter: Letter) -> Result<(), NotSent> {
        let to: Mailbox = to.parse().map_err(|error| NotSent::Never(format!("not an address: {error}")))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(letter.subject)
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .header(AutoSubmitted)
            .multipart(
                MultiPart::alternative()
                    .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(letter.text))
                    .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(letter.html)),
            )
            .map_err(|error| NotSent::Never(error.to_string()))?;
        // The transport's own patience ends with the connection: it would wait for a word for ever.
        match timeout(self.patience, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if is_for_good(&error) => Err(NotSent::Never(error.to_string())),
            Ok(Err(error)) => Err(NotSent::Later(error.to_string())),
            Err(_) => Err(NotSent::Later("the mail server did not answer in time".to_owned())),
        }
    }
}

/// Whether a mail can never arrive: a refusal that speaks of the mailbox (RFC 5321, 4.2.3). Others for good are about us, what we sign in
/// with or the server itself, and somebody mends that.
fn is_for_good(error: &lettre::transport::smtp::Error) -> bool {
    const OF_THE_MAILBOX: [u16; 4] = [550, 551, 553, 556];
    error.status().is_some_and(|code| OF_THE_MAILBOX.contains(&u16::from(code)))
}
