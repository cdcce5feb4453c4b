/**
 * Model names an editor can offer: those of the catalog when this package was made. Every other
 * string is accepted as well, so a model that came out yesterday needs no new version of it.
 */

import type { AnthropicModel, GoogleModel, OpenAIModel, OtherModel } from "./generated/models.js";

export type { AnthropicModel, GoogleModel, OpenAIModel, OtherModel };

/**
 * Any model Relay routes: a bare name (`claude-sonnet-4-5`), or one that names its provider
 * (`anthropic/claude-sonnet-4-5`, `anthropic:claude-sonnet-4-5`).
 */
export type ModelId = OpenAIModel | AnthropicModel | GoogleModel | OtherModel;
