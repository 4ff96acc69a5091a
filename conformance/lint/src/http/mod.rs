//! Judges the HTTP part of a capture: the uploads and downloads at issued URLs.

mod body;
mod claims;
mod connection;
mod content_md5;
mod coverage;
mod destination;
mod difference;
mod download;
mod event;
mod exchange;
mod fault;
mod head;
mod host_fault;
mod issued;
mod ledger;
mod outcome;
mod range;
mod readable;
mod record;
mod request;
mod shown;
mod sighting;
mod ticket;
mod tls;
mod transfers;
mod upload;

pub(crate) use self::{
    connection::{Close, Connection},
    content_md5::meant_digest,
    sighting::Seen,
    tls::{ClientHello, Hello},
    transfers::Transfers,
};
pub use self::{
    content_md5::content_md5_mistake,
    destination::Destination,
    difference::difference,
    event::HttpEvent,
    host_fault::{HostFault, HostFaultKind},
    range::{AskedPart, range_fault},
    readable::string_of,
    record::TransferRecord,
    sighting::{JudgedTransfer, Sighting},
    upload::upload_fault_code,
};
