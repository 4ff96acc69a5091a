//! Computes the size and digest of a file.

use std::io::{self, Read};

use iothub_resource::{Md5Hasher, Md5Sum, ResourceSize};

/// The size and digest with which a resource is announced.
pub(crate) struct FileDescription {
    pub(crate) size: ResourceSize,
    pub(crate) md5sum: Md5Sum,
}

/// Reads a file from its current position to its end, and returns the size and digest of the bytes.
pub(crate) fn describe(mut file: impl Read) -> io::Result<FileDescription> {
    let mut hasher = Md5Hasher::new();
    let mut chunk = vec![0; 64 << 10];
    let mut size = 0;
    loop {
        let count = match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&chunk[..count]);
        size += count as u64;
    }
    let size = ResourceSize::new(size)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
    Ok(FileDescription { size, md5sum: hasher.finish() })
}
