//! What a fresh machine lacks: Debian packages where we may install them, npm packages from a lock file, Node.js.

use std::path::Path;
use std::process::Command;

use crate::shell::{
    Explain, Failure, Outcome, ask, find_program, program, root, run, run_quietly, say,
};

/// The oldest Node.js that everything here runs on.
const NODE_MAJOR: u32 = 20;
/// How often a failed `apt-get` is tried again: another one may hold its lock beyond `APT_WAIT`.
const APT_TRIES: usize = 3;
/// How long `apt-get` waits for another one to finish, in seconds.
const APT_WAIT: &str = "DPkg::Lock::Timeout=300";

/// Whether packages can be installed without asking anyone: root on Debian or Ubuntu.
pub(crate) fn may_install() -> bool {
    find_program("apt-get").is_some() && ask(Command::new("id").arg("-u")).as_deref() == Some("0")
}

/// Installs those of the Debian packages that are missing. `why` ends the sentence "Installing ... for".
pub(crate) fn apt_install(packages: &[&str], why: &str) -> Outcome {
    let missing: Vec<&str> = packages
        .iter()
        .copied()
        .filter(|package| !is_installed(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    say(format!(
        "Installing {} with apt-get, for {why}",
        missing.join(", ")
    ));
    let mut result = Ok(());
    for _ in 0..APT_TRIES {
        result = try_apt_install(&missing);
        if result.is_ok() {
            break;
        }
    }
    result
}

fn try_apt_install(packages: &[&str]) -> Outcome {
    let apt = || {
        let mut command = program("apt-get");
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["-o", APT_WAIT, "-qq"]);
        command
    };
    run_quietly(apt().arg("update"))?;
    run_quietly(
        apt()
            .args(["install", "--yes", "--no-install-recommends"])
            .args(packages),
    )
    .map(drop)
}

fn is_installed(package: &str) -> bool {
    ask(Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}", package])).as_deref()
        == Some("installed")
}

/// Fails with one sentence unless a recent enough Node.js and npm are there.
pub(crate) fn need_node() -> Outcome {
    let wanted =
        format!("Node.js {NODE_MAJOR} or newer, with npm, is needed: see https://nodejs.org");
    let Some(version) = ask(Command::new("node").arg("--version")) else {
        return Err(Failure::new(format!(
            "There is no `node` on PATH; {wanted}"
        )));
    };
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE_MAJOR) {
        return Err(Failure::new(format!("This is Node.js {version}; {wanted}")));
    }
    if find_program("npm").is_none() {
        return Err(Failure::new(format!("There is no `npm` on PATH; {wanted}")));
    }
    Ok(())
}

/// Fails with one sentence unless curl is there or can be installed.
pub(crate) fn need_curl() -> Outcome {
    if find_program("curl").is_none() && may_install() {
        apt_install(&["curl"], "the curl lines that are tried")?;
    }
    find_program("curl")
        .map(drop)
        .ok_or_else(|| Failure::new("There is no `curl` on PATH; it is needed"))
}

/// `npm ci` in a folder of the workspace, unless what its lock file names is there already.
pub(crate) fn npm_ci(folder: &str, why: &str) -> Outcome {
    let folder_path = root().join(folder);
    let lock = std::fs::read(folder_path.join("package-lock.json"))
        .explain(&format!("Reading {folder}/package-lock.json"))?;
    // Beside npm's own mark, which whoever else runs `npm ci` leaves as well.
    let marks = root().join("target/npm");
    let done = marks.join(format!("{}.json", folder.replace('/', "-")));
    let installed = folder_path
        .join("node_modules/.package-lock.json")
        .is_file();
    if installed && std::fs::read(&done).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    need_node()?;
    say(format!(
        "Installing the npm packages of {folder}, for {why}"
    ));
    run(npm(&folder_path).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    std::fs::create_dir_all(marks).explain("Making target/npm")?;
    std::fs::write(&done, lock).explain("Remembering the installed npm packages")
}

/// `npm` in a folder.
pub(crate) fn npm(folder: &Path) -> Command {
    let mut command = program("npm");
    command.current_dir(folder);
    command
}
