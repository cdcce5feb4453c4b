// Turns what wasm-bindgen wrote into what a browser downloads.
//
//   node pack.mjs widget|console --bindgen DIR --source DIR --out DIR
//
// `DIR/NAME.js` and `DIR/NAME_bg.wasm` of --bindgen become `assets/NAME-HASH.{js,wasm}` below --out, shrunk and
// named by their content, so that they may be cached for ever. The page or script that starts them (a template in
// --source) gets their addresses in place of `__RELAY_GLUE__` and `__RELAY_WASM__`, and keeps its name. The console's
// page also gets `__RELAY_CSS__` (style.css and what it imports), `__RELAY_BOOT__` (boot.js, a classic script) and
// `__RELAY_ICON__` (icon.svg). The widget's script is the modules below loader/ in one; connect.html starts the same
// widget on a page of Relay's own; integrity.json says what the script's bytes hash to. Where the WebAssembly was split,
// parts.json of --bindgen names the files of each part: they are shrunk and named alike. Every file gets a `.br` and a
// `.gz` beside it. Prints each file's sizes.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

/** What rustc assumes of a browser for this target; wasm-opt may use it too. */
const WASM_FEATURES = [
  "--enable-bulk-memory",
  "--enable-multivalue",
  "--enable-mutable-globals",
  "--enable-nontrapping-float-to-int",
  "--enable-reference-types",
  "--enable-sign-ext",
];
/** Browsers with the features above, dialogs and shadow roots: all since 2022. */
const BROWSERS = ["chrome100", "firefox100", "safari15.4"];

/** Set while somebody works on a page: larger files, sooner. */
const QUICKLY = Boolean(process.env.RELAY_PACK_QUICKLY);

const { positionals, values: folders } = parseArgs({
  allowPositionals: true,
  options: { bindgen: { type: "string" }, source: { type: "string" }, out: { type: "string" } },
});
const name = positionals[0];
const address = `/${name}/assets`;

function template(file) {
  const path = join(folders.source, file);
  if (!existsSync(path)) {
    throw new Error(`${path} is missing: the ${name} is packed from it`);
  }
  return readFileSync(path, "utf8");
}

/** Replaces the placeholders, and insists that each one is there and none is left over. */
function fill(text, file, addresses) {
  let filled = text;
  for (const [placeholder, value] of Object.entries(addresses)) {
    if (!filled.includes(placeholder)) throw new Error(`${file} has no ${placeholder}`);
    filled = filled.replaceAll(placeholder, value);
  }
  const left = filled.match(/__RELAY_[A-Z_]+__/);
  if (left) throw new Error(`${file} asks for ${left[0]}, which nothing fills in`);
  return filled;
}

/** What each file written weighs as brotli. */
const weights = new Map();

function write(path, bytes) {
  const file = join(folders.out, path);
  mkdirSync(dirname(file), { recursive: true });
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: QUICKLY ? 4 : 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  const gzip = gzipSync(bytes, { level: 9 });
  writeFileSync(file, bytes);
  writeFileSync(`${file}.br`, brotli);
  weights.set(path, brotli.length);
  writeFileSync(`${file}.gz`, gzip);
  const sizes = [bytes, brotli, gzip].map((packed) => `${(packed.length / 1000).toFixed(1)} kB`.padStart(10));
  console.log(`${`${name}/${path}`.padEnd(44)}${sizes[0]}   brotli${sizes[1]}   gzip${sizes[2]}`);
}

/** A hashed file's bytes, by the address it is served at. */
function read(served) {
  return readFileSync(join(folders.out, "assets", basename(served)));
}

/** Notes what a browser downloads before it shows anything; sizes.mjs holds it against what that may be. */
function noteSizes(sizes) {
  writeFileSync(join(folders.out, "sizes.json"), JSON.stringify({ quick: QUICKLY, sizes }));
}

/** What files weigh together, by the addresses or paths they have. */
function weigh(...files) {
  return files.reduce((sum, file) => sum + weights.get(file.replace(`${address}/`, "assets/")), 0);
}

/** Writes a file named by its content, and returns the address it is served at. */
function writeHashed(extension, bytes) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  write(`assets/${name}-${hash}.${extension}`, bytes);
  return `${address}/${name}-${hash}.${extension}`;
}

async function shrinkWasm(stem) {
  const input = join(folders.bindgen, `${stem}.wasm`);
  if (QUICKLY) return readFileSync(input);
  const output = join(folders.bindgen, `${stem}_opt.wasm`);
  const manifest = createRequire(import.meta.url).resolve("binaryen/package.json");
  const wasmOpt = join(dirname(manifest), "bin", "wasm-opt");
  // What it warns of are names that it takes out; why it fails is in what is thrown.
  await promisify(execFile)(process.execPath, [wasmOpt, "-Oz", ...WASM_FEATURES, input, "-o", output]);
  return readFileSync(output);
}

/**
 * Which files each part of the code that comes later needs, where it was split: `{part: [address]}`, and
 * `{file: name}` of all of them.
 */
async function writeParts() {
  const file = join(folders.bindgen, "parts.json");
  const needed = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const stems = new Set(Object.values(needed).flat());
  const written = new Map([...stems].map((stem) => [stem, undefined]));
  const waiting = stems.values();
  const work = async () => {
    for (const stem of waiting) written.set(stem, writeHashed("wasm", await shrinkWasm(stem)));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const parts = Object.entries(needed).map(([part, stems]) => [part, stems.map((stem) => written.get(stem))]);
  return { parts: Object.fromEntries(parts), written };
}

/**
 * The glue, which asks for the parts by their hashed names (they are beside it), and holds them against what they were
 * here: who trusts the glue need not trust how they come.
 */
async function shrinkGlue(written) {
  const glue = await build({
    entryPoints: [join(folders.bindgen, `${name}.js`)],
    bundle: true, // Rust crates may bring snippets of JavaScript, each its own module.
    logOverride: { "duplicate-object-key": "silent" }, // wasm-bindgen names parts.js once for each function of it.
    format: "esm",
    minify: true,
    legalComments: "none",
    target: BROWSERS,
    write: false,
  });
  let { text } = glue.outputFiles[0];
  for (const [stem, served] of written) {
    const asked = `new URL("./${stem}.wasm",import.meta.url)`;
    if (!text.includes(asked)) throw new Error(`The glue does not ask for ${asked}`);
    const checked = `{integrity:"${integrity(read(served), "sha256")}"}`;
    text = text.replaceAll(asked, `new URL("./${basename(served)}",import.meta.url),${checked}`);
  }
  return Buffer.from(text);
}

/** A style sheet with those it imports. */
async function shrinkStyle(file) {
  const style = await build({
    entryPoints: [join(folders.source, file)],
    bundle: true,
    minify: true,
    legalComments: "none",
    target: BROWSERS,
    write: false,
  });
  return Buffer.from(style.outputFiles[0].contents);
}

/** A classic script: its top-level names stay, for they may be what a page calls. */
async function shrinkScript(text) {
  const { code } = await transform(text, { loader: "js", minify: true, legalComments: "none", target: BROWSERS });
  return Buffer.from(code);
}

/** Modules of --source as one classic script; what is filled in, is filled in afterwards. */
async function bundleScript(file) {
  template(file);
  const bundle = await build({
    entryPoints: [join(folders.source, file)],
    bundle: true,
    format: "iife",
    minify: true,
    legalComments: "none",
    target: BROWSERS,
    write: false,
  });
  return bundle.outputFiles[0].text;
}

/** The hash that a browser checks a file against (W3C Subresource Integrity). */
function integrity(bytes, algorithm) {
  return `${algorithm}-${createHash(algorithm).update(bytes).digest("base64")}`;
}

/** The widget's sentences, a file a language. Each is named by all of its SHA-256: that is what it is checked against. */
function writeWords() {
  const files = readdirSync(join(folders.source, "words")).sort();
  const names = files.map((file) => {
    const bytes = Buffer.from(JSON.stringify(JSON.parse(template(`words/${file}`))));
    const hash = createHash("sha256").update(bytes).digest("base64url");
    write(`assets/${hash}.json`, bytes);
    return [file.replace(".json", ""), hash];
  });
  return JSON.stringify(Object.fromEntries(names));
}

async function packWidget(addresses, parts) {
  // Who pins the script pins what the script fetches, because it holds these.
  const sealed = {
    ...addresses,
    __RELAY_WORDS__: writeWords(),
    __RELAY_GLUE_INTEGRITY__: integrity(read(addresses.__RELAY_GLUE__), "sha256"),
    __RELAY_WASM_INTEGRITY__: integrity(read(addresses.__RELAY_WASM__), "sha256"),
  };
  const bundle = async (file) => Buffer.from(fill(await bundleScript(file), file, sealed));
  const script = await bundle("loader/main.js");
  write("widget.js", script);
  const page = {
    __RELAY_CONNECT__: writeHashed("connect.js", await bundle("loader/connect.js")),
    __RELAY_PAGE__: writeHashed("css", await shrinkStyle("connect.css")),
  };
  write("connect.html", Buffer.from(fill(template("connect.html"), "connect.html", page)));
  const published = { version: 1, integrity: { "/widget/v1.js": integrity(script, "sha384") } };
  write("integrity.json", Buffer.from(`${JSON.stringify(published, null, 2)}\n`));
  // With the longest of the languages: a page loads one.
  const words = Math.max(...[...weights].filter(([path]) => /^assets\/.*\.json$/.test(path)).map(([, weight]) => weight));
  // Until the form shows; what seals comes while the key is looked for.
  const shows = words + weigh("widget.js", ...Object.values(addresses));
  const seals = weigh(...new Set(Object.values(parts).flat()));
  noteSizes({
    "widget.js": weigh("widget.js"),
    "widget, first load": shows,
    "widget in a frame, first load": shows + weigh("connect.html", ...Object.values(page)),
    "widget, everything": shows + seals,
  });
}

async function packConsole(addresses, parts) {
  const page = template("index.html");
  template("style.css");
  addresses.__RELAY_CSS__ = writeHashed("css", await shrinkStyle("style.css"));
  // The page's policy allows no inline script: what starts it is a file as well.
  addresses.__RELAY_BOOT__ = writeHashed("boot.js", await shrinkScript(template("boot.js")));
  addresses.__RELAY_ICON__ = writeHashed("svg", Buffer.from(template("icon.svg")));
  write("index.html", Buffer.from(fill(page, "index.html", addresses)));
  // Until the first screen shows, whichever it is; the other parts come while it is read.
  const heaviest = Math.max(...Object.values(parts).map((files) => weigh(...files)));
  const first = weigh("index.html", ...Object.values(addresses));
  const rest = weigh(...new Set(Object.values(parts).flat()));
  noteSizes({ "console, first load": first + heaviest, "console, everything": first + rest });
}

try {
  rmSync(folders.out, { recursive: true, force: true });
  const { parts, written } = await writeParts();
  const addresses = {
    __RELAY_GLUE__: writeHashed("js", await shrinkGlue(written)),
    __RELAY_WASM__: writeHashed("wasm", await shrinkWasm(`${name}_bg`)),
  };
  await (name === "widget" ? packWidget : packConsole)(addresses, parts);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
