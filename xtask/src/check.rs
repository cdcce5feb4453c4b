//! `cargo xtask check`: what a change must satisfy besides its tests.

use crate::shell::{Outcome, cargo, find_program, run, say};

/// Format, lints, documentation, and licences where cargo-deny is there.
pub(crate) fn run_all() -> Outcome {
    say("Checking the format");
    run(cargo().args(["fmt", "--all", "--check"]))?;
    say("Checking the lints");
    run(cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ]))?;
    say("Checking the documentation");
    run(cargo()
        .args(["doc", "--workspace", "--no-deps", "--quiet"])
        .env("RUSTDOCFLAGS", "--deny warnings"))?;
    if find_program("cargo-deny").is_some() {
        say("Checking licences, bans and sources");
        run(cargo().args([
            "deny",
            "--log-level",
            "error",
            "check",
            "licenses",
            "bans",
            "sources",
        ]))?;
    } else {
        say("Licences were not checked: `cargo install cargo-deny` adds that");
    }
    say("All checks passed");
    Ok(())
}
