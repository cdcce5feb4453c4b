/** A real OpenID Connect provider, in this process: people sign in there on pages of its own. */

import { generateKeyPairSync } from "node:crypto";
import type { Server } from "node:http";

import type { Page } from "@playwright/test";
import Provider from "oidc-provider";

import { freePort } from "./process";
import { test as base, withStack } from "./test";

const CLIENT_SECRET = "the-client-secret-of-relay-at-this-provider";

/** Somebody whom the provider knows. */
export interface Known {
  email: string;
  verified: boolean;
  name: string;
}

/** What Relay is told of the provider. */
function told(port: number): Record<string, string> {
  return {
    RELAY_OIDC_PROVIDERS: "example",
    RELAY_OIDC_EXAMPLE_NAME: "Example",
    RELAY_OIDC_EXAMPLE_ISSUER: `http://127.0.0.1:${port}`,
    RELAY_OIDC_EXAMPLE_CLIENT_ID: "relay",
    RELAY_OIDC_EXAMPLE_CLIENT_SECRET: CLIENT_SECRET,
    RELAY_OIDC_EXAMPLE_TRUST_EMAIL: "verified",
  };
}

/** Starts the provider for a Relay; whoever signs in is known by what they type as their login. */
async function startProvider(
  port: number,
  relay: string,
  known: Record<string, Known>,
): Promise<Server> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [
      {
        client_id: "relay",
        client_secret: CLIENT_SECRET,
        redirect_uris: [`${relay}/api/oidc/example/callback`],
      },
    ],
    claims: { email: ["email", "email_verified"], profile: ["name"] },
    cookies: { keys: ["a key for the tests' own cookies"] },
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256" }] },
    pkce: { required: () => true, methods: ["S256"] },
    findAccount: (_, id) => {
      const person = known[id];
      return person === undefined
        ? undefined
        : {
            accountId: id,
            claims: () => ({
              sub: id,
              email: person.email,
              email_verified: person.verified,
              name: person.name,
            }),
          };
    },
  });
  return await new Promise((resolve) => {
    const server: Server = provider.listen(port, "127.0.0.1", () => resolve(server));
  });
}

/** A test whose Relay knows a provider, who knows these people; `env` is what else that Relay is told. */
export const withProvider = (known: Record<string, Known>, env: Record<string, string> = {}) =>
  base.extend<object, { port: number; provider: Server }>({
    port: [async ({}, use) => use(await freePort()), { scope: "worker" }],
    stack: [
      async ({ port }, use) => withStack(use, { env: { ...told(port), ...env } }),
      { scope: "worker", timeout: 90_000 },
    ],
    provider: [
      async ({ port, stack }, use) => {
        const server = await startProvider(port, stack.relay.url, known);
        await use(server);
        server.closeAllConnections();
        server.close();
      },
      { scope: "worker", auto: true },
    ],
  });

/** What a person does on the provider's own pages: says who it is, and that Relay may know. */
export async function atProvider(page: Page, login: string): Promise<void> {
  await page.getByPlaceholder("Enter any login").fill(login);
  await page.getByPlaceholder("and password").fill("anything");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}
