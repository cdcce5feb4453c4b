/** Vercel's AI SDK, unchanged, with each of its providers over every upstream. */

import { expect } from "../support/test";
import { type Expected, type Words, expectedOf } from "./clients/expected";
import { type Client, testClient } from "./clients/matrix";
import { REPORT, type Upstream } from "./clients/upstreams";

const words: Words = {
  stop: "stop",
 
  length: "length",
  tools: "tool-calls",
  errors: {
    refusal: { class: "AI_APICallError", status: 424 },
    noSuchModel: { class: "AI_APICallError", status: 404 },
    cut: {},
    unsupported: { class: "AI_APICallError", status: 400 },
  },
};
/** It leaves a stop sequence out with a warning, and asks every model that reasons for its thoughts, so that there are some. */
function ownResponses(upstream: Upstream): Expected {
  const thoughts = upstream.dialect === "openai-responses" ? ["text", "stream", "tool", "toolStreamed", "otherForms"] : [];
  const wrong = Object.fromEntries(thoughts.map((scenario) => [scenario, ["usage"]]));
  const expected = expectedOf("openai-responses", { ...words, wrong }, upstream);
  return {
    ...expected,
    stop: { result: { value: expect.objectContaining({ finish: "stop" }) } },
    // Elsewhere than with OpenAI the thought is gone, and the answer comes without.
    thinkingKept: { result: expected.thinking?.result },
  };
}

/** It asks models of other names for structure by a tool instead of a schema. */
function ownAnthropic({ dialect }: Upstream): Expected {
  const byTool = { result: { value: REPORT } };
  return dialect === "anthropic" ? {} : { structured: byTool, structuredStreamed: byTool, structuredOutput: byTool };
}

const clients: Client[] = [
  { name: "Vercel's AI SDK, OpenAI Chat", script: "node/vercel-ai.mjs", api: "openai-chat", words: { ...words, losesThoughts: true } },
  { name: "Vercel's AI SDK, OpenAI Responses", script: "node/vercel-ai.mjs", api: "openai-responses", words, own: ownResponses },
  { name: "Vercel's AI SDK, Anthropic", script: "node/vercel-ai.mjs", api: "anthropic", baseSuffix: "/v1", words, own: ownAnthropic },
  { name: "Vercel's AI SDK, Google", script: "node/vercel-ai.mjs", api: "google", baseSuffix: "/v1beta", words },
];
clients.forEach(testClient);
