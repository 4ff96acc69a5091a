//! A file that is handed out as it was when it was offered, or not at all.

use std::{
    fs::{File, Metadata, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use super::describe::{FileDescription, describe};

/// A regular file that stays open: nothing else can take its place. Its clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct OfferedFile(Arc<Opened>);

#[derive(Debug)]
struct Opened {
    file: Mutex<File>,
    version: Version,
}

/// What changes where the bytes of a file do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Version {
    length: u64,
    modified: Option<SystemTime>,
}

impl Version {
    fn of(metadata: &Metadata) -> Self {
        // Where a file system keeps no times, the length has to do.
        Self { length: metadata.len(), modified: metadata.modified().ok() }
    }
}

impl OfferedFile {
    /// Opens a file, and reads it once.
    pub(crate) fn open(path: &Path) -> io::Result<(Self, FileDescription)> {
        let file = open_regular(path)?;
        let version = Version::of(&file.metadata()?);
        let description = describe(&file)?;
        let offered = Self(Arc::new(Opened { file: Mutex::new(file), version }));
        offered.check()?;
        if description.size.bytes() != version.length {
            return Err(changed());
        }
        Ok((offered, description))
    }

    /// Fails where it has changed since it was opened.
    pub(crate) fn check(&self) -> io::Result<()> {
        let file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        if Version::of(&file.metadata()?) == self.0.version { Ok(()) } else { Err(changed()) }
    }

    /// Fills a chunk with the bytes from this place on.
    pub(crate) fn read(&self, at: u64, chunk: &mut [u8]) -> io::Result<()> {
        let mut file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(chunk).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => changed(),
            _ => error,
        })
    }
}

fn changed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it has changed since it was offered")
}

/// Opens a regular file to read it. A pipe would make us wait until somebody writes to it, and a device
/// may have no end.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"))
    }
}

/// Reads a regular file to its end.
pub(crate) fn describe_file(path: &Path) -> io::Result<FileDescription> {
    describe(open_regular(path)?)
}
