export {
  RelayAuthenticationError,
  RelayBadRequestError,
  RelayConnectionError,
  RelayError,
  RelayNotFoundError,
  RelayPermissionError,
  RelayRateLimitError,
  RelayServerError,
} from "./errors.js";
export type { AnthropicModel, GoogleModel, ModelId, OpenAIModel } from "./models.js";
export { Relay, type RelayOpenAIOptions, type RelayOptions } from "./relay.js";
export type { Fetch } from "./transport.js";
export type {
  Credential,
  CredentialStatus,
  EndUser,
  ExpiresIn,
  NewCredential,
  Page,
  PageOptions,
  Provider,
  RegistrationToken,
  RegistrationTokenOptions,
} from "./types.js";
export { UserCredentials, Users } from "./users.js";
