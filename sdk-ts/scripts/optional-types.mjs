// The bundler of declarations turns `import("openai").OpenAI` into an import at the top, which fails
// where the optional peer is not installed. This turns it back: there, `@ts-ignore` makes it `any`.

import { readFile, writeFile } from "node:fs/promises";

for (const file of ["dist/index.d.ts", "dist/index.d.cts"]) {
  const url = new URL(`../${file}`, import.meta.url);
  let text = await readFile(url, "utf8");
  for (const [line, name, peer] of text.matchAll(/^import \* as (\w+) from '([^']+)';\n/gm)) {
    text = text.replace(line, "").replaceAll(`= ${name}.`, `= import("${peer}").`);
  }
  if (/^import\b/m.test(text)) {
    throw new Error(`${file} still imports something at its top`);
  }
  await writeFile(url, text);
}
