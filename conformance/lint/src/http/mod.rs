//! The HTTP half of a capture: uploads and downloads at the URLs that were issued in it.

mod body;
mod connection;
mod content_md5;
mod destination;
mod event;
mod head;
mod range;
mod tls;

pub(crate) use self::{
    connection::{Close, Connection},
    tls::{ClientHello, Hello},
};
pub use self::{
    content_md5::content_md5_mistake,
    destination::Destination,
    event::HttpEvent,
    range::{AskedPart, range_fault},
};
