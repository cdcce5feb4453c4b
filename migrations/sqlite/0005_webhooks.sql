-- What a tenant decides for its pages, webhooks with their outbox, and finding users by their label.
-- The PostgreSQL twin of this file differs in BLOB/BYTEA and in marked lines; a test holds them together.

-- 1. A tenant's settings; without a row all is as usual. `allowed_origins` and `branding` are JSON.
CREATE TABLE tenant_settings (
    tenant_id               TEXT   NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    allowed_origins         TEXT   NOT NULL DEFAULT '[]',
    branding                TEXT   NOT NULL DEFAULT '{}',
    requests_retention_days BIGINT,
    updated_at              BIGINT NOT NULL
);

-- 2. Webhooks. The secrets are sealed records of the vault; `events` is JSON.
CREATE TABLE webhooks (
    tenant_id           TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id                  TEXT   NOT NULL,
    url                 TEXT   NOT NULL,
    description         TEXT   NOT NULL,
    events              TEXT   NOT NULL,
    enabled             BIGINT NOT NULL,
    disabled_reason     TEXT,
    failing_since       BIGINT,
    secret              BLOB   NOT NULL,
    secret_hint         TEXT   NOT NULL,
    previous_secret     BLOB   DEFAULT NULL,
    previous_expires_at BIGINT,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- The outbox and the log: an event for one webhook, written by the transaction that causes it.
-- A pending row is due at next_attempt_at. Whoever takes it has it until taken_until, and counts
-- `taken` up, so that what a late taker learns changes nothing. `attempts` is JSON.
CREATE TABLE webhook_deliveries (
    tenant_id       TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id              TEXT   NOT NULL,
    webhook_id      TEXT   NOT NULL,
    event           TEXT   NOT NULL,
    body            TEXT   NOT NULL,
    status          TEXT   NOT NULL,
    attempts        TEXT   NOT NULL DEFAULT '[]',
    tries           BIGINT NOT NULL DEFAULT 0,
    taken           BIGINT NOT NULL DEFAULT 0,
    taken_until     BIGINT,
    created_at      BIGINT NOT NULL,
    next_attempt_at BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX webhook_deliveries_of ON webhook_deliveries (tenant_id, webhook_id, id);
CREATE INDEX webhook_deliveries_age ON webhook_deliveries (created_at);

-- What a tenant has been told of once and is not told again: `id` names the occasion.
CREATE TABLE webhook_notices (
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id         TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- Relay keys that expire soon, of whichever tenants.
CREATE INDEX relay_keys_expiry ON relay_keys (expires_at) WHERE expires_at IS NOT NULL;

-- 3. Users are found by the beginning of their label, byte by byte, as SQLite compares text anyway.
