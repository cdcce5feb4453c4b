/** The coding tools, pointed at Relay as docs/tools.md says. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { type Tool, commandOf } from "./install";

/** What a tool is given to work with. */
export interface Task {
  relayUrl: string;
  relayKey: string;
  user: string;
  model: string;
  prompt: string;
  /** The folder it works in. */
  folder: string;
  /** Where it keeps what it keeps between runs. */
  home: string;
}

/** How a run ended. */
export interface Outcome {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** A call of one of the tool's own tools, as a model makes it. */
export interface Call {
  name: string;
  arguments: Record<string, unknown>;
}

/** A coding tool. */
export interface Agent {
  name: string;
  tool: Tool;
  write: (path: string, text: string) => Call;
  read: (path: string) => Call;
  run: (task: Task) => Promise<Outcome>;
}

/** Over what opencode speaks, by the package that it is given as a provider's. */
type OpencodePackage = "openai-compatible" | "openai" | "anthropic" | "google";

export const claudeCode: Agent = {
  name: "Claude Code",
  tool: "claude",
  write: (path, text) => ({ name: "Write", arguments: { file_path: path, content: text } }),
  read: (path) => ({ name: "Bash", arguments: { command: `cat ${path}`, description: "Shows a file" } }),
  run: (task) =>
    start("claude", task, ["-p", task.prompt, "--model", task.model, "--permission-mode", "acceptEdits", "--allowedTools", "Bash"], {
      ANTHROPIC_BASE_URL: task.relayUrl,
      ANTHROPIC_AUTH_TOKEN: `${task.relayKey}:user=${task.user}`,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    }),
};

export const codex: Agent = {
  name: "Codex",
  tool: "codex",
  write: (path, text) => ({ name: "exec_command", arguments: { cmd: `printf %s '${text}' > ${path}` } }),
  read: (path) => ({ name: "exec_command", arguments: { cmd: `cat ${path}` } }),
  run: async (task) => {
    const config = [
      `model = "${task.model}"`,
      'model_provider = "relay"',
      "[model_providers.relay]",
      'name = "Relay"',
      `base_url = "${task.relayUrl}/v1"`,
      'env_key = "RELAY_KEY"',
      'wire_api = "responses"',
      `http_headers = { "X-Relay-User" = "${task.user}" }`,
      // A refusal fails the test at once.
      "request_max_retries = 0",
      "stream_max_retries = 0",
    ];
    await place(join(task.home, ".codex/config.toml"), config.join("\n"));
    // The folder is the test's own; not every machine that runs tests can make a sandbox.
    const args = ["exec", "--skip-git-repo-check", "--sandbox", "danger-full-access", task.prompt];
    return await start("codex", task, args, { RELAY_KEY: task.relayKey });
  },
};

/** opencode with one of the packages it has built in. */
export function opencode(npm: OpencodePackage): Agent {
  return {
    name: `opencode (@ai-sdk/${npm})`,
    tool: "opencode",
    // It offers no tool for writing to models that patch.
    write: (path, text) => ({
      name: "bash",
      arguments: { command: `printf %s '${text}' > ${path}`, description: "Writes a file" },
    }),
    read: (path) => ({ name: "read", arguments: { filePath: path } }),
    run: async (task) => {
      const config = {
        autoupdate: false,
        share: "disabled",
        provider: {
          relay: {
            npm: `@ai-sdk/${npm}`,
            name: "Relay",
            options: {
              baseURL: `${task.relayUrl}/${npm === "google" ? "v1beta" : "v1"}`,
              apiKey: "{env:RELAY_KEY}",
              headers: { "X-Relay-User": task.user },
            },
            models: { [task.model]: {} },
          },
        },
      };
      await place(join(task.home, ".config/opencode/opencode.json"), JSON.stringify(config));
      // A title keeps it from asking for one, which would take a scripted reply.
      const args = ["run", "--title", "a test", "--model", `relay/${task.model}`, task.prompt];
      return await start("opencode", task, args, { RELAY_KEY: task.relayKey, OPENCODE_DISABLE_MODELS_FETCH: "1" });
    },
  };
}

export const geminiCli: Agent = {
  name: "Gemini CLI",
  tool: "gemini",
  write: (path, text) => ({ name: "write_file", arguments: { file_path: path, content: text } }),
  read: (path) => ({ name: "read_file", arguments: { file_path: path } }),
  run: async (task) => {
    const settings = {
      security: { auth: { selectedType: "gemini-api-key" } },
      privacy: { usageStatisticsEnabled: false },
      general: { enableAutoUpdate: false },
    };
    await place(join(task.home, ".gemini/settings.json"), JSON.stringify(settings));
    return await start("gemini", task, ["--yolo", "--model", task.model, "--prompt", task.prompt], {
      GOOGLE_GEMINI_BASE_URL: task.relayUrl,
      GEMINI_API_KEY: `${task.relayKey}:user=${task.user}`,
      GEMINI_CLI_TRUST_WORKSPACE: "true",
    });
  },
};

async function place(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** Runs a tool to its end, with nothing of this process's surroundings and no network but this machine. */
async function start(tool: Tool, task: Task, args: string[], env: Record<string, string>): Promise<Outcome> {
  const [command, ...first] = commandOf(tool) ?? [];
  if (command === undefined) {
    throw new Error(`${tool} is not installed`);
  }
  const nowhere = "http://127.0.0.1:9";
  const child = spawn(command, [...first, ...args], {
    cwd: task.folder,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: task.home,
      HTTPS_PROXY: nowhere,
      HTTP_PROXY: nowhere,
      NO_PROXY: "127.0.0.1",
      NO_COLOR: "1",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 120_000,
    killSignal: "SIGKILL",
  });
  const [stdout, stderr]: [string[], string[]] = [[], []];
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr.push(text));
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, stdout: stdout.join(""), stderr: stderr.join("") };
}
