//! Starts programs and keeps the last bytes of an output stream. The children of a program are
//! killed together with it.

use std::{
    collections::VecDeque,
    io::{self, Read},
    process::Command,
};

pub use process_wrap::std::ChildWrapper;
use process_wrap::std::CommandWrap;

/// Creates a command from its words. Returns an error if there are no words.
pub fn command(words: &[String]) -> io::Result<Command> {
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the command is empty"))?;
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

/// Starts a command and returns the child process. If the child process is killed through the
/// returned value, its own children are killed too.
pub fn spawn(command: Command) -> io::Result<Box<dyn ChildWrapper>> {
    let mut command = CommandWrap::from(command);
    #[cfg(unix)]
    command.wrap(process_wrap::std::ProcessGroup::leader());
    #[cfg(windows)]
    command.wrap(process_wrap::std::JobObject);
    command.spawn()
}

/// The last bytes of an output stream, up to a limit.
pub struct Tail {
    bytes: VecDeque<u8>,
    longest: usize,
    /// Whether the beginning of the stream has been dropped.
    pub cut: bool,
}

impl Tail {
    /// Creates an empty tail of at most `longest` bytes.
    #[must_use]
    pub const fn new(longest: usize) -> Self {
        Self { bytes: VecDeque::new(), longest, cut: false }
    }

    /// Adds output and drops the oldest bytes beyond the limit.
    pub fn keep(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
        let surplus = self.bytes.len().saturating_sub(self.longest);
        self.bytes.drain(..surplus);
        self.cut |= surplus > 0;
    }

    /// Returns the last bytes of the stream, up to the limit.
    pub fn bytes(&mut self) -> &[u8] {
        self.bytes.make_contiguous()
    }
}

/// Reads bytes into `chunk`. Returns their number, or `None` at the end of the stream or if reading
/// fails.
pub fn read_some(pipe: &mut impl Read, chunk: &mut [u8]) -> Option<usize> {
    loop {
        match pipe.read(chunk) {
            Ok(0) => return None,
            Ok(length) => return Some(length),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}
