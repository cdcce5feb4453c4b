//! What a tenant decides, and what became of it. One file, because it is one table: a row a route.

use http::Method;
use relay_api::{
    AuditEntry, ChangedRelayKey, CreatedRelayKey, Credential, Host, Latency, Model, NewCredential,
    NewHost, NewModel, NewPolicy, NewRelayKey, Policy, RelayKey, RequestDetail, RequestRecord,
    RotateRelayKey, Usage,
};
use serde_json::json;

use super::operation::{Op, op, text};
use super::tag::Tag::{Audit, Catalog, Credentials, Policies, RelayKeys, Requests, Usage as Used};

const KEY: &str = "/v1/relay-keys/{id}";
const POLICY: &str = "/v1/policies/{id}";
const HOST: &str = "/v1/hosts/{id}";
const MODEL: &str = "/v1/catalog/models/{*id}";
const OWN: &str = "/v1/credentials/{provider}";
const POOLED: &str = "/v1/credentials/{provider}/{name}";

pub(super) fn operations() -> Vec<Op> {
    let tables = [
        credentials(),
        relay_keys(),
        policies(),
        catalog(),
        reports(),
    ];
    tables.into_iter().flatten().collect()
}

fn credentials() -> Vec<Op> {
    let put = |op: Op| {
        op.details(
            "With `apiKey`, the key is tried at its provider first, and nothing that is \
                refused is stored. Without it, only the pool's use of a connected key changes.",
        )
        .takes::<NewCredential>(json!({ "apiKey": "PROVIDER_KEY", "weight": 3 }))
        .answers::<Credential>(201, "Connected.")
        .answers::<Credential>(200, "Changed, or connected in place of another key.")
        .problem(422, "`key_refused` by its provider, or `key_malformed`.")
    };
    vec![
        op(
            Credentials,
            Method::GET,
            "/v1/credentials",
            "listCredentials",
            "Lists the tenant's own provider keys.",
        )
        .answers_page_of::<Credential>("All of them: one page."),
        put(op(
            Credentials,
            Method::PUT,
            OWN,
            "putDefaultCredential",
            "Connects or changes the tenant's key `default` for a provider.",
        )),
        op(
            Credentials,
            Method::DELETE,
            OWN,
            "deleteDefaultCredential",
            "Takes out the tenant's key `default` for a provider.",
        )
        .answers_nothing(),
        put(op(
            Credentials,
            Method::PUT,
            POOLED,
            "putPoolCredential",
            "Connects or changes one of several keys in the tenant's pool.",
        )),
        op(
            Credentials,
            Method::DELETE,
            POOLED,
            "deletePoolCredential",
            "Takes out one of several keys in the tenant's pool.",
        )
        .answers_nothing(),
    ]
}

fn relay_keys() -> Vec<Op> {
    let revoked = "`relay_key_revoked`: it stays so.";
    vec![
        op(
            RelayKeys,
            Method::GET,
            "/v1/relay-keys",
            "listRelayKeys",
            "Lists relay keys.",
        )
        .answers_page_of::<RelayKey>("All of them: one page. The keys themselves are not told."),
        op(
            RelayKeys,
            Method::POST,
            "/v1/relay-keys",
            "createRelayKey",
            "Makes a relay key.",
        )
        .takes::<NewRelayKey>(json!({
            "name": "app", "scopes": ["inference", "tokens"], "policy": "small-models",
            "limits": [{ "on": "user", "metric": "requests", "per": "minute", "amount": 20 }],
            "quotas": { "dollars": 100 },
        }))
        .answers::<CreatedRelayKey>(201, "The key: the only time it is told."),
        op(
            RelayKeys,
            Method::GET,
            KEY,
            "getRelayKey",
            "Shows a relay key.",
        )
        .answers::<RelayKey>(200, "The relay key, but not the key itself."),
        op(
            RelayKeys,
            Method::PATCH,
            KEY,
            "updateRelayKey",
            "Changes a relay key.",
        )
        .details("What is left out stays; `null` takes away.")
        .takes::<ChangedRelayKey>(json!({ "disabled": true, "policy": null }))
        .answers::<RelayKey>(200, "The relay key as it is now.")
        .problem(409, revoked),
        op(
            RelayKeys,
            Method::DELETE,
            KEY,
            "revokeRelayKey",
            "Revokes a relay key, for good.",
        )
        .answers_nothing(),
        op(
            RelayKeys,
            Method::POST,
            "/v1/relay-keys/{id}/rotate",
            "rotateRelayKey",
            "Gives a relay key another bearer.",
        )
        .takes::<RotateRelayKey>(json!({ "grace": "24h" }))
        .answers::<CreatedRelayKey>(200, "The new key: the only time it is told.")
        .problem(409, revoked),
    ]
}

fn policies() -> Vec<Op> {
    let example = json!({
        "name": "small-models",
        "rules": { "models": { "allow": ["*-mini", "*-haiku-*"] }, "keys": "user-then-pool" },
    });
    let taken = "`name_taken`.";
    vec![
        op(
            Policies,
            Method::GET,
            "/v1/policies",
            "listPolicies",
            "Lists policies, the newest first.",
        )
        .paged()
        .answers_page_of::<Policy>("Policies."),
        op(
            Policies,
            Method::POST,
            "/v1/policies",
            "createPolicy",
            "Makes a policy.",
        )
        .takes::<NewPolicy>(example.clone())
        .answers::<Policy>(201, "The policy.")
        .problem(409, taken),
        op(
            Policies,
            Method::GET,
            POLICY,
            "getPolicy",
            "Shows a policy.",
        )
        .answers::<Policy>(200, "The policy."),
        op(
            Policies,
            Method::PUT,
            POLICY,
            "replacePolicy",
            "Replaces a policy, the whole of it.",
        )
        .takes::<NewPolicy>(example)
        .answers::<Policy>(200, "The policy as it is now.")
        .problem(409, taken),
        op(
            Policies,
            Method::DELETE,
            POLICY,
            "deletePolicy",
            "Removes a policy.",
        )
        .answers_nothing()
        .problem(409, "`policy_in_use`: relay keys are held to it."),
    ]
}

fn catalog() -> Vec<Op> {
    let in_use = "`host_in_use`: keys are connected to it, or models bound.";
    let model = json!({
        "context": 128_000,
        "bindings": [{ "host": "acme", "model": "large-2", "prices": { "input": 3, "output": 15 } }],
    });
    vec![
        op(
            Catalog,
            Method::GET,
            "/v1/hosts",
            "listHosts",
            "Lists hosts.",
        )
        .answers_page_of::<Host>("All of them, the catalog's and the tenant's own: one page."),
        op(Catalog, Method::GET, HOST, "getHost", "Shows a host.")
            .answers::<Host>(200, "The host."),
        op(
            Catalog,
            Method::PUT,
            HOST,
            "putHost",
            "Makes or replaces a host of the tenant's own.",
        )
        .takes::<NewHost>(json!({ "name": "Acme", "baseUrl": "https://api.acme.example/v1" }))
        .answers::<Host>(201, "Made.")
        .answers::<Host>(200, "Replaced.")
        .problem(409, in_use),
        op(
            Catalog,
            Method::DELETE,
            HOST,
            "deleteHost",
            "Removes a host of the tenant's own.",
        )
        .answers_nothing()
        .problem(409, in_use),
        op(
            Catalog,
            Method::GET,
            "/v1/catalog/models",
            "listCatalogModels",
            "Lists models with their prices.",
        )
        .query("provider", "Models that this host serves.")
        .query("q", "Models whose id or name has this text.")
        .paged()
        .answers_page_of::<Model>("The catalog's, and the tenant's own in their place."),
        op(
            Catalog,
            Method::GET,
            MODEL,
            "getCatalogModel",
            "Shows a model with its prices.",
        )
        .answers::<Model>(200, "The model."),
        op(
            Catalog,
            Method::PUT,
            MODEL,
            "putCatalogModel",
            "Makes or replaces a model of the tenant's own.",
        )
        .details("One of the catalog's ids stands for the catalog's model from then on.")
        .takes::<NewModel>(model)
        .answers::<Model>(201, "Made.")
        .answers::<Model>(200, "Replaced."),
        op(
            Catalog,
            Method::DELETE,
            MODEL,
            "deleteCatalogModel",
            "Removes a model of the tenant's own.",
        )
        .answers_nothing(),
    ]
}

/// `?from=&to=`
fn between(op: Op) -> Op {
    op.query(
        "from",
        "An instant (`2026-11-21T02:06:58Z`), or a day (UTC).",
    )
    .query("to", "Until when, itself not part of it.")
}

/// Which requests.
fn which(op: Op) -> Op {
    between(op)
        .query("key", "A relay key's id.")
        .query("user", "An end user's label.")
        .query("model", "The model that callers asked for.")
        .query("provider", "The host's id.")
        .query_as(
            "status",
            "A status (`429`), a class of them (`4xx`), or `error`.",
            text().pattern(Some("^([1-5][0-9][0-9]|[1-5]xx|error)$")),
        )
        .query("id", "A request's id, or its beginning.")
}

/// `GET /v1/audit`
fn trail() -> Op {
    op(
        Audit,
        Method::GET,
        "/v1/audit",
        "listAuditEntries",
        "Lists changes of the tenant's things, the newest first.",
    )
    .query(
        "action",
        "What was done: `relay-key.create`, `credential.remove`, ...",
    )
    .query(
        "subject",
        "A path below `/v1`: what was done to it, and to what is below it.",
    )
    .query_of(
        "actorKind",
        "Who did it.",
        &["relay-key", "member", "end-user", "operator", "relay"],
    )
    .query(
        "actor",
        "The id of a relay key or a member, or an end user's label.",
    )
    .query(
        "from",
        "An instant (`2026-11-21T02:06:58Z`), or a day (UTC).",
    )
    .query("to", "Until when, itself not part of it.")
    .paged()
    .answers_page_of::<AuditEntry>("Changes.")
}

fn reports() -> Vec<Op> {
    let grain =
        |op: Op| between(op).query_of("grain", "The steps: `day` when left out.", &["hour", "day"]);
    let list = op(
        Requests,
        Method::GET,
        "/v1/requests",
        "listRequests",
        "Lists inference calls, the newest first.",
    );
    let export = op(
        Requests,
        Method::GET,
        "/v1/requests/export",
        "exportRequests",
        "Exports inference calls, the newest first.",
    );
    let usage = op(
        Used,
        Method::GET,
        "/v1/usage",
        "getUsage",
        "Sums calls, tokens and costs over a stretch of time.",
    );
    let latency = op(
        Used,
        Method::GET,
        "/v1/usage/latency",
        "getLatency",
        "Tells how long chats took that were answered whole.",
    );
    let text = || text().into();
    vec![
        trail(),
        which(list)
            .query(
                "newer",
                "A request's id: those that arrived after it, the oldest first, without a cursor. \
                    A call is listed once it has ended, so one that took long may have arrived \
                    before others that are listed already.",
            )
            .paged()
            .answers_page_of::<RequestRecord>("Inference calls."),
        which(export)
            .details(
                "All that the filter wants, streamed. CSV has a heading line of \
                `RequestRecord`'s field names; NDJSON has one `RequestRecord` a line.",
            )
            .query_of("format", "`csv` when left out.", &["csv", "ndjson"])
            .answers_with(
                "200",
                "The calls.",
                &[("text/csv", text()), ("application/x-ndjson", text())],
            ),
        op(
            Requests,
            Method::GET,
            "/v1/requests/{id}",
            "getRequest",
            "Shows an inference call and how it went.",
        )
        .answers::<RequestDetail>(
            200,
            "The call, its phases and attempts, and its bodies if they were kept.",
        ),
        grain(usage)
            .details("The last 30 days when nothing is said, or 24 hours; at most 750 steps.")
            .query_of(
                "by",
                "What it is told apart by.",
                &["key", "user", "model", "provider", "tier"],
            )
            .answers::<Usage>(200, "Sums."),
        grain(latency)
            .details("The last 30 days when nothing is said, or 24 hours; at most 750 steps.")
            .answers::<Latency>(200, "Percentiles."),
    ]
}
