/** Google's official clients, unchanged, with every provider. */

import type { Words } from "./clients/expected";
import { testClient } from "./clients/matrix";

const words: Words = {
  stop: "STOP",
 
  length: "MAX_TOKENS",
  tools: "STOP",
  errors: {
    refusal: { class: "ApiError", status: 424, reason: "user_not_connected" },
    noSuchModel: { class: "ApiError", status: 404, type: "NOT_FOUND" },
    cut: { reason: "upstream_truncated" },
    unsupported: { class: "ApiError", status: 400, type: "INVALID_ARGUMENT" },
  },
};
const inPython = Object.fromEntries(
  Object.entries(words.errors).map(([name, error]) => [name, "class" in error ? { ...error, class: "ClientError" } : error]),
) as Words["errors"];

testClient({ name: "Google's client for JavaScript", script: "node/google.mjs", api: "google", words });
testClient({ name: "Google's client for Python", script: "python/google_client.py", api: "google", words: { ...words, errors: inPython } });
