//! Running other programs: what a step prints, how it fails, how it stops on Ctrl-C.

use std::fmt;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

/// Why a command stopped: one sentence for a person.
#[derive(Debug)]
pub(crate) struct Failure(String);

/// What every step returns.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Turns any error into a [`Failure`] that says what was being done.
pub(crate) trait Explain<T> {
    fn explain(self, doing: &str) -> Outcome<T>;
}

impl<T, E: fmt::Display> Explain<T> for Result<T, E> {
    fn explain(self, doing: &str) -> Outcome<T> {
        self.map_err(|error| Failure(format!("{doing} failed: {error}")))
    }
}

/// Says what happens next, and why it takes its time.
pub(crate) fn say(text: impl fmt::Display) {
    eprintln!("{} {text}", bold("==>"));
}

/// Bold on a terminal, plain in a log.
pub(crate) fn bold(text: &str) -> String {
    if std::io::stderr().is_terminal() {
        format!("\x1b[1m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// How often a running program is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long a program may take to end after Ctrl-C before it is killed.
const FAREWELL: Duration = Duration::from_secs(10);

/// From here on Ctrl-C ends the running program, and then this one in good order, so that what was started is stopped.
pub(crate) fn catch_interrupts() -> Outcome {
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::SeqCst)).explain("Listening for Ctrl-C")
}

/// Whether Ctrl-C was pressed (or a termination asked for).
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// A program in the workspace's folder.
pub(crate) fn program(name: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// The cargo that runs this, without what it told this program about itself: build scripts would see a difference
/// between `cargo xtask test` and `cargo test`, and build everything again.
pub(crate) fn cargo() -> Command {
    let mut command = program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    forget_this_package(&mut command);
    command
}

/// Removes cargo's variables about this package from a command's environment.
pub(crate) fn forget_this_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let about_us = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];
        if name
            .to_str()
            .is_some_and(|name| about_us.iter().any(|prefix| name.starts_with(prefix)))
        {
            command.env_remove(name);
        }
    }
}

/// Runs a program to its end, with its output on this terminal.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let shown = show(command);
    let child = command
        .spawn()
        .map_err(|error| cannot_start(command, &error))?;
    let status = wait(child)?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure(format!("`{shown}` failed ({status})")))
    }
}

/// Runs a program quietly; its output appears in the failure only.
pub(crate) fn run_quietly(command: &mut Command) -> Outcome<String> {
    let shown = show(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| cannot_start(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    Err(Failure(format!(
        "`{shown}` failed ({}):\n{}",
        output.status,
        said.trim()
    )))
}

/// What a program prints, or nothing when it is not there or fails.
pub(crate) fn ask(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Waits for a child; after Ctrl-C, gives it some time to end by itself.
pub(crate) fn wait(mut child: Child) -> Outcome<ExitStatus> {
    let mut patience = FAREWELL;
    loop {
        if let Some(status) = child.try_wait().explain("Waiting for a program")? {
            if interrupted() {
                return Err(Failure::new("Stopped by Ctrl-C"));
            }
            return Ok(status);
        }
        if interrupted() {
            if patience == FAREWELL {
                end_politely(&child);
            }
            patience = patience.saturating_sub(LOOK_EVERY);
            if patience.is_zero() {
                drop(child.kill());
            }
        }
        sleep(LOOK_EVERY);
    }
}

/// Asks a child to end, as Ctrl-C in its own terminal would.
pub(crate) fn end_politely(child: &Child) {
    drop(
        Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .stderr(Stdio::null())
            .status(),
    );
}

/// The first file of that name on `PATH`.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

fn cannot_start(command: &Command, error: &std::io::Error) -> Failure {
    Failure(format!(
        "`{}` could not be started: {error}",
        command.get_program().to_string_lossy()
    ))
}

fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(std::ffi::OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
