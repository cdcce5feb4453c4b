-- A request's own field for a user may name the end user, if the relay key says so.
ALTER TABLE relay_keys ADD COLUMN user_from_body BIGINT NOT NULL DEFAULT 0;
