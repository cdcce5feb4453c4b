/** Before the first test: everything that is not there is named, or made. */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

import { installAgents } from "../agents/install";
import { CHROMIUM, PROVIDER_SIM_BIN, PYTHON, PYTHON_REQUIREMENTS, RELAY_BIN, SDK, VENV } from "./environment";

/** Runs once for all workers. */
export default function prepare(): void {
  demand(RELAY_BIN, "cargo build -p relay-server", "RELAY_BIN");
  demand(PROVIDER_SIM_BIN, "cargo build -p relay-provider-sim", "PROVIDER_SIM_BIN");
  if (!existsSync(CHROMIUM)) {
    // The clients' specs need none, so those that do will say it themselves.
    console.log(`${CHROMIUM} is not there: no test with a page can pass. Install it, or set RELAY_CHROMIUM.`);
  }
  demand(`${SDK}/dist/index.js`, "(cd sdk-ts && npm ci && npm run build)");
  if (!process.env.RELAY_PYTHON) {
    makePython();
  }
  installAgents();
}

function demand(path: string, command: string, variable?: string): void {
  if (!existsSync(path)) {
    const otherwise = variable ? `, or set ${variable}` : "";
    throw new Error(`${path} is not there. Run: ${command}${otherwise}.`);
  }
}

/** The official Python clients in a virtual environment of their own, made once. */
function makePython(): void {
  const pinned = [...readFileSync(PYTHON_REQUIREMENTS, "utf8").matchAll(/^([\w-]+)==(\S+)$/gm)].map((line) => line[0]);
  const check = "import sys, importlib.metadata as m; sys.exit(any(m.version(n) != v for n, v in (p.split('==') for p in sys.argv[1:])))";
  try {
    execFileSync(PYTHON, ["-c", check, ...pinned], { stdio: "ignore" });
    return;
  } catch {
    console.log(`installing the official Python clients into ${VENV} (once)`);
  }
  execFileSync("python3", ["-m", "venv", VENV], { stdio: "inherit" });
  execFileSync(PYTHON, ["-m", "pip", "install", "--quiet", "-r", PYTHON_REQUIREMENTS], { stdio: "inherit" });
}
