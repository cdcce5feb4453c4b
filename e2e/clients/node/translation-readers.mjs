/**
 * What each official Node.js client reads of an answer, in the shape that `translations.rs` expects.
 *
 * As `../python/translation_readers.py`, but for the types: here they are gone when the program runs.
 */

import Anthropic from "@anthropic-ai/sdk";
import { ApiError, GoogleGenAI } from "@google/genai";
import OpenAI from "openai";

const messages = [{ role: "user", content: "hi" }];

const nothing = () => ({ text: "", reasoning: "", calls: [], images: 0, finish: null, usage: null });

function demand(condition, sentence) {
  if (!condition) {
    throw new Error(sentence);
  }
}

function usageOf(counts) {
  const names = ["input", "output", "cacheRead", "cacheWrite", "cacheWrite1h", "reasoning"];
  names.push("inputAudio", "outputAudio", "inputImage", "outputImage");
  return Object.fromEntries(names.map((name) => [name, counts[name] ?? 0]));
}

/** Both OpenAI dialects count alike, under other names. */
function openAiUsage(usage, read, wrote) {
  if (!usage) {
    return null;
  }
  const [before, after] = [usage[`${read}_tokens_details`], usage[`${wrote}_tokens_details`]];
  const [input, output] = [usage[`${read}_tokens`], usage[`${wrote}_tokens`]];
  demand(usage.total_tokens === input + output, `the total is ${usage.total_tokens}, not ${input} + ${output}`);
  return usageOf({
    input,
    output,
    cacheRead: before?.cached_tokens,
    cacheWrite: before?.cache_write_tokens,
    reasoning: after?.reasoning_tokens,
    inputAudio: before?.audio_tokens,
    outputAudio: after?.audio_tokens,
    inputImage: before?.image_tokens,
    outputImage: after?.image_tokens,
  });
}

function argumentsOf(text) {
  try {
    return JSON.parse(text || "{}");
  } catch {
    return text;
  }
}

/** What a reader asks for; the model and the headers say it to who stands in for the provider. */
class Reader {
  model = "claude-sonnet-4-5";
  headers = {};

  get options() {
    return { headers: this.headers };
  }
}

class Chat extends Reader {
  error = OpenAI.APIError;

  constructor(url, apiKey) {
    super();
    this.completions = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 }).chat.completions;
  }

  async whole() {
    const answer = await this.completions.create({ model: this.model, messages }, this.options);
    const { reasoning_content: reasoning, images } = answer.choices[0].message;
    return this.told(answer, reasoning ?? "", images?.length ?? 0);
  }

  async stream() {
    const ask = { model: this.model, messages, stream_options: { include_usage: true } };
    const stream = this.completions.stream(ask, this.options);
    let [reasoning, images] = ["", 0];
    for await (const chunk of stream) {
      // Fields of other providers the client hands on and does not put together.
      for (const { delta } of chunk.choices.filter(({ index }) => index === 0)) {
        reasoning += delta.reasoning_content ?? "";
        images += delta.images?.length ?? 0;
      }
    }
    return this.told(await stream.finalChatCompletion(), reasoning, images);
  }

  told(answer, reasoning, images) {
    const { message, finish_reason: finish } = answer.choices[0];
    return {
      text: (message.content ?? "") + (message.refusal ?? ""),
      reasoning,
      calls: (message.tool_calls ?? []).map(({ function: { name, arguments: text } }) => ({
        name,
        arguments: argumentsOf(text),
      })),
      images,
      finish,
      usage: openAiUsage(answer.usage, "prompt", "completion"),
    };
  }
}

class Responses extends Reader {
  error = OpenAI.APIError;

  constructor(url, apiKey) {
    super();
    this.responses = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 }).responses;
  }

  async whole() {
    return this.told(await this.responses.create({ model: this.model, input: "hi" }, this.options));
  }

  async stream() {
    const stream = this.responses.stream({ model: this.model, input: "hi" }, this.options);
    let last;
    for await (const event of stream) {
      last = event;
    }
    demand(/^response\.(completed|incomplete)$/.test(last?.type), `the last event is ${last?.type}`);
    return this.told(await stream.finalResponse());
  }

  told(answer) {
    const told = nothing();
    for (const item of answer.output) {
      if (item.type === "message") {
        told.text += item.content.map((part) => (part.type === "output_text" ? part.text : part.refusal)).join("");
      } else if (item.type === "reasoning") {
        const pieces = item.summary.length > 0 ? item.summary : (item.content ?? []);
        told.reasoning += pieces.map((piece) => piece.text).join("");
      } else if (item.type === "function_call") {
        told.calls.push({ name: item.name, arguments: argumentsOf(item.arguments) });
      } else if (item.type === "image_generation_call") {
        told.images += 1;
      }
    }
    const reason = answer.incomplete_details?.reason;
    demand((answer.status === "incomplete") === Boolean(reason), `${answer.status} because of ${reason}`);
    return { ...told, finish: reason ?? answer.status, usage: openAiUsage(answer.usage, "input", "output") };
  }
}

class Messages extends Reader {
  error = Anthropic.APIError;

  constructor(baseURL, apiKey) {
    super();
    this.messages = new Anthropic({ baseURL, apiKey, maxRetries: 0 }).messages;
  }

  get ask() {
    return { model: this.model, max_tokens: 1024, messages };
  }

  async whole() {
    return this.told(await this.messages.create(this.ask, this.options));
  }

  async stream() {
    const stream = this.messages.stream(this.ask, this.options);
    let [opened, isOpen] = [0, false];
    for await (const event of stream) {
      if (event.type === "content_block_start") {
        demand(!isOpen && event.index === opened, `block ${event.index} starts out of turn`);
        [opened, isOpen] = [opened + 1, true];
      } else if (event.type === "content_block_delta" || event.type === "content_block_stop") {
        demand(isOpen && event.index === opened - 1, `block ${event.index} is not open`);
        isOpen = event.type === "content_block_delta";
      } else if (event.type !== "ping") {
        demand(!isOpen, `${event.type} within a block`);
      }
    }
    return this.told(await stream.finalMessage());
  }

  told(answer) {
    const told = nothing();
    for (const block of answer.content) {
      if (block.type === "text") {
        told.text += block.text;
      } else if (block.type === "thinking") {
        told.reasoning += block.thinking;
      } else if (block.type === "tool_use") {
        told.calls.push({ name: block.name, arguments: block.input });
      }
    }
    const { usage } = answer;
    const [cacheRead, cacheWrite] = [usage.cache_read_input_tokens ?? 0, usage.cache_creation_input_tokens ?? 0];
    return {
      ...told,
      finish: answer.stop_reason,
      usage: usageOf({
        input: usage.input_tokens + cacheRead + cacheWrite,
        output: usage.output_tokens,
        cacheRead,
        cacheWrite,
        cacheWrite1h: usage.cache_creation?.ephemeral_1h_input_tokens,
        reasoning: usage.output_tokens_details?.thinking_tokens,
      }),
    };
  }
}

class Gemini extends Reader {
  error = ApiError;

  constructor(baseUrl, apiKey) {
    super();
    this.models = new GoogleGenAI({ apiKey, httpOptions: { baseUrl } }).models;
  }

  get ask() {
    return { model: this.model, contents: "hi", config: { httpOptions: { headers: this.headers } } };
  }

  async whole() {
    const answer = await this.models.generateContent(this.ask);
    const told = this.told([answer]);
    demand((answer.text ?? "") === told.text, `the client's text is ${answer.text}`);
    demand((answer.functionCalls ?? []).length === told.calls.length, "the client finds other calls");
    return told;
  }

  async stream() {
    const chunks = [];
    for await (const chunk of await this.models.generateContentStream(this.ask)) {
      chunks.push(chunk);
    }
    return this.told(chunks);
  }

  told(chunks) {
    const told = nothing();
    for (const chunk of chunks) {
      for (const candidate of (chunk.candidates ?? []).filter(({ index }) => !index)) {
        demand(told.finish === null || !candidate.content, "content behind the end");
        told.finish = candidate.finishReason ?? told.finish;
        for (const part of candidate.content?.parts ?? []) {
          told[part.thought ? "reasoning" : "text"] += part.text ?? "";
          if (part.functionCall) {
            told.calls.push({ name: part.functionCall.name, arguments: part.functionCall.args ?? {} });
          }
          told.images += Number(Boolean(part.inlineData?.mimeType.startsWith("image/")));
        }
      }
      told.usage = chunk.usageMetadata ? this.usage(chunk.usageMetadata) : told.usage;
    }
    return told;
  }

  usage(usage) {
    const of = (details, modality) =>
      (details ?? []).filter((one) => one.modality === modality).reduce((sum, one) => sum + (one.tokenCount ?? 0), 0);
    const [before, after] = [usage.promptTokensDetails, usage.candidatesTokensDetails];
    const input = (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0);
    const output = (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0);
    demand(usage.totalTokenCount === input + output, `the total is ${usage.totalTokenCount}, not ${input} + ${output}`);
    return usageOf({
      input,
      output,
      cacheRead: usage.cachedContentTokenCount,
      reasoning: usage.thoughtsTokenCount,
      inputAudio: of(before, "AUDIO"),
      outputAudio: of(after, "AUDIO"),
      inputImage: of(before, "IMAGE"),
      outputImage: of(after, "IMAGE"),
    });
  }
}

export const READERS = { "openai-chat": Chat, "openai-responses": Responses, "anthropic-messages": Messages, gemini: Gemini };
