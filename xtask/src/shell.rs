//! Running other programs: what a step prints, how it fails, how it stops on Ctrl-C.

use std::fmt;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

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

/// The workspace's folder: the one cargo runs this from, which a copy of a build does not change.
pub(crate) fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().unwrap_or(&manifest).to_path_buf()
}

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// Process ids of the programs being waited for.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());
/// A terminal sends Ctrl-C to every program in it: how long these may take before they are asked once more.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long they may take from there before they are killed.
const FAREWELL: Duration = Duration::from_secs(10);

/// From here on Ctrl-C ends the running programs, and then this one in good order, so that what was started is stopped.
pub(crate) fn catch_interrupts() -> Outcome {
    let handler = || {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            return;
        }
        // A thread of its own, so that this program may end before the last word.
        std::thread::spawn(|| {
            sleep(PATIENCE);
            signal_running("-TERM");
            sleep(FAREWELL);
            signal_running("-KILL");
        });
    };
    ctrlc::set_handler(handler).explain("Listening for Ctrl-C")
}

fn signal_running(signal: &str) {
    for id in running().iter() {
        send(signal, *id);
    }
}

fn running() -> MutexGuard<'static, Vec<u32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends a signal, such as `-TERM`, to a program.
pub(crate) fn send(signal: &str, id: u32) {
    drop(
        Command::new("kill")
            .args([signal, &id.to_string()])
            .stderr(Stdio::null())
            .status(),
    );
}

/// How long [`end`] waits.
const STOP_LIMIT: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Waits for a program that was asked to end, and kills it when it does not.
pub(crate) fn end(child: &mut Child) {
    let asked = Instant::now();
    while asked.elapsed() < STOP_LIMIT {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        sleep(LOOK_EVERY);
    }
    drop(child.kill());
    drop(child.wait());
}

/// Whether Ctrl-C was pressed (or a termination asked for).
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Lets Ctrl-C end a program while it is read from and waited for.
pub(crate) struct Watched(Child);

impl Watched {
    pub(crate) fn new(child: Child) -> Self {
        running().push(child.id());
        Self(child)
    }

    /// Waits until it ends.
    pub(crate) fn wait(mut self) -> Outcome<ExitStatus> {
        let status = self.0.wait();
        running().retain(|id| *id != self.0.id());
        if interrupted() {
            return Err(Failure::new("Stopped by Ctrl-C"));
        }
        status.explain("Waiting for a program")
    }
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
    let status = Watched::new(child).wait()?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure(format!("`{shown}` failed ({status})")))
    }
}

/// Ends this program and goes on as another one, which so receives Ctrl-C itself and ends as it likes.
pub(crate) fn become_program(command: &mut Command) -> Outcome {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        let error = command.exec();
        Err(cannot_start(command, &error))
    }
    #[cfg(not(unix))]
    run(command)
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
