//! Reads the files of a folder that is not trusted.

use std::{
    cell::Cell,
    fmt::Display,
    fs::File,
    io::{self, Read},
    path::{Component, Path, PathBuf},
};

/// The maximum number of bytes in each file.
const LONGEST: u64 = 64 << 20;
/// The maximum number of bytes in all files together.
const MOST: u64 = 256 << 20;

/// A folder that is not trusted. Only regular files below it are read, up to a limited number of
/// bytes.
#[derive(Debug)]
pub(super) struct Confined {
    folder: PathBuf,
    /// The path of the folder, with all links resolved.
    root: PathBuf,
    left: Cell<u64>,
}

impl Confined {
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        Ok(Self { folder: folder.to_owned(), root: folder.canonicalize()?, left: Cell::new(MOST) })
    }

    /// Returns the path of a file, including the path of the folder, for use in messages.
    pub(super) fn place(&self, path: &str) -> impl Display {
        self.folder.join(path).display().to_string()
    }

    pub(super) fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let is_below = |path: &Path| {
            path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
        };
        let refused = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, why);
        if !is_below(Path::new(path)) {
            return Err(refused("it leads out of the fixture folder"));
        }
        let file = self.root.join(path).canonicalize()?;
        if !file.starts_with(&self.root) {
            return Err(refused("it is a link that leads out of the fixture folder"));
        }
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(refused("it is not a regular file"));
        }
        let allowed = LONGEST.min(self.left.get());
        let mut bytes = Vec::new();
        File::open(&file)?.take(allowed + 1).read_to_end(&mut bytes)?;
        let length = bytes.len() as u64;
        if length > allowed {
            return Err(refused(
                "it exceeds a limit: each file may have at most 64 MiB, and all files together at \
                 most 256 MiB",
            ));
        }
        self.left.set(self.left.get() - length);
        Ok(bytes)
    }
}
