//! The canary: part of every provider key of every test. Where it turns up, a key has leaked. So
//! has the service account's key, where a piece of its file does.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::{Mutex, Once, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

/// What every provider key holds.
pub(crate) const CANARY: &str = "CANARYq7ZkX2mB9v";

/// A piece of the private key in `keys/service-account.pem`.
const OF_THE_KEY_FILE: &str = "FXUrb3YvGXIL7A5t";

/// Whatever must turn up nowhere.
pub(crate) const CANARIES: [&str; 2] = [CANARY, OF_THE_KEY_FILE];

static LOGS: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static RECORDING: Once = Once::new();

/// Begins to keep every log line of this process, down to the finest.
pub(crate) fn record_logs() {
    RECORDING.call_once(|| {
        tracing_subscriber::fmt()
            .with_env_filter("trace,hyper_util=info,h2=info,sqlx=debug")
            .with_ansi(false)
            .with_writer(Recorder)
            .init();
    });
}

pub(crate) fn assert_no_log_holds_one() {
    let mut logs = LOGS.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(!logs.is_empty(), "logs are recorded");
    assert_holds_none("the logs", &logs);
    // What has been looked through is let go, all but an end that may be half a canary: else every
    // test would look through the logs of all tests before it.
    let looked_through = logs.len().saturating_sub(2 * CANARY.len());
    logs.drain(..looked_through);
}

/// Bytes as databases print them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Fails if the bytes hold a canary, plain or in hexadecimal.
pub(crate) fn assert_holds_none(what: &str, bytes: &[u8]) {
    let forms = CANARIES.map(|canary| [canary.to_owned(), hex(canary.as_bytes())]);
    for wanted in forms.as_flattened() {
        if let Some(at) = bytes
            .windows(wanted.len())
            .position(|window| window == wanted.as_bytes())
        {
            let from = at.saturating_sub(200);
            let around = String::from_utf8_lossy(&bytes[from..at]);
            panic!("{what} hold a provider key, after: {around}");
        }
    }
}

struct Recorder;

impl Write for Recorder {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        LOGS.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Recorder {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}
