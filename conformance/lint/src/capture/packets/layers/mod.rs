//! Packets to the TCP segments in them: links, tunnels, fragments.
//!
//! Each header is one [`Step`](layer::Step) that leads to the next layer, to a segment, or to the
//! end. What carries no TCP is other traffic; what may carry it and is not read is counted.

mod ethernet;
mod fragments;
mod ip;
mod layer;
mod link;
mod reader;
mod tunnel;
mod unread;
mod wireless;

pub use self::unread::NotRead;
pub(super) use self::{layer::Segment, reader::Layers};
