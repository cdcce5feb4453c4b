//! `cargo xtask readme`: does what README.md tells a newcomer to do, against a fresh Relay with simulated providers.
//!
//! Of the README's fenced blocks, those marked ```` ```sh quickstart ```` run in order, in one shell. Only the address
//! is changed where the usual port is taken.

use std::fs;
use std::process::Command;

use crate::setup::need_curl;
use crate::shell::{Explain, Failure, Outcome, root, run, say};
use crate::stack::{PROVIDER_KEYS, Stack, forget_relay_variables};
use crate::tally::Tally;
use crate::{programs, wasm};

const MARK: &str = "sh quickstart";
/// An answer that is an error fails the command.
const STRICT_CURL: &str = "curl() { command curl --fail-with-body \"$@\"; }";
const USUAL_ADDRESS: &str = "127.0.0.1:8787";

/// Builds what the quick start uses, and runs it.
pub(crate) fn run_all() -> Outcome {
    wasm::build(None, wasm::Effort::Whole)?;
    programs::build_server_and_simulator()?;
    programs::build_sdk()?;
    run_quick_start().map(drop)
}

/// Runs the quick start; the programs and the SDK are built already.
pub(crate) fn run_quick_start() -> Outcome<Tally> {
    let readme = fs::read_to_string(root().join("README.md")).explain("Reading README.md")?;
    let blocks = blocks(&readme, MARK);
    if blocks.is_empty() {
        return Err(Failure::new(format!(
            "README.md has no block marked `{MARK}`"
        )));
    }
    need_curl()?;
    let stack = Stack::start()?;
    say(format!(
        "Running the {} blocks of commands in README.md's quick start",
        blocks.len()
    ));
    let script = format!("{STRICT_CURL}\n{}", blocks.join("\n"))
        .replace(USUAL_ADDRESS, &stack.address.to_string());
    let mut shell = Command::new("bash");
    forget_relay_variables(&mut shell);
    shell
        .current_dir(root())
        .args(["-euo", "pipefail", "-c", &script])
        .envs(stack.variables())
        .env("TMPDIR", stack.folder())
        .env("OPENAI_API_KEY", PROVIDER_KEYS[0].1);
    run(&mut shell).map_err(|_| Failure::new("A command of README.md's quick start failed"))?;
    Ok(Tally {
        passed: blocks.len() as u64,
        ..Tally::default()
    })
}

/// The contents of the fenced blocks with this info string.
fn blocks<'a>(markdown: &'a str, info: &str) -> Vec<&'a str> {
    let opening = format!("```{info}\n");
    markdown
        .split(opening.as_str())
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn only_marked_blocks_are_taken_in_order() {
        let page =
            "a\n```sh\nno\n```\n```sh go\none\ntwo\n```\n```js go\nno\n```\n```sh go\nthree\n```\n";
        assert_eq!(blocks(page, "sh go"), ["one\ntwo", "three"]);
    }
}
