// What is generated of the SDK: types of the API from docs/openapi.json, names of models from
// catalog/models.toml. `npm run generate` writes the files; a test compares them with what this makes.

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import openapiTS, { astToString } from "openapi-typescript";
import { parse } from "smol-toml";

const NOTICE =
  "// Made by `npm run generate`, in one file because it is made of one; not to be edited.\n\n";
const at = (path) => new URL(`../${path}`, import.meta.url);

/** Which of the catalog's hosts has a type of its own. */
const MAKERS = { openai: "OpenAIModel", anthropic: "AnthropicModel", google: "GoogleModel" };
/** The scopes of a relay key that the routes in question ask for. */
const MANAGING = ["manage", "tokens"];

/** Each generated file's path in this package, and what belongs into it. */
export async function generated() {
  return { "src/generated/api.ts": await api(), "src/generated/models.ts": await models() };
}

async function api() {
  const document = JSON.parse(await readFile(at("../docs/openapi.json"), "utf8"));
  document.paths = Object.fromEntries(Object.entries(document.paths).filter(isManaged));
  document.components.schemas = reachable(document);
  return NOTICE + astToString(await openapiTS(document, { alphabetize: true, defaultNonNullable: false }));
}

/** Whether a path is for a relay key that manages: not for inference, the widget or the console's session. */
function isManaged([path, operations]) {
  const keyed = ({ security = [] }) => security.some(({ relayKey = [] }) => MANAGING.some((scope) => relayKey.includes(scope)));
  return path.startsWith("/v1/") && Object.values(operations).some(keyed);
}

/** The schemas that what is left of the document leads to. */
function reachable({ paths, components: { schemas, ...others } }) {
  const kept = {};
  const keep = (part) => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (!(name in kept)) {
        kept[name] = schemas[name];
        keep(schemas[name]);
      }
    }
  };
  keep([paths, others]);
  return kept;
}

async function models() {
  const { model } = parse(await readFile(at("../catalog/models.toml"), "utf8"));
  const names = { OpenAIModel: [], AnthropicModel: [], GoogleModel: [], OtherModel: [] };
  for (const { id, host, bindings } of model) {
    names[MAKERS[host ?? bindings[0].host] ?? "OtherModel"].push(id);
  }
  const union = ([type, ids]) =>
    `export type ${type} =\n${ids.sort().map((id) => `  | ${JSON.stringify(id)}\n`).join("")}  | (string & {});\n`;
  return NOTICE + Object.entries(names).map(union).join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of Object.entries(await generated())) {
    await writeFile(at(path), text);
  }
}
