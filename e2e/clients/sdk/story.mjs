// What the SDK does, told in the same words on every platform: no platform's own is used here.

/** @param {object} from the SDK's exports, the settings, and the official clients where they are not found by themselves */
export async function story({ sdk, baseURL, key, providerKey, user, clients }) {
  const { Relay, RelayNotFoundError, RelayAuthenticationError, RelayConnectionError, verifyWebhook } = sdk;
  const relay = new Relay({ key, baseURL, clients });
  const outcome = {};

  await relay.users.credentials(user).put("openai", { apiKey: providerKey });
  await relay.users.credentials(`${user}-2`).put("openai", { apiKey: providerKey });
  const labels = [];
  for await (const { label } of relay.users.list({ limit: 1 })) {
    labels.push(label);
  }
  outcome.listed = labels.filter((label) => label.startsWith(user)).sort();

  const question = { model: "gpt-4o-mini", messages: [{ role: "user", content: "hello" }] };
  outcome.streamed = "";
  for await (const chunk of await relay.openai({ user }).chat.completions.create({ ...question, stream: true })) {
    outcome.streamed += chunk.choices[0]?.delta.content ?? "";
  }
  const message = await relay.anthropic({ user, paid: true }).messages.create({ ...question, max_tokens: 50 });
  outcome.message = message.content[0].text;
  const answer = await relay.fetch({ user })("/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(question),
  });
  outcome.fetched = (await answer.json()).choices[0].message.content;

  const failure = async (act) => {
    try {
      await act();
      return "none";
    } catch (error) {
      return error;
    }
  };
  const missing = await failure(() => relay.users.get("nobody"));
  outcome.missing = [missing instanceof RelayNotFoundError, missing.name, missing.status, missing.code, Boolean(missing.requestId)];
  const stranger = await failure(() => new Relay({ key: "rly-nobody", baseURL }).users.get("u"));
  outcome.stranger = [stranger instanceof RelayAuthenticationError, stranger.code];
  const nowhere = new Relay({ key, baseURL: "http://127.0.0.1:9", maxRetries: 0 });
  const unreachable = await failure(() => nowhere.users.get("u"));
  outcome.unreachable = [unreachable instanceof RelayConnectionError, unreachable.code, String(unreachable).includes(key)];
  const ending = new AbortController();
  ending.abort(new Error("enough"));
  outcome.ended = (await failure(() => relay.users.get(user, { signal: ending.signal }))).message;
  const unconnected = await failure(() => relay.openai({ user: `${user}-3`, maxRetries: 0 }).chat.completions.create(question));
  outcome.unconnected = [unconnected.status, unconnected.code];

  const body = '{"type":"credential.connected"}';
  const at = Math.floor(Date.now() / 1000);
  const secret = btoa("a secret of the tenant's webhook");
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const bytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const signingKey = await crypto.subtle.importKey("raw", bytes(atob(secret)), hmac, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", signingKey, bytes(`id.${at}.${body}`)));
  const headers = {
    "webhook-id": "id",
    "webhook-timestamp": String(at),
    "webhook-signature": `v1,${btoa(String.fromCharCode(...signature))}`,
  };
  outcome.webhook = (await verifyWebhook(body, headers, `whsec_${secret}`)).type;
  outcome.forged = (await failure(() => verifyWebhook(`${body} `, headers, `whsec_${secret}`))).code;

  await relay.users.delete(`${user}-2`);
  await relay.users.delete(user);
  outcome.forgotten = (await failure(() => relay.users.get(user))).status;
  return outcome;
}
