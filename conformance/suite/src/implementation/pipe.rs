//! A running program with pipes that never block this process.
//!
//! Separate threads read and write because a read or a write may block for as long as the program
//! runs. The threads end when the pipes close, which happens when the program and its process group
//! are killed. A process that has left the group on purpose, for example a daemon, keeps running.
//! If such a process holds the pipes, the threads wait for it, but this process does not wait for
//! the threads.

use std::{
    collections::VecDeque,
    convert::Infallible,
    io::{self, Read, Write},
    process::{ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use process_wrap::std::ChildWrapper;

use super::program::{self, Tail, read_some};

/// The maximum length of a line in bytes, without its line end.
const LONGEST_LINE: usize = 1 << 20;
/// The maximum number of bytes of the standard error that are kept.
const STDERR_KEPT: usize = 4096;
/// The interval between checks. A check detects whether the program has ended although its pipes
/// are still open, and whether the run must stop.
const POLL: Duration = Duration::from_millis(25);
/// The time to wait, after a program has ended, for the rest of its output, the end of its pipes
/// and its exit status.
const REMAINS: Duration = Duration::from_millis(250);
/// The time for which a program may continue after the end of its input.
const SHUTDOWN: Duration = Duration::from_secs(2);

pub(super) struct Process {
    child: Box<dyn ChildWrapper>,
    /// The input of the program, or `None` after the input was closed.
    input: Option<Sender<Vec<u8>>>,
    output: Receiver<Vec<Line>>,
    /// The received lines that the caller has not yet read, the oldest first.
    received: VecDeque<Line>,
    stderr: Arc<Mutex<Tail>>,
    /// A channel that is disconnected at the end of the standard error.
    stderr_end: Receiver<Infallible>,
    interrupted: Arc<AtomicBool>,
}

pub(super) enum Line {
    /// A line without its line end.
    Text(Vec<u8>),
    /// The text after the last line end, at the end of the output.
    Unfinished(Vec<u8>),
    /// More than [`LONGEST_LINE`] bytes without a line end. No line follows.
    TooLong,
}

pub(super) enum NoLine {
    /// No line arrived within the time limit.
    Late,
    /// No more lines follow because the output is closed or the program has ended.
    Closed,
    /// The run must stop.
    Interrupted,
}

/// The time to wait for output or for the end of a program. The wait ends only after both a
/// duration and a number of checks, because time can pass without progress by the program on a busy
/// machine.
struct Patience {
    until: Instant,
    looks: u32,
    enough: u128,
    between: Duration,
}

impl Patience {
    fn new(limit: Duration) -> Self {
        // A check takes longer than `POLL`, so fewer checks fit into the time limit.
        let enough = limit.as_millis() / POLL.as_millis() * 3 / 4;
        Self { until: Instant::now() + limit, looks: 0, enough, between: POLL }
    }

    /// Counts the next check and returns the time until this check.
    fn next_look(&mut self) -> Duration {
        self.looks += 1;
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { self.between } else { left.min(self.between) }
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.until && u128::from(self.looks) >= self.enough
    }
}

impl Process {
    pub(super) fn start(command: &[String], interrupted: Arc<AtomicBool>) -> io::Result<Self> {
        let mut command = program::command(command)?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = program::spawn(command)?;

        let (input, lines_in) = channel();
        // The channel holds only a few batches so that unrequested output from the program cannot
        // fill the memory.
        let (lines_out, output) = sync_channel(4);
        let (stderr_open, stderr_end) = channel();
        let stderr = Arc::new(Mutex::new(Tail::new(STDERR_KEPT)));
        if let Some(pipe) = child.stdin().take() {
            thread::spawn(move || write_lines(pipe, &lines_in));
        }
        if let Some(pipe) = child.stdout().take() {
            thread::spawn(move || read_lines(pipe, &lines_out));
        }
        if let Some(pipe) = child.stderr().take() {
            let kept = Arc::clone(&stderr);
            thread::spawn(move || {
                keep_tail(pipe, &kept);
                drop(stderr_open);
            });
        }
        let received = VecDeque::new();
        Ok(Self { child, input: Some(input), output, received, stderr, stderr_end, interrupted })
    }

    /// Passes bytes to the thread that writes them, without waiting until the program reads them.
    pub(super) fn send(&self, bytes: Vec<u8>) {
        if let Some(input) = &self.input {
            // The thread has ended if the program has closed its input. The caller then notices the
            // missing answers.
            let _ = input.send(bytes);
        }
    }

    pub(super) fn line(&mut self, limit: Duration) -> Result<Line, NoLine> {
        let mut patience = Patience::new(limit);
        let mut dead = false;
        loop {
            if let Some(line) = self.received.pop_front() {
                return Ok(line);
            }
            match self.output.recv_timeout(patience.next_look()) {
                Ok(lines) => self.received.extend(lines),
                Err(RecvTimeoutError::Disconnected) => return Err(NoLine::Closed),
                Err(RecvTimeoutError::Timeout) if self.is_interrupted() => {
                    return Err(NoLine::Interrupted);
                }
                Err(RecvTimeoutError::Timeout) if !dead && self.status().is_some() => {
                    // The output ends now, unless a process outside the group holds the pipe open.
                    let _ = self.child.start_kill();
                    dead = true;
                    patience = Patience::new(REMAINS);
                }
                Err(RecvTimeoutError::Timeout) if patience.is_over() => {
                    return Err(if dead { NoLine::Closed } else { NoLine::Late });
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Waits a short time for the program to end. Returns its exit status, or `None` if the program
    /// is still running. Call this function after the output has ended.
    pub(super) fn fate(&mut self) -> Option<ExitStatus> {
        self.wait(REMAINS)
    }

    /// Closes the input and kills the program and its children.
    pub(super) fn kill(&mut self) {
        self.input = None;
        let _ = self.child.start_kill();
        self.wait(REMAINS);
    }

    /// Returns the last lines of the standard error. Call this function after the program has
    /// ended.
    pub(super) fn stderr(&self) -> String {
        let mut patience = Patience::new(REMAINS);
        while self.stderr_end.recv_timeout(patience.next_look()) == Err(RecvTimeoutError::Timeout)
            && !patience.is_over()
        {}
        last_lines(&mut self.stderr.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let mut patience = Patience { between: Duration::from_millis(1), ..Patience::new(limit) };
        loop {
            match self.status() {
                None if !patience.is_over() => thread::sleep(patience.next_look()),
                status => return status,
            }
        }
    }

    fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

impl Drop for Process {
    /// Closes the input, which ends an adapter. Kills the remaining processes when the program has
    /// ended, when the run must stop, or after about two seconds.
    fn drop(&mut self) {
        if self.input.take().is_none() {
            return;
        }
        let mut patience = Patience::new(SHUTDOWN);
        while !self.is_interrupted() && !patience.is_over() {
            if self.wait(patience.next_look()).is_some() {
                break;
            }
        }
        self.kill();
    }
}

/// Returns the last lines of the standard error, without an incomplete first line if other lines
/// follow.
fn last_lines(tail: &mut Tail) -> String {
    let cut = tail.cut;
    let bytes = tail.bytes().trim_ascii();
    let whole_lines = match bytes.iter().position(|&byte| byte == b'\n') {
        Some(end) if cut => &bytes[end + 1..],
        _ => bytes,
    };
    String::from_utf8_lossy(whole_lines).into_owned()
}

fn write_lines(mut pipe: impl Write, lines: &Receiver<Vec<u8>>) {
    while let Ok(bytes) = lines.recv() {
        if pipe.write_all(&bytes).and_then(|()| pipe.flush()).is_err() {
            return;
        }
    }
}

fn read_lines(mut pipe: impl Read, lines: &SyncSender<Vec<Line>>) {
    let mut chunk = vec![0; 1 << 16];
    let mut rest = Vec::new();
    while let Some(length) = read_some(&mut pipe, &mut chunk) {
        let mut batch = Vec::new();
        for part in chunk[..length].split_inclusive(|&byte| byte == b'\n') {
            rest.extend_from_slice(part);
            let whole = rest.pop_if(|last| *last == b'\n').is_some();
            if rest.len() > LONGEST_LINE {
                batch.push(Line::TooLong);
                let _ = lines.send(batch);
                return;
            }
            if whole {
                batch.push(Line::Text(std::mem::take(&mut rest)));
            }
        }
        if !batch.is_empty() && lines.send(batch).is_err() {
            return;
        }
    }
    if !rest.is_empty() {
        let _ = lines.send(vec![Line::Unfinished(rest)]);
    }
}

fn keep_tail(mut pipe: impl Read, kept: &Mutex<Tail>) {
    let mut chunk = [0; STDERR_KEPT];
    while let Some(length) = read_some(&mut pipe, &mut chunk) {
        kept.lock().unwrap_or_else(PoisonError::into_inner).keep(&chunk[..length]);
    }
}
