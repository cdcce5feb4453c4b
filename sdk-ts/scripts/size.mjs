// What the packages weigh in an app: each built entry, bundled with what it imports, minified, as brotli.
// Prints `{ name: { bytes, budget } }`; `cargo xtask wasm` puts that into its table.

import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

import { build } from "esbuild";

const ENTRIES = {
  "@relayservice/sdk": { file: "dist/index.js", budget: 8 * 1024 },
  "@relayservice/widget": { file: "packages/widget/dist/index.js", budget: 1024 },
  "@relayservice/widget/react": { file: "packages/widget/dist/react.js", budget: 1536 },
};

/**
 * What each entry weighs, and what it may, in bytes.
 * @returns {Promise<Record<string, { bytes: number, budget: number }>>}
 */
export async function sizes() {
  const weighed = Object.entries(ENTRIES).map(async ([name, { file, budget }]) => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL(`../${file}`, import.meta.url))],
      bundle: true,
      minify: true,
      format: "esm",
      platform: "neutral",
      external: ["react", "react/jsx-runtime"],
      write: false,
    });
    return [name, { bytes: brotliCompressSync(outputFiles[0].contents).length, budget }];
  });
  return Object.fromEntries(await Promise.all(weighed));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(await sizes()));
}
