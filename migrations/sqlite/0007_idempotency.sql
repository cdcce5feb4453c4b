-- Calls that name themselves by an idempotency key. The PostgreSQL twin of this file differs in
-- BLOB/BYTEA only; a test holds them together.

-- One row a key of a caller for one route. `scope` and `fingerprint` are hashes: of who asks what by
-- which key, and of what was sent. `id` is of the call that has the row. While `status` is NULL the call
-- is under way; then `sealed` is the answer's body, a sealed record of the vault, or NULL where it is not
-- kept. `keeps` is 0 once an end user was erased while the call was under way.
CREATE TABLE idempotency_keys (
    tenant_id   TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    scope       TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    fingerprint TEXT   NOT NULL,
    keeps       BIGINT NOT NULL,
    status      BIGINT,
    sealed      BLOB   DEFAULT NULL,
    started_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, scope)
);
CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at);
