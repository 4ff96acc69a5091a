//! What a device has kept of a download, compared without being taken in.

use std::{
    fs::File,
    io::{self, Read, Seek},
    path::Path,
};

use crate::store::open_regular;

/// A regular file. A device may leave anything: a link to what has no end, a pipe that nobody writes to.
pub(super) struct KeptFile {
    file: File,
    length: u64,
}

impl KeptFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = open_regular(path)?;
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }

    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// Whether it has exactly these bytes. No more than those are read.
    pub(super) fn is(&mut self, bytes: &[u8]) -> bool {
        self.length == bytes.len() as u64 && self.has(bytes).unwrap_or(false)
    }

    fn has(&mut self, mut bytes: &[u8]) -> io::Result<bool> {
        self.file.rewind()?;
        let mut chunk = [0; 4096];
        while !bytes.is_empty() {
            let most = bytes.len().min(chunk.len());
            let count = self.file.read(&mut chunk[..most])?;
            if count == 0 || chunk[..count] != bytes[..count] {
                return Ok(false);
            }
            bytes = &bytes[count..];
        }
        Ok(true)
    }
}
