//! What a URL was issued for.

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
    /// Path and query string, as a request has to have them.
    pub(crate) target: String,
    /// None for a download that is anybody's.
    pub(crate) device: Option<Device>,
    pub(crate) resource: Resource<'static>,
    pub(crate) purpose: TicketPurpose,
    /// Of its answers: one after the other, the last one from then on.
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
        /// The bytes are there.
        kept: bool,
    },
    Download(Source),
}

/// Where the bytes of a download are.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    File(PathBuf),
    Bytes(Arc<[u8]>),
}

/// Bytes that can be read from anywhere.
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
