/** Looks for provider keys where no key may be. */

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** A key in every form somebody might have written it down. */
function forms(key: string): Buffer[] {
  const texts = [
    key,
    encodeURIComponent(key),
    Buffer.from(key).toString("hex"),
    // Base64 of a text depends on where it begins; the middle of each of the three ways does not.
    ...[0, 1, 2].flatMap((shift) => {
      const text = Buffer.from(" ".repeat(shift) + key).toString("base64");
      const middle = text.slice(4, -4);
      return [middle, middle.replaceAll("+", "-").replaceAll("/", "_")];
    }),
  ];
  const utf16 = Buffer.from(key, "utf16le");
  return [...texts.map((text) => Buffer.from(text)), utf16];
}

/** Where a text or file holds one of the keys; empty when none does. */
export function findKeys(keys: string[], where: string, content: string | Buffer): string[] {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return keys
    .filter((key) => forms(key).some((form) => bytes.includes(form)))
    .map((key) => `${where} holds the key that ends in ${key.slice(-4)}`);
}

/** The same for every file below a folder. */
export async function findKeysInFolder(keys: string[], folder: string): Promise<{ found: string[]; files: number }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found: string[] = [];
  for (const file of files) {
    found.push(...findKeys(keys, file, await readFile(file)));
  }
  return { found, files: files.length };
}
