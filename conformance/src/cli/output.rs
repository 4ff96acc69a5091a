//! Standard output and standard error, whose readers may close them at any time.

use std::{
    fmt,
    io::{self, Write},
};

/// Standard output. If its reader is gone, for example in `list | head`, further output is
/// discarded. The command still completes, writes its files and returns its own exit status.
pub(super) struct Output {
    inner: Box<dyn Write + Send>,
    closed: bool,
}

impl Output {
    pub(super) fn new(inner: impl Write + Send + 'static) -> Self {
        Self { inner: Box::new(inner), closed: false }
    }

    /// Returns an output without a reader.
    pub(super) fn nowhere() -> Self {
        Self { closed: true, ..Self::new(io::sink()) }
    }

    /// Returns whether the reader of the output is gone. If the reader is gone, a command without
    /// an end must stop.
    pub(super) const fn is_closed(&self) -> bool {
        self.closed
    }

    fn unless_closed<T>(
        &mut self,
        nothing: T,
        write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.closed {
            return Ok(nothing);
        }
        match write(&mut self.inner) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(nothing)
            }
            done => done,
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_closed(bytes.len(), |inner| inner.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_closed((), |inner| inner.flush())
    }
}

/// Prints a note to standard error.
pub(super) fn say(what: impl fmt::Display) {
    // Without a reader, the error cannot be reported.
    let _ = writeln!(anstream::stderr(), "{what}");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A writer that accepts this many bytes and then fails with a broken pipe.
    struct Pipe(usize);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            if taken == 0 { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(taken) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nobody_reads_any_more() {
        let mut output = Output::new(Pipe(3));
        output.write_all(b"ab").unwrap();
        assert!(!output.is_closed());
        output.write_all(b"cd").unwrap();
        assert!(output.is_closed());
        output.write_all(b"ef").unwrap();
        output.flush().unwrap();
    }
}
