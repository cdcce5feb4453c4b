//! A private PostgreSQL for the tests: a temporary directory, a free port, gone at the end.
//!
//! Nothing in it is worth keeping, so it trades every safety of the disk for speed. Its one role is a superuser with
//! a password of its own, because tests create their own databases in it.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::private::{Place, Private};
use crate::setup::{apt_install, may_install};
use crate::shell::{Explain, Failure, Outcome, ask, find_program, run_quietly};

/// A server to use instead of a private one: `postgres://SUPERUSER:PASSWORD@HOST/DATABASE`.
pub(crate) const URL_VARIABLE: &str = "RELAY_TEST_POSTGRES_URL";

/// Where Debian, Ubuntu and Homebrew keep the programs of each version.
const PLACES: [&str; 3] = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"];
/// The system's user that runs the server when we are root, which `initdb` refuses.
const UNPRIVILEGED: &str = "postgres";
const ROLE: &str = "relay";

/// Many tests at once, each with a pool of connections, and no safety.
const SETTINGS: [&str; 8] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_wal_size=4GB",
];

/// A PostgreSQL server the tests may do anything in.
pub(crate) struct Postgres {
    url: String,
    _private: Option<Private>,
}

impl Postgres {
    /// The one that `RELAY_TEST_POSTGRES_URL` names, or a new private one.
    pub(crate) fn start() -> Outcome<Self> {
        if let Ok(url) = std::env::var(URL_VARIABLE) {
            return Ok(Self {
                url,
                _private: None,
            });
        }
        let programs = programs()?;
        let as_root = ask(Command::new("id").arg("-u")).as_deref() == Some("0");
        if as_root && ask(Command::new("id").args(["-u", UNPRIVILEGED])).is_none() {
            return Err(Failure::new(format!(
                "PostgreSQL does not run as root and there is no user `{UNPRIVILEGED}`: set {URL_VARIABLE}"
            )));
        }
        let folder = Place::new("PostgreSQL")?;
        let password = random_text();
        let password_file = folder.path().join("password");
        fs::write(&password_file, &password).explain("Writing a password")?;
        if as_root {
            let owner = format!("{UNPRIVILEGED}:");
            run_quietly(
                Command::new("chown")
                    .arg("-R")
                    .arg(owner)
                    .arg(folder.path()),
            )?;
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700))
            .explain("Closing a directory")?;

        let data = folder.path().join("data");
        run_quietly(
            unprivileged(&programs.join("initdb"), as_root)
                .args([
                    "--username",
                    ROLE,
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--no-sync",
                ])
                .arg("--pwfile")
                .arg(&password_file)
                .arg(&data),
        )?;
        let port = free_port()?;
        let mut server = unprivileged(&programs.join("postgres"), as_root);
        server
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string()])
            .args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        // SIGINT is PostgreSQL's fast shutdown: it does not wait for connections to be closed.
        let private = folder.start(&mut server, "-INT", || answers(&programs, port))?;
        let url = format!("postgres://{ROLE}:{password}@127.0.0.1:{port}/postgres");
        Ok(Self {
            url,
            _private: Some(private),
        })
    }

    /// Where it is: `postgres://ROLE:PASSWORD@HOST:PORT/DATABASE`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

/// The folder with `initdb` and `postgres`, installed where that is possible.
fn programs() -> Outcome<PathBuf> {
    if let Some(found) = find_programs() {
        return Ok(found);
    }
    if may_install() {
        apt_install(&["postgresql"], "the tests that run on PostgreSQL")?;
    }
    find_programs().ok_or_else(|| {
        Failure::new(format!(
            "The tests need PostgreSQL: install its server (Debian: `apt-get install postgresql`), or set \
             {URL_VARIABLE}=postgres://SUPERUSER:PASSWORD@HOST/DATABASE"
        ))
    })
}

fn find_programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = PLACES
        .iter()
        .filter_map(|place| fs::read_dir(place).ok())
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|version| version.join("bin/initdb").is_file())
        .map(|version| (major(version.file_name()), version.join("bin")))
        .collect();
    found.sort();
    let on_path = || {
        let real = fs::canonicalize(find_program("initdb")?).ok()?;
        real.parent().map(Path::to_path_buf)
    };
    found
        .pop()
        .map(|(_, folder)| folder)
        .or_else(on_path)
        .filter(|folder| folder.join("postgres").is_file())
}

/// The number in `17` or `postgresql@17`.
fn major(name: Option<&OsStr>) -> u32 {
    let digits: String = name
        .unwrap_or_default()
        .to_string_lossy()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap_or_default()
}

/// A program of PostgreSQL's: not as root, and on Linux not outliving this process however that ends.
fn unprivileged(program: &Path, as_root: bool) -> Command {
    let Some(setpriv) = find_program("setpriv") else {
        return if as_root {
            through("runuser", program)
        } else {
            Command::new(program)
        };
    };
    let mut command = Command::new(setpriv);
    command.args(["--pdeathsig", "INT"]);
    if as_root {
        command.args([
            "--reuid",
            UNPRIVILEGED,
            "--regid",
            UNPRIVILEGED,
            "--init-groups",
        ]);
    }
    command.arg("--").arg(program).current_dir("/");
    command
}

fn through(runuser: &str, program: &Path) -> Command {
    let mut command = Command::new(runuser);
    command
        .args(["-u", UNPRIVILEGED, "--"])
        .arg(program)
        .current_dir("/");
    command
}

fn answers(programs: &Path, port: u16) -> bool {
    let is_ready = programs.join("pg_isready");
    if is_ready.is_file() {
        return ask(Command::new(is_ready).args([
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            &port.to_string(),
        ]))
        .is_some();
    }
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// A port nobody listens on right now.
pub(crate) fn free_port() -> Outcome<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).explain("Finding a free port")?;
    Ok(listener.local_addr().explain("Finding a free port")?.port())
}

/// 128 bits from the system's randomness, as `std` seeds its hash tables with it.
fn random_text() -> String {
    let mut text = String::new();
    for _ in 0..2 {
        // Writing to a String does not fail.
        let _ = write!(text, "{:016x}", RandomState::new().hash_one(0));
    }
    text
}
