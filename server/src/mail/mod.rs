//! Mail to members: over SMTP (RFC 5321), beside the request that caused it, so that how long an
//! answer takes tells nobody whether a mail was sent.

mod letter;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::ExposeSecret;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::config::{Mail, MailTls};

pub use letter::Letter;

const TIMEOUT: Duration = Duration::from_secs(20);
/// How long is waited before each further try.
const AGAIN_AFTER: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(15)];
/// Mails on their way at once.
const AT_ONCE: usize = 4;
/// What is behind answers at most; more is dropped, and logged.
const BEHIND: usize = 1_000;

/// The mail server cannot be spoken to as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// RELAY_SMTP_FROM is no address.
    #[error("RELAY_SMTP_FROM is not an e-mail address: {0}")]
    From(#[from] lettre::address::AddressError),
    /// TLS cannot be set up.
    #[error("TLS to the mail server of RELAY_SMTP_URL cannot be set up: {0}")]
    Tls(#[from] lettre::transport::smtp::Error),
}

/// Sends mail, if there is a server, and does what else must not hold an answer up.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    server: Option<(AsyncSmtpTransport<Tokio1Executor>, Mailbox)>,
    turns: Semaphore,
    behind: TaskTracker,
}

impl Mailer {
    /// A mailer to this server. It is connected to when there is something to send.
    pub fn new(mail: Option<&Mail>) -> Result<Self, MailError> {
        let server = mail.map(|mail| Ok::<_, MailError>((transport(mail)?, mail.from.parse()?)));
        Ok(Self(Arc::new(Inner {
            server: server.transpose()?,
            turns: Semaphore::new(AT_ONCE),
            behind: TaskTracker::new(),
        })))
    }

    /// Whether there is a mail server.
    pub fn sends(&self) -> bool {
        self.0.server.is_some()
    }

    /// Does something after the answer that it must not hold up.
    pub fn behind(&self, work: impl Future<Output = ()> + Send + 'static) {
        if self.0.behind.len() >= BEHIND {
            tracing::warn!("too much mail is waiting: some was not sent");
            return;
        }
        self.0.behind.spawn(work);
    }

    /// Sends a letter behind the answer. Who lacks it asks again.
    pub fn send(&self, to: &str, letter: Letter) {
        let (this, to) = (self.clone(), to.to_owned());
        self.behind(async move { this.deliver(&to, letter).await });
    }

    /// Sends a letter, and tries again what may pass.
    pub async fn deliver(&self, to: &str, letter: Letter) {
        let Some((server, from)) = &self.0.server else {
            tracing::warn!("a mail was to be sent, and no mail server is configured");
            return;
        };
        let message = match message(from, to, letter) {
            Ok(message) => message,
            Err(error) => {
                tracing::warn!(%error, "a mail could not be written");
                return;
            }
        };
        let Ok(_turn) = self.0.turns.acquire().await else {
            return;
        };
        let mut waits = AGAIN_AFTER.into_iter();
        loop {
            let Err(error) = server.send(message.clone()).await else {
                return;
            };
            let wait = waits.next().filter(|_| !error.is_permanent());
            let (reason, code) = (reason(&error), error.status().map(u16::from));
            let Some(wait) = wait else {
                tracing::warn!(%reason, code, "a mail could not be sent");
                return;
            };
            tracing::warn!(%reason, code, "a mail could not be sent yet: it is tried again");
            tokio::time::sleep(wait).await;
        }
    }

    /// Waits until all that was begun behind answers is done: before the process ends.
    pub async fn flush(&self) {
        self.0.behind.close();
        self.0.behind.wait().await;
        self.0.behind.reopen();
    }
}

/// Why a mail was not sent. What the server said is not told: it may quote the address.
fn reason(error: &lettre::transport::smtp::Error) -> String {
    let reason = if error.status().is_some() {
        "the mail server refused it"
    } else if error.is_timeout() {
        "no answer in time"
    } else if error.is_tls() {
        "TLS could not be set up"
    } else if error.is_response() {
        "the mail server's answer could not be read"
    } else if error.is_client() {
        // What the server would have to support: a sentence of the library's own.
        return error.to_string();
    } else {
        "no connection, or it was lost"
    };
    reason.to_owned()
}

fn transport(mail: &Mail) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
    let tls = match mail.tls {
        MailTls::None => Tls::None,
        MailTls::Wrapped => Tls::Wrapper(TlsParameters::new_rustls(mail.host.clone())?),
        MailTls::Upgraded => Tls::Required(TlsParameters::new_rustls(mail.host.clone())?),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&mail.host)
        .port(mail.port)
        .tls(tls)
        .timeout(Some(TIMEOUT));
    if let Some((user, password)) = &mail.login {
        let password = password.expose_secret().to_owned();
        builder = builder.credentials(Credentials::new(user.clone(), password));
    }
    Ok(builder.build())
}

fn message(
    from: &Mailbox,
    to: &str,
    letter: Letter,
) -> Result<Message, Box<dyn std::error::Error + Send + Sync>> {
    let to = Mailbox::new(None, to.parse::<Address>()?);
    let message = Message::builder()
        .from(from.clone())
        .to(to)
        .subject(letter.subject)
        .header(ContentType::TEXT_PLAIN)
        .body(letter.text)?;
    Ok(message)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    use super::*;

    /// Why a mail does not go out to a server that greets with this and answers all with that.
    async fn why(tls: MailTls, answer: &'static str) -> (String, Option<u16>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("a client");
            let mut stream = BufReader::new(stream);
            stream.write_all(b"220 here\r\n").await.expect("written");
            let mut line = String::new();
            while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
                let ehlo = line.starts_with("EHLO");
                let answer = if ehlo { "250 here" } else { answer };
                let answer = format!("{answer}\r\n");
                stream.write_all(answer.as_bytes()).await.expect("written");
                line.clear();
            }
        });
        let server = transport(&Mail {
            host: "127.0.0.1".to_owned(),
            port,
            tls,
            login: None,
            from: "relay@example.com".to_owned(),
        });
        let from = "relay@example.com".parse().expect("an address");
        let letter = Letter::confirm("https://relay.example/console/confirm#TOKEN");
        let message = message(&from, "ada@example.com", letter).expect("a message");
        let sent = server.expect("a transport").send(message).await;
        let error = sent.expect_err("nothing is taken");
        (reason(&error), error.status().map(u16::from))
    }

    #[tokio::test]
    async fn why_a_mail_was_not_sent_is_told_without_whom_it_was_for() {
        let (reason, code) = why(MailTls::Upgraded, "250 fine").await;
        assert!(reason.contains("STARTTLS") && code.is_none(), "{reason}");
        let refusal = "550 5.1.1 <ada@example.com>: no such user";
        let (reason, code) = why(MailTls::None, refusal).await;
        assert_eq!(reason, "the mail server refused it");
        assert_eq!(code, Some(550));
        let (reason, code) = why(MailTls::None, "what ada@example.com?").await;
        assert_eq!(reason, "the mail server's answer could not be read");
        assert_eq!(code, None);
    }
}
