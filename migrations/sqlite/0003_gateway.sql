-- Pools, policies, limits, cost and traces.
-- The PostgreSQL twin of this file differs in BLOB/BYTEA only; a test holds them together.

-- 1. Policies: what relay keys may reach and how their calls are routed. `rules` is JSON.
CREATE TABLE policies (
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id         TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    rules      TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX policies_name ON policies (tenant_id, name);

-- 2. Relay keys. `settings` is JSON: limits, quotas, networks, what is kept.
-- A rotated key's previous bearer works until previous_expires_at.
ALTER TABLE relay_keys ADD COLUMN policy_id TEXT;
ALTER TABLE relay_keys ADD COLUMN end_user TEXT;
ALTER TABLE relay_keys ADD COLUMN disabled BIGINT NOT NULL DEFAULT 0;
ALTER TABLE relay_keys ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE relay_keys ADD COLUMN rotated_at BIGINT;
ALTER TABLE relay_keys ADD COLUMN previous_hash BLOB DEFAULT NULL;
ALTER TABLE relay_keys ADD COLUMN previous_expires_at BIGINT;
CREATE UNIQUE INDEX relay_keys_previous_hash ON relay_keys (previous_hash);
CREATE INDEX relay_keys_policy ON relay_keys (tenant_id, policy_id);

-- What a relay key has used of its quotas in a month (its first instant, UTC).
CREATE TABLE quota_usage (
    tenant_id    TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    relay_key_id TEXT   NOT NULL,
    month        BIGINT NOT NULL,
    requests     BIGINT NOT NULL,
    tokens       BIGINT NOT NULL,
    cost_nanos   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, relay_key_id, month)
);

-- 3. Credentials in pools. `reference` (env:NAME, file:PATH) stands for a sealed key; `limits` is JSON.
ALTER TABLE credentials ADD COLUMN reference TEXT;
ALTER TABLE credentials ADD COLUMN weight BIGINT NOT NULL DEFAULT 1;
ALTER TABLE credentials ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
ALTER TABLE credentials ADD COLUMN disabled BIGINT NOT NULL DEFAULT 0;
ALTER TABLE credentials ADD COLUMN limits TEXT NOT NULL DEFAULT '[]';

-- 4. A tenant's own hosts and models, as JSON rows of the catalog.
CREATE TABLE tenant_hosts (
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id         TEXT   NOT NULL,
    definition TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE TABLE tenant_models (
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id         TEXT   NOT NULL,
    definition TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- 5. Requests: what they cost and how they went. `trace` is JSON.
ALTER TABLE requests ADD COLUMN policy_id TEXT;
ALTER TABLE requests ADD COLUMN credential_id TEXT;
ALTER TABLE requests ADD COLUMN credential_last4 TEXT;
ALTER TABLE requests ADD COLUMN upstream_model TEXT;
ALTER TABLE requests ADD COLUMN dialect TEXT;
ALTER TABLE requests ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE requests ADD COLUMN error_category TEXT;
ALTER TABLE requests ADD COLUMN cached_write_tokens BIGINT;
ALTER TABLE requests ADD COLUMN audio_tokens BIGINT;
ALTER TABLE requests ADD COLUMN cost_nanos BIGINT;
ALTER TABLE requests ADD COLUMN trace TEXT NOT NULL DEFAULT '{}';
CREATE INDEX requests_key ON requests (tenant_id, relay_key_id, id);
CREATE INDEX requests_user ON requests (tenant_id, end_user, id);
CREATE INDEX requests_at ON requests (at);

-- Prompts and completions, only where a policy or key opts in: sealed, capped, and they expire.
CREATE TABLE request_bodies (
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    request_id TEXT   NOT NULL,
    sealed     BLOB   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, request_id)
);
CREATE INDEX request_bodies_expiry ON request_bodies (expires_at);

-- 6. Rollups: sums an hour and a day (`grain`), along one dimension at a time (`dimension`: all, key,
-- user, tier, model, host), so that a dashboard reads few rows however many requests there were.
CREATE TABLE usage_rollups (
    tenant_id          TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    grain              TEXT   NOT NULL,
    dimension          TEXT   NOT NULL,
    start              BIGINT NOT NULL,
    value              TEXT   NOT NULL,
    requests           BIGINT NOT NULL,
    failed             BIGINT NOT NULL,
    input_tokens       BIGINT NOT NULL,
    output_tokens      BIGINT NOT NULL,
    cached_read_tokens BIGINT NOT NULL,
    cached_write_tokens BIGINT NOT NULL,
    reasoning_tokens   BIGINT NOT NULL,
    cost_nanos         BIGINT NOT NULL,
    unpriced           BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, grain, dimension, start, value)
);

-- How long answers took: requests by bucket of a logarithmic scale.
CREATE TABLE latency_rollups (
    tenant_id TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    grain     TEXT   NOT NULL,
    start     BIGINT NOT NULL,
    measure   TEXT   NOT NULL,
    bucket    BIGINT NOT NULL,
    requests  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, grain, start, measure, bucket)
);

-- 7. The audit trail: who changed what.
CREATE TABLE audit (
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id         TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    actor_kind TEXT   NOT NULL,
    actor      TEXT   NOT NULL,
    action     TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    detail     TEXT   NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, id)
);
