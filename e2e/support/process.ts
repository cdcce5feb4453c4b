/** Processes under test: started, listened to, stopped. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

/** A running process and every line it has written. */
export class Process {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();
  readonly #name: string;
  #ended = false;

  constructor(command: string, args: string[], env: Record<string, string> = {}) {
    this.#name = command.split("/").at(-1) ?? command;
    this.#child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      this.#collect(stream!);
    }
    const end = () => {
      this.#ended = true;
      this.#notify();
    };
    this.#child.on("exit", end);
    this.#child.on("error", (error) => {
      this.lines.push(String(error));
      end();
    });
  }

  /** All it has written. */
  get log(): string {
    return this.lines.join("\n");
  }

  /** The first match in a line, now or later; an error when the process ends without one. */
  async line(pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      for (const line of this.lines) {
        const match = line.match(pattern);
        if (match) {
          return match;
        }
      }
      if (this.#ended) {
        throw new Error(`${this.#name} ended without writing ${pattern}:\n${this.log}`);
      }
      await new Promise<void>((resolve) => this.#listeners.add(resolve));
    }
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }

  /** Asks it to stop, and waits until it has. */
  async stop(): Promise<void> {
    if (this.#ended) {
      return;
    }
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    const impatient = setTimeout(() => this.#child.kill("SIGKILL"), 15_000);
    await exit;
    clearTimeout(impatient);
  }

  #collect(stream: NodeJS.ReadableStream): void {
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      this.lines.push(...parts);
      this.#notify();
    });
    stream.on("end", () => {
      if (rest) {
        this.lines.push(rest);
      }
    });
  }

  #notify(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) {
      listener();
    }
  }
}

/** Runs a command to its end and gives what it wrote to standard output. */
export async function run(command: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const out: string[] = [];
  const error: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => out.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => error.push(text));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) {
    throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${out.join("")}${error.join("")}`);
  }
  return out.join("");
}

/** A port nobody uses at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") {
    throw new Error("no port");
  }
  return address.port;
}
