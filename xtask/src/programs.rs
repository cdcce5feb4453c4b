//! What other commands run: the server, the simulated providers, the SDK.

use std::path::PathBuf;

use crate::setup::{npm, npm_ci};
use crate::shell::{Failure, Outcome, cargo, root, run, say};

/// The server and the simulated providers, in the development profile.
pub(crate) fn build_server_and_simulator() -> Outcome {
    say("Building the server and the simulated providers");
    run(cargo().args([
        "build",
        "--package",
        "relay-server",
        "--package",
        "relay-provider-sim",
        "--bins",
    ]))
}

/// The same programs as `cargo test --workspace` leaves them: with its choice of features nothing is compiled twice.
pub(crate) fn build_as_tested() -> Outcome {
    run(cargo().args(["build", "--workspace", "--bins", "--tests"]))
}

/// `@relayservice/sdk`, which tests and the example app use as a tenant's backend does.
pub(crate) fn build_sdk() -> Outcome {
    npm_ci("sdk-ts", "the TypeScript SDK")?;
    say("Building the TypeScript SDK");
    run(npm(&root().join("sdk-ts")).args(["run", "--silent", "build"]))
}

/// A program that cargo left in a profile's folder, `debug` or `release`.
pub(crate) fn built(profile: &str, name: &str) -> Outcome<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |dir| root().join(dir));
    let file = target
        .join(profile)
        .join(name)
        .with_extension(std::env::consts::EXE_EXTENSION);
    if file.is_file() {
        Ok(file)
    } else {
        Err(Failure::new(format!("{} was not built", file.display())))
    }
}
