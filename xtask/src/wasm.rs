//! `cargo xtask wasm`: the widget and the console as files that a browser downloads, in `target/web/`.
//!
//! cargo compiles, [`split`] cuts what comes later into parts, wasm-bindgen writes the JavaScript glue, `xtask/web/pack.mjs` shrinks, names and compresses. What
//! cargo left unchanged is not packed again.

mod split;
mod toolchain;

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use wasm_bindgen_cli_support::Bindgen;

use self::toolchain::{TARGET, Toolchain};
use crate::setup::{need_node, npm_ci};
use crate::shell::{Explain, Failure, Outcome, program, root, run, say};

/// Apart from the native builds: other flags, another toolchain, neither disturbs the other.
const TARGET_DIR: &str = "target/wasm";
/// Where the server finds its pages.
pub(crate) const WEB_DIR: &str = "target/web";

/// How much time may go into making the files small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// All it takes: what users download.
    Whole,
    /// Little: for whoever works on a page and wants to see it.
    Quick,
}

impl Effort {
    fn profile(self) -> &'static str {
        match self {
            Self::Whole => "web",
            Self::Quick => "web-quick",
        }
    }
}

/// A part of Relay that runs in the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The key widget that tenants put on their pages.
    Widget,
    /// The tenant's console.
    Console,
}

impl Part {
    const ALL: [Self; 2] = [Self::Widget, Self::Console];

    fn name(self) -> &'static str {
        match self {
            Self::Widget => "widget",
            Self::Console => "console",
        }
    }

    /// The file a browser starts from.
    fn template(self) -> &'static str {
        match self {
            Self::Widget => "widget/loader/main.js",
            Self::Console => "console/index.html",
        }
    }

    /// The file whose presence shows that the part was packed.
    fn entry(self) -> &'static str {
        match self {
            Self::Widget => "widget.js",
            Self::Console => "index.html",
        }
    }
}

/// Builds the parts named, or both.
pub(crate) fn build(only: Option<Part>, effort: Effort) -> Outcome {
    let parts: Vec<Part> = Part::ALL
        .into_iter()
        .filter(|part| only.is_none_or(|only| only == *part))
        .collect();
    for part in &parts {
        if !root().join(part.template()).is_file() {
            let missing = format!(
                "{} is missing: the {} starts from it",
                part.template(),
                part.name()
            );
            return Err(Failure::new(missing));
        }
    }
    need_node()?;
    let toolchain = Toolchain::find()?;
    say("Compiling for the browser (the first time takes some minutes)");
    let mut cargo = toolchain.build_command();
    cargo.args(["--profile", effort.profile(), "--target-dir", TARGET_DIR]);
    for part in &parts {
        cargo.args(["--package", &format!("relay-{}", part.name())]);
    }
    run(&mut cargo)?;
    for part in parts {
        pack(part, effort)?;
    }
    Ok(())
}

/// Prints what browsers download and npm packages weigh, of all that is built; fails over budget.
pub(crate) fn weigh() -> Outcome {
    say("What browsers download");
    run(program("node").arg("xtask/web/sizes.mjs"))
}

/// The names of the packed files that change with their content.
pub(crate) fn hashed_names() -> Outcome<Vec<String>> {
    let mut names = Vec::new();
    for part in Part::ALL {
        let folder = root().join(WEB_DIR).join(part.name()).join("assets");
        let entries = fs::read_dir(&folder).explain(&format!("Listing {}", folder.display()))?;
        names.extend(entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()));
    }
    Ok(names)
}

fn pack(part: Part, effort: Effort) -> Outcome {
    let name = part.name();
    let wasm = root()
        .join(TARGET_DIR)
        .join(TARGET)
        .join(effort.profile())
        .join(format!("relay_{name}.wasm"));
    let stamp = fingerprint(part, &wasm)?;
    let stamp_file = root().join(TARGET_DIR).join(format!("{name}.packed"));
    let out = root().join(WEB_DIR).join(name);
    if out.join(part.entry()).is_file()
        && fs::read_to_string(&stamp_file).is_ok_and(|packed| packed == stamp)
    {
        say(format!("The {name} is unchanged: {WEB_DIR}/{name}"));
        return Ok(());
    }
    npm_ci(
        "xtask/web",
        "wasm-opt and esbuild, which shrink what browsers download",
    )?;
    say(format!("Packing the {name} into {WEB_DIR}/{name}"));
    drop(fs::remove_file(&stamp_file));
    let bindgen_dir = root().join(TARGET_DIR).join("bindgen").join(name);
    // Nothing of an earlier run may be packed.
    drop(fs::remove_dir_all(&bindgen_dir));
    let main = split::split(&wasm, name, &bindgen_dir)?;
    bind(part, &main, &bindgen_dir)?;
    let mut packer = program("node");
    if effort == Effort::Quick {
        packer.env("RELAY_PACK_QUICKLY", "1");
    }
    run(packer
        .arg("xtask/web/pack.mjs")
        .arg(name)
        .arg("--bindgen")
        .arg(&bindgen_dir)
        .arg("--source")
        .arg(root().join(name))
        .arg("--out")
        .arg(&out))?;
    fs::write(&stamp_file, stamp).explain("Remembering what was packed")
}

/// Writes `NAME.js` and `NAME_bg.wasm`.
fn bind(part: Part, wasm: &Path, out: &Path) -> Outcome {
    let name = part.name();
    let doing = format!("Writing the {name}'s JavaScript glue with wasm-bindgen");
    let mut bindgen = Bindgen::new();
    bindgen
        // The table of functions, through which parts call each other.
        .keep_lld_exports(true)
        .input_path(wasm)
        .out_name(name)
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen.web(true).explain(&doing)?;
    bindgen
        .generate(out)
        .map_err(|error| Failure::new(format!("{doing} failed: {error:#}")))
}

/// Changes when anything does that the packed files are made of.
fn fingerprint(part: Part, wasm: &Path) -> Outcome<String> {
    let web = root().join("xtask/web");
    let mut files = vec![
        wasm.to_path_buf(),
        web.join("pack.mjs"),
        web.join("package-lock.json"),
    ];
    add_files(&root().join(part.name()), &mut files).explain("Listing what is packed")?;
    let mut hasher = DefaultHasher::new();
    (include_str!("wasm.rs"), include_str!("wasm/split.rs")).hash(&mut hasher);
    for file in files {
        file.hash(&mut hasher);
        fs::read(&file)
            .explain(&format!("Reading {}", file.display()))?
            .hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Everything in a part's folder but its Rust code, which is in the WebAssembly already.
fn add_files(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    entries.sort();
    for path in entries {
        if path.ends_with("src") || path.ends_with("target") {
            continue;
        }
        if path.is_dir() {
            add_files(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
