//! Tables of what the recordings show, printed and kept in `docs/wire.md`.

use std::fmt::{Display, Write as _};
use std::fs;
use std::path::Path;

/// A table in Markdown.
pub(crate) struct Table(String);

impl Table {
    /// A table with these columns.
    pub(crate) fn new(columns: &[&str]) -> Self {
        let mut table = Self(String::new());
        table.row(columns);
        table.row(columns.iter().map(|_| "---"));
        table
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = impl Display>) {
        self.0.push('|');
        for cell in cells {
            write!(self.0, " {cell} |").expect("memory");
        }
        self.0.push('\n');
    }

    /// Prints the table and checks that the page has it as it is. With `RELAY_WRITE_DOCS` set it
    /// is written there instead, over the table of the same columns.
    pub(crate) fn is_on_the_page(&self) {
        println!("{}", self.0);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/wire.md");
        let page = fs::read_to_string(&path).expect("docs/wire.md");
        let columns = self.0.lines().next().unwrap_or_default();
        let start = page
            .find(&format!("{columns}\n"))
            .unwrap_or_else(|| panic!("docs/wire.md has no table with the columns {columns}"));
        let end = page[start..]
            .find("\n\n")
            .map_or(page.len(), |end| start + end + 1);
        if page[start..end] == self.0 {
            return;
        }
        assert!(
            std::env::var_os("RELAY_WRITE_DOCS").is_some(),
            "docs/wire.md has other counts; RELAY_WRITE_DOCS=1 cargo test -p relay-wire writes these there"
        );
        let page = format!("{}{}{}", &page[..start], self.0, &page[end..]);
        fs::write(&path, page).expect("docs/wire.md is writable");
    }
}
