/** The widget in a tenant's page, as a person or a screen reader finds it. */

import { type BrowserContext, type Locator, type Page, expect } from "@playwright/test";

import { widgetPage } from "./site";
import { type Stack, newUser } from "./test";

/** What a registration token is for. */
export interface TokenOptions {
  user?: string;
  provider?: string;
  allowedOrigins?: string[];
  scope?: "connect" | "manage";
}

/** A registration token as a tenant's backend gets it. */
export async function newToken(stack: Stack, relayKey: string, { user = newUser(), ...options }: TokenOptions = {}): Promise<string> {
  const answer = await fetch(`${stack.relay.url}/v1/registration-tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${relayKey}`, "content-type": "application/json" },
    body: JSON.stringify({ endUserLabel: user, ...options }),
  });
  expect(answer.status, "the token is issued").toBe(201);
  return ((await answer.json()) as { registrationToken: string }).registrationToken;
}

/** Lets the page ask for tokens by `nextToken()`; gives how many it has asked for. */
export async function exposeTokens(page: Page, give: () => Promise<string>): Promise<() => number> {
  let asked = 0;
  await page.exposeFunction("nextToken", async () => {
    asked += 1;
    return await give();
  });
  return () => asked;
}

/** What the page's callbacks were told, in order. */
export interface Told {
  name: "ready" | "change" | "success" | "error" | "exit";
  detail?: Record<string, unknown> & { provider?: string; code?: string; message?: string; requestId?: string };
}

/** What `Relay.mount` gives. */
export interface Handle {
  update(options: Record<string, unknown>): void;
  unmount(): void;
  on(event: string, heard: (detail?: unknown) => void): () => void;
}

declare global {
  interface Window {
    told: Told[];
    widget: Handle;
    widgetOptions: Record<string, unknown>;
    /** Gives a token as the tenant's backend would; exposed by `exposeTokens`. */
    nextToken(): Promise<string>;
    Relay: { mount(target: string | Element, options: Record<string, unknown>): Handle };
  }
}

/**
 * Opens shadow roots from here on, so that tests can look inside. The widget asks for a closed one;
 * a test of its own proves that it gets one.
 */
export async function openShadows(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (init) {
      return attach.call(this, { ...init, mode: "open" });
    };
  });
}

/** Names of providers as people know them. */
export const NAMES = { openai: "OpenAI", anthropic: "Anthropic", google: /Google|Gemini/ } as const;

/** The widget's parts, by what they are called in English. */
export class Widget {
  readonly page: Page;
  readonly card: Locator;
  readonly key: Locator;
  readonly connect: Locator;
  readonly problem: Locator;
  readonly title: Locator;

  constructor(page: Page) {
    this.page = page;
    this.card = page.locator("#connect section.card");
    this.key = this.card.getByRole("textbox").or(this.card.locator("input#key"));
    this.connect = this.card.locator("button[type=submit]");
    this.problem = this.card.getByRole("alert");
    this.title = this.card.getByRole("heading");
  }

  /** A button by what it is called. */
  button(name: string | RegExp): Locator {
    return this.card.getByRole("button", { name });
  }

  provider(name: string | RegExp): Locator {
    return this.card.getByRole("radio", { name });
  }

  async choose(name: string | RegExp): Promise<void> {
    // The radio is hidden below its tile, which is what people press.
    await this.card.locator("label.tile").filter({ hasText: name }).click();
    await expect(this.provider(name)).toBeChecked();
  }

  /** Pastes a key and presses the button. */
  async submit(key: string): Promise<void> {
    await this.key.fill(key);
    await this.connect.click();
  }

  async told(): Promise<Told[]> {
    return await this.page.evaluate(() => window.told);
  }
}

/** Opens a tenant's page with the widget in it and waits until it asks for a key, or says why not. */
export async function openWidget(
  page: Page,
  stack: Stack,
  options: Record<string, unknown>,
  width?: string,
): Promise<Widget> {
  await page.goto(stack.site.publish(widgetPage(stack.relay.url, options, width)));
  const widget = new Widget(page);
  await expect(widget.title).toBeVisible();
  return widget;
}

/**
 * Opens a tenant's page that mounts the widget by `mount`, which is evaluated in it: for options that are functions.
 * What is told to `window.callbacks` is noted.
 */
export async function openWidgetBy(page: Page, stack: Stack, mount: () => void): Promise<Widget> {
  const html = widgetPage(stack.relay.url, {}).replace(/window\.widget = Relay\.mount\(.*?\);/, "");
  await page.goto(stack.site.publish(html));
  await page.evaluate(mount);
  const widget = new Widget(page);
  await expect(widget.title).toBeVisible();
  return widget;
}

/** A session as the server would answer, to show what is hard to bring about. */
export function aSession(changed: Record<string, unknown> = {}): Record<string, unknown> {
  const provider = (id: string, name: string, keyHint: string) => ({ id, name, keyHint, keyUrl: `https://${id}.example/keys` });
  return {
    tenantName: "Acme Notes",
    tenantId: "t",
    tokenId: "k",
    provider: null,
    providers: [provider("openai", "OpenAI", "sk-"), provider("anthropic", "Anthropic", "sk-ant-"), provider("google", "Google Gemini", "AIza")],
    credentials: [],
    sealingKey: { id: "v1", publicKey: "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08" },
    expiresAt: "2026-11-21T02:21:58.000Z",
    scope: "connect",
    branding: { privacyUrl: "https://acme.example/privacy" },
    ...changed,
  };
}

/** Two keys as a session for managing lists them: one works, one does not. */
export const CONNECTED = [
  {
    provider: "openai",
    last4: "4242",
    status: "active",
    connectedAt: "2026-10-12T10:00:00.000Z",
    lastUsedAt: "2026-11-20T10:00:00.000Z",
    usage: { requests: 12480, failed: 3, tokens: 3241000, costNanodollars: 4120000000 },
  },
  { provider: "anthropic", last4: "9x1Q", status: "broken", connectedAt: "2026-08-23T10:00:00.000Z", lastUsedAt: null },
];

/** The code of a failure as Relay answers it. */
export function failure(code: string): Record<string, unknown> {
  return { error: { code, message: code, requestId: "req-1" } };
}

/** Answers the widget's calls in Relay's place: with a status and a body, or with none at all. */
export async function answerWidget(page: Page, path: string, status: number, json: unknown, times = 1000): Promise<void> {
  const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*", "access-control-allow-methods": "*" };
  await page.route(
    `**/v1/widget/${path}`,
    (route) => (status === 0 ? route.abort("connectionfailed") : route.fulfill({ status, headers, json })),
    { times },
  );
}
