// A small app that offers AI on its users' own keys. Two files: this backend and index.html.
//
//   RELAY_URL  where Relay is (default http://127.0.0.1:8787)
//   RELAY_KEY  a relay key with the scopes `inference` and `tokens` (with `manage`, the page also
//              remembers what is connected)
//   PORT       where to listen (default 3000; 0 takes a free one)
//   DEMO_NOTE  a line to show on the page

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

import { Relay, RelayError } from "@relayservice/sdk";
import { APIError } from "openai";

const RELAY_URL = process.env.RELAY_URL ?? "http://127.0.0.1:8787";
const NOTE = process.env.DEMO_NOTE ?? "";
const MODELS = ["gpt-4o-mini", "claude-sonnet-4-5", "gemini-2.5-flash"];
const LONGEST_BODY_BYTES = 256 * 1024;

if (!process.env.RELAY_KEY) {
  console.error("RELAY_KEY: give a relay key, e.g. RELAY_KEY=rly-... node server.mjs");
  process.exit(1);
}
const relay = new Relay({ key: process.env.RELAY_KEY, baseURL: RELAY_URL });
const page = (await readFile(new URL("index.html", import.meta.url), "utf8"))
  .replaceAll("%RELAY_URL%", escapeHtml(RELAY_URL))
  .replaceAll("%DEMO_NOTE%", escapeHtml(NOTE));

const routes = {
  "GET /": showPage,
  "GET /api/connected": listConnected,
  "POST /api/registration-token": issueToken,
  "POST /api/chat": chat,
};

const server = createServer(async (request, response) => {
  const route = routes[`${request.method} ${request.url.split("?")[0]}`];
  try {
    await (route ?? notFound)(request, response, signIn(request, response));
  } catch (error) {
    refuse(response, error);
  }
});
server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  console.log(`demo app on http://127.0.0.1:${server.address().port}`);
});

/** This app's sign-in is a cookie with a random name. Yours knows who its users are. */
function signIn(request, response) {
  const cookie = /(?:^|;\s*)demo_user=([\w-]+)/.exec(request.headers.cookie ?? "");
  const user = cookie?.[1] ?? `demo-${randomUUID()}`;
  response.setHeader("set-cookie", `demo_user=${user}; Path=/; HttpOnly; SameSite=Lax`);
  return user;
}

function showPage(_request, response) {
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(page);
}

async function issueToken(_request, response, user) {
  sendJson(response, 201, await relay.createRegistrationToken({ user }));
}

async function listConnected(_request, response, user) {
  try {
    const { credentials } = await relay.users.get(user);
    sendJson(response, 200, { providers: credentials.map(({ provider }) => provider) });
  } catch (error) {
    // 404: nobody we know yet. 403: our key may not look.
    if (!(error instanceof RelayError) || ![403, 404].includes(error.status)) {
      throw error;
    }
    sendJson(response, 200, { providers: [] });
  }
}

/** Streams the answer as plain text. */
async function chat(request, response, user) {
  const { model, messages } = await readJson(request);
  if (!MODELS.includes(model) || !Array.isArray(messages)) {
    return sendJson(response, 400, { message: "Send a model on offer, and messages." });
  }
  const stopped = new AbortController();
  response.on("close", () => stopped.abort());
  const stream = await relay
    .openai({ user })
    .chat.completions.create({ model, messages, stream: true }, { signal: stopped.signal });
  response.setHeader("content-type", "text/plain; charset=utf-8");
  for await (const chunk of stream) {
    response.write(chunk.choices[0]?.delta.content ?? "");
  }
  response.end();
}

function notFound(_request, response) {
  sendJson(response, 404, { message: "There is nothing here." });
}

/** Relay's messages say what to do next and hold no key, so the page may show them. */
function refuse(response, error) {
  if (response.headersSent) {
    return response.destroy();
  }
  const known = error instanceof RelayError || error instanceof APIError || error instanceof SyntaxError;
  if (!known) {
    console.error(error);
  }
  const status = error instanceof SyntaxError ? 400 : error.status || 502;
  const message = known ? error.message : "Something went wrong.";
  sendJson(response, known ? status : 500, { message, code: error.code });
}

function sendJson(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function readJson(request) {
  const pieces = [];
  let bytes = 0;
  for await (const piece of request) {
    bytes += piece.length;
    if (bytes > LONGEST_BODY_BYTES) {
      throw new SyntaxError("The request is too long.");
    }
    pieces.push(piece);
  }
  return JSON.parse(Buffer.concat(pieces).toString("utf8"));
}

function escapeHtml(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
