/** The official Anthropic clients, unchanged, with every provider. */

import type { Words } from "./clients/expected";
import { testClient } from "./clients/matrix";

const words: Words = {
  stop: "end_turn",
  stopped: { anthropic: "stop_sequence" },
  length: "max_tokens",
  tools: "tool_use",
  errors: {
    refusal: { class: "APIError", status: 424, type: "invalid_request_error", code: "user_not_connected" },
    noSuchModel: { class: "NotFoundError", status: 404, type: "not_found_error" },
    cut: { class: "APIError" },
    unsupported: { class: "BadRequestError", status: 400, type: "invalid_request_error" },
  },
};
const inPython: Words = {
  ...words,
  errors: { ...words.errors, refusal: { ...words.errors.refusal, class: "APIStatusError" }, cut: { class: "APIStatusError" } },
};

testClient({ name: "Anthropic's client for TypeScript", script: "node/anthropic.mjs", api: "anthropic", words });
testClient({ name: "Anthropic's client for Python", script: "python/anthropic_client.py", api: "anthropic", words: inPython });
