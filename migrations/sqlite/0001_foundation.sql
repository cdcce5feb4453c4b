-- The foundation. Ids are UUIDv7 text; instants are epoch milliseconds; flags are 0 or 1.
-- The PostgreSQL twin of this file differs in BLOB/BYTEA only; a test holds them together.

-- 1. Tenants: the unit of isolation. Deleting a tenant's data keys shreds its credentials.
CREATE TABLE tenants (
    id         TEXT   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX tenants_name ON tenants (name);

CREATE TABLE data_keys (
    tenant_id    TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    version      BIGINT NOT NULL,
    root_version BIGINT NOT NULL,
    wrapped      BLOB   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, version)
);

-- 2. People: a member may belong to several tenants, with a role in each.
CREATE TABLE members (
    id            TEXT   NOT NULL PRIMARY KEY,
    email         TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    created_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX members_email ON members (email);

CREATE TABLE memberships (
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    member_id  TEXT   NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    role       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, member_id)
);

CREATE TABLE sessions (
    token_hash BLOB   NOT NULL PRIMARY KEY,
    member_id  TEXT   NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- The one-time link for the first owner: at most one row, gone once used.
CREATE TABLE setup_links (
    token_hash BLOB   NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

-- 3. Relay keys: the bearer is stored as a hash only.
CREATE TABLE relay_keys (
    tenant_id    TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id           TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    key_hash     BLOB   NOT NULL,
    hint         TEXT   NOT NULL,
    scopes       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    last_used_at BIGINT,
    revoked_at   BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX relay_keys_hash ON relay_keys (key_hash);

-- 4. End users and the vault.
CREATE TABLE end_users (
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id         TEXT   NOT NULL,
    label      TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX end_users_label ON end_users (tenant_id, label);

-- owner_kind: 'end_user' (owner_id is the end user's id) or 'tenant' (owner_id is the tenant's).
CREATE TABLE credentials (
    tenant_id    TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id           TEXT   NOT NULL,
    owner_kind   TEXT   NOT NULL,
    owner_id     TEXT   NOT NULL,
    host         TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    base_url     TEXT,
    sealed       BLOB   NOT NULL,
    last4        TEXT   NOT NULL,
    fingerprint  TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    connected_at BIGINT NOT NULL,
    last_used_at BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX credentials_owner ON credentials (tenant_id, owner_kind, owner_id, host, name);

-- A registration token's id is here once a connection has used it up.
CREATE TABLE used_tokens (
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    token_id   TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, token_id)
);

-- 5. Requests: one row an inference call, written in batches.
CREATE TABLE requests (
    tenant_id     TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id            TEXT   NOT NULL,
    at            BIGINT NOT NULL,
    relay_key_id  TEXT   NOT NULL,
    end_user      TEXT,
    paid          BIGINT,
    operation     TEXT   NOT NULL,
    model         TEXT   NOT NULL,
    host          TEXT,
    streamed      BIGINT NOT NULL,
    status        BIGINT NOT NULL,
    error_code    TEXT,
    partial       BIGINT NOT NULL,
    input_tokens       BIGINT,
    output_tokens      BIGINT,
    cached_read_tokens BIGINT,
    reasoning_tokens   BIGINT,
    duration_ms   BIGINT NOT NULL,
    first_byte_ms BIGINT,
    PRIMARY KEY (tenant_id, id)
);

-- 6. What changed, for caches in this and other processes: a tenant's row carries the
-- revision of its last change, drawn from one counter.
CREATE TABLE revisions (
    tenant_id TEXT   NOT NULL PRIMARY KEY,
    revision  BIGINT NOT NULL
);
CREATE INDEX revisions_revision ON revisions (revision);
CREATE TABLE revision_counter (
    id       BIGINT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL
);
INSERT INTO revision_counter (id, revision) VALUES (1, 0);
