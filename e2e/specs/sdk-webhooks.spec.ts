/** A webhook of a real Relay's, read by the SDK where a tenant's backend gets it. */

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { RelayWebhookError, type WebhookEvent, verifyWebhook } from "@relayservice/sdk";

import { expect, newUser, test } from "../support/test";

test("events arrive signed, and the SDK tells them from what others send", async ({ stack, relayKey }) => {
  await stack.sim.reset();
  let secret = "";
  const events: WebhookEvent[] = [];
  const refused: string[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) {
      pieces.push(piece as Buffer);
    }
    try {
      events.push(await verifyWebhook(Buffer.concat(pieces), request.headers, secret));
      response.writeHead(204).end();
    } catch (error) {
      refused.push(error instanceof RelayWebhookError ? error.code : String(error));
      response.writeHead(400).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/relay`;

  const relay = stack.relay.client(relayKey);
  const webhook = await relay.webhooks.create({ url, events: ["credential.connected", "credential.disconnected"] });
  secret = webhook.secret;
  expect(await relay.webhooks.test(webhook.id)).toMatchObject({ event: "webhook.test", status: "delivered" });
  expect(events[0]).toMatchObject({ type: "webhook.test", data: { message: expect.any(String) } });

  const user = newUser();
  await relay.users.credentials(user).put("openai", { apiKey: stack.keys.openai });
  const told = { provider: "openai", name: "default", last4: stack.keys.openai.slice(-4) };
  await expect.poll(() => events.map(({ type }) => type)).toEqual(["webhook.test", "credential.connected"]);
  expect(events[1]?.data).toMatchObject({ ...told, user, replaced: false });
  // Whoever is erased is named nowhere afterwards, not even here.
  await relay.users.delete(user);
  await expect.poll(() => events.map(({ type }) => type)).toEqual(["webhook.test", "credential.connected", "credential.disconnected"]);
  expect(events[2]?.data).toMatchObject({ ...told, user: null, reason: "user_removed" });
  expect(JSON.stringify(events)).not.toContain(stack.keys.openai);

  // Another secret than the one that signs: what comes is Relay's, but not to be known as such.
  ({ secret } = await relay.webhooks.rotate(webhook.id));
  const signing = secret;
  secret = `whsec_${Buffer.from("somebody else's secret").toString("base64")}`;
  expect(await relay.webhooks.test(webhook.id)).toMatchObject({ attempts: [{ status: 400 }] });
  expect(refused).toEqual(["wrong_signature"]);
  secret = signing;
  const [failed] = (await relay.webhooks.deliveries(webhook.id, { limit: 1 })).data;
  expect(await relay.webhooks.retry(webhook.id, failed!.id)).toMatchObject({ status: "delivered" });
  expect((await relay.webhooks.get(webhook.id)).lastDelivery).toMatchObject({ status: "delivered" });

  await relay.webhooks.delete(webhook.id);
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});
