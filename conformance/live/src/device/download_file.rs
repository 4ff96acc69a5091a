//! The file of a download in progress.

use std::{
    fs::{self, File},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use crate::store::file_name;

/// A temporary file in the folder of the final file. An incomplete download never has the final
/// name.
pub(super) struct DownloadFile {
    file: tempfile::NamedTempFile,
    place: PathBuf,
}

impl DownloadFile {
    /// Creates the temporary file for the download `name`, and its folder if necessary. `place` is
    /// the path of the final file or of its folder.
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

    /// Discards the bytes received so far.
    pub(super) fn begin_anew(&mut self) -> io::Result<()> {
        self.file.as_file().set_len(0)
    }

    pub(super) fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let file: &mut File = self.file.as_file_mut();
        file.seek(SeekFrom::Start(at))?;
        file.write_all(bytes)
    }

    /// Moves the file to its final place and returns its new path.
    pub(super) fn keep(self) -> io::Result<PathBuf> {
        self.file.persist(&self.place).map_err(|error| error.error)?;
        Ok(self.place)
    }
}
