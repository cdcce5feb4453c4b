/** What this package needs to know of where it runs, without importing anything of Node's. */

interface Surroundings {
  process?: { env?: Record<string, string | undefined> };
  window?: { document?: unknown };
}

const surroundings = globalThis as Surroundings;

/** An environment variable, where there are such. */
export function environmentVariable(name: string): string | undefined {
  return surroundings.process?.env?.[name] || undefined;
}

/** Whether this is a web page: code and keys are in the visitor's hands. */
export function isBrowser(): boolean {
  return surroundings.window?.document !== undefined;
}
