/** What reached a simulated provider, by what it means. */

import type { ReceivedRequest } from "../support/sim";

/** A tool's result, as the upstream was told. */
export interface Result {
  /** Which call it answers. */
  call: string;
  text: string;
}

/** The calls and the tools' results of a conversation, oldest first. */
export interface Loop {
  calls: Array<{ call: string; name: string }>;
  results: Result[];
}

type Json = Record<string, unknown>;

/** The request's dialect, by its path. */
export function dialectOf(request: ReceivedRequest): string {
  if (request.path.endsWith("/chat/completions")) {
    return "openai-chat";
  }
  if (request.path.endsWith("/responses")) {
    return "openai-responses";
  }
  return request.path.endsWith("/messages") ? "anthropic-messages" : "gemini";
}

/** Reads the loop out of a request, whatever its dialect. */
export function loopOf(request: ReceivedRequest): Loop {
  const body = request.body ?? {};
  const loop: Loop = { calls: [], results: [] };
  for (const item of list(body.messages ?? body.input ?? body.contents)) {
    for (const piece of [item, ...list(item.content), ...list(item.parts), ...list(item.tool_calls)]) {
      read(piece, loop);
    }
  }
  return loop;
}

/** The names of the tools on offer. */
export function toolsOf(request: ReceivedRequest): string[] {
  const tools = list(request.body?.tools).flatMap((tool) => [tool, ...list(tool.functionDeclarations)]);
  return tools.map((tool) => String(isObject(tool.function) ? tool.function.name : tool.name));
}

function read(piece: Json, loop: Loop): void {
  const call = (id: unknown, name: unknown) => loop.calls.push({ call: String(id), name: String(name) });
  const result = (id: unknown, value: unknown) => loop.results.push({ call: String(id), text: textOf(value) });
  if (piece.type === "function" && isObject(piece.function)) {
    call(piece.id, piece.function.name);
  } else if (piece.role === "tool") {
    result(piece.tool_call_id, piece.content);
  } else if (piece.type === "function_call") {
    call(piece.call_id, piece.name);
  } else if (piece.type === "function_call_output") {
    result(piece.call_id, piece.output);
  } else if (piece.type === "tool_use") {
    call(piece.id, piece.name);
  } else if (piece.type === "tool_result") {
    result(piece.tool_use_id, piece.content);
  } else if (isObject(piece.functionCall)) {
    call(piece.functionCall.id, piece.functionCall.name);
  } else if (isObject(piece.functionResponse)) {
    result(piece.functionResponse.id, piece.functionResponse.response);
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null;
}
