/** The newcomer's example app, as a process of its own: a Node backend with the SDK. */

import { SDK } from "./environment";
import { Process } from "./process";

export class DemoApp {
  readonly url: string;
  readonly #process: Process;

  private constructor(process: Process, url: string) {
    this.#process = process;
    this.url = url;
  }

  static async start(relayUrl: string, relayKey: string): Promise<DemoApp> {
    const process = new Process(globalThis.process.execPath, [`${SDK}/examples/demo-app/server.mjs`], {
      RELAY_URL: relayUrl,
      RELAY_KEY: relayKey,
      PORT: "0",
    });
    const [, url] = await process.line(/demo app on (http:\/\/\S+)/);
    return new DemoApp(process, url!);
  }

  /** All it has logged. */
  get log(): string {
    return this.#process.log;
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}
