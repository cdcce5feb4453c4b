//! Cuts a WebAssembly module where its code says that a part may come later.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use wasm_split_cli_support::{Options, transform};

use crate::shell::{Explain, Failure, Outcome};

/// The module that wasm-bindgen's glue imports to load the parts.
const LINK: &str = "./parts.js";

/// Writes into `out` what remains of `wasm` (its path is returned), each part, `parts.js` which loads them, and
/// `parts.json` which names the files that each part needs.
pub(super) fn split(wasm: &Path, name: &str, out: &Path) -> Outcome<PathBuf> {
    let doing = format!("Splitting the {name}");
    let whole = fs::read(wasm).explain(&format!("Reading {}", wasm.display()))?;
    let main = out.join("main.wasm");
    let glue = format!("./{name}.js");
    let mut options = Options::new(&whole);
    options.output_dir = out;
    options.main_out_path = &main;
    options.main_module = &glue;
    options.link_name = LINK;
    let parts =
        transform(options).map_err(|error| Failure::new(format!("{doing} failed: {error:#}")))?;
    let files: BTreeMap<_, _> = parts.prefetch_map.into_iter().collect();
    let json = serde_json::to_string(&files).explain(&doing)?;
    fs::write(out.join("parts.json"), json).explain(&doing)?;
    Ok(main)
}
