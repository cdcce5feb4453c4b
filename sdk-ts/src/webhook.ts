/** Webhooks by the Standard Webhooks specification (https://www.standardwebhooks.com), version 1. */

import type { Provider } from "./types.js";

/** Why a webhook is not to be trusted. */
export type WebhookErrorCode = "invalid_secret" | "missing_header" | "timestamp_out_of_range" | "wrong_signature" | "not_json";

/** A webhook that did not come from Relay, or not now, or not as it is. Answer it with 400. */
export class RelayWebhookError extends Error {
  override readonly name = "RelayWebhookError";
  /** What is wrong. */
  readonly code: WebhookErrorCode;

  constructor(code: WebhookErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Something that happened, and when. */
interface Happening<Type extends string, Data> {
  type: Type;
  /** RFC 3339 in UTC. */
  timestamp: string;
  data: Data;
}

/** A key in the vault, as webhooks tell of it. */
export interface WebhookCredential {
  credentialId: string;
  provider: Provider;
  /** `default`, or its name in your pool. */
  name: string;
  last4: string;
  /** The end user it belongs to; `null` for one of your own, and for a user who was erased. */
  user: string | null;
}

/** What Relay tells of. */
export type WebhookEvent =
  | Happening<"credential.connected", WebhookCredential & { replaced: boolean }>
  | Happening<"credential.broken" | "credential.disconnected", WebhookCredential & { reason: string }>
  | Happening<
      "quota.threshold",
      { relayKeyId: string; name: string; metric: string; percent: number; quota: number; used: number; month: string }
    >
  | Happening<"key.expiring", { relayKeyId: string; name: string; hint: string; expiresAt: string; days: number }>
  | Happening<"webhook.test", { message: string }>;

/** A request's headers, in any shape that frameworks give them. */
export type WebhookHeaders = Headers | Record<string, string | string[] | undefined>;

/** How a webhook is checked. */
export interface VerifyWebhookOptions {
  /** How far the sender's clock may be from this one, in seconds. Default 5 minutes. */
  tolerance?: number;
}

const TOLERANCE_S = 5 * 60;

/**
 * Checks that a webhook came from Relay, just now and unchanged, and gives what it tells.
 *
 * `body` is the request's body as it came (a text or bytes, not parsed JSON); `secret` is
 * `whsec_...`, or several of them while one is being replaced. Fails with a {@link RelayWebhookError}.
 */
export async function verifyWebhook(
  body: string | Uint8Array | ArrayBuffer,
  headers: WebhookHeaders,
  secret: string | string[],
  { tolerance = TOLERANCE_S }: VerifyWebhookOptions = {},
): Promise<WebhookEvent> {
  const id = header(headers, "webhook-id");
  const timestamp = header(headers, "webhook-timestamp");
  const signatures = header(headers, "webhook-signature");
  const age = Math.abs(Date.now() / 1000 - Number(timestamp));
  if (!/^\d+$/.test(timestamp) || age > tolerance) {
    throw new RelayWebhookError("timestamp_out_of_range", "The webhook was sent too long ago, or this clock is wrong.");
  }
  const content = typeof body === "string" ? new TextEncoder().encode(body) : new Uint8Array(body);
  const signed = joined(new TextEncoder().encode(`${id}.${timestamp}.`), content);
  const keys = await Promise.all([secret].flat().map(imported));
  for (const signature of signatures.split(" ")) {
    const bytes = signature.startsWith("v1,") && decoded(signature.slice(3));
    for (const key of bytes ? keys : []) {
      // It compares in constant time.
      if (await crypto.subtle.verify("HMAC", key, bytes as Uint8Array<ArrayBuffer>, signed)) {
        return parsed(content);
      }
    }
  }
  throw new RelayWebhookError("wrong_signature", "The webhook's signature is not by this secret. Pass the body as it came.");
}

function header(headers: WebhookHeaders, name: string): string {
  const value =
    headers instanceof Headers
      ? headers.get(name)
      : Object.entries(headers).find(([given]) => given.toLowerCase() === name)?.[1];
  const text = [value].flat()[0];
  if (!text) {
    throw new RelayWebhookError("missing_header", `The request has no header ${name}. Is it a webhook of Relay's?`);
  }
  return text;
}

function imported(secret: string): Promise<CryptoKey> {
  const bytes = decoded(secret.replace(/^whsec_/, ""));
  if (!bytes?.length) {
    throw new RelayWebhookError("invalid_secret", "The webhook's secret is whsec_ and base64, as the console showed it.");
  }
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

function decoded(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function parsed(content: Uint8Array): WebhookEvent {
  try {
    return JSON.parse(new TextDecoder().decode(content)) as WebhookEvent;
  } catch {
    throw new RelayWebhookError("not_json", "The webhook's body is not JSON.");
  }
}
