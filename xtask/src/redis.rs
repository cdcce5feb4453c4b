//! A private Redis for the tests: a temporary directory, a free port, nothing kept, gone at the end.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::postgres::free_port;
use crate::setup::{apt_install, may_install};
use crate::shell::{Explain, Failure, Outcome, end, find_program, interrupted, say, send};

/// A server to use instead of a private one: `redis://HOST:PORT`.
pub(crate) const URL_VARIABLE: &str = "RELAY_TEST_REDIS_URL";

/// Either will do.
const PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];
/// How long the server may take until it answers.
const START_LIMIT: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long an answer may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(1);

/// A Redis server the tests may do anything in.
pub(crate) struct Redis {
    url: String,
    _private: Option<Private>,
}

/// Stops the server, then removes its directory.
struct Private {
    server: Child,
    _folder: TempDir,
}

impl Redis {
    /// The one that `RELAY_TEST_REDIS_URL` names, or a new private one.
    pub(crate) fn start() -> Outcome<Self> {
        if let Ok(url) = std::env::var(URL_VARIABLE) {
            return Ok(Self {
                url,
                _private: None,
            });
        }
        let program = program()?;
        say("Starting a private Redis for the tests");
        let folder = tempfile::Builder::new()
            .prefix("relay-redis-")
            .tempdir()
            .explain("Making a temporary directory")?;
        let port = free_port()?;
        let log = folder.path().join("log");
        let log_file = File::create(&log).explain("Making a log file")?;
        let server = not_outliving_us(&program)
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--dir"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(log_file)
            .stderr(Stdio::null())
            .spawn()
            .explain("Starting Redis")?;
        let mut private = Private {
            server,
            _folder: folder,
        };
        private.wait_until_ready(port, &log)?;
        Ok(Self {
            url: format!("redis://127.0.0.1:{port}"),
            _private: Some(private),
        })
    }

    /// Where it is: `redis://HOST:PORT`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Private {
    fn wait_until_ready(&mut self, port: u16, log: &Path) -> Outcome {
        let started = Instant::now();
        while started.elapsed() < START_LIMIT {
            if interrupted() {
                return Err(Failure::new("Stopped by Ctrl-C"));
            }
            if self
                .server
                .try_wait()
                .explain("Waiting for Redis")?
                .is_some()
            {
                break;
            }
            if answers(port) {
                return Ok(());
            }
            sleep(LOOK_EVERY);
        }
        let said = fs::read_to_string(log).unwrap_or_default();
        Err(Failure::new(format!(
            "The private Redis did not start; it said:\n{}",
            said.trim()
        )))
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        send("-TERM", self.server.id());
        end(&mut self.server);
    }
}

/// The server's program, installed where that is possible.
fn program() -> Outcome<PathBuf> {
    let find = || PROGRAMS.into_iter().find_map(find_program);
    if let Some(found) = find() {
        return Ok(found);
    }
    if may_install() {
        apt_install(&["redis-server"], "the tests that run on Redis")?;
    }
    find().ok_or_else(|| {
        Failure::new(format!(
            "The tests need Redis or Valkey: install its server (Debian: `apt-get install redis-server`), or set \
             {URL_VARIABLE}=redis://HOST:PORT"
        ))
    })
}

/// On Linux it does not outlive this process, however that ends.
fn not_outliving_us(program: &Path) -> Command {
    let Some(setpriv) = find_program("setpriv") else {
        return Command::new(program);
    };
    let mut command = Command::new(setpriv);
    command.args(["--pdeathsig", "TERM", "--"]).arg(program);
    command
}

/// Whether it says that it is there, as Redis does.
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut server = TcpStream::connect_timeout(&address, ANSWER_LIMIT)?;
        server.set_read_timeout(Some(ANSWER_LIMIT))?;
        server.write_all(b"PING\r\n")?;
        let mut answer = [0; 5];
        server.read_exact(&mut answer)?;
        Ok(&answer == b"+PONG")
    };
    ask().unwrap_or(false)
}
