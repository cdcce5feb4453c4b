//! `docs/errors.md` lists every code that the server answers with, and none that it does not; a
//! test meets each.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const DOC: &str = "docs/errors.md";
/// What makes an error, followed by its arguments; or what precedes a code alone.
const MAKERS: [&str; 5] = [
    "Problem::new(",
    "Self::new(",
    "refusal(",
    "unauthorized(",
    "code: Some(",
];
/// Codes that `relay_wire` gives to what it cannot translate.
const WIRE: &str = "crates/wire/src/error.rs";

#[test]
fn every_code_is_documented_and_every_documented_code_exists() {
    let used = used();
    let documented = documented();
    assert!(used.len() > 40, "the scan finds them: {used:?}");
    let missing: Vec<_> = used.difference(&documented).collect();
    assert!(
        missing.is_empty(),
        "{DOC} does not say what these mean: {missing:?}"
    );
    let gone: Vec<_> = documented.difference(&used).collect();
    assert!(
        gone.is_empty(),
        "{DOC} lists codes that nothing answers with: {gone:?}"
    );
}

#[test]
fn every_documented_code_is_seen_by_a_test() {
    let mut tests = vec![root().join("server/tests")];
    for entry in fs::read_dir(root().join("crates")).expect("a folder") {
        tests.push(entry.expect("an entry").path().join("tests"));
    }
    tests.retain(|folder| folder.is_dir());
    let sources: Vec<_> = sources(tests).map(|path| read(&path)).collect();
    assert!(sources.len() > 40, "the scan finds them");
    let seen = |code: &String| {
        let literal = format!("\"{code}\"");
        sources.iter().any(|text| text.contains(&literal))
    };
    let unseen: Vec<_> = documented()
        .into_iter()
        .filter(|code| !seen(code))
        .collect();
    assert!(unseen.is_empty(), "no test meets {unseen:?}");
}

#[test]
fn every_documented_code_has_a_status_a_meaning_and_a_next_step() {
    for row in rows() {
        assert_eq!(row.len(), 4, "{row:?}");
        let statuses = row[1].split(", ");
        assert!(statuses.clone().count() > 0);
        for status in statuses {
            let known =
                status == "-" || status.parse::<u16>().is_ok_and(|n| (400..600).contains(&n));
            assert!(known, "{row:?}");
        }
        assert!(row[2].len() > 10 && row[3].len() > 5, "{row:?}");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every Rust file below these folders.
fn sources(mut folders: Vec<PathBuf>) -> impl Iterator<Item = PathBuf> {
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.into_iter()
}

fn used() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for path in sources(vec![root().join("server/src")]) {
        let text = read(&path);
        for maker in MAKERS {
            codes.extend(text.split(maker).skip(1).filter_map(code));
        }
    }
    let wire = read(&root().join(WIRE));
    codes.extend(wire.split("=> ").skip(1).filter_map(code));
    codes
}

/// The code among the arguments that begin here: the first literal, if it comes before anything
/// but names and numbers.
fn code(arguments: &str) -> Option<String> {
    let (before, rest) = arguments.split_once('"')?;
    let plain = before
        .chars()
        .all(|c| c.is_alphanumeric() || c.is_whitespace() || matches!(c, ':' | ',' | '_' | '.'));
    let (literal, _) = rest.split_once('"')?;
    let is_code =
        literal.contains('_') && literal.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    (plain && is_code).then(|| literal.to_owned())
}

/// The cells of every row whose first cell is a code.
fn rows() -> Vec<Vec<String>> {
    read(&root().join(DOC))
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells = line.trim_matches('|').split(" | ");
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

fn documented() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for row in rows() {
        let code = row[0].trim_matches('`').to_owned();
        assert!(codes.insert(code), "{} is listed twice", row[0]);
    }
    codes
}
