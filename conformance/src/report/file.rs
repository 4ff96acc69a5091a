//! Writes files atomically.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

/// A report in progress. Until [`finish`](Self::finish), the file has a temporary name, and an
/// existing file stays unchanged.
#[derive(Debug)]
pub struct ReportFile(BufWriter<Target>);

#[derive(Debug)]
enum Target {
    Temporary(NamedTempFile, PathBuf),
    /// A device file or a pipe, which cannot be replaced.
    Other(File),
}

impl ReportFile {
    /// Begins a report that replaces the file at `path` as soon as the report is finished. A device
    /// file or a pipe is not replaced but written directly.
    ///
    /// # Errors
    ///
    /// Returns an error if the file at `path` cannot be created or written.
    pub fn create(path: &Path) -> io::Result<Self> {
        // If the path is a symbolic link, the report replaces the target of the link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let target = match fs::metadata(&path) {
            Ok(there) if there.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(there) if !there.is_file() => {
                Target::Other(File::options().write(true).open(&path)?)
            }
            there => {
                if there.is_ok() {
                    // Opening the file checks the permission to write, which replacing the file
                    // does not check.
                    File::options().append(true).open(&path)?;
                }
                let folder = match path.parent() {
                    Some(folder) if folder != Path::new("") => folder,
                    _ => Path::new("."),
                };
                // Without this check, the error would name a temporary file that the user has not
                // named.
                fs::metadata(folder)?;
                Target::Temporary(temporary(folder)?, path)
            }
        };
        Ok(Self(BufWriter::new(target)))
    }

    /// Moves the report to its final name.
    ///
    /// # Errors
    ///
    /// Returns an error if the rest of the report cannot be written. In this case, no file is
    /// created or replaced.
    pub fn finish(self) -> io::Result<()> {
        match self.0.into_inner().map_err(io::IntoInnerError::into_error)? {
            Target::Temporary(file, path) => {
                file.as_file().sync_data()?;
                file.persist(path)?;
                Ok(())
            }
            Target::Other(mut file) => file.flush(),
        }
    }
}

/// Creates a temporary file with the usual permissions of a new file.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".iothub-conformance-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    // The full error names the temporary file, which the user has not named.
    builder.tempfile_in(folder).map_err(|error| error.kind().into())
}

impl Write for ReportFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Temporary(file, _) => file.write(bytes),
            Self::Other(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Temporary(file, _) => file.flush(),
            Self::Other(file) => file.flush(),
        }
    }
}
