//! `cargo xtask test`: the whole suite, with a table of what ran at the end.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::postgres::{self, Postgres};
use crate::redis::{self, Redis};
use crate::setup::npm;
use crate::shell::{Explain, Failure, Outcome, Watched, cargo, root, say};
use crate::tally::Tally;
use crate::{e2e, programs, readme, wasm};

/// One line of the table.
struct Step {
    name: &'static str,
    took: Duration,
    tally: Option<Tally>,
    failure: Option<Failure>,
}

/// Runs everything there is. A failing step does not keep the others from running, unless they build on it.
pub(crate) fn run_all() -> Outcome {
    let mut steps = Vec::new();
    let browser_files = step(&mut steps, "browser files", || {
        wasm::build(None, wasm::Effort::Whole).map(|()| None)
    });
    step(&mut steps, "cargo test", || native().map(Some));
    let sdk_built = step(&mut steps, "sdk build", || {
        programs::build_sdk().map(|()| None)
    });
    if sdk_built {
        step(&mut steps, "sdk tests", || sdk().map(Some));
    }
    if browser_files && sdk_built {
        step(&mut steps, "sizes", || wasm::weigh().map(|()| None));
    }
    if browser_files && sdk_built {
        step(&mut steps, "end to end", || {
            programs::build_as_tested()?;
            e2e::run_tests(&[]).map(Some)
        });
    }
    if sdk_built {
        step(&mut steps, "README", || readme::run_quick_start().map(Some));
    }
    report(&steps)
}

fn step(
    steps: &mut Vec<Step>,
    name: &'static str,
    act: impl FnOnce() -> Outcome<Option<Tally>>,
) -> bool {
    if crate::shell::interrupted() {
        return false;
    }
    say(format!("Step: {name}"));
    let started = Instant::now();
    let outcome = act();
    let took = started.elapsed();
    let (tally, failure) = match outcome {
        Ok(tally) => (tally, None),
        Err(failure) => (None, Some(failure)),
    };
    if let Some(failure) = &failure {
        say(failure);
    }
    let passed = failure.is_none();
    steps.push(Step {
        name,
        took,
        tally,
        failure,
    });
    passed
}

/// Every crate's tests, on SQLite, on a private PostgreSQL and on a private Redis.
fn native() -> Outcome<Tally> {
    let postgres = Postgres::start()?;
    let redis = Redis::start()?;
    run_counted(
        cargo()
            .args(["test", "--workspace", "--no-fail-fast"])
            .env(postgres::URL_VARIABLE, postgres.url())
            .env(redis::URL_VARIABLE, redis.url()),
    )
}

fn sdk() -> Outcome<Tally> {
    run_counted(npm(&root().join("sdk-ts")).args(["run", "--silent", "test"]))
}

/// Runs tests with their output on this terminal, and counts them.
pub(crate) fn run_counted(command: &mut Command) -> Outcome<Tally> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .explain("Starting the tests")?;
    let output = child.stdout.take();
    let child = Watched::new(child);
    let mut tally = Tally::default();
    if let Some(output) = output {
        for line in BufReader::new(output).split(b'\n') {
            let line = line.explain("Reading what the tests print")?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            tally.read(&line);
        }
    }
    let status = child.wait()?;
    match (status.success(), tally) {
        (true, Tally { passed: 0, .. }) => Err(Failure::new(
            "The tests ended well, but none was seen to run",
        )),
        (true, Tally { failed: 0, .. }) => Ok(tally),
        _ => Err(Failure::new(format!(
            "{} passed, {} failed ({status})",
            tally.passed, tally.failed
        ))),
    }
}

fn report(steps: &[Step]) -> Outcome {
    let mut total = Tally::default();
    println!("\n{:<16}{:>9}{:>9}  result", "step", "minutes", "tests");
    for step in steps {
        let minutes = step.took.as_secs_f64() / 60.0;
        let tests = step
            .tally
            .map_or_else(|| "-".to_owned(), |tally| tally.passed.to_string());
        let result = match (&step.failure, step.tally) {
            (Some(failure), _) => failure.to_string(),
            (None, Some(tally)) if tally.skipped > 0 => format!("ok, {} skipped", tally.skipped),
            (None, _) => "ok".to_owned(),
        };
        println!("{:<16}{minutes:>9.1}{tests:>9}  {result}", step.name);
        total += step.tally.unwrap_or_default();
    }
    let failed: Vec<&str> = steps
        .iter()
        .filter(|step| step.failure.is_some())
        .map(|step| step.name)
        .collect();
    if crate::shell::interrupted() {
        return Err(Failure::new("Stopped by Ctrl-C"));
    }
    if failed.is_empty() {
        println!(
            "\n{} passed, {} failed, {} skipped",
            total.passed, total.failed, total.skipped
        );
        return Ok(());
    }
    Err(Failure::new(format!(
        "These steps failed: {}",
        failed.join(", ")
    )))
}
