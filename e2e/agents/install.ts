/** The coding tools, installed once into a folder that is not in git. */

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { AGENTS, AGENTS_MANIFEST } from "../support/environment";

/** The tools that are driven. */
export type Tool = "claude" | "codex" | "opencode" | "gemini";

/** Says which lock file the folder was made from. */
const STAMP = join(AGENTS, "installed-package-lock.json");

/** Installs what the lock file names; says so in one line where that cannot be done. */
export function installAgents(): void {
  if (AGENTS === "none") {
    console.log("RELAY_AGENTS=none: the coding tools are not installed, and specs/agents is skipped");
    return;
  }
  const lock = join(AGENTS_MANIFEST, "package-lock.json");
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === readFileSync(lock, "utf8")) {
    return;
  }
  console.log(`installing Claude Code, Codex, opencode and Gemini CLI into ${AGENTS} (once, about 1 GB)`);
  mkdirSync(AGENTS, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) {
    copyFileSync(join(AGENTS_MANIFEST, file), join(AGENTS, file));
  }
  try {
    // Without scripts: the tools' native binaries are packages of their own, and nothing is built. `install`, not `ci`:
    // binaries for other platforms are not in every registry, so the lock file may not name them.
    const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"];
    execFileSync("npm", args, { cwd: AGENTS, stdio: ["ignore", "ignore", "inherit"] });
    copyFileSync(lock, STAMP);
  } catch {
    // The spec names each tool that is missing.
    console.log("the coding tools could not be installed: specs/agents is skipped");
    writeFileSync(STAMP, "");
  }
}

/** What runs a tool: a command and its first arguments; none where it is not installed. */
export function commandOf(tool: Tool): string[] | undefined {
  const [command, ...args] = candidates(tool).find((words) => existsSync(words.at(-1)!)) ?? [];
  return command === undefined ? undefined : [command, ...args];
}

function candidates(tool: Tool): string[][] {
  const modules = join(AGENTS, "node_modules");
  const platform = `${process.platform}-${process.arch}`;
  switch (tool) {
    case "claude":
      return packages(join(modules, "@anthropic-ai"), `claude-code-${platform}`).map((path) => [join(path, "claude")]);
    case "codex":
      return [[process.execPath, join(modules, "@openai/codex/bin/codex.js")]];
    case "opencode":
      // The baseline build runs on every processor, the others only on newer ones.
      return packages(modules, `opencode-${platform}`)
        .sort((a, b) => Number(b.includes("baseline")) - Number(a.includes("baseline")))
        .map((path) => [join(path, "bin/opencode")]);
    case "gemini":
      return [[process.execPath, join(modules, "@google/gemini-cli/bundle/gemini.js")]];
  }
}

/** A tool's packages for this platform: npm installs those that fit its C library. */
function packages(folder: string, prefix: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.startsWith(prefix))
        .map((name) => join(folder, name))
    : [];
}
