/** LangChain for JavaScript, unchanged, with each of its models over every upstream. */

import { expect } from "../support/test";
import { type Expected, type Words, error, expectedOf } from "./clients/expected";
import { type Client, testClient } from "./clients/matrix";
import type { Upstream } from "./clients/upstreams";

const errors: Words["errors"] = {
  refusal: { status: 424 },
  noSuchModel: { status: 404 },
  cut: {},
  unsupported: { status: 400 },
};
const google: Words = {
  stop: "STOP",
  length: "MAX_TOKENS",
  tools: "STOP",
  // It leaves the tokens of thoughts out, and the thoughts of a whole answer.
  wrong: { thinking: ["thinking", "usage"], thinkingStreamed: ["usage"] },
  errors,
};

function ownGoogle(upstream: Upstream): Expected {
  const thoughts = upstream.dialect === "openai-responses" ? ["text", "stream", "tool", "toolStreamed", "otherForms"] : [];
  const wrong = { ...google.wrong, ...Object.fromEntries(thoughts.map((scenario) => [scenario, ["usage"]])) };
  // It looks at no error within a stream, Google's own neither: nothing that stands there makes it fail.
  const silent = { result: { value: expect.anything() } };
  const expected = { ...expectedOf("google", { ...google, wrong }, upstream), cut: silent, failing: silent };
  if (upstream.dialect !== "google") {
    // It sends pictures to models named Gemini only.
    return { ...expected, image: { result: error({ message: "This model does not support images" }) } };
  }
  // It sends the answers to calls made at once one by one, which Google itself refuses.
  const refused = { result: error({ status: 400 }) };
  return { ...expected, tools: refused, toolsStreamed: refused };
}

const clients: Client[] = [
  {
    name: "LangChain, OpenAI Chat",
    script: "node/langchain.mjs",
    api: "openai-chat",
    // It speaks Responses to a model of that name by itself.
    notOver: ["openai-responses"],
    words: { stop: "stop", length: "length", tools: "tool_calls", losesThoughts: true, errors },
  },
  {
    name: "LangChain, OpenAI Responses",
    script: "node/langchain.mjs",
    api: "openai-responses",
    words: { stop: "completed", length: "max_output_tokens", tools: "completed", errors },
    // It leaves a stop sequence out.
    own: (): Expected => ({ stop: { result: { value: expect.objectContaining({ finish: "completed" }) } } }),
  },
  {
    name: "LangChain, Anthropic",
    script: "node/langchain.mjs",
    api: "anthropic",
    words: {
      stop: "end_turn",
      stopped: { anthropic: "stop_sequence" },
      length: "max_tokens",
      tools: "tool_use",
      // It adds the tokens told at a stream's start to those told at its end, which include them.
      wrong: { stream: ["usage"], toolStreamed: ["usage"], thinkingStreamed: ["usage"] },
      errors,
    },
  },
  {
    name: "LangChain, Google",
    script: "node/langchain.mjs",
    api: "google",
    words: google,
    own: ownGoogle,
  },
];
clients.forEach(testClient);
