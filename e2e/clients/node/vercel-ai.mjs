// Vercel's AI SDK, unchanged, with its providers for OpenAI (Chat and Responses), Anthropic and Google.

import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { Output, embedMany, generateObject, generateText, jsonSchema, stepCountIs, streamObject, streamText, tool } from "ai";

import { API_KEY, BASE_URL, EMBEDDING_MODEL, HEADERS, MODEL, OTHER_BASE_URL, OTHER_KEY } from "./scenarios.mjs";
import { headersFor, run, story, toolAnswer, told } from "./scenarios.mjs";

// Else it warns on standard output, which holds the results.
globalThis.AI_SDK_LOG_WARNINGS = false;

/** Each API by its name: its provider, its way to a model, and how it is asked to think. */
const APIS = {
  "openai-chat": {
    create: createOpenAI,
    model: (provider, name) => provider.chat(name),
    thinking: { openai: { reasoningEffort: "medium", forceReasoning: true } },
  },
  "openai-responses": {
    create: createOpenAI,
    model: (provider, name) => provider.responses(name),
    options: { openai: { store: false } },
    thinking: {
      openai: {
        store: false,
        reasoningEffort: "medium",
        reasoningSummary: "auto",
        forceReasoning: true,
        include: ["reasoning.encrypted_content"],
      },
    },
  },
  anthropic: {
    create: createAnthropic,
    model: (provider, name) => provider(name),
    thinking: { anthropic: { thinking: { type: "enabled", budgetTokens: 1024 } } },
  },
  google: {
    create: createGoogleGenerativeAI,
    model: (provider, name) => provider(name),
    thinking: { google: { thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } } },
  },
};
const api = APIS[process.env.API];
const provider = (baseURL, apiKey, headers) => api.create({ baseURL, apiKey, headers });
const own = provider(BASE_URL, API_KEY, HEADERS);
const using = (more) => ({
  model: api.model(own, MODEL),
  maxOutputTokens: 2000,
  providerOptions: api.options,
  ...more,
});

const toolsWith = (execute) =>
  Object.fromEntries(
    story.tools.map(({ name, description, schema }) => [
      name,
      tool({ description, inputSchema: jsonSchema(schema), execute: (args) => execute(name, args) }),
    ]),
  );
const looping = (prompt, execute = toolAnswer) =>
  using({ prompt, tools: toolsWith(execute), stopWhen: stepCountIs(3) });
const fails = () => {
  throw new Error(story.failure);
};

const usageOf = (usage) =>
  told({
    input: usage.inputTokens,
    output: usage.outputTokens,
    cached: usage.inputTokenDetails?.cacheReadTokens,
    reasoning: usage.outputTokenDetails?.reasoningTokens,
  });

function answerOf({ text, finishReason, reasoningText, toolCalls, usage }) {
  return told({
    text: text || null,
    finish: finishReason,
    thinking: reasoningText || null,
    calls: toolCalls?.length ? toolCalls.map(({ toolName, input }) => ({ name: toolName, arguments: input })) : null,
    usage: usageOf(usage),
  });
}

/** The SDK runs the loop itself: what it called first, and what it said last. */
function loopOf({ steps }) {
  const ids = new Set(steps[0].toolCalls.map((call) => call.toolCallId)).size;
  return { ...answerOf(steps[0]), ids, answer: steps.at(-1).text, steps: steps.length };
}

/** Reads a stream to its end. An error in it is a part like any other; whoever reads only `textStream` has `onError`. */
async function collect(request, seen = {}) {
  seen.pieces = 0;
  const stream = streamText({ ...request, onError: () => (seen.told = true) });
  for await (const part of stream.fullStream) {
    seen.pieces += part.type === "text-delta" && part.text ? 1 : 0;
    if (part.type === "error") {
      throw part.error;
    }
  }
  return stream;
}

const settled = async ({ text, finishReason, reasoningText, toolCalls, usage }) =>
  answerOf({
    text: await text,
    finishReason: await finishReason,
    reasoningText: await reasoningText,
    toolCalls: await toolCalls,
    usage: await usage,
  });

const scenarios = {
  async text() {
    const answer = await generateText(using({ system: story.system, prompt: story.hello }));
    return { ...answerOf(answer), requestId: answer.response.headers["x-relay-request-id"] };
  },
  async stream(seen) {
    return { ...(await settled(await collect(using({ prompt: story.pieces }), seen))), ...seen };
  },
  length: async () => answerOf(await generateText(using({ prompt: story.pieces, maxOutputTokens: story.fewTokens }))),
  stop: async () => answerOf(await generateText(using({ prompt: story.pieces, stopSequences: [story.stopBefore] }))),
  tool: async () => loopOf(await generateText(looping(story.oneTool))),
  toolStreamed: async () => loopOf({ steps: await (await collect(looping(story.oneTool))).steps }),
  tools: async () => loopOf(await generateText(looping(story.manyTools))),
  toolsStreamed: async () => loopOf({ steps: await (await collect(looping(story.manyTools))).steps }),
  toolFails: async () => loopOf(await generateText(looping(story.oneTool, fails))),
  async toolForced() {
    const toolChoice = { type: "tool", toolName: "get_time" };
    return answerOf(await generateText(using({ prompt: story.hello, tools: toolsWith(toolAnswer), toolChoice })));
  },
  structured: async () =>
    (await generateObject(using({ prompt: story.report, schema: jsonSchema(story.reportSchema) }))).object,
  async structuredStreamed() {
    const { object, partialObjectStream } = streamObject(using({ prompt: story.report, schema: jsonSchema(story.reportSchema) }));
    for await (const part of partialObjectStream) {
      void part;
    }
    return object;
  },
  async structuredOutput() {
    const output = Output.object({ schema: jsonSchema(story.reportSchema) });
    return (await generateText(using({ prompt: story.report, output }))).output;
  },
  async image() {
    const content = [{ type: "text", text: story.look }, { type: "image", image: story.image, mediaType: "image/png" }];
    return answerOf(await generateText(using({ messages: [{ role: "user", content }] })));
  },
  thinking: async () => loopOf(await generateText({ ...looping(story.think), providerOptions: api.thinking })),
  async thinkingStreamed() {
    const stream = await collect({ ...looping(story.think), providerOptions: api.thinking });
    return loopOf({ steps: await stream.steps });
  },
  // By default it takes for granted that OpenAI keeps every answer, and names a thought by its id alone.
  async thinkingKept() {
    const { store, include, ...options } = api.thinking.openai;
    return loopOf(await generateText({ ...looping(story.think), providerOptions: { openai: options } }));
  },
  async embeddings() {
    const model = own.embeddingModel(EMBEDDING_MODEL);
    const { embeddings } = await embedMany({ model, values: story.embed });
    return { count: embeddings.length };
  },
  async otherForms() {
    const model = api.model(provider(OTHER_BASE_URL, OTHER_KEY), MODEL);
    return answerOf(await generateText(using({ model, prompt: story.hello })));
  },
  cut: async (seen) => settled(await collect(using({ prompt: story.pieces }), seen)),
  failing: async (seen) => settled(await collect(using({ prompt: story.pieces }), seen)),
  noSuchModel: () => generateText(using({ model: api.model(own, "no-such-model"), prompt: story.hello })),
  async refusal() {
    const model = api.model(provider(BASE_URL, API_KEY, headersFor("nobody-connected")), MODEL);
    return generateText(using({ model, prompt: "hi" }));
  },
};
if (process.env.API !== "openai-responses") {
  delete scenarios.thinkingKept;
}

await run(scenarios, ({ name, statusCode, data }) =>
  told({ class: name, status: statusCode, type: data?.error?.type ?? data?.error?.status, code: data?.error?.code }));
