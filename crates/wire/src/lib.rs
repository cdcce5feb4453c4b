//! Pure translation between provider dialects through one canonical form; no I/O.
