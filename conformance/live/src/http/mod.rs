//! HTTP/1.1: the server of the object store and the client of a device.
//!
//! This module uses `httparse` and plain sockets. An HTTP library would correct or refuse the
//! faulty requests and responses that tests need. It would also lose the spelling of headers.

pub(crate) mod client;
mod connection;
mod exchange;
mod fault;
mod head;
mod host;
mod lapse;
pub(crate) mod server;
mod status;

pub(crate) use self::{
    fault::{Reading, ResponseFaults, Trickle},
    lapse::HttpLapse,
};
