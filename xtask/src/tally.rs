//! Counts tests from what test runners print: cargo's, Vitest's, Playwright's and pytest's summary lines.

use std::ops::AddAssign;

/// How many tests ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Tally {
    /// Adds what a line of output tells, which for most lines is nothing.
    pub(crate) fn read(&mut self, line: &str) {
        let line = without_colour(line);
        let line = line.trim();
        let summary = if let Some(cargo) = line.strip_prefix("test result: ") {
            // test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s
            cargo
        } else if let Some(vitest) = line.strip_prefix("Tests ") {
            //       Tests  1 failed | 11 passed | 2 skipped (14)
            vitest
        } else if line.starts_with('=') && line.ends_with('=') && line.contains(" in ") {
            // ===== 1 failed, 5 passed in 1.20s =====
            line
        } else if is_playwright_summary(line) {
            //   12 passed (30.1s)
            line
        } else {
            return;
        };
        let words: Vec<&str> = summary
            .split(|c: char| c.is_whitespace() || ";,|=().".contains(c))
            .filter(|word| !word.is_empty())
            .collect();
        for pair in words.windows(2) {
            let Ok(count) = pair[0].parse::<u64>() else {
                continue;
            };
            match pair[1] {
                "passed" => self.passed += count,
                "failed" | "error" | "errors" | "flaky" => self.failed += count,
                "ignored" | "skipped" | "todo" | "did" => self.skipped += count,
                _ => {}
            }
        }
    }
}

/// `12 passed (30.1s)`, `1 failed`, `2 skipped`, `1 flaky`, `3 did not run`.
fn is_playwright_summary(line: &str) -> bool {
    let Some((count, rest)) = line.split_once(' ') else {
        return false;
    };
    let outcome = rest.split(" (").next().unwrap_or_default();
    count.parse::<u64>().is_ok()
        && ["passed", "failed", "flaky", "skipped", "did not run"].contains(&outcome)
}

/// The text without terminal escapes such as `ESC [ 32 m`.
fn without_colour(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            for escaped in characters.by_ref() {
                if escaped.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Tally;

    fn tally(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for line in lines {
            tally.read(line);
        }
        tally
    }

    #[test]
    fn cargo_summaries_add_up() {
        let counted = tally(&[
            "running 3 tests",
            "test a_key_is_5 passed ... ok",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s",
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s",
        ]);
        assert_eq!(
            counted,
            Tally {
                passed: 13,
                failed: 2,
                skipped: 1
            }
        );
    }

    #[test]
    fn vitest_counts_tests_and_not_files() {
        let counted = tally(&[
            " Test Files  3 passed (3)",
            "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[31m1 failed\u{1b}[39m | \u{1b}[32m11 passed\u{1b}[39m | 2 skipped (14)",
        ]);
        assert_eq!(
            counted,
            Tally {
                passed: 11,
                failed: 1,
                skipped: 2
            }
        );
    }

    #[test]
    fn playwright_and_pytest_are_counted() {
        let counted = tally(&[
            "  ✓  1 [chromium] › main.spec.ts:3:1 › 4 passed (1s)",
            "  1 flaky",
            "  2 did not run",
            "  12 passed (30.1s)",
            "=================== 5 passed, 1 skipped in 1.20s ===================",
        ]);
        assert_eq!(
            counted,
            Tally {
                passed: 17,
                failed: 1,
                skipped: 3
            }
        );
    }
}
