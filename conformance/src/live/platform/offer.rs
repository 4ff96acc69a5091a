//! A file that devices can download.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use iothub_resource::{Md5Hasher, Resource, ResourceName, ResourceSize};

use crate::live::store::Source;

/// A file, as it was when it was offered.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) resource: Resource<'static>,
    pub(crate) path: PathBuf,
}

impl Offer {
    /// Reads a file. The resource has its name.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let invalid = |why: String| io::Error::new(io::ErrorKind::InvalidInput, why);
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = ResourceName::new(name.unwrap_or_default())
            .map_err(|error| invalid(error.to_string()))?;
        let mut file = File::open(path)?;
        let mut hasher = Md5Hasher::new();
        let mut chunk = vec![0; 64 << 10];
        let mut size = 0;
        loop {
            let count = file.read(&mut chunk)?;
            if count == 0 {
                break;
            }
            hasher.update(&chunk[..count]);
            size += count as u64;
        }
        let size = ResourceSize::new(size).map_err(|error| invalid(error.to_string()))?;
        let resource = Resource { size, name, md5sum: hasher.finish() };
        Ok(Self { resource, path: path.to_owned() })
    }

    pub(super) fn source(&self) -> Source {
        Source::File(self.path.clone())
    }
}
