//! The exit status of a command, and the errors that end a command early.

use std::{fmt, io, path::PathBuf, process::ExitCode};

use crate::{
    FixturesError, NotAnAdapter,
    live::{serve::ServerError, test_device::Stopped},
};

/// The result of a command, which determines the exit status.
#[derive(Clone, Copy, Debug)]
pub(super) enum Status {
    Passed = 0,
    Failed = 1,
    Usage = 2,
    Unreachable = 3,
    /// The status that a shell reports for a program that SIGINT ended.
    Interrupted = 130,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// The reason why a command has no result.
#[derive(Debug)]
pub(super) enum Error {
    /// The arguments are invalid.
    Usage(String),
    /// The fixtures cannot be read.
    Fixtures(FixturesError),
    /// The testee cannot be started.
    Testee(NotAnAdapter),
    /// An address, a broker, a certificate or the folder for uploads cannot be used.
    Server(Box<ServerError>),
    /// The platform cannot be reached or refuses the device.
    Platform(String),
    /// A live device cannot be tested.
    Device(Stopped),
    /// Standard input or output failed.
    Io(io::Error),
    /// A file cannot be read or written.
    File(PathBuf, io::Error),
}

impl Error {
    pub(super) const fn status(&self) -> Status {
        match self {
            Self::Usage(_) | Self::Fixtures(_) | Self::Io(_) | Self::File(..) => Status::Usage,
            Self::Testee(_) | Self::Server(_) | Self::Platform(_) | Self::Device(_) => {
                Status::Unreachable
            }
        }
    }

    /// Returns whether the error means that the reader of the output is gone.
    pub(super) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(why) | Self::Platform(why) => f.write_str(why),
            Self::Fixtures(error) => write!(
                f,
                "the fixtures cannot be read: {error}; `iothub-conformance export DIR` writes a \
                 complete folder, DIR/fixtures"
            ),
            Self::Testee(error) => error.fmt(f),
            Self::Server(error) => error.fmt(f),
            Self::Device(stopped) => stopped.fmt(f),
            Self::Io(error) => write!(f, "standard input or output: {error}"),
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<FixturesError> for Error {
    fn from(error: FixturesError) -> Self {
        Self::Fixtures(error)
    }
}

impl From<NotAnAdapter> for Error {
    fn from(error: NotAnAdapter) -> Self {
        Self::Testee(error)
    }
}
