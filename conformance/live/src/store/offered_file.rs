//! A file that is served exactly as it was when it was offered, or not at all.

use std::{
    fs::{File, Metadata, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use super::describe::{FileDescription, describe};

/// A regular file that stays open, so that no other file can replace it. Clones share the open
/// file.
#[derive(Clone, Debug)]
pub(crate) struct OfferedFile(Arc<Opened>);

#[derive(Debug)]
struct Opened {
    file: Mutex<File>,
    version: Version,
}

/// The properties that show whether the bytes of a file have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Version {
    length: u64,
    modified: Option<SystemTime>,
}

impl Version {
    fn of(metadata: &Metadata) -> Self {
        // If the file system does not record times, only the lengths are compared.
        Self { length: metadata.len(), modified: metadata.modified().ok() }
    }
}

impl OfferedFile {
    /// Opens a file and reads it to the end. Returns the file with its size and digest.
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

    /// Returns an error if the file has changed since it was opened.
    pub(crate) fn check(&self) -> io::Result<()> {
        let file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        if Version::of(&file.metadata()?) == self.0.version { Ok(()) } else { Err(changed()) }
    }

    /// Fills `chunk` with the bytes of the file from the offset `at` on.
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

/// Opens a regular file for reading. Returns an error for any other file, because opening a pipe
/// would wait for a writer, and a device file may have no end.
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

/// Returns the size and digest of a regular file.
pub(crate) fn describe_file(path: &Path) -> io::Result<FileDescription> {
    describe(open_regular(path)?)
}
