//! The HTTP half of a capture: uploads and downloads at the URLs that were issued in it.

mod body;
mod connection;
mod destination;
mod event;
mod head;

pub(crate) use self::connection::{Close, Connection};
pub use self::{destination::Destination, event::HttpEvent};
