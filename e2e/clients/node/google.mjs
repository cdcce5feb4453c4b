// Google's official client for JavaScript, unchanged: contents, token counts, embeddings, models.

import { GoogleGenAI } from "@google/genai";

import { API_KEY, BASE_URL, EMBEDDING_MODEL, HEADERS, MODEL, OTHER_BASE_URL, OTHER_KEY } from "./scenarios.mjs";
import { headersFor, run, story, toolAnswer, told } from "./scenarios.mjs";

const clientOf = (baseUrl, apiKey, headers) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl, headers } });
const client = clientOf(BASE_URL, API_KEY, HEADERS);
const user = (...parts) => ({ role: "user", parts });
const request = (text, config) => ({ model: MODEL, contents: [user({ text })], config: { maxOutputTokens: 2000, ...config } });
const ask = (text, config) => client.models.generateContent(request(text, config));
const functionDeclarations = story.tools.map(({ name, description, schema }) => ({
  name,
  description,
  parametersJsonSchema: schema,
}));
const tools = { tools: [{ functionDeclarations }] };
const callsOf = ({ parts }) => parts.flatMap((part) => part.functionCall ?? []);
const textOf = (parts) => parts.map((part) => part.text ?? "").join("") || null;

function answerOf(response) {
  const [{ content, finishReason: finish }] = response.candidates;
  const calls = callsOf(content);
  const usage = response.usageMetadata;
  return told({
    text: textOf(content.parts.filter((part) => !part.thought)),
    finish,
    thinking: textOf(content.parts.filter((part) => part.thought)),
    calls: calls.length ? calls.map(({ name, args }) => ({ name, arguments: args })) : null,
    usage: told({
      input: usage.promptTokenCount,
      output: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
      cached: usage.cachedContentTokenCount,
      reasoning: usage.thoughtsTokenCount,
      total: usage.totalTokenCount,
    }),
  });
}

/** Answers every call, with everything the model made sent back, and gives the first answer with the text of the last. */
async function loop(question, first, config, answer = (name, args) => ({ output: toolAnswer(name, args) })) {
  const { content } = first.candidates[0];
  const results = callsOf(content).map(({ id, name, args }) => ({
    functionResponse: { id, name, response: answer(name, args) },
  }));
  const contents = [user({ text: question }), content, user(...results)];
  const second = await client.models.generateContent({ ...request(question, config), contents });
  return { ...answerOf(first), answer: second.text };
}

/** Reads a stream and puts its parts together, in their order. */
async function collect(question, config, seen = {}) {
  seen.pieces = 0;
  const parts = [];
  let last = {};
  let finishReason;
  for await (const chunk of await client.models.generateContentStream(request(question, config))) {
    const [candidate] = chunk.candidates ?? [];
    parts.push(...(candidate?.content?.parts ?? []).filter((part) => part.text !== "" || part.thoughtSignature));
    seen.pieces += chunk.text ? 1 : 0;
    finishReason = candidate?.finishReason ?? finishReason;
    last = chunk;
  }
  return { candidates: [{ content: { role: "model", parts }, finishReason }], usageMetadata: last.usageMetadata };
}

const thinking = { ...tools, thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } };

await run(
  {
    async text() {
      const response = await ask(story.hello, { systemInstruction: story.system });
      return { ...answerOf(response), requestId: response.sdkHttpResponse.headers["x-relay-request-id"] };
    },
    async stream(seen) {
      return { ...answerOf(await collect(story.pieces, {}, seen)), ...seen };
    },
    length: async () => answerOf(await ask(story.pieces, { maxOutputTokens: story.fewTokens })),
    stop: async () => answerOf(await ask(story.pieces, { stopSequences: [story.stopBefore] })),
    tool: async () => loop(story.oneTool, await ask(story.oneTool, tools), tools),
    toolStreamed: async () => loop(story.oneTool, await collect(story.oneTool, tools), tools),
    tools: async () => loop(story.manyTools, await ask(story.manyTools, tools), tools),
    toolsStreamed: async () => loop(story.manyTools, await collect(story.manyTools, tools), tools),
    toolFails: async () => loop(story.oneTool, await ask(story.oneTool, tools), tools, () => ({ error: story.failure })),
    async toolForced() {
      const functionCallingConfig = { mode: "ANY", allowedFunctionNames: ["get_time"] };
      return answerOf(await ask(story.hello, { ...tools, toolConfig: { functionCallingConfig } }));
    },
    async structured() {
      const config = { responseMimeType: "application/json", responseJsonSchema: story.reportSchema };
      return JSON.parse((await ask(story.report, config)).text);
    },
    async image() {
      const contents = [user({ text: story.look }, { inlineData: { mimeType: "image/png", data: story.image } })];
      return answerOf(await client.models.generateContent({ model: MODEL, contents }));
    },
    thinking: async () => loop(story.think, await ask(story.think, thinking), thinking),
    thinkingStreamed: async () => loop(story.think, await collect(story.think, thinking), thinking),
    // The chat helper keeps the history itself.
    async chat() {
      const chat = client.chats.create({ model: MODEL });
      const first = await chat.sendMessage({ message: story.hello });
      const second = await chat.sendMessage({ message: story.pieces });
      return [first.text, second.text, chat.getHistory().length];
    },
    count: async () => (await client.models.countTokens({ model: MODEL, contents: story.pieces })).totalTokens,
    async embeddings() {
      const config = { outputDimensionality: story.dimensions };
      const { embeddings } = await client.models.embedContent({ model: EMBEDDING_MODEL, contents: story.embed, config });
      return { count: embeddings.length, dimensions: embeddings[0].values.length };
    },
    async models() {
      const names = [];
      for await (const model of await client.models.list()) {
        names.push(model.name);
      }
      return { listed: names.includes(`models/${MODEL}`), one: (await client.models.get({ model: MODEL })).name };
    },
    async otherForms() {
      return answerOf(await clientOf(OTHER_BASE_URL, OTHER_KEY).models.generateContent(request(story.hello)));
    },
    cut: async (seen) => answerOf(await collect(story.pieces, {}, seen)),
    failing: async (seen) => answerOf(await collect(story.pieces, {}, seen)),
    noSuchModel: () => client.models.generateContent({ ...request(story.hello), model: "no-such-model" }),
    async refusal() {
      const stranger = clientOf(BASE_URL, API_KEY, headersFor("nobody-connected"));
      return stranger.models.generateContent(request("hi"));
    },
  },
  // The client gives the error's body as its message, or behind words of its own.
  ({ status, message }) => told({ status, ...bodyOf(message) }),
);

function bodyOf(message) {
  try {
    const { error } = JSON.parse(message.slice(message.indexOf("{")));
    const reason = error.details?.find((detail) => detail.reason)?.reason;
    return { code: error.code, type: error.status, message: error.message, reason };
  } catch {
    return {};
  }
}
