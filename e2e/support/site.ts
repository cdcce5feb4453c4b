/** A tenant's web site: pages on an origin that is not Relay's. */

import { once } from "node:events";
import { type Server, createServer } from "node:http";

import { freePort } from "./process";

/** What is served at an address. */
interface Published {
  body: string;
  status: number;
  headers: Record<string, string>;
}

export class Site {
  readonly origin: string;
  readonly #server: Server;
  readonly #pages: Map<string, Published>;

  private constructor(origin: string, server: Server, pages: Map<string, Published>) {
    this.origin = origin;
    this.#server = server;
    this.#pages = pages;
  }

  static async start(): Promise<Site> {
    const pages = new Map<string, Published>();
    const server = createServer((request, response) => {
      const { body, status, headers } = pages.get(request.url ?? "") ?? { body: "", status: 404, headers: {} };
      response.writeHead(status, { "content-type": "text/html; charset=utf-8", ...headers });
      response.end(body);
    });
    const port = await freePort();
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return new Site(`http://127.0.0.1:${port}`, server, pages);
  }

  /** Publishes a page, or whatever its headers say it is, and gives its address. */
  publish(body: string, headers: Record<string, string> = {}): string {
    return this.#put({ body, status: 200, headers });
  }

  /** Publishes an address that leads to another. */
  redirect(location: string): string {
    return this.#put({ body: "", status: 303, headers: { location, "cache-control": "no-store" } });
  }

  #put(published: Published): string {
    const path = `/${this.#pages.size + 1}`;
    this.#pages.set(path, published);
    return `${this.origin}${path}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** A page that mounts the widget with these options, and notes what its callbacks are told. */
export function widgetPage(relayUrl: string, options: Record<string, unknown>, width = "100%"): string {
  const background = options.theme === "dark" ? "#0e1116" : "#f6f7f9";
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>A tenant's page</title>
    <link rel="icon" href="data:,">
    <style>body { margin: 0; padding: 16px; background: ${background}; } #connect { width: ${width}; }</style>
  </head>
  <body>
    <div id="connect"></div>
    <script src="${relayUrl}/widget.js"></script>
    <script>
      const told = (name) => (detail) => window.told.push({ name, detail });
      window.told = [];
      window.widgetOptions = {
        ...${JSON.stringify(options).replaceAll("<", "\\u003c")},
        onReady: told("ready"),
        onSuccess: told("success"),
        onError: told("error"),
      };
      window.widget = Relay.mount("#connect", window.widgetOptions);
    </script>
  </body>
</html>`;
}
