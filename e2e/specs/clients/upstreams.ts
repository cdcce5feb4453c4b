/** The providers behind Relay, a dialect each: which model leads there, and how a request looks on arrival. */

import type { Provider, Reply } from "../../support/sim";
import story from "../../clients/story.json" with { type: "json" };

/** A request that reached the simulated provider. */
export interface Arrival {
  method: string;
  path: string;
  // Loose JSON of four dialects: what is looked for is looked for by name.
  body: any;
}

export type Dialect = "openai-chat" | "openai-responses" | "anthropic" | "google";

export interface Upstream {
  dialect: Dialect;
  provider: Provider;
  model: string;
  /** None where the provider serves no embeddings. */
  embeddingModel: string;
  /** What the path of a call to the model contains. */
  path: string;
  /** How many events go out before a stream breaks off, with some text among them. */
  eventsBeforeBreak: number;
  /** The schema that the answer must follow. */
  schemaIn(body: Arrival["body"]): unknown;
  /** How the model was asked to think. */
  thinkingIn(body: Arrival["body"]): unknown;
  /** What names the calls, and what their results answer, in their order. */
  callsIn(body: Arrival["body"]): unknown[];
  resultsIn(body: Arrival["body"]): unknown[];
  /** The picture's bytes in base64. */
  imageIn(body: Arrival["body"]): unknown;
}

const embeddingModels = { openai: "text-embedding-3-small", anthropic: "", google: "gemini-embedding-001" };
const imageUrl = `data:image/png;base64,${story.image}`;
const withoutScheme = (url: string) => (url === imageUrl ? story.image : url);

/** The elements of a field that holds an array, of every object that has one. */
const all = (objects: Arrival["body"][], field: string): Arrival["body"][] =>
  objects.flatMap((object) => (Array.isArray(object[field]) ? object[field] : []));
const ofType = (objects: Arrival["body"][], type: string) => objects.filter((object) => object.type === type);
const named = (parts: Arrival["body"][], field: string) =>
  parts.flatMap((part) => (part[field] ? [`${part[field].name} ${part[field].id ?? ""}`] : []));

export const UPSTREAMS: Upstream[] = [
  {
    dialect: "openai-chat",
    provider: "openai",
    // Served in Chat alone, so that a Responses client is translated.
    model: "gpt-4o-audio-preview",
    embeddingModel: embeddingModels.openai,
    path: "/chat/completions",
    eventsBeforeBreak: 4,
    schemaIn: (body) => body.response_format.json_schema.schema,
    thinkingIn: (body) => body.reasoning_effort,
    callsIn: (body) => all(body.messages, "tool_calls").map((call) => call.id),
    resultsIn: (body) => body.messages.flatMap((message: Arrival["body"]) => message.tool_call_id ?? []),
    imageIn: (body) => withoutScheme(body.messages[0].content[1].image_url.url),
  },
  {
    dialect: "openai-responses",
    provider: "openai",
    // Served in Responses alone, so that every other client is translated.
    model: "gpt-5-codex",
    embeddingModel: embeddingModels.openai,
    path: "/responses",
    eventsBeforeBreak: 9,
    schemaIn: (body) => body.text.format.schema,
    thinkingIn: (body) => body.reasoning.effort,
    callsIn: (body) => ofType(body.input, "function_call").map((item) => item.call_id),
    resultsIn: (body) => ofType(body.input, "function_call_output").map((item) => item.call_id),
    imageIn: (body) => withoutScheme(body.input[0].content[1].image_url),
  },
  {
    dialect: "anthropic",
    provider: "anthropic",
    model: "claude-sonnet-4-5",
    embeddingModel: embeddingModels.anthropic,
    path: "/messages",
    eventsBeforeBreak: 5,
    schemaIn: (body) => body.output_config.format.schema,
    thinkingIn: (body) => body.thinking.type,
    callsIn: (body) => ofType(all(body.messages, "content"), "tool_use").map((block) => block.id),
    resultsIn: (body) => ofType(all(body.messages, "content"), "tool_result").map((block) => block.tool_use_id),
    imageIn: (body) => body.messages[0].content[1].source.data,
  },
  {
    dialect: "google",
    provider: "google",
    model: "gemini-2.5-flash",
    embeddingModel: embeddingModels.google,
    path: "enerateContent",
    eventsBeforeBreak: 2,
    schemaIn: (body) => body.generationConfig.responseJsonSchema ?? body.generationConfig.responseSchema,
    thinkingIn: (body) => {
      const { thinkingConfig: config } = body.generationConfig;
      return config.thinkingBudget ?? config.thinking_budget;
    },
    // Calls need no ids here; then their order tells.
    callsIn: (body) => named(all(body.contents, "parts"), "functionCall"),
    resultsIn: (body) => named(all(body.contents, "parts"), "functionResponse"),
    imageIn: (body) => body.contents.at(-1).parts.flatMap((part: Arrival["body"]) => part.inlineData?.data?.replaceAll("-", "+").replaceAll("_", "/") ?? [])[0],
  },
];

/** Three calls at once, two of them of one tool: whoever mixes them up shows it. */
export const MANY_CALLS = [
  { name: "get_weather", arguments: { city: "Seoul" } },
  { name: "get_time", arguments: { zone: "Asia/Seoul" } },
  { name: "get_weather", arguments: { city: "Busan" } },
];
export const REPORT = { city: "Seoul", celsius: 21, words: ["clear", "차다"] };
export const THOUGHT = "The user wants the weather.";
/** How every signature of the simulation begins, in base64. */
export const SEAL = Buffer.from("simulated seal of a thought").toString("base64");
/** A call that no other scenario makes: the simulation knows a thought by the call it led to. */
export const THOUGHT_CALL = { name: "get_weather", arguments: { city: "Atlantis" } };

/** What the provider is told to say, by scenario; in all others it answers by its own rules. */
export function repliesOf({ provider, path, eventsBeforeBreak }: Upstream): Record<string, Array<Reply & { provider: Provider }>> {
  const only = (reply: Reply) => [{ provider, on: path, ...reply }];
  const report = only({ text: JSON.stringify(REPORT) });
  const thought = only({ thinking: THOUGHT, toolCalls: [THOUGHT_CALL] });
  return {
    tools: only({ toolCalls: MANY_CALLS }),
    toolsStreamed: only({ toolCalls: MANY_CALLS }),
    structured: report,
    structuredStreamed: report,
    structuredOutput: report,
    thinking: thought,
    thinkingStreamed: thought,
    thinkingKept: thought,
    cut: only({ cutAfter: eventsBeforeBreak }),
    failing: only({ errorAfter: eventsBeforeBreak }),
  };
}
