// The official OpenAI client for Node.js, unchanged: Responses.

import OpenAI from "openai";

import { API_KEY, BASE_URL, HEADERS, MODEL, OTHER_BASE_URL, OTHER_KEY } from "./scenarios.mjs";
import { headersFor, run, story, toolAnswer, told } from "./scenarios.mjs";

const client = new OpenAI({ baseURL: BASE_URL, apiKey: API_KEY, defaultHeaders: HEADERS });
const user = (content) => ({ role: "user", content });
const request = (input, more) => ({ model: MODEL, input, store: false, max_output_tokens: 2000, ...more });
const ask = (input, more) => client.responses.create(request(input, more));
const askStreamed = (input, more) => client.responses.stream(request(input, more)).finalResponse();
const tools = story.tools.map(({ name, description, schema }) => ({
  type: "function",
  name,
  description,
  parameters: schema,
  strict: true,
}));
const textOf = ({ output }) => {
  const parts = output.flatMap((item) => (item.type === "message" ? item.content : []));
  return parts.map((part) => part.text ?? "").join("");
};
const callsOf = (response) => response.output.filter((item) => item.type === "function_call");

function answerOf(response) {
  const calls = callsOf(response);
  const summaries = response.output.flatMap((item) => (item.type === "reasoning" ? item.summary : []));
  return told({
    text: textOf(response) || null,
    finish: response.incomplete_details?.reason ?? response.status,
    thinking: summaries.map((part) => part.text).join("") || null,
    calls: calls.length ? calls.map((call) => ({ name: call.name, arguments: JSON.parse(call.arguments) })) : null,
    usage: {
      input: response.usage.input_tokens,
      output: response.usage.output_tokens,
      cached: response.usage.input_tokens_details.cached_tokens,
      reasoning: response.usage.output_tokens_details.reasoning_tokens,
    },
  });
}

/** Answers every call, with everything the model made sent back, and gives the first answer with the text of the last. */
async function loop(question, first, more, answer = toolAnswer) {
  const results = callsOf(first).map((call) => ({
    type: "function_call_output",
    call_id: call.call_id,
    output: answer(call.name, JSON.parse(call.arguments)),
  }));
  const second = await ask([user(question), ...first.output, ...results], more);
  const ids = new Set(callsOf(first).map((call) => call.call_id)).size;
  return { ...answerOf(first), ids, answer: textOf(second) };
}

/** Reads a stream event by event. */
async function collect(stream, seen) {
  Object.assign(seen, { pieces: 0, numbered: true });
  let text = "";
  let last = null;
  let expected = 0;
  for await (const event of stream) {
    seen.numbered &&= event.sequence_number === expected++;
    if (event.type === "response.output_text.delta") {
      seen.pieces += 1;
      text += event.delta;
    }
    last = event;
  }
  if (last?.type === "response.failed" || last?.type === "error") {
    const { code, message } = last.response?.error ?? last;
    throw Object.assign(new Error(message), { code, type: last.type });
  }
  if (last?.response?.status !== "completed") {
    return { text, ended: last?.type };
  }
  return { ...answerOf(last.response), same: textOf(last.response) === text };
}

const thinking = { tools, reasoning: { effort: "medium", summary: "auto" }, include: ["reasoning.encrypted_content"] };

await run(
  {
    async text() {
      const { data, response } = await ask(story.hello, { instructions: story.system }).withResponse();
      return { ...answerOf(data), requestId: response.headers.get("x-relay-request-id") };
    },
    async stream(seen) {
      return { ...(await collect(await ask(story.pieces, { stream: true }), seen)), ...seen };
    },
    length: async () => answerOf(await ask(story.pieces, { max_output_tokens: story.fewTokens })),
    tool: async () => loop(story.oneTool, await ask([user(story.oneTool)], { tools }), { tools }),
    toolStreamed: async () => loop(story.oneTool, await askStreamed(story.oneTool, { tools }), { tools }),
    tools: async () => loop(story.manyTools, await ask(story.manyTools, { tools }), { tools }),
    toolsStreamed: async () => loop(story.manyTools, await askStreamed(story.manyTools, { tools }), { tools }),
    toolFails: async () => loop(story.oneTool, await ask(story.oneTool, { tools }), { tools }, () => story.failure),
    async toolForced() {
      return answerOf(await ask(story.hello, { tools, tool_choice: { type: "function", name: "get_time" } }));
    },
    async structured() {
      const format = { type: "json_schema", name: "report", schema: story.reportSchema, strict: true };
      return (await client.responses.parse(request(story.report, { text: { format } }))).output_parsed;
    },
    async image() {
      const image_url = `data:image/png;base64,${story.image}`;
      const content = [{ type: "input_text", text: story.look }, { type: "input_image", image_url, detail: "auto" }];
      return answerOf(await ask([user(content)]));
    },
    thinking: async () => loop(story.think, await ask(story.think, thinking), thinking),
    thinkingStreamed: async () => loop(story.think, await askStreamed(story.think, thinking), thinking),
    async otherForms() {
      const other = new OpenAI({ baseURL: OTHER_BASE_URL, apiKey: OTHER_KEY });
      return answerOf(await other.responses.create(request(story.hello)));
    },
    cut: async (seen) => collect(await ask(story.pieces, { stream: true }), seen),
    failing: async (seen) => collect(await ask(story.pieces, { stream: true }), seen),
    keptAtOpenAI: () => ask(story.hello, { previous_response_id: "resp_1" }),
    noSuchModel: () => ask(story.hello, { model: "no-such-model" }),
    async refusal() {
      return client.withOptions({ defaultHeaders: headersFor("nobody-connected") }).responses.create(request("hi"));
    },
  },
  ({ status, code, type, param }) => told({ status, code, type, param }),
);
