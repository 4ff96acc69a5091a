//! Reads input that Ctrl-C can interrupt.

use std::{
    fs::{self, File},
    io::{self, BufRead, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use indicatif::ProgressBar;

use super::progress::bar;

/// The bytes of a file or of standard input, available as soon as they arrive.
///
/// A thread reads the bytes and may block. Meanwhile, the receiver checks for an interruption.
pub(super) struct Input {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    used: usize,
    interrupted: Arc<AtomicBool>,
    progress: ProgressBar,
}

impl Input {
    /// Opens a file, or standard input if the path is `-`.
    pub(super) fn open(path: &Path, interrupted: Arc<AtomicBool>) -> io::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::start(|| Ok(io::stdin()), ProgressBar::hidden(), interrupted));
        }
        let there = fs::metadata(path)?;
        if there.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let path = path.to_owned();
        if there.is_file() {
            let file = File::open(path)?;
            return Ok(Self::start(|| Ok(file), progress(there.len()), interrupted));
        }
        // Opening a pipe blocks until another process opens the pipe for writing.
        Ok(Self::start(|| File::open(path), ProgressBar::hidden(), interrupted))
    }

    fn start<R: Read>(
        open: impl FnOnce() -> io::Result<R> + Send + 'static,
        progress: ProgressBar,
        interrupted: Arc<AtomicBool>,
    ) -> Self {
        let (sender, chunks) = sync_channel(4);
        thread::spawn(move || match open() {
            Ok(reader) => pass_on(reader, &sender),
            Err(error) => drop(sender.send(Err(error))),
        });
        Self { chunks, chunk: Vec::new(), used: 0, interrupted, progress }
    }

    /// Calls `write`, which writes to standard output, while the progress bar is hidden. Returns
    /// the result of `write`.
    pub(super) fn suspended<T>(progress: &ProgressBar, write: impl FnOnce() -> T) -> T {
        progress.suspend(write)
    }

    pub(super) fn progress(&self) -> ProgressBar {
        self.progress.clone()
    }

    /// Returns the next bytes, or `None` at the end and after an interruption. Updates the progress
    /// bar.
    fn next_chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        const LOOK: Duration = Duration::from_millis(50);
        loop {
            if self.interrupted.load(Ordering::Relaxed) {
                return Ok(None);
            }
            match self.chunks.recv_timeout(LOOK) {
                Ok(chunk) => {
                    let chunk = chunk?;
                    self.progress.inc(chunk.len() as u64);
                    return Ok(Some(chunk));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used == self.chunk.len() {
            self.used = 0;
            self.chunk = self.next_chunk()?.unwrap_or_default();
        }
        Ok(&self.chunk[self.used..])
    }

    fn consume(&mut self, amount: usize) {
        self.used += amount;
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}

/// Sends the input in chunks until it ends, a read fails, or the receiver is gone after an
/// interruption. Also sends the error of a failed read.
fn pass_on(mut reader: impl Read, chunks: &SyncSender<io::Result<Vec<u8>>>) {
    const CHUNK: usize = 1 << 16;
    let mut buffer = vec![0; CHUNK];
    loop {
        let chunk = match reader.read(&mut buffer) {
            Ok(0) => return,
            Ok(length) => Ok(buffer[..length].to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let is_last = chunk.is_err();
        if chunks.send(chunk).is_err() || is_last {
            return;
        }
    }
}

/// Returns the progress bar for a file of `bytes` bytes. The bar is hidden for a small file.
fn progress(bytes: u64) -> ProgressBar {
    const WORTH_SHOWING: u64 = 16 << 20;
    if bytes < WORTH_SHOWING {
        return ProgressBar::hidden();
    }
    bar(bytes, "{bar:40} {bytes}/{total_bytes} {bytes_per_sec}")
}
