//! Types that cross the network: the server answers with them, the widget and the console read
//! them, and `sdk-ts` mirrors them. Pure data, compiles to WebAssembly, knows nothing of storage.
//!
//! Conventions: JSON names are camelCase; instants are RFC 3339 strings in UTC with milliseconds
//! (`2026-11-21T02:06:58.000Z`); an absent optional value is left out or `null`, and both are read alike.

mod account;
mod audit;
mod catalog;
mod console;
mod credential;
mod error;
mod given;
mod limit;
mod list;
mod member;
mod policy;
mod provider_health;
mod reach;
mod registration;
mod relay_key;
mod request;
mod role;
mod settings;
mod trace;
mod usage;
mod webhook;

pub use account::{
    AskedReset, ChangedAccount, ChangedPassword, LinkProvider, LinkedProvider, NewPassword,
    NewSecondFactor, NewSignUp, NewTenant, ProviderLink, RecoveryCodes, RemovedSecondFactor,
    RemovedTenant, SecondFactorCode, SecondFactorSecret, Session, SwitchTenant,
};
pub use audit::{AuditActor, AuditEntry};
pub use catalog::{
    Binding, Host, HostAuth, Model, ModelKind, NewHost, NewModel, PriceTier, Prices,
};
pub use console::{
    Account, Me, Membership, NewOwner, SetupLink, SignIn, SignInOptions, SignInProvider,
    TenantSummary,
};
pub use credential::{Credential, CredentialStatus, EndUser, NewCredential, Provider};
pub use error::{ErrorBody, ErrorDetail};
pub use limit::{Algorithm, Limit, LimitOn, Metric, QuotaUse, Quotas};
pub use list::Page;
pub use member::{
    AcceptInvitation, ChangedMember, ConfirmedSignUp, Invitation, InvitationSeen, LinkToken,
    Member, NewInvitation, ResetLink,
};
pub use policy::{Filter, KeySource, NewPolicy, Policy, PolicyRules, Strategy};
pub use provider_health::{
    CredentialHealth, CredentialTest, ProviderHealth, RecentError, RestingModel,
};
pub use reach::{
    CredentialState, Reach, ReachAsked, ReachedCredential, ReachedHost, ReachedModel, Refused,
};
pub use registration::{
    ConnectCredential, ExpiresIn, NewRegistrationToken, RegistrationToken, SealedKey, SealingKey,
    TokenScope, WidgetCredential, WidgetSession,
};
pub use relay_key::{
    ChangedRelayKey, CreatedRelayKey, KeySettings, NewRelayKey, RelayKey, RotateRelayKey, Scope,
};
pub use request::{RequestDetail, RequestRecord};
pub use role::Role;
pub use settings::{Branding, ChangedTenantSettings, TenantSettings};
pub use trace::{Attempt, ErrorCategory, Outcome, Phase, PhaseName, Trace};
pub use usage::{Grain, Latency, LatencyPoint, MonthUse, Percentiles, Usage, UsageBy, UsagePoint};
pub use webhook::{
    ChangedWebhook, Delivery, DeliveryAttempt, DeliveryStatus, LastDelivery, NewWebhook,
    RotateWebhook, Webhook, WebhookEvent, WebhookWithSecret,
};

/// An instant as RFC 3339 text in UTC, e.g. `2026-11-21T02:06:58.000Z`.
pub type Timestamp = String;

/// The header that names the end user on an inference call.
pub const USER_HEADER: &str = "x-relay-user";
/// The header by which an app says whether this end user pays (`true`) or is on the free tier (`false`).
pub const PAID_HEADER: &str = "x-relay-paid";
/// The header by which Relay's own page at `/connect` says which page it is framed by: that page's origin, or `nobody`.
pub const FRAMED_BY_HEADER: &str = "x-relay-framed-by";
/// The header on every response that names the request in logs and traces.
pub const REQUEST_ID_HEADER: &str = "x-relay-request-id";
