//! HTTP/1.1 on the wire: the object store's end, and a device's.
//!
//! On `httparse` and bare sockets: an HTTP library repairs or refuses just the faults that are
//! wanted here, and loses how headers were spelt.

pub(crate) mod client;
mod connection;
mod exchange;
mod fault;
mod head;
pub(crate) mod server;

pub(crate) use self::fault::{ResponseFaults, Trickle};
