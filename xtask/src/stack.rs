//! A whole Relay on this machine, with simulated providers behind it: for the demo and for trying the README.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::call;
use crate::postgres::free_port;
use crate::programs::built;
use crate::shell::{Explain, Failure, Outcome, end, interrupted, program, run_quietly, send};

/// Each provider's id, and the only key its simulation takes.
pub(crate) const PROVIDER_KEYS: [(&str, &str); 3] = [
    ("openai", "sk-demo-simulated-openai-key-0001"),
    ("anthropic", "sk-ant-demo-simulated-anthropic-key-0001"),
    ("google", "AIzaDemoSimulatedGoogleKey-0001"),
];
const START_LIMIT: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_millis(50);
const OWNER_LINK: &str = "/console/setup#";

/// Running programs and their data, gone when this is dropped.
pub(crate) struct Stack {
    /// Where the server listens.
    pub(crate) address: SocketAddr,
    folder: TempDir,
    children: Vec<Running>,
}

/// A program that ends with this one.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        send("-TERM", self.0.id());
        end(&mut self.0);
    }
}

impl Stack {
    /// Starts simulated providers and a server with an empty database, both built already.
    pub(crate) fn start() -> Outcome<Self> {
        let folder = tempfile::Builder::new()
            .prefix("relay-demo-")
            .tempdir()
            .explain("Making a temporary directory")?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, preferred_port(8787)?));
        let mut stack = Self {
            address,
            folder,
            children: Vec::new(),
        };
        let providers = stack.start_providers()?;
        let log = File::create(stack.log()).explain("Making a log file")?;
        let mut serve = stack.relay()?;
        for (provider, url) in &providers {
            serve.env(format!("RELAY_HOST_{}_URL", provider.to_uppercase()), url);
        }
        let serve = serve
            .arg("serve")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        stack
            .children
            .push(Running(serve.spawn().explain("Starting relay")?));
        stack.wait_until_healthy()?;
        Ok(stack)
    }

    /// Keeps a program running as long as the stack.
    pub(crate) fn keep(&mut self, child: Child) {
        self.children.push(Running(child));
    }

    /// The stack's own folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What browsers call the server.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What the server says.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder().join("relay.log")
    }

    /// The variables that make the `relay` program work on this stack's data.
    pub(crate) fn variables(&self) -> [(&'static str, String); 2] {
        let data = self.folder().join("data");
        [
            ("RELAY_LISTEN", self.address.to_string()),
            ("RELAY_DATA_DIR", data.display().to_string()),
        ]
    }

    /// The link that creates the owner's account, as the server printed it.
    pub(crate) fn owner_link(&self) -> Option<String> {
        let log = fs::read_to_string(self.log()).ok()?;
        let word = log
            .split_whitespace()
            .find(|word| word.contains(OWNER_LINK))?;
        Some(word.to_owned())
    }

    /// Makes a tenant, and a relay key of its that may do everything.
    pub(crate) fn make_tenant(&self, name: &str) -> Outcome<String> {
        run_quietly(self.relay()?.args(["tenants", "create", name]))?;
        let scopes = "inference,tokens,manage";
        let created = run_quietly(self.relay()?.args([
            "keys", "create", "--tenant", name, "--name", "demo", "--scopes", scopes, "--json",
        ]))?;
        let created: Value =
            serde_json::from_str(&created).explain("Reading what `relay keys create` printed")?;
        let key = created["key"]
            .as_str()
            .ok_or_else(|| Failure::new("`relay keys create --json` printed no key"))?;
        Ok(key.to_owned())
    }

    /// Connects an end user's simulated provider keys.
    pub(crate) fn connect_user(&self, relay_key: &str, label: &str) -> Outcome {
        for (provider, key) in PROVIDER_KEYS {
            let path = format!("/v1/users/{label}/credentials/{provider}");
            call(
                self.address,
                "PUT",
                &path,
                Some(relay_key),
                Some(&json!({ "apiKey": key })),
            )?;
        }
        Ok(())
    }

    fn relay(&self) -> Outcome<Command> {
        let mut relay = program(built("debug", "relay")?);
        forget_relay_variables(&mut relay);
        relay.envs(self.variables());
        Ok(relay)
    }

    /// Starts the simulated providers, and returns the base URL of each.
    fn start_providers(&mut self) -> Outcome<Vec<(&'static str, String)>> {
        let mut simulator = program(built("debug", "provider-sim")?);
        simulator.args(["--listen", "127.0.0.1:0"]);
        for (provider, key) in PROVIDER_KEYS {
            simulator.args(["--key", &format!("{provider}={key}")]);
        }
        let mut child = simulator
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .explain("Starting the simulated providers")?;
        let output = child.stdout.take();
        self.keep(child);
        let mut line = String::new();
        if let Some(output) = output {
            BufReader::new(output)
                .read_line(&mut line)
                .explain("Reading where the providers are")?;
        }
        // provider-sim: SIMULATED providers on http://ADDRESS: BASE BASE BASE
        let find = |path: &str| {
            let url = line
                .split_whitespace()
                .find(|word| word.starts_with("http://") && word.contains(path));
            url.map(str::to_owned)
                .ok_or_else(|| Failure::new(format!("provider-sim named no {path}: {line}")))
        };
        Ok(vec![
            ("openai", find("/openai/")?),
            ("anthropic", find("/anthropic/")?),
            ("google", find("/gemini/")?),
        ])
    }

    fn wait_until_healthy(&mut self) -> Outcome {
        let started = Instant::now();
        while started.elapsed() < START_LIMIT {
            if interrupted() {
                return Err(Failure::new("Stopped by Ctrl-C"));
            }
            if call(self.address, "GET", "/api/health", None, None).is_ok() {
                return Ok(());
            }
            let ended = self
                .children
                .last_mut()
                .is_some_and(|relay| !matches!(relay.0.try_wait(), Ok(None)));
            if ended {
                break;
            }
            sleep(LOOK_EVERY);
        }
        let said = fs::read_to_string(self.log()).unwrap_or_default();
        Err(Failure::new(format!(
            "The server did not start; it said:\n{}",
            said.trim()
        )))
    }
}

/// What the developer's own environment says to Relay is not meant for this one.
pub(crate) fn forget_relay_variables(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("RELAY_")) {
            command.env_remove(name);
        }
    }
}

/// The usual port, or another where that is taken.
pub(crate) fn preferred_port(usual: u16) -> Outcome<u16> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, usual)) {
        Ok(_) => Ok(usual),
        Err(_) => free_port(),
    }
}
