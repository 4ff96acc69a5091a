//! A ticket for each issued URL, with its device, resource, purpose and planned responses.

use std::{collections::VecDeque, io, sync::Arc};

use iothub_resource::Resource;

use super::offered_file::OfferedFile;
use crate::{
    http::ResponseFaults,
    record::{Device, TaskRef},
};

#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    /// The path and query string that a request must have.
    pub(crate) target: String,
    /// The device to which the URL was issued; `None` for a download that any device may fetch.
    pub(crate) device: Option<Device>,
    pub(crate) resource: Resource<'static>,
    pub(crate) purpose: TicketPurpose,
    /// Whether a request for the URL has arrived.
    pub(crate) is_asked: bool,
    /// The planned responses, in the order of the requests. The last response applies to all
    /// further requests.
    pub(crate) faults: VecDeque<ResponseFaults>,
}

impl Ticket {
    pub(crate) fn task(&self) -> TaskRef {
        TaskRef { device: self.device, name: self.resource.name.as_str().to_owned() }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum TicketPurpose {
    Upload {
        /// Whether the bytes have arrived.
        kept: bool,
    },
    Download(Source),
}

/// The source of the bytes of a download.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    File(OfferedFile),
    Bytes(Arc<[u8]>),
    /// Bytes with the value 0, as many as the size of the resource requires.
    Zeros,
}

impl Source {
    /// Returns an error if the bytes have changed since they were offered.
    pub(crate) fn check(&self) -> io::Result<()> {
        match self {
            Self::File(file) => file.check(),
            Self::Bytes(_) | Self::Zeros => Ok(()),
        }
    }

    /// Fills `chunk` with the bytes of the source from the offset `at` on. Returns an error if
    /// there are too few bytes.
    pub(crate) fn read(&self, at: u64, chunk: &mut [u8]) -> io::Result<()> {
        match self {
            Self::File(file) => file.read(at, chunk),
            Self::Zeros => {
                chunk.fill(0);
                Ok(())
            }
            Self::Bytes(bytes) => {
                let begin = usize::try_from(at).unwrap_or(usize::MAX);
                let rest = bytes.get(begin..).unwrap_or_default();
                let there = rest.get(..chunk.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
                chunk.copy_from_slice(there);
                Ok(())
            }
        }
    }
}

impl Ticket {
    /// Returns the approximate memory of the ticket in bytes, including its entries in the tables
    /// of the store.
    pub(crate) fn memory(&self) -> usize {
        const TABLES: usize = 64;
        TABLES + size_of::<Self>() + self.target.len() + self.resource.name.as_str().len()
    }
}
