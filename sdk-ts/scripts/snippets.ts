/** The examples of a README, as programs: for the type check here and the run in e2e. */

import { readFileSync } from "node:fs";

/** A fenced block of code. */
export interface Snippet {
  /** The file and the line that it begins on. */
  name: string;
  language: string;
  code: string;
}

/** The blocks of a Markdown file in these languages, in their order. */
export function snippets(file: string, ...languages: string[]): Snippet[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```$/gm)]
    .map(({ 1: language = "", 2: code = "", index }) => {
      const line = text.slice(0, index).split("\n").length + 1;
      return { name: `${file.split("/").slice(-2).join("/")}:${line}`, language, code };
    })
    .filter(({ language }) => languages.includes(language));
}

/** What a reader has from the text around a block, and what is the reader's own. */
const AROUND: Array<[uses: RegExp, unless: RegExp, code: string]> = [
  [
    /\brelay\./,
    /const relay\b/,
    'import { Relay as FromAbove } from "@relayservice/sdk";\nconst relay = new FromAbove({ key: process.env.RELAY_KEY! });\n',
  ],
  [/\bcurrentUser\(/, /function currentUser/, 'const currentUser = async (_request: Request) => ({ id: "user-42" });\n'],
];

/** A block as a whole module. */
export function program({ code }: Snippet): string {
  const around = AROUND.filter(([uses, unless]) => uses.test(code) && !unless.test(code)).map(([, , before]) => before);
  return `${around.join("")}${code}\nexport {};\n`;
}
