//! The real binary as a process of its own: started, asked, terminated, killed.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use relay_provider_sim::Sim;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{CANARY, Kind, Reply, TestDatabase};

/// What hangs for this long is broken, however busy the machine is.
const PATIENCE: Duration = Duration::from_mins(1);

/// A place for the binary to run in: a data directory, a database, simulated providers.
pub(crate) struct Home {
    pub(crate) data: TempDir,
    pub(crate) database: TestDatabase,
    pub(crate) sim: Sim,
    pub(crate) client: Client,
}

impl Home {
    pub(crate) async fn new(kind: Kind) -> Self {
        let data = TempDir::new().expect("a temporary directory");
        let database = TestDatabase::create(kind, data.path()).await;
        #[allow(
            clippy::disallowed_methods,
            reason = "it calls the server, not a provider"
        )]
        let client = Client::builder()
            .tls_backend_preconfigured(relay_server::upstream::tls())
            .no_proxy()
            .build()
            .expect("a client");
        Self {
            data,
            database,
            sim: Sim::start().await,
            client,
        }
    }

    /// Ends the test: no byte of the database may hold a provider key.
    pub(crate) async fn leave(self) {
        self.database.assert_holds_no_canary(self.data.path()).await;
        self.database.remove().await;
    }

    /// The binary with these arguments, configured for this place alone.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare(self.data.path());
        command
            .args(arguments)
            .env("RELAY_DATABASE_URL", &self.database.url)
            .env("RELAY_HOST_OPENAI_URL", self.sim.openai_url())
            .env("RELAY_HOST_ANTHROPIC_URL", self.sim.anthropic_url())
            .env("RELAY_HOST_GOOGLE_URL", self.sim.gemini_url());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.command(arguments))
    }

    /// Starts `relay serve` and waits until it serves.
    pub(crate) fn serve(&self) -> Running {
        Running::start(&mut self.command(&["serve"]))
    }

    /// A tenant with a relay key of every scope, made on the command line: its name, and the key.
    pub(crate) fn tenant(&self, name: &str) -> (String, String) {
        self.run(&["tenants", "create", name]).succeeded();
        let scopes = "inference,tokens,manage";
        let arguments = ["--name", "test", "--scopes", scopes, "--json"];
        let made = self
            .run(&[&["keys", "create", "--tenant", name], &arguments[..]].concat())
            .json();
        let text = |field: &str| made[field].as_str().expect(field).to_owned();
        (text("key"), text("id"))
    }

    /// A provider key that the simulated providers take.
    pub(crate) fn provider_key(&self) -> String {
        let key = format!("sk-{CANARY}-9999");
        self.sim.allow_key("openai", &key);
        key
    }

    /// Calls the server with a bearer and, if `body` is not null, JSON.
    pub(crate) async fn call(
        &self,
        server: &Running,
        method: Method,
        path: &str,
        bearer: &str,
        body: Value,
    ) -> Reply {
        Reply::of(self.request(server, method, path, bearer, &body)).await
    }

    pub(crate) fn request(
        &self,
        server: &Running,
        method: Method,
        path: &str,
        bearer: &str,
        body: &Value,
    ) -> RequestBuilder {
        let request = self
            .client
            .request(method, server.url(path))
            .bearer_auth(bearer);
        if body.is_null() {
            request
        } else {
            request.json(body)
        }
    }

    /// A chat call for the end user `ada`.
    pub(crate) fn chat(&self, server: &Running, key: &str, streamed: bool) -> RequestBuilder {
        let body = json!({
            "model": "gpt-4o-mini",
            "messages": [{ "role": "user", "content": "hi" }],
            "stream": streamed,
        });
        let path = "/v1/chat/completions";
        self.request(server, Method::POST, path, key, &body)
            .header("X-Relay-User", "ada")
    }
}

/// The binary without a word of this process's environment.
pub(crate) fn bare(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relay"));
    command
        .env_clear()
        .env("RELAY_LISTEN", "127.0.0.1:0")
        .env("RELAY_DATA_DIR", data)
        .env("RELAY_LOG_FORMAT", "json")
        .current_dir(data)
        .stdin(Stdio::null());
    command
}

/// A command that has run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().expect("the binary runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self {
            status,
            out: text(stdout),
            err: text(stderr),
        }
    }

    pub(crate) fn succeeded(&self) -> &Self {
        assert!(self.status.success(), "{self:?}");
        self
    }

    /// The JSON of each line of a successful answer.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let read = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        self.succeeded().out.lines().map(read).collect()
    }

    pub(crate) fn json(&self) -> Value {
        let mut lines = self.lines();
        assert_eq!(lines.len(), 1, "{self:?}");
        lines.remove(0)
    }

    /// The one sentence of a failure: exit code 1, one line, nothing on standard output.
    pub(crate) fn sentence(&self) -> &str {
        assert_eq!(self.status.code(), Some(1), "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
        let said: Vec<_> = self
            .err
            .lines()
            .filter(|line| !line.starts_with('{'))
            .collect();
        assert_eq!(said.len(), 1, "one line: {self:?}");
        let sentence = said[0].strip_prefix("relay: ").expect("it says who speaks");
        assert!(!sentence.contains("panicked"), "{sentence}");
        sentence
    }
}

/// A running server. Dropped, it is killed.
pub(crate) struct Running {
    child: Child,
    address: SocketAddr,
    lines: Receiver<String>,
    /// Every log line so far.
    pub(crate) log: Vec<Value>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let errors = BufReader::new(child.stderr.take().expect("piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut running = Self {
            child,
            address: SocketAddr::from(([0; 4], 0)),
            lines,
            log: Vec::new(),
        };
        let serving = running.wait_for("serving");
        let address = serving["address"].as_str().expect("an address");
        running.address = address.parse().expect("an address");
        running
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Waits for the log line whose message begins so, and answers its fields.
    pub(crate) fn wait_for(&mut self, beginning: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    let fields = self.keep(&line);
                    if says(&fields, beginning) {
                        return fields;
                    }
                }
                Err(RecvTimeoutError::Timeout) => panic!("no \"{beginning}\": {:?}", self.log),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("it ended before \"{beginning}\": {:?}", self.log)
                }
            }
        }
    }

    /// Whether it has logged a message that begins so.
    pub(crate) fn has_logged(&self, beginning: &str) -> bool {
        self.log.iter().any(|fields| says(fields, beginning))
    }

    fn keep(&mut self, line: &str) -> Value {
        assert!(
            !line.contains(CANARY),
            "a log line holds a provider key: {line}"
        );
        let line: Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("not a log line: {line}"));
        self.log.push(line["fields"].clone());
        line["fields"].clone()
    }

    /// `kill -9`
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// Asks it to stop, as a supervisor does.
    pub(crate) fn terminate(&self) {
        let done = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(done.expect("kill runs").success());
    }

    /// Waits until it has stopped in order.
    pub(crate) fn stopped(mut self) {
        self.wait_for("stopped");
        let status = self.child.wait().expect("gone");
        assert!(status.success(), "{status}: {:?}", self.log);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn says(fields: &Value, beginning: &str) -> bool {
    fields["message"]
        .as_str()
        .is_some_and(|message| message.starts_with(beginning))
}

/// Asks until the answer is as wanted. Waiting for another process to notice something is the one
/// place where nothing but asking again helps.
pub(crate) async fn until<T>(within: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + within;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "not within {within:?}");
    }
}
