// What Relay weighs where it is downloaded, in a table, against what it may weigh.
//
//   node sizes.mjs
//
// Reads what pack.mjs noted of the widget and the console (`sizes.json` beside their files), and asks the SDK's own
// script for the npm packages, where those are built. Fails when anything is heavier than it may be.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const KB = 1000;
/** The most that each may weigh as brotli, in bytes; the npm packages bring their own. */
const BUDGETS = {
  "widget.js": 6 * KB,
  "widget, first load": 55 * KB,
  // With the loader twice: once for the page, once in the frame.
  "widget in a frame, first load": 55 * KB,
  // What seals follows while the key is looked for.
  "widget, everything": 60 * KB,
  "console, first load": 350 * KB,
  // The parts that follow in the background, too: not to grow unseen.
  "console, everything": 700 * KB,
};

const path = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

/** What the packages for npm weigh: `[name, bytes, budget]` each, or why that is not known. */
async function packages() {
  const script = path("sdk-ts/scripts/size.mjs");
  const built = ["sdk-ts/dist/index.js", "sdk-ts/node_modules/esbuild", "sdk-ts/packages/widget/dist/index.js"];
  if (![script, ...built.map(path)].every((file) => existsSync(file))) {
    return { rows: [], missing: "@relayservice/* is not built: (cd sdk-ts && npm ci && npm run build)" };
  }
  const { sizes } = await import(script);
  return { rows: Object.entries(await sizes()).map(([name, { bytes, budget }]) => [name, bytes, budget]) };
}

/** What of the widget or the console was packed, if it was. */
function packed(part) {
  const file = path(`target/web/${part}/sizes.json`);
  if (!existsSync(file)) return { rows: [], missing: `the ${part} is not packed: cargo xtask wasm --only ${part}` };
  const { quick, sizes } = JSON.parse(readFileSync(file, "utf8"));
  if (quick) return { rows: [], missing: `the ${part} was packed in haste: cargo xtask wasm --only ${part}` };
  return { rows: Object.entries(sizes).map(([name, bytes]) => [name, bytes, BUDGETS[name]]) };
}

const parts = [packed("widget"), packed("console"), await packages()];
const rows = parts.flatMap(({ rows }) => rows);
const kb = (bytes) => (bytes / KB).toFixed(1);
const line = (...cells) => cells.map((cell, place) => (place ? cell.padStart(10) : cell.padEnd(32))).join("");

console.log(line("What is downloaded (brotli)", "KB", "at most"));
for (const [name, bytes, budget] of rows) {
  console.log(line(name, kb(bytes), kb(budget)) + (bytes > budget ? `   ${kb(bytes - budget)} too much` : ""));
}
for (const { missing } of parts) {
  if (missing) console.log(`Not measured, because ${missing}`);
}
const heavy = rows.filter(([, bytes, budget]) => bytes > budget).map(([name]) => name);
if (heavy.length > 0) {
  console.error(`Over budget: ${heavy.join("; ")}.`);
  process.exit(1);
}
