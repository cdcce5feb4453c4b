/** What this package needs to know of where it runs, without importing anything of Node's. */

interface Surroundings {
  process?: { env?: Record<string, string | undefined> };
  window?: { document?: unknown };
  importScripts?: unknown;
  navigator?: { userAgent?: string };
}

const surroundings = globalThis as Surroundings;

/** An environment variable, where there are such. */
export function environmentVariable(name: string): string | undefined {
  return surroundings.process?.env?.[name] || undefined;
}

/** Whether this is a web page or a worker of one: code and keys are in the visitor's hands. */
export function isBrowser(): boolean {
  const { window, importScripts, navigator } = surroundings;
  // Servers of the same shape as browsers' workers call themselves by their own name (Cloudflare-Workers, Deno).
  return window?.document !== undefined || (importScripts !== undefined && !!navigator?.userAgent?.startsWith("Mozilla/"));
}
