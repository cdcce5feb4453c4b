//! Relay: the BYOK vault and AI gateway.

fn main() {}
