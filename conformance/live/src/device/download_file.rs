//! Where a download is kept while it comes.

use std::{
    fs::{self, File},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use crate::store::file_name;

/// A file beside the place where the download is kept in the end: what is not the resource is
/// never seen under its name.
pub(super) struct DownloadFile {
    file: tempfile::NamedTempFile,
    place: PathBuf,
}

impl DownloadFile {
    /// For a download of that name: `place` is its file, or a folder for it.
    pub(super) fn create(place: &Path, name: &str) -> io::Result<Self> {
        let place = if place.is_dir() { place.join(file_name(name)) } else { place.to_owned() };
        let folder = match place.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        fs::create_dir_all(folder)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".part-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        Ok(Self { file: builder.tempfile_in(folder)?, place })
    }

    /// Forgets what was kept.
    pub(super) fn begin_anew(&mut self) -> io::Result<()> {
        self.file.as_file().set_len(0)
    }

    pub(super) fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let file: &mut File = self.file.as_file_mut();
        file.seek(SeekFrom::Start(at))?;
        file.write_all(bytes)
    }

    /// Keeps it, and says where.
    pub(super) fn keep(self) -> io::Result<PathBuf> {
        self.file.persist(&self.place).map_err(|error| error.error)?;
        Ok(self.place)
    }
}
