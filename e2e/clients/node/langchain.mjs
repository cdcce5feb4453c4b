// LangChain for JavaScript, unchanged, with its models for OpenAI (Chat and Responses), Anthropic and Google.

import { ChatAnthropic } from "@langchain/anthropic";
import { AIMessageChunk, HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { ChatGoogleGenerativeAI, GoogleGenerativeAIEmbeddings } from "@langchain/google-genai";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";

import { API_KEY, BASE_URL, EMBEDDING_MODEL, HEADERS, MODEL, OTHER_BASE_URL, OTHER_KEY } from "./scenarios.mjs";
import { headersFor, run, story, toolAnswer, told } from "./scenarios.mjs";

const openai = (more) => (baseURL, apiKey, defaultHeaders, { maxTokens, ...fields }) =>
  new ChatOpenAI({ apiKey, configuration: { baseURL, defaultHeaders }, maxTokens, ...more, ...fields });

/** Each API by its name: its model, how it is asked to think, and to stop. */
const APIS = {
  "openai-chat": { model: openai({}), stop: { stop: [story.stopBefore] }, thinking: { modelKwargs: { reasoning_effort: "medium" } } },
  "openai-responses": {
    model: openai({ useResponsesApi: true }),
    thinking: {
      modelKwargs: {
        reasoning: { effort: "medium", summary: "auto" },
        include: ["reasoning.encrypted_content"],
      },
    },
  },
  anthropic: {
    model: (baseURL, apiKey, defaultHeaders, fields) =>
      new ChatAnthropic({ apiKey, anthropicApiUrl: baseURL, clientOptions: { defaultHeaders }, ...fields }),
    stop: { stopSequences: [story.stopBefore] },
    thinking: { thinking: { type: "enabled", budget_tokens: 1024 } },
  },
  google: {
    model: (baseUrl, apiKey, customHeaders, { maxTokens, ...fields }) =>
      new ChatGoogleGenerativeAI({ apiKey, baseUrl, customHeaders, maxOutputTokens: maxTokens, ...fields }),
    stop: { stopSequences: [story.stopBefore] },
    thinking: { thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } },
  },
};
const api = APIS[process.env.API];
const model = (more) => api.model(BASE_URL, API_KEY, HEADERS, { model: MODEL, maxTokens: 2000, ...more });

const tools = story.tools.map(({ name, description, schema }) => ({ name, description, schema }));

/** A model's text, and its thoughts, wherever its class keeps them. */
const partsOf = (message, type, field) =>
  message.contentBlocks.filter((block) => block.type === type).map((block) => block[field]).join("") || null;

function answerOf(message) {
  const { usage_metadata: usage, tool_calls: calls, response_metadata: about } = message;
  return told({
    text: partsOf(message, "text", "text"),
    finish: about.finish_reason ?? about.finishReason ?? about.stop_reason ?? message.additional_kwargs.stop_reason
      ?? about.incomplete_details?.reason ?? about.status,
    thinking: partsOf(message, "reasoning", "reasoning"),
    calls: calls?.length ? calls.map(({ name, args }) => ({ name, arguments: args })) : null,
    usage: told({
      input: usage?.input_tokens,
      output: usage?.output_tokens,
      cached: usage?.input_token_details?.cache_read,
      reasoning: usage?.output_token_details?.reasoning,
    }),
  });
}

/** Answers every call, with the model's message sent back, and gives the first answer with the text of the last. */
async function loop(question, bound, first, answer = toolAnswer, status = "success") {
  const results = first.tool_calls.map(
    ({ id, name, args }) => new ToolMessage({ tool_call_id: id, name, status, content: answer(name, args) }),
  );
  const second = await bound.invoke([new HumanMessage(question), first, ...results]);
  const ids = new Set(first.tool_calls.map((call) => call.id)).size;
  return { ...answerOf(first), ids, answer: partsOf(second, "text", "text") };
}

async function collect(bound, question, seen = {}) {
  seen.pieces = 0;
  let whole;
  for await (const chunk of await bound.stream(question)) {
    seen.pieces += chunk.text ? 1 : 0;
    whole = whole ? whole.concat(chunk) : chunk;
  }
  return whole ?? new AIMessageChunk("");
}

const withTools = () => model().bindTools(tools);
const thinking = () => model(api.thinking).bindTools(tools);

await run(
  {
    text: async () => answerOf(await model().invoke([new SystemMessage(story.system), new HumanMessage(story.hello)])),
    async stream(seen) {
      return { ...answerOf(await collect(model(), story.pieces, seen)), ...seen };
    },
    length: async () => answerOf(await model({ maxTokens: story.fewTokens }).invoke(story.pieces)),
    stop: async () => answerOf(await model(api.stop).invoke(story.pieces)),
    tool: async () => loop(story.oneTool, withTools(), await withTools().invoke(story.oneTool)),
    toolStreamed: async () => loop(story.oneTool, withTools(), await collect(withTools(), story.oneTool)),
    tools: async () => loop(story.manyTools, withTools(), await withTools().invoke(story.manyTools)),
    toolsStreamed: async () => loop(story.manyTools, withTools(), await collect(withTools(), story.manyTools)),
    toolFails: async () =>
      loop(story.oneTool, withTools(), await withTools().invoke(story.oneTool), () => story.failure, "error"),
    toolForced: async () => answerOf(await model().bindTools(tools, { tool_choice: "get_time" }).invoke(story.hello)),
    structured: () =>
      model().withStructuredOutput(story.reportSchema, { name: "report", method: "jsonSchema" }).invoke(story.report),
    // The other way to structure: a tool that must be called.
    structuredByTool: () =>
      model().withStructuredOutput(story.reportSchema, { name: "report", method: "functionCalling" }).invoke(story.report),
    async image() {
      const url = `data:image/png;base64,${story.image}`;
      const content = [{ type: "text", text: story.look }, { type: "image_url", image_url: { url } }];
      return answerOf(await model().invoke([new HumanMessage({ content })]));
    },
    thinking: async () => loop(story.think, thinking(), await thinking().invoke(story.think)),
    thinkingStreamed: async () => loop(story.think, thinking(), await collect(thinking(), story.think)),
    async embeddings() {
      if (process.env.API === "anthropic") {
        throw new Error("Anthropic serves no embeddings");
      }
      const vectors =
        process.env.API === "google"
          ? new GoogleGenerativeAIEmbeddings({ apiKey: OTHER_KEY, baseUrl: OTHER_BASE_URL, model: EMBEDDING_MODEL })
          : new OpenAIEmbeddings({
              apiKey: API_KEY,
              model: EMBEDDING_MODEL,
              configuration: { baseURL: BASE_URL, defaultHeaders: HEADERS },
            });
      return { count: (await vectors.embedDocuments(story.embed)).length };
    },
    async otherForms() {
      const other = api.model(OTHER_BASE_URL, OTHER_KEY, {}, { model: MODEL, maxTokens: 2000 });
      return answerOf(await other.invoke(story.hello));
    },
    cut: async (seen) => answerOf(await collect(model({ maxRetries: 0 }), story.pieces, seen)),
    failing: async (seen) => answerOf(await collect(model({ maxRetries: 0 }), story.pieces, seen)),
    noSuchModel: () => model({ model: "no-such-model" }).invoke(story.hello),
    async refusal() {
      // LangChain tries again after a 424, for more than a minute.
      const fields = { model: MODEL, maxTokens: 2000, maxRetries: 0 };
      const stranger = api.model(BASE_URL, API_KEY, headersFor("nobody-connected"), fields);
      return stranger.invoke("hi");
    },
  },
  ({ status, code, type, error }) =>
    told({ status, type: error?.error?.type ?? error?.type ?? type, code: error?.error?.code ?? error?.code ?? code }),
);
