/** The official OpenAI clients, unchanged, with every provider: Chat Completions and Responses. */

import type { Words } from "./clients/expected";
import { type Client, testClient } from "./clients/matrix";

const errors: Words["errors"] = {
  refusal: { class: "APIError", status: 424, code: "user_not_connected" },
  noSuchModel: { class: "NotFoundError", status: 404, code: "model_not_found" },
  cut: { class: "APIError" },
  unsupported: { class: "BadRequestError", status: 400, code: "unsupported_parameter" },
};
const inPython = { ...errors, refusal: { ...errors.refusal, class: "APIStatusError" } };
const chat: Words = { stop: "stop", length: "length", tools: "tool_calls", errors };
const responses: Words = { stop: "completed", length: "max_output_tokens", tools: "completed", errors };

const clients: Client[] = [
  { name: "OpenAI's client for Node.js, Chat", script: "node/openai-chat.mjs", api: "openai-chat", words: chat },
  { name: "OpenAI's client for Python, Chat", script: "python/openai_chat.py", api: "openai-chat", words: { ...chat, errors: inPython } },
  { name: "OpenAI's client for Node.js, Responses", script: "node/openai-responses.mjs", api: "openai-responses", words: responses },
  { name: "OpenAI's client for Python, Responses", script: "python/openai_responses.py", api: "openai-responses", words: { ...responses, errors: inPython } },
];
clients.forEach(testClient);
