//! A Rust toolchain that can compile for the browser.
//!
//! Wanted: the toolchain of the workspace with its `wasm32-unknown-unknown` target and the sources of the standard
//! library, which is then built along, for size. Where rustup's server cannot be reached, Debian's and Ubuntu's
//! packages of the web toolchain do the same. Without the sources the ready-made standard library serves, and the
//! files come out larger.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::setup::{apt_install, may_install};
use crate::shell::{
    Failure, Outcome, ask, cargo, find_program, forget_this_package, program, run, say,
};

/// What is compiled for.
pub(super) const TARGET: &str = "wasm32-unknown-unknown";
/// Debian's web toolchain (Firefox and Chromium are built with it), a linker and the standard library's sources.
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];
/// Where Debian puts it.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_LINKER: &str = "wasm-ld-22";
/// Set to `prebuilt` to use the ready-made standard library: larger files, no unstable flags.
const STD_VARIABLE: &str = "RELAY_WASM_STD";

/// Keeps what `split` cuts a module by.
const CUTTABLE: &str = "-Clink-arg=--emit-relocs";

/// Flags that need the standard library built along: a panic stops at once, without the code that would word it, and
/// nothing is kept for `{:?}`. In the browser nobody reads either, and they are a fifth of the widget.
/// Those for `sha2`, `aes` and the width of a processor choose the small ciphers that the widget seals with;
/// `erase_components` has Leptos forget the types of views, which was an eighth of the console.
const SMALL: &str = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none \
    -Zfmt-debug=none --cfg sha2_backend=\"soft\" --cfg sha2_backend_soft=\"compact\" \
    --cfg aes_backend_soft=\"compact\" --cfg cpubits=\"16\" --cfg erase_components";
const BUILD_STD: [&str; 4] = [
    "-Z",
    "build-std=std,panic_abort",
    "-Z",
    "build-std-features=optimize_for_size",
];

/// How to call cargo for the browser.
pub(super) enum Toolchain {
    /// The workspace's own, with or without the standard library's sources.
    Own { build_std: bool },
    /// Debian's packages.
    Debian,
}

impl Toolchain {
    /// Finds one, installing what is missing where that is possible.
    pub(super) fn find() -> Outcome<Self> {
        if let Some(own) = own() {
            return Ok(own);
        }
        if !has_debian_toolchain() && may_install() {
            apt_install(
                &DEBIAN_PACKAGES,
                "compiling the widget and the console to WebAssembly",
            )?;
        }
        if has_debian_toolchain() {
            return Ok(Self::Debian);
        }
        Err(Failure::new(format!(
            "Compiling the widget and the console needs Rust's WebAssembly target: run `rustup target add {TARGET}`, \
             or on Debian and Ubuntu `apt-get install {}`",
            DEBIAN_PACKAGES.join(" ")
        )))
    }

    /// `cargo build` for the browser, without the packages to build.
    pub(super) fn build_command(&self) -> Command {
        let mut command = match self {
            Self::Own { .. } => cargo(),
            Self::Debian => {
                let mut command = program(DEBIAN_CARGO);
                forget_this_package(&mut command);
                command
                    .env_remove("RUSTUP_TOOLCHAIN")
                    .env_remove("CARGO")
                    .env("RUSTC", DEBIAN_RUSTC);
                command.env(variable("LINKER"), DEBIAN_LINKER);
                command
            }
        };
        command
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        command.args(["build", "--target", TARGET]);
        if matches!(self, Self::Own { build_std: false }) {
            command.env(variable("RUSTFLAGS"), CUTTABLE);
        } else {
            command
                .env("RUSTC_BOOTSTRAP", "1")
                .env(variable("RUSTFLAGS"), format!("{CUTTABLE} {SMALL}"))
                .args(BUILD_STD);
        }
        command
    }
}

fn variable(name: &str) -> String {
    format!(
        "CARGO_TARGET_{}_{name}",
        TARGET.replace('-', "_").to_uppercase()
    )
}

fn own() -> Option<Toolchain> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = PathBuf::from(ask(program(rustc).args(["--print", "sysroot"]))?);
    let target = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let sources = sysroot.join("lib/rustlib/src/rust/library/Cargo.lock");
    if !is_filled(&target) {
        rustup(
            ["target", "add", TARGET],
            "to compile the widget and the console for browsers",
        );
    }
    let wants_sources = std::env::var_os(STD_VARIABLE).as_deref() != Some(OsStr::new("prebuilt"));
    if wants_sources && is_filled(&target) && !sources.is_file() {
        rustup(
            ["component", "add", "rust-src"],
            "to build the standard library small",
        );
    }
    is_filled(&target).then(|| Toolchain::Own {
        build_std: wants_sources && sources.is_file(),
    })
}

/// Lets rustup add something, where there is a rustup. It may not reach its server: then there are other ways.
fn rustup(arguments: [&str; 3], why: &str) {
    if find_program("rustup").is_some() {
        say(format!("Running `rustup {}`, {why}", arguments.join(" ")));
        if run(program("rustup").args(arguments)).is_err() {
            say("rustup could not; trying another way");
        }
    }
}

fn is_filled(folder: &Path) -> bool {
    folder
        .read_dir()
        .is_ok_and(|mut entries| entries.next().is_some())
}

fn has_debian_toolchain() -> bool {
    let sources = ask(Command::new(DEBIAN_RUSTC).args(["--print", "sysroot"]))
        .map(|sysroot| Path::new(&sysroot).join("lib/rustlib/src/rust/library/Cargo.lock"));
    sources.is_some_and(|sources| sources.is_file())
        && Path::new(DEBIAN_CARGO).is_file()
        && find_program(DEBIAN_LINKER).is_some()
}
