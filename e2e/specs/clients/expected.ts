/** What every client must get in every scenario, in its API's own words. */

import story from "../../clients/story.json" with { type: "json" };
import { expect } from "../../support/test";
import { type Arrival, type Dialect, MANY_CALLS, REPORT, SEAL, THOUGHT, THOUGHT_CALL, type Upstream } from "./upstreams";

/** What a scenario must give, and what must have arrived at the provider meanwhile. */
export interface Expectation {
  result: unknown;
  arrived?: ((arrivals: Arrival[]) => void) | undefined;
}
type Fields = Record<string, unknown>;
export type Expected = Record<string, Expectation>;

/** How an API or a client says what all say. */
export interface Words {
  stop: string;
  /** A stop sequence came up: only Anthropic tells that from an end of the model's own. */
  stopped?: Partial<Record<Dialect, string>>;
  length: string;
  tools: string;
  /** The client has no place for thoughts: it neither shows them nor sends them back. */
  losesThoughts?: boolean;
  /** What the client itself gets wrong with its own provider too, by scenario: not looked at. */
  wrong?: Record<string, string[]>;
  errors: {
    /** The user has connected no key: 424 `user_not_connected`. */
    refusal: Fields;
    /** 404 `model_not_found`. */
    noSuchModel: Fields;
    /** The stream broke off. */
    cut: Fields;
    /** 400 `unsupported_parameter`. */
    unsupported: Fields;
  };
}

export const error = (fields: Fields) => ({ error: expect.objectContaining(fields) as unknown });
/** The tokens of what the simulated Responses upstream thinks when nobody says what. */
const THOUGHT_UNASKED = 2;
const said = (text: string) => `You said: ${text}`;
const answers = (calls: typeof MANY_CALLS) =>
  calls.map(({ name, arguments: args }) => [name, ...Object.values(args)].join(" "));
/** Clients wrap a tool's answer in JSON or not; what it says must be there, in the calls' order. */
const answered = (texts: string[]) =>
  expect.stringMatching(new RegExp(["^The tool answered: ", ...texts].join(".*"), "s"));

/** What does not depend on the client beyond its API and its words. */
export function expectedOf(api: Dialect, words: Words, upstream: Upstream): Expected {
  const { stop, tools: finish } = words;
  const thoughtful = upstream.dialect !== "openai-chat" && !words.losesThoughts;
  const translated = api !== upstream.dialect;
  // Relay asks a Responses upstream for what the model thought, to have it sent back; it is shown to those who ask
  // for a summary, which Chat has no word for.
  const thinksAnyway = upstream.dialect === "openai-responses" && translated;
  const showsThoughts = thoughtful && !(thinksAnyway && api === "openai-chat");
  const usage = (input: number, output: number, thought = thinksAnyway ? THOUGHT_UNASKED : 0) =>
    expect.objectContaining({ input, output: output + thought }) as unknown;
  const [oneCall] = MANY_CALLS.slice(0, 1) as [(typeof MANY_CALLS)[number]];
  const tool = { finish, calls: [oneCall], usage: usage(3, 2), answer: answered(answers([oneCall])) };
  const tools = { finish, calls: MANY_CALLS, answer: answered(answers(MANY_CALLS)) };
  const thinking = {
    finish,
    calls: [THOUGHT_CALL],
    ...(showsThoughts && { thinking: THOUGHT }),
    usage: usage(6, 7, 0),
    answer: answered(answers([THOUGHT_CALL])),
  };
  const hello = { text: said(story.hello), finish: stop, usage: usage(4, 6) };
  const streamed = { text: said(story.pieces), finish: stop, usage: usage(6, 8) };

  /** Answers: the fields that must be as told; the rest is not looked at. */
  const told: Record<string, Fields> = {
    text: { ...hello, usage: usage(7, 6) },
    stream: { ...streamed, pieces: expect.any(Number) },
    length: { text: expect.stringMatching(/^You said: one two\s*$/), finish: words.length },
    stop: { text: said("one two three"), finish: words.stopped?.[upstream.dialect] ?? stop, usage: usage(6, 5) },
    tool,
    toolStreamed: tool,
    tools,
    toolsStreamed: tools,
    toolFails: { answer: expect.stringContaining(story.failure) },
    toolForced: { calls: [{ name: "get_time", arguments: { zone: "sample" } }] },
    image: { text: `${said(story.look)} (with 1 image)` },
    thinking,
    thinkingStreamed: thinking,
    beta: { whole: expect.objectContaining(hello), streamed: expect.objectContaining(streamed) },
    embeddings: { count: story.embed.length },
    otherForms: hello,
  };
  const values: Record<string, unknown> = {
    structured: REPORT,
    structuredStreamed: REPORT,
    structuredOutput: REPORT,
    structuredByTool: { city: "sample", celsius: 1, words: ["sample"] },
    chat: [said(story.hello), said(story.pieces), 4],
    count: expect.any(Number),
    models: { listed: true, one: expect.stringContaining(upstream.model) },
  };
  const { errors } = words;
  const { reason: _, ...failing } = errors.cut;
  const refused: Record<string, Fields> = {
    ...(upstream.dialect === "openai-responses" && { stop: errors.unsupported }),
    ...((!upstream.embeddingModel || api === "anthropic") && { embeddings: {} }),
    cut: { message: expect.stringContaining("stopped before its end"), pieces: expect.any(Number), ...errors.cut },
    failing,
    keptAtOpenAI: { status: 400, param: "previous_response_id" },
    noSuchModel: errors.noSuchModel,
    refusal: errors.refusal,
  };

  const answersEach = ([, second]: Arrival[]) => {
    const calls = upstream.callsIn(second?.body);
    expect.soft(calls).toHaveLength(MANY_CALLS.length);
    expect.soft(upstream.resultsIn(second?.body)).toEqual(calls);
    // Gemini's two calls of one tool may have neither ids nor names that tell them apart.
    expect.soft(new Set(calls).size).toBeGreaterThan(upstream.dialect === "google" ? 1 : 2);
  };
  const schema = ([arrival]: Arrival[]) =>
    expect.soft(upstream.schemaIn(arrival?.body)).toMatchObject({ properties: { words: { type: "array" } } });
  const thought = ([first, second]: Arrival[]) => {
    expect.soft(upstream.thinkingIn(first?.body)).toBeTruthy();
    expect.soft(JSON.stringify(second?.body).includes(SEAL), "the thought comes back signed").toBe(thoughtful);
  };
  const arrived: Record<string, (arrivals: Arrival[]) => void> = {
    tools: answersEach,
    toolsStreamed: answersEach,
    structured: schema,
    structuredStreamed: schema,
    structuredOutput: schema,
    image: ([arrival]) => expect.soft(upstream.imageIn(arrival?.body)).toBe(story.image),
    thinking: thought,
    thinkingStreamed: thought,
    refusal: (arrivals) => expect.soft(arrivals).toEqual([]),
  };

  const looked = (scenario: string, fields: Fields) =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => !words.wrong?.[scenario]?.includes(name)));
  const results: Record<string, unknown> = {
    ...each(told, (scenario, fields) => ({ value: expect.objectContaining(looked(scenario, fields)) })),
    ...each(values, (_, value) => ({ value })),
    ...each(refused, (_, fields) => error(fields)),
  };
  return each(results, (scenario, result) => ({ result, arrived: arrived[scenario] }));
}

function each<From, To>(table: Record<string, From>, convert: (name: string, value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, convert(name, value)]));
}
