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
    // Nobody but us reads it, so private items are in it, and links to them hold.
    run(cargo()
        .args([
            "doc",
            "--workspace",
            "--no-deps",
            "--document-private-items",
            "--quiet",
        ])
        .env(
            "RUSTDOCFLAGS",
            "--deny warnings --allow rustdoc::private_intra_doc_links",
        ))?;
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
