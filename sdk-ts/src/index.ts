export type { Bound } from "./bound.js";
export type { Clients } from "./clients.js";
export {
  RelayAuthenticationError,
  RelayBadRequestError,
  RelayConflictError,
  RelayConnectionError,
  RelayError,
  RelayNotFoundError,
  RelayPermissionError,
  RelayRateLimitError,
  RelayServerError,
  RelayTimeoutError,
  RelayUnprocessableError,
} from "./errors.js";
export type { AnthropicModel, GoogleModel, ModelId, OpenAIModel, OtherModel } from "./models.js";
export { List } from "./pages.js";
export {
  type AiSdkSettings,
  Relay,
  type RelayAnthropicOptions,
  type RelayOpenAIOptions,
  type RelayOptions,
} from "./relay.js";
export {
  Credentials,
  Policies,
  Providers,
  RegistrationTokens,
  RelayKeys,
  Requests,
  Settings,
  UsageReports,
  UserCredentials,
  Users,
  Webhooks,
} from "./resources.js";
export type { Call, CallOptions, Fetch } from "./transport.js";
export type * from "./types.js";
export {
  RelayWebhookError,
  type VerifyWebhookOptions,
  type WebhookCredential,
  type WebhookErrorCode,
  type WebhookEvent,
  type WebhookHeaders,
  verifyWebhook,
} from "./webhook.js";
