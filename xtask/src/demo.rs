//! `cargo xtask demo`: the whole of Relay with simulated providers and an example app, without any account.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::http::call;
use crate::setup::need_curl;
use crate::shell::{Explain, Failure, Outcome, interrupted, program, root, run_quietly, say};
use crate::stack::{PROVIDER_KEYS, Stack, forget_relay_variables, preferred_port};
use crate::{programs, wasm};

const TENANT: &str = "Demo";
const USER: &str = "ada";
const GREETING: &str = "Hello through Relay";
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How often the example app is asked whether it is there: a minute in all.
const ASKS: usize = 1200;

/// Starts everything and waits for Ctrl-C; with `once`, runs its own curl line instead and ends.
pub(crate) fn run(once: bool) -> Outcome {
    wasm::build(None, wasm::Effort::Whole)?;
    programs::build_server_and_simulator()?;
    programs::build_sdk()?;
    let mut stack = Stack::start()?;
    let relay_key = stack.make_tenant(TENANT)?;
    stack.connect_user(&relay_key, USER)?;
    let page = start_app(&mut stack, &relay_key)?;
    let curl = curl_line(&stack, &relay_key);
    introduce(&stack, &page, &curl);
    if once {
        need_curl()?;
        let answer = run_quietly(Command::new("sh").args(["-c", &curl]))?;
        println!("{answer}");
        return if answer.contains(GREETING) {
            say("The curl line was answered");
            Ok(())
        } else {
            Err(Failure::new(
                "The curl line was not answered as it should be",
            ))
        };
    }
    while !interrupted() {
        sleep(LOOK_EVERY);
    }
    say("Stopping the demo");
    Ok(())
}

/// Starts the example app, and returns its address.
fn start_app(stack: &mut Stack, relay_key: &str) -> Outcome<String> {
    let address = SocketAddr::from(([127, 0, 0, 1], preferred_port(3000)?));
    let mut app = program("node");
    forget_relay_variables(&mut app);
    app.current_dir(root().join("sdk-ts/examples/demo-app"))
        .arg("server.mjs")
        .env("RELAY_URL", stack.url())
        .env("RELAY_KEY", relay_key)
        .env("PORT", address.port().to_string())
        .env(
            "DEMO_NOTE",
            format!(
                "A demo: the providers are simulated. Paste one of: {}",
                keys().join(", ")
            ),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    stack.keep(app.spawn().explain("Starting the example app")?);
    for _ in 0..ASKS {
        if interrupted() {
            return Err(Failure::new("Stopped by Ctrl-C"));
        }
        if call(address, "GET", "/", None, None).is_ok() {
            return Ok(format!("http://{address}"));
        }
        sleep(LOOK_EVERY);
    }
    Err(Failure::new("The example app did not start"))
}

fn keys() -> Vec<&'static str> {
    PROVIDER_KEYS.iter().map(|(_, key)| *key).collect()
}

fn curl_line(stack: &Stack, relay_key: &str) -> String {
    format!(
        "curl -sS {}/v1/chat/completions -H 'Authorization: Bearer {relay_key}' -H 'X-Relay-User: {USER}' \
         -H 'Content-Type: application/json' \
         -d '{{\"model\": \"gpt-4o-mini\", \"messages\": [{{\"role\": \"user\", \"content\": \"{GREETING}\"}}]}}'",
        stack.url()
    )
}

fn introduce(stack: &Stack, page: &str, curl: &str) {
    let console = stack
        .owner_link()
        .unwrap_or_else(|| format!("{}/console", stack.url()));
    println!("\nRelay is running, with simulated providers behind it.\n");
    println!("  Example app      {page}");
    println!("                   connect one of these keys there, then chat:");
    for (provider, key) in PROVIDER_KEYS {
        println!("                     {provider:<11}{key}");
    }
    println!("  Console          {console}");
    println!("                   (this link creates the owner's account, once)");
    println!("  Server's log     {}", stack.log().display());
    println!("\n  As the user `{USER}`, who has connected all three:\n\n{curl}\n");
    println!("Ctrl-C stops everything and removes its data.");
}
