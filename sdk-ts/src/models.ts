/**
 * Model names an editor can offer. Every other string is accepted as well, so a model that came
 * out yesterday needs no new version of this package.
 */

/** A model of OpenAI's. */
export type OpenAIModel =
  | "gpt-5.5"
  | "gpt-5.5-pro"
  | "gpt-5.4"
  | "gpt-5.4-mini"
  | "gpt-5.4-nano"
  | "gpt-5.2"
  | "gpt-5.1"
  | "gpt-5"
  | "gpt-5-mini"
  | "gpt-5-nano"
  | "gpt-4.1"
  | "gpt-4.1-mini"
  | "gpt-4o"
  | "gpt-4o-mini"
  | "text-embedding-3-large"
  | "text-embedding-3-small"
  | (string & {});

/** A model of Anthropic's. */
export type AnthropicModel =
  | "claude-sonnet-5"
  | "claude-fable-5"
  | "claude-opus-4-8"
  | "claude-opus-4-7"
  | "claude-opus-4-6"
  | "claude-sonnet-4-6"
  | "claude-opus-4-5"
  | "claude-sonnet-4-5"
  | "claude-haiku-4-5"
  | (string & {});

/** A model of Google's. */
export type GoogleModel =
  | "gemini-3.5-flash"
  | "gemini-3.1-pro-preview"
  | "gemini-3.1-flash-lite"
  | "gemini-3-flash-preview"
  | "gemini-2.5-pro"
  | "gemini-2.5-flash"
  | "gemini-2.5-flash-lite"
  | "gemini-embedding-001"
  | (string & {});

/**
 * Any model Relay routes: a bare name (`claude-sonnet-4-5`), or one that names its provider
 * (`anthropic/claude-sonnet-4-5`, `anthropic:claude-sonnet-4-5`).
 */
export type ModelId = OpenAIModel | AnthropicModel | GoogleModel;
