/** The widget on Relay's own origin: in a frame of a tenant's page, in an app's WebView, as a link. */

import { type BrowserContext, type Frame, type Locator, type Page, expect } from "@playwright/test";

import type { Stack } from "./test";

/** A tenant of one test's own, so that its settings disturb no other. */
export interface OwnTenant {
  id: string;
  relayKey: string;
  token(options?: { user?: string; provider?: string; scope?: "connect" | "manage"; allowedOrigins?: string[] }): Promise<string>;
  allow(...origins: string[]): Promise<void>;
  credentials(user: string): Promise<Array<{ provider: string; last4: string }>>;
}

let tenants = 0;

export async function ownTenant(stack: Stack, name = "Paper Boat"): Promise<OwnTenant> {
  tenants += 1;
  const relayKey = await stack.relay.tenantKey(`${name} ${process.pid}-${tenants}`);
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${stack.relay.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${relayKey}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };
  const token = async ({ user = "ada", ...options } = {}) => {
    const { status, json } = await call("POST", "/v1/registration-tokens", { endUserLabel: user, ...options });
    expect(status, JSON.stringify(json)).toBe(201);
    return json.registrationToken as string;
  };
  const id = JSON.parse(Buffer.from((await token()).split(".")[1]!, "base64url").toString()).tid as string;
  return {
    id,
    relayKey,
    token,
    allow: async (...allowedOrigins) => {
      const { status, json } = await call("PATCH", "/v1/settings", { allowedOrigins });
      expect(status, JSON.stringify(json)).toBe(200);
    },
    credentials: async (user) => {
      const { status, json } = await call("GET", `/v1/users/${user}/credentials`);
      return status === 404 ? [] : (json.data as Array<{ provider: string; last4: string }>);
    },
  };
}

/** Opens shadow roots in Relay's own pages alone: what a hostile page sees stays as it is. */
export async function openRelaysShadows(context: BrowserContext, relayUrl: string): Promise<void> {
  await context.addInitScript((origin) => {
    if (location.origin !== origin) return;
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (init) {
      return attach.call(this, { ...init, mode: "open" });
    };
  }, relayUrl);
}

/** The frame of Relay's that a page shows, once it is there. */
export async function relaysFrame(page: Page, relayUrl: string): Promise<Frame> {
  const find = () => page.frames().find((frame) => frame.url().startsWith(`${relayUrl}/connect`));
  await expect.poll(() => find() !== undefined, { message: "a frame of Relay's" }).toBe(true);
  return find()!;
}

/** The form at /connect, in a frame or on its own. */
export class ConnectForm {
  readonly card: Locator;
  readonly key: Locator;
  readonly title: Locator;
  readonly connect: Locator;
  readonly problem: Locator;

  constructor(within: Frame | Page) {
    this.card = within.locator("#connect section.card");
    this.key = this.card.locator("input#key");
    this.title = this.card.getByRole("heading");
    this.connect = this.card.locator("button[type=submit]");
    this.problem = this.card.getByRole("alert");
  }

  async submit(key: string): Promise<void> {
    await this.key.fill(key);
    await this.connect.click();
  }
}
