//! The canonical form: the one shape every dialect is translated to and from.

pub(crate) mod event;
pub(crate) mod extensions;
pub(crate) mod message;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod usage;
