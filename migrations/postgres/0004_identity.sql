-- People: sign-up, sessions, second factors, invitations, identity providers.
-- The SQLite twin of this file differs in BLOB/BYTEA only; a test holds them together.

-- 1. Members: who may be taken for the owner of the address. Those that exist were made by the
-- installation's one-time link. An empty `password_hash` is no password.
ALTER TABLE members ADD COLUMN email_verified BIGINT NOT NULL DEFAULT 0;
UPDATE members SET email_verified = 1;
CREATE INDEX memberships_member ON memberships (member_id);

-- Who vouches for a member, and by which name: never by the address, which may change hands.
CREATE TABLE member_identities (
    issuer     TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    member_id  TEXT   NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX member_identities_member ON member_identities (member_id);

-- 2. Sessions: where a member is signed in.
ALTER TABLE sessions ADD COLUMN last_seen_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
CREATE INDEX sessions_member ON sessions (member_id);

-- 3. Second factors: the secret is sealed under a data key of the member's own, which the root key
-- wraps. `last_step` is the time step of the last code that was taken: none works twice.
CREATE TABLE second_factors (
    member_id    TEXT   NOT NULL PRIMARY KEY REFERENCES members (id) ON DELETE CASCADE,
    root_version BIGINT NOT NULL,
    wrapped      BYTEA   NOT NULL,
    sealed       BYTEA   NOT NULL,
    last_step    BIGINT NOT NULL,
    confirmed_at BIGINT,
    created_at   BIGINT NOT NULL
);
CREATE TABLE recovery_codes (
    member_id TEXT   NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    code_hash BYTEA   NOT NULL,
    PRIMARY KEY (member_id, code_hash)
);

-- 4. Links that work once: the token is stored as a hash only.
CREATE TABLE invitations (
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id         TEXT   NOT NULL,
    email      TEXT   NOT NULL,
    role       TEXT   NOT NULL,
    token_hash BYTEA   NOT NULL,
    mailed     BIGINT NOT NULL,
    invited_by TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX invitations_token ON invitations (token_hash);
CREATE UNIQUE INDEX invitations_email ON invitations (tenant_id, email);
CREATE INDEX invitations_for ON invitations (email);

-- Who signed up and has not followed the mailed link yet.
CREATE TABLE sign_ups (
    token_hash    BYTEA   NOT NULL PRIMARY KEY,
    email         TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    tenant_name   TEXT   NOT NULL,
    expires_at    BIGINT NOT NULL
);

-- `made_in` is the tenant whose admin made the link; it is good while the member has no other.
CREATE TABLE password_resets (
    token_hash BYTEA   NOT NULL PRIMARY KEY,
    member_id  TEXT   NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    made_in    TEXT,
    mailed     BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX password_resets_member ON password_resets (member_id);
