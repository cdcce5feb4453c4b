//! `cargo xtask e2e`: what a person does, in a real browser, against a real server.
//!
//! Everything the tests in `e2e/` use is made ready here and named to them by variables: the programs `RELAY_BIN` and
//! `PROVIDER_SIM_BIN`, the browser `RELAY_CHROMIUM`, `RELAY_PYTHON` with the official Python clients, and a PostgreSQL
//! in `RELAY_TEST_POSTGRES_URL`.

use std::path::PathBuf;
use std::process::Command;

use crate::postgres::{self, Postgres};
use crate::programs::built;
use crate::setup::{apt_install, may_install, npm, npm_ci};
use crate::shell::{Explain, Failure, Outcome, ask, find_program, program, root, run, say};
use crate::tally::Tally;
use crate::test::run_counted;
use crate::{programs, wasm};

/// A Chromium to use instead of the system's.
const CHROMIUM_VARIABLE: &str = "RELAY_CHROMIUM";
const CHROMIUM_NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
const CHROMIUM_ON_MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
/// Where the official Python clients are installed, and what names them.
const PYTHON_DIR: &str = "target/python";
const PYTHON_REQUIREMENTS: &str = "e2e/clients/python/requirements.txt";

/// Builds what is needed and runs the tests.
pub(crate) fn run_all(arguments: &[String]) -> Outcome<Tally> {
    wasm::build(None, wasm::Effort::Whole)?;
    programs::build_server_and_simulator()?;
    programs::build_sdk()?;
    run_tests(arguments)
}

/// Runs the tests; everything they use is built already.
pub(crate) fn run_tests(arguments: &[String]) -> Outcome<Tally> {
    let chromium = chromium()?;
    let python = python()?;
    npm_ci(
        "e2e",
        "Playwright, which drives the browser, and the official clients",
    )?;
    let postgres = Postgres::start()?;
    say("Running the end-to-end tests in the browser");
    let mut tests = npm(&root().join("e2e"));
    tests
        .args(["test", "--"])
        .args(arguments)
        .env("RELAY_BIN", built("debug", "relay")?)
        .env("PROVIDER_SIM_BIN", built("debug", "provider-sim")?)
        .env(CHROMIUM_VARIABLE, chromium)
        .env("RELAY_PYTHON", python)
        .env(postgres::URL_VARIABLE, postgres.url());
    run_counted(&mut tests)
}

fn chromium() -> Outcome<PathBuf> {
    if let Some(given) = std::env::var_os(CHROMIUM_VARIABLE) {
        return Ok(given.into());
    }
    let find = || {
        let on_mac = PathBuf::from(CHROMIUM_ON_MAC);
        CHROMIUM_NAMES
            .iter()
            .find_map(|name| find_program(name))
            .or(on_mac.is_file().then_some(on_mac))
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    if may_install() {
        apt_install(&["chromium"], "the end-to-end tests")?;
    }
    find().ok_or_else(|| {
        Failure::new(format!(
            "The end-to-end tests need Chromium: install it (Debian: `apt-get install chromium`), or set \
             {CHROMIUM_VARIABLE} to its program"
        ))
    })
}

/// A virtual environment with the official Python clients.
fn python() -> Outcome<PathBuf> {
    let requirements = std::fs::read(root().join(PYTHON_REQUIREMENTS))
        .explain(&format!("Reading {PYTHON_REQUIREMENTS}"))?;
    let folder = root().join(PYTHON_DIR);
    let python = folder.join("bin/python");
    let done = folder.join("installed-requirements.txt");
    if python.is_file() && std::fs::read(&done).is_ok_and(|installed| installed == requirements) {
        return Ok(python);
    }
    let can_make = || ask(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_some();
    if !can_make() && may_install() {
        apt_install(
            &["python3", "python3-venv"],
            "the official Python clients in the end-to-end tests",
        )?;
    }
    if !can_make() {
        return Err(Failure::new(
            "The end-to-end tests need Python 3 with its venv module (Debian: `apt-get install python3-venv`)",
        ));
    }
    say("Installing the official Python clients, for the end-to-end tests");
    run(program("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&folder))?;
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--requirement",
    ];
    run(program(&python).args(pip).arg(PYTHON_REQUIREMENTS))?;
    std::fs::write(&done, requirements).explain("Remembering the installed Python packages")?;
    Ok(python)
}
