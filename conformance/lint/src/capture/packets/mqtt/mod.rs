//! Parses the parts of MQTT 3.1, 3.1.1 and 5 that concern published messages.

mod connection;
mod framing;
mod malformed;
mod plausible;
mod publish;

pub use self::malformed::Malformed;
pub(super) use self::{
    connection::{At, Connection, Fault, FaultKind, Passed},
    plausible::{begins_packet, is_connect, is_ours},
};
