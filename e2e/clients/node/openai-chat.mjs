// The official OpenAI client for Node.js, unchanged: Chat Completions, embeddings, models.

import OpenAI from "openai";

import { API_KEY, BASE_URL, EMBEDDING_MODEL, HEADERS, MODEL, OTHER_BASE_URL, OTHER_KEY } from "./scenarios.mjs";
import { headersFor, run, story, toolAnswer, told } from "./scenarios.mjs";

const client = new OpenAI({ baseURL: BASE_URL, apiKey: API_KEY, defaultHeaders: HEADERS });
const user = (content) => ({ role: "user", content });
const request = (content, more) => ({ model: MODEL, messages: [user(content)], max_completion_tokens: 2000, ...more });
const ask = (content, more) => client.chat.completions.create(request(content, more));
const tools = story.tools.map(({ name, description, schema }) => ({
  type: "function",
  function: { name, description, parameters: schema },
}));

function usageOf(usage) {
  return told({
    input: usage?.prompt_tokens,
    output: usage?.completion_tokens,
    cached: usage?.prompt_tokens_details?.cached_tokens,
    reasoning: usage?.completion_tokens_details?.reasoning_tokens,
  });
}

function answerOf(completion) {
  const [{ message, finish_reason: finish }] = completion.choices;
  return told({
    text: message.content,
    finish,
    thinking: message.reasoning_content,
    calls: message.tool_calls?.map((call) => ({ name: call.function.name, arguments: JSON.parse(call.function.arguments) })),
    usage: usageOf(completion.usage),
  });
}

/** Answers every call, and gives the first answer with the text of the last. */
async function loop(question, first, more, answer = toolAnswer) {
  const { message } = first.choices[0];
  const results = message.tool_calls.map((call) => ({
    role: "tool",
    tool_call_id: call.id,
    content: answer(call.function.name, JSON.parse(call.function.arguments)),
  }));
  const second = await ask(question, { ...more, messages: [user(question), message, ...results] });
  return {
    ...answerOf(first),
    ids: new Set(message.tool_calls.map((call) => call.id)).size,
    answer: second.choices[0].message.content,
  };
}

/** Reads a stream by hand, as one does who wants fields that the client has no type for. */
async function collect(stream, seen = {}) {
  seen.pieces = 0;
  const message = { role: "assistant", content: null };
  const completion = { choices: [{ message, finish_reason: null }], usage: null };
  const append = (target, field, text) => text && (target[field] = (target[field] ?? "") + text);
  for await (const { choices, usage } of stream) {
    completion.usage = usage ?? completion.usage;
    for (const { delta, finish_reason } of choices) {
      completion.choices[0].finish_reason = finish_reason ?? completion.choices[0].finish_reason;
      seen.pieces += delta.content ? 1 : 0;
      append(message, "content", delta.content);
      append(message, "reasoning_content", delta.reasoning_content);
      for (const detail of delta.reasoning_details ?? []) {
        (message.reasoning_details ??= []).push(detail);
      }
      for (const { index, id, type, function: called, ...rest } of delta.tool_calls ?? []) {
        const call = ((message.tool_calls ??= [])[index] ??= { id, type, function: { name: "", arguments: "" } });
        Object.assign(call, rest);
        append(call.function, "name", called.name);
        append(call.function, "arguments", called.arguments);
      }
    }
  }
  return completion;
}

const streaming = { stream: true, stream_options: { include_usage: true } };
const thinking = { tools, reasoning_effort: "medium" };
const packed = { model: EMBEDDING_MODEL, input: story.embed, dimensions: story.dimensions };

await run(
  {
    async text() {
      const messages = [{ role: "system", content: story.system }, user(story.hello)];
      const { data, response } = await ask("", { messages }).withResponse();
      return { ...answerOf(data), requestId: response.headers.get("x-relay-request-id") };
    },
    async stream(seen) {
      const completion = await collect(await ask(story.pieces, streaming), seen);
      return { ...answerOf(completion), ...seen };
    },
    length: async () => answerOf(await ask(story.pieces, { max_completion_tokens: story.fewTokens })),
    stop: async () => answerOf(await ask(story.pieces, { stop: story.stopBefore })),
    tool: async () => loop(story.oneTool, await ask(story.oneTool, { tools }), { tools }),
    async toolStreamed() {
      const stream = client.chat.completions.stream(request(story.oneTool, { ...streaming, tools }));
      return loop(story.oneTool, await stream.finalChatCompletion(), { tools });
    },
    tools: async () => loop(story.manyTools, await ask(story.manyTools, { tools }), { tools }),
    async toolsStreamed() {
      const stream = client.chat.completions.stream(request(story.manyTools, { ...streaming, tools }));
      return loop(story.manyTools, await stream.finalChatCompletion(), { tools });
    },
    toolFails: async () => loop(story.oneTool, await ask(story.oneTool, { tools }), { tools }, () => story.failure),
    async toolForced() {
      const tool_choice = { type: "function", function: { name: "get_time" } };
      return answerOf(await ask(story.hello, { tools, tool_choice, parallel_tool_calls: true }));
    },
    async structured() {
      const json_schema = { name: "report", schema: story.reportSchema, strict: true };
      const completion = await client.chat.completions.parse(
        request(story.report, { response_format: { type: "json_schema", json_schema } }),
      );
      return completion.choices[0].message.parsed;
    },
    async image() {
      const url = `data:image/png;base64,${story.image}`;
      return answerOf(await ask([{ type: "text", text: story.look }, { type: "image_url", image_url: { url } }]));
    },
    thinking: async () => loop(story.think, await ask(story.think, thinking), thinking),
    async thinkingStreamed() {
      return loop(story.think, await collect(await ask(story.think, { ...thinking, ...streaming })), thinking);
    },
    // Without `encoding_format` the client asks for base64 and decodes it itself.
    async embeddings() {
      const decoded = await client.embeddings.create(packed);
      const numbers = await client.embeddings.create({ ...packed, encoding_format: "float" });
      const close = (value, index) => Math.abs(value - numbers.data[1].embedding[index]) < 1e-6;
      return {
        count: decoded.data.length,
        dimensions: decoded.data[0].embedding.length,
        same: decoded.data[1].embedding.every(close),
        input: decoded.usage.prompt_tokens,
      };
    },
    async models() {
      const ids = [];
      for await (const model of client.models.list()) {
        ids.push(model.id);
      }
      return { listed: ids.includes(MODEL), one: (await client.models.retrieve(MODEL)).id };
    },
    async otherForms() {
      const other = new OpenAI({ baseURL: OTHER_BASE_URL, apiKey: OTHER_KEY });
      return answerOf(await other.chat.completions.create(request(story.hello)));
    },
    cut: async (seen) => answerOf(await collect(await ask(story.pieces, streaming), seen)),
    failing: async (seen) => answerOf(await collect(await ask(story.pieces, streaming), seen)),
    noSuchModel: () => ask(story.hello, { model: "no-such-model" }),
    async refusal() {
      return client.withOptions({ defaultHeaders: headersFor("nobody-connected") }).chat.completions.create(request("hi"));
    },
  },
  ({ status, code, type }) => told({ status, code, type }),
);
