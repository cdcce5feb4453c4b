//! Relay: the BYOK vault and AI gateway.
