-- Erasing end users. The PostgreSQL twin of this file is the same; a test holds them together.

-- Who was erased lately, by a hash of tenant and label: registration tokens older than `id` are
-- cancelled, and calls that arrived by `at` and end later are recorded as nobody's. A row goes when no
-- such token or call can be left.
CREATE TABLE erased_users (
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    label_hash TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, label_hash)
);
CREATE INDEX erased_users_at ON erased_users (at);
