//! A server that the tests have for themselves: a temporary directory, stopped and gone at the end.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::shell::{Explain, Failure, Outcome, end, interrupted, say, send};

/// How long the server may take until it answers.
const START_LIMIT: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A running server. Dropped, it is stopped, then its directory removed.
pub(crate) struct Private {
    server: Child,
    stop_signal: &'static str,
    _folder: TempDir,
}

/// The directory that a server is about to have.
pub(crate) struct Place {
    name: &'static str,
    folder: TempDir,
}

impl Place {
    /// An empty directory for the server of this name.
    pub(crate) fn new(name: &'static str) -> Outcome<Self> {
        say(format!("Starting a private {name} for the tests"));
        let folder = tempfile::Builder::new()
            .prefix(&format!("relay-{}-", name.to_lowercase()))
            .tempdir()
            .explain("Making a temporary directory")?;
        Ok(Self { name, folder })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Starts the server and waits until it answers. `stop_signal` asks it to end.
    pub(crate) fn start(
        self,
        command: &mut Command,
        stop_signal: &'static str,
        answers: impl Fn() -> bool,
    ) -> Outcome<Private> {
        let log = self.path().join("log");
        let log_file = File::create(&log).explain("Making a log file")?;
        let log_too = log_file.try_clone().explain("Opening a log file")?;
        let server = command
            .stdin(Stdio::null())
            .stdout(log_file)
            .stderr(log_too)
            .spawn()
            .explain(&format!("Starting {}", self.name))?;
        let name = self.name;
        let mut private = Private {
            server,
            stop_signal,
            _folder: self.folder,
        };
        private.wait_until_ready(name, &log, answers)?;
        Ok(private)
    }
}

impl Private {
    fn wait_until_ready(
        &mut self,
        name: &str,
        log: &PathBuf,
        answers: impl Fn() -> bool,
    ) -> Outcome {
        let waiting = format!("Waiting for {name}");
        let started = Instant::now();
        while started.elapsed() < START_LIMIT {
            if interrupted() {
                return Err(Failure::new("Stopped by Ctrl-C"));
            }
            if self.server.try_wait().explain(&waiting)?.is_some() {
                break;
            }
            if answers() {
                return Ok(());
            }
            sleep(LOOK_EVERY);
        }
        let said = fs::read_to_string(log).unwrap_or_default();
        Err(Failure::new(format!(
            "The private {name} did not start; it said:\n{}",
            said.trim()
        )))
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        send(self.stop_signal, self.server.id());
        end(&mut self.server);
    }
}
