//! The client's half of a dialect that is known to have one.

use relay_wire::{ClientCodec, Dialect, client_codec};

pub(crate) fn client(dialect: Dialect) -> &'static dyn ClientCodec {
    client_codec(dialect).expect("a dialect that clients speak")
}
