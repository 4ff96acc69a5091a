//! A file that devices can download.

use std::{
    io,
    path::{Path, PathBuf},
};

use iothub_resource::{Resource, ResourceName};

use crate::store::{FileDescription, OfferedFile, Source};

/// A file for download, in its state at the time of the offer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Offer {
    /// The size, name and digest that devices receive.
    pub resource: Resource<'static>,
    /// The path of the file on this machine.
    pub path: PathBuf,
    file: OfferedFile,
}

impl Offer {
    /// Reads a file and returns an offer of this file. The name of the file is the name of the
    /// resource.
    ///
    /// # Errors
    ///
    /// Returns an error if the path is not a readable regular file, or if the name of the file is
    /// not valid for a resource (VAL-2).
    pub fn read(path: &Path) -> io::Result<Self> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = ResourceName::new(name.unwrap_or_default())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error.to_string()))?;
        let (file, FileDescription { size, md5sum }) = OfferedFile::open(path)?;
        let resource = Resource { size, name, md5sum };
        Ok(Self { resource, path: path.to_owned(), file })
    }

    pub(super) fn source(&self) -> Source {
        Source::File(self.file.clone())
    }
}
