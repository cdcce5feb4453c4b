// The official Anthropic client for TypeScript, unchanged: messages, beta messages, token counts, models.

import Anthropic from "@anthropic-ai/sdk";
import { jsonSchemaOutputFormat } from "@anthropic-ai/sdk/helpers/json-schema";

import { API_KEY, BASE_URL, HEADERS, MODEL, OTHER_BASE_URL, OTHER_KEY } from "./scenarios.mjs";
import { headersFor, run, story, toolAnswer, told } from "./scenarios.mjs";

const client = new Anthropic({ baseURL: BASE_URL, apiKey: API_KEY, defaultHeaders: HEADERS });
const user = (content) => ({ role: "user", content });
const request = (content, more) => ({ model: MODEL, messages: [user(content)], max_tokens: 2000, ...more });
const ask = (content, more) => client.messages.create(request(content, more));
const askStreamed = (content, more) => client.messages.stream(request(content, more)).finalMessage();
const tools = story.tools.map(({ name, description, schema }) => ({ name, description, input_schema: schema }));
const blocks = (message, type) => message.content.filter((block) => block.type === type);

function answerOf(message) {
  const calls = blocks(message, "tool_use");
  const { usage } = message;
  return told({
    text: blocks(message, "text").map((block) => block.text).join("") || null,
    finish: message.stop_reason,
    stopSequence: message.stop_sequence,
    thinking: blocks(message, "thinking").map((block) => block.thinking).join("") || null,
    calls: calls.length ? calls.map((call) => ({ name: call.name, arguments: call.input })) : null,
    usage: told({
      input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
      output: usage.output_tokens,
      cached: usage.cache_read_input_tokens,
      reasoning: usage.output_tokens_details?.thinking_tokens,
    }),
  });
}

/** Answers every call, with everything the model made sent back, and gives the first answer with the text of the last. */
async function loop(question, first, more, answer = toolAnswer, flags = {}) {
  const results = blocks(first, "tool_use").map((call) => ({
    type: "tool_result",
    tool_use_id: call.id,
    content: answer(call.name, call.input),
    ...flags,
  }));
  const messages = [user(question), { role: "assistant", content: first.content }, user(results)];
  const second = await ask(question, { ...more, messages });
  const ids = new Set(results.map((result) => result.tool_use_id)).size;
  return { ...answerOf(first), ids, answer: answerOf(second).text };
}

async function collect(content, seen) {
  seen.pieces = 0;
  const stream = client.messages.stream(request(content));
  stream.on("text", () => (seen.pieces += 1));
  return { ...answerOf(await stream.finalMessage()), ...seen };
}

const thinking = { tools, thinking: { type: "enabled", budget_tokens: 1024 } };

await run(
  {
    async text() {
      const { data, response } = await ask(story.hello, { system: story.system }).withResponse();
      return { ...answerOf(data), requestId: response.headers.get("x-relay-request-id") };
    },
    stream: (seen) => collect(story.pieces, seen),
    length: async () => answerOf(await ask(story.pieces, { max_tokens: story.fewTokens })),
    stop: async () => answerOf(await ask(story.pieces, { stop_sequences: [story.stopBefore] })),
    tool: async () => loop(story.oneTool, await ask(story.oneTool, { tools }), { tools }),
    toolStreamed: async () => loop(story.oneTool, await askStreamed(story.oneTool, { tools }), { tools }),
    tools: async () => loop(story.manyTools, await ask(story.manyTools, { tools }), { tools }),
    toolsStreamed: async () => loop(story.manyTools, await askStreamed(story.manyTools, { tools }), { tools }),
    async toolFails() {
      const first = await ask(story.oneTool, { tools });
      return loop(story.oneTool, first, { tools }, () => story.failure, { is_error: true });
    },
    toolForced: async () => answerOf(await ask(story.hello, { tools, tool_choice: { type: "tool", name: "get_time" } })),
    async structured() {
      const format = jsonSchemaOutputFormat(story.reportSchema);
      return (await client.messages.parse(request(story.report, { output_config: { format } }))).parsed_output;
    },
    async image() {
      const source = { type: "base64", media_type: "image/png", data: story.image };
      return answerOf(await ask([{ type: "text", text: story.look }, { type: "image", source }]));
    },
    thinking: async () => loop(story.think, await ask(story.think, thinking), thinking),
    thinkingStreamed: async () => loop(story.think, await askStreamed(story.think, thinking), thinking),
    async beta() {
      const betas = ["interleaved-thinking-2025-05-14"];
      const whole = await client.beta.messages.create(request(story.hello, { betas }));
      const streamed = await client.beta.messages.stream(request(story.pieces, { betas })).finalMessage();
      return { whole: answerOf(whole), streamed: answerOf(streamed) };
    },
    async count() {
      const counted = { model: MODEL, system: story.system, messages: [user(story.pieces)], tools };
      return (await client.messages.countTokens(counted)).input_tokens;
    },
    async models() {
      const ids = [];
      for await (const model of client.models.list()) {
        ids.push(model.id);
      }
      return { listed: ids.includes(MODEL), one: (await client.models.retrieve(MODEL)).id };
    },
    async otherForms() {
      const other = new Anthropic({ baseURL: OTHER_BASE_URL, apiKey: OTHER_KEY });
      return answerOf(await other.messages.create(request(story.hello)));
    },
    cut: (seen) => collect(story.pieces, seen),
    failing: (seen) => collect(story.pieces, seen),
    noSuchModel: () => ask(story.hello, { model: "no-such-model" }),
    async refusal() {
      return client.withOptions({ defaultHeaders: headersFor("nobody-connected") }).messages.create(request("hi"));
    },
  },
  ({ status, error, type }) => told({ status, type: error?.error?.type ?? type, code: error?.error?.code }),
);
