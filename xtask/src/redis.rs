//! A private Redis for the tests: a temporary directory, a free port, nothing kept, gone at the end.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::postgres::free_port;
use crate::private::{Place, Private};
use crate::setup::{apt_install, may_install};
use crate::shell::{Failure, Outcome, find_program};

/// A server to use instead of a private one: `redis://HOST:PORT`.
pub(crate) const URL_VARIABLE: &str = "RELAY_TEST_REDIS_URL";

/// Either will do.
const PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];
/// How long an answer may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(1);

/// A Redis server the tests may do anything in.
pub(crate) struct Redis {
    url: String,
    _private: Option<Private>,
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
        let place = Place::new("Redis")?;
        let port = free_port()?;
        let mut server = not_outliving_us(&program);
        server
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--dir"])
            .arg(place.path());
        let private = place.start(&mut server, "-TERM", || answers(port))?;
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
