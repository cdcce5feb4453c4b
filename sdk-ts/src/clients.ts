/**
 * The official clients. They are optional peers: nothing here imports them, so that who does without
 * one neither installs nor loads nor bundles it.
 */

// Where a client is not installed its types are `any`, and nothing complains.
/** @ts-ignore */
export type OpenAI = import("openai").OpenAI;
/** @ts-ignore */
type OpenAIOptions = import("openai").ClientOptions;
/** @ts-ignore */
export type Anthropic = import("@anthropic-ai/sdk").Anthropic;
/** @ts-ignore */
type AnthropicOptions = import("@anthropic-ai/sdk").ClientOptions;

/** What Relay decides about a client. */
type Decided = "apiKey" | "authToken" | "adminAPIKey" | "baseURL" | "organization" | "project" | "dangerouslyAllowBrowser";

/** Whatever else an `OpenAI` client takes. */
export type OtherOpenAIOptions = Omit<OpenAIOptions, Decided>;
/** Whatever else an `Anthropic` client takes. */
export type OtherAnthropicOptions = Omit<AnthropicOptions, Decided>;

// biome-ignore lint: what a constructor takes differs with the client's version.
type Constructor<Client> = new (options: any) => Client;

/** The official clients' classes. */
export interface Clients {
  /** `import { OpenAI } from "openai"` */
  OpenAI?: Constructor<OpenAI>;
  /** `import { Anthropic } from "@anthropic-ai/sdk"` */
  Anthropic?: Constructor<Anthropic>;
}

const PACKAGES: Record<keyof Clients, string> = { OpenAI: "openai", Anthropic: "@anthropic-ai/sdk" };

/** What Node, Deno and Bun have to load a module at once. */
interface Builtins {
  (name: "node:module"): { createRequire(from: string): (name: string) => unknown } | undefined;
  (name: "node:url"): { fileURLToPath(url: string): string };
}

/** A client's class: the one that was given, else the one that is installed. */
export function clientClass<Name extends keyof Clients>(name: Name, given: Clients): NonNullable<Clients[Name]> {
  const found = given[name] ?? (installed(PACKAGES[name]) as Clients | undefined)?.[name];
  if (!found) {
    throw new Error(
      `The package ${PACKAGES[name]} is not to be found: install it. Where code is bundled or runs at the edge, ` +
        `import it and hand it over: new Relay({ clients: { ${name} }, ... }).`,
    );
  }
  return found;
}

/** An installed package, loaded when it is first used. */
function installed(name: string): unknown {
  const { process } = globalThis as { process?: { getBuiltinModule?: Builtins; cwd?(): string } };
  const builtin = process?.getBuiltinModule;
  // In a bundle the place of this file tells nothing; the app's own may.
  for (const from of [import.meta.url, `${process?.cwd?.()}/`]) {
    for (const resolve of [import.meta.resolve, undefined]) {
      try {
        const require = builtin?.("node:module")?.createRequire(from);
        // The very module that the app imports, so that its `instanceof` holds; where a platform
        // cannot `require` that, the one for `require`.
        return require?.(resolve ? builtin!("node:url").fileURLToPath(resolve(name)) : name);
      } catch {
        // Not from here, or not in this way.
      }
    }
  }
  return undefined;
}
