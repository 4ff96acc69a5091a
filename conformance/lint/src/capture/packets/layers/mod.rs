//! Extracts the TCP segments from packets that have link headers, use tunnels or are fragmented.
//!
//! Each parser of a header returns a [`Step`](layer::Step) to the next layer, to a segment, or to
//! the end of the packet. A packet without TCP is ignored. A packet that may contain TCP but cannot
//! be read is counted as unread.

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
