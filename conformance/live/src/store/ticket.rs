//! The purpose of an issued URL.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Cursor, Read, Seek},
    path::PathBuf,
    sync::Arc,
};

use iothub_resource::Resource;

use crate::{
    http::ResponseFaults,
    record::{Device, TaskRef},
};

#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    /// The path and query string that a request must have.
    pub(crate) target: String,
    /// The device; `None` for a download that any device may fetch.
    pub(crate) device: Option<Device>,
    pub(crate) resource: Resource<'static>,
    pub(crate) purpose: TicketPurpose,
    /// The planned responses: one after the other, and the last one for all further requests.
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
        /// The bytes have arrived.
        kept: bool,
    },
    Download(Source),
}

/// The source of the bytes of a download.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    File(PathBuf),
    Bytes(Arc<[u8]>),
}

/// Bytes that can be read from any position.
pub(crate) trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

impl Source {
    pub(crate) fn open(&self) -> io::Result<Box<dyn ReadSeek>> {
        Ok(match self {
            Self::File(path) => Box::new(File::open(path)?),
            Self::Bytes(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
        })
    }
}
