//! Envelope encryption and sealed submissions for provider keys; pure, no I/O.
