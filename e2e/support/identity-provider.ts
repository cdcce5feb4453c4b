/** A real OpenID Connect provider, in this process: people sign in there on pages of its own. */

import { generateKeyPairSync } from "node:crypto";
import type { Server } from "node:http";

import Provider from "oidc-provider";

const CLIENT_SECRET = "the-client-secret-of-relay-at-this-provider";

/** Somebody whom the provider knows. */
export interface Known {
  email: string;
  verified: boolean;
  name: string;
}

/** What Relay is told of the provider. */
export function told(port: number): Record<string, string> {
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
export async function startProvider(
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
