//! A mail server that speaks SMTP (RFC 5321) as far as a client needs it, and keeps what it gets.

use std::net::TcpListener as Listener;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};

use crate::support::{Kind, TestApp};

/// A mail that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) from: String,
    pub(crate) to: String,
    /// Headers and text.
    pub(crate) text: String,
}

impl Arrived {
    /// What stands behind the `#` of the link to this page.
    pub(crate) fn token(&self, page: &str) -> String {
        let before = format!("/console/{page}#");
        let (_, token) = self.text.split_once(&before).expect("a link");
        token.lines().next().expect("a token").trim().to_owned()
    }
}

/// The server.
pub(crate) struct Smtp {
    pub(crate) port: u16,
    mails: Mutex<mpsc::UnboundedReceiver<Arrived>>,
}

impl Smtp {
    /// Starts one. It answers the first `busy` mails with a failure that may pass.
    pub(crate) fn start(busy: usize) -> Self {
        let listener = Listener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("set");
        let port = listener.local_addr().expect("an address").port();
        let listener = TcpListener::from_std(listener).expect("a listener");
        let (sender, mails) = mpsc::unbounded_channel();
        let left = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(busy));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (sender, left) = (sender.clone(), std::sync::Arc::clone(&left));
                tokio::spawn(async move {
                    let _ = serve(stream, &sender, &left).await;
                });
            }
        });
        Self {
            port,
            mails: Mutex::new(mails),
        }
    }

    /// The next mail, as soon as it is there.
    pub(crate) async fn next(&self) -> Arrived {
        self.mails.lock().await.recv().await.expect("a mail")
    }

    /// Waits until Relay has done all that it does after its answers, and asserts that no mail is
    /// left that nobody has taken.
    pub(crate) async fn assert_silent(&self, app: &TestApp) {
        app.service.mailer.flush().await;
        let left = self.mails.lock().await.try_recv();
        assert!(left.is_err(), "{left:?}");
    }
}

async fn serve(
    stream: TcpStream,
    sender: &mpsc::UnboundedSender<Arrived>,
    busy: &std::sync::atomic::AtomicUsize,
) -> std::io::Result<()> {
    use std::sync::atomic::Ordering::SeqCst;
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.test ESMTP\r\n").await?;
    let (mut from, mut to) = (String::new(), String::new());
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let path = || {
            let between = line
                .split_once('<')
                .and_then(|(_, rest)| rest.split_once('>'));
            between.map(|(path, _)| path.to_owned()).unwrap_or_default()
        };
        let verb = line
            .split([' ', '\r', ':'])
            .next()
            .unwrap_or_default()
            .to_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "EHLO" => b"250-mail.test\r\n250 8BITMIME\r\n",
            "MAIL" => {
                let is_busy = busy.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
                from = path();
                if is_busy.is_ok() {
                    b"451 try again\r\n"
                } else {
                    b"250 ok\r\n"
                }
            }
            "RCPT" => {
                to = path();
                b"250 ok\r\n"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line).await? == 0 {
                        return Ok(());
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                // Long lines come folded (quoted-printable, RFC 2045 §6.7).
                let text = text.replace("=\r\n", "").replace("=3D", "=");
                let (from, to) = (from.clone(), to.clone());
                let _ = sender.send(Arrived { from, to, text });
                b"250 taken\r\n"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer).await?;
    }
}

/// A server with mail, for a test on each database.
pub(crate) async fn with_smtp(kind: Kind) -> (TestApp, Smtp) {
    let smtp = Smtp::start(0);
    let port = smtp.port;
    let app = TestApp::start_with(kind, |config| super::with_mail(config, port)).await;
    (app, smtp)
}

/// Runs each named `async fn(&TestApp, &Smtp)` once on each database.
macro_rules! with_mail_on_each_database {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let (app, smtp) = $crate::people::smtp::with_smtp($crate::support::Kind::Sqlite).await;
                super::$name(&app, &smtp).await;
                app.finish().await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let (app, smtp) = $crate::people::smtp::with_smtp($crate::support::Kind::Postgres).await;
                super::$name(&app, &smtp).await;
                app.finish().await;
            }
        }
    )+ };
}
