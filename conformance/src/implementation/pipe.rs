//! A running program: lines in, lines out, and nothing it does can block us.
//!
//! Threads do the reading and the writing, since either may block for as long as the program
//! likes. They end when the program's pipes close. A program that hands its pipes to a process
//! which leaves its group and stays can keep them: then they wait, and nobody waits for them.

use std::{
    collections::VecDeque,
    io::{self, Read, Write},
    process::{Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use process_wrap::std::{ChildWrapper, CommandWrap};

/// The longest line that is read.
const LONGEST_LINE: usize = 1 << 20;
/// How much of the standard error is kept.
const STDERR_KEPT: usize = 4096;
/// How often it is looked whether the program has died without closing its pipes.
const POLL: Duration = Duration::from_millis(25);
/// How long a program may take to end by itself once its input has ended.
const GRACE: Duration = Duration::from_millis(500);

pub(super) struct Process {
    child: Box<dyn ChildWrapper>,
    /// Nothing once the input is closed.
    input: Option<Sender<Vec<u8>>>,
    output: Receiver<Vec<Line>>,
    /// Lines that were received, but not asked for yet.
    received: VecDeque<Line>,
    stderr: Arc<Mutex<VecDeque<u8>>>,
}

pub(super) enum Line {
    /// A line, without its end.
    Text(Vec<u8>),
    /// More than [`LONGEST_LINE`] bytes without an end.
    TooLong,
}

pub(super) enum NoLine {
    /// Not within the time limit.
    Late,
    /// There will be none: the output is closed, or the program is dead.
    Closed,
    /// Somebody asked to stop.
    Interrupted,
}

impl Process {
    pub(super) fn start(command: &[String]) -> io::Result<Self> {
        let (program, arguments) = command
            .split_first()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the command is empty"))?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut command = CommandWrap::from(command);
        // So that its children die with it.
        #[cfg(unix)]
        command.wrap(process_wrap::std::ProcessGroup::leader());
        #[cfg(windows)]
        command.wrap(process_wrap::std::JobObject);
        let mut child = command.spawn()?;

        let (input, lines_in) = channel();
        // A few batches: what a program prints unasked must not fill the memory.
        let (lines_out, output) = sync_channel(4);
        let stderr = Arc::new(Mutex::new(VecDeque::new()));
        if let Some(pipe) = child.stdin().take() {
            thread::spawn(move || write_lines(pipe, &lines_in));
        }
        if let Some(pipe) = child.stdout().take() {
            thread::spawn(move || read_lines(pipe, &lines_out));
        }
        if let Some(pipe) = child.stderr().take() {
            let kept = Arc::clone(&stderr);
            thread::spawn(move || keep_tail(pipe, &kept));
        }
        Ok(Self { child, input: Some(input), output, received: VecDeque::new(), stderr })
    }

    /// Hands bytes to the program, and does not wait until it reads them.
    pub(super) fn send(&self, bytes: Vec<u8>) {
        if let Some(input) = &self.input {
            // The thread is gone when the program has closed its input. The answers that are then
            // missing tell.
            let _ = input.send(bytes);
        }
    }

    pub(super) fn line(
        &mut self,
        limit: Duration,
        interrupted: &AtomicBool,
    ) -> Result<Line, NoLine> {
        let deadline = Instant::now() + limit;
        let mut was_dead = false;
        loop {
            if let Some(line) = self.received.pop_front() {
                return Ok(line);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left.min(POLL)) {
                Ok(lines) => self.received.extend(lines),
                Err(RecvTimeoutError::Disconnected) => return Err(NoLine::Closed),
                Err(RecvTimeoutError::Timeout) if interrupted.load(Ordering::Relaxed) => {
                    return Err(NoLine::Interrupted);
                }
                // Dead for a whole round: what it wrote before it died has been read.
                Err(RecvTimeoutError::Timeout) if was_dead => return Err(NoLine::Closed),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => return Err(NoLine::Late),
                Err(RecvTimeoutError::Timeout) => was_dead = self.status().is_some(),
            }
        }
    }

    /// Ends it and its children, at once. What became of it, where it had died by itself.
    pub(super) fn kill(&mut self) -> Option<ExitStatus> {
        let status = self.wait(POLL);
        self.input = None;
        let _ = self.child.start_kill();
        if status.is_none() {
            self.wait(GRACE);
        }
        status
    }

    /// The last lines of its standard error.
    pub(super) fn stderr(&self) -> String {
        let mut kept = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(kept.make_contiguous()).trim().to_owned()
    }

    fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            match self.status() {
                None if Instant::now() < deadline => thread::sleep(Duration::from_millis(1)),
                status => return status,
            }
        }
    }

    fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

impl Drop for Process {
    /// The end of its input ends an adapter; what is left of it afterwards is killed.
    fn drop(&mut self) {
        if self.input.take().is_some() {
            self.wait(GRACE);
            self.kill();
        }
    }
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
    while let Ok(length @ 1..) = pipe.read(&mut chunk) {
        let mut batch = Vec::new();
        for part in chunk[..length].split_inclusive(|&byte| byte == b'\n') {
            rest.extend_from_slice(part);
            if rest.len() > LONGEST_LINE {
                batch.push(Line::TooLong);
                let _ = lines.send(batch);
                return;
            }
            if rest.pop_if(|last| *last == b'\n').is_some() {
                batch.push(Line::Text(std::mem::take(&mut rest)));
            }
        }
        if !batch.is_empty() && lines.send(batch).is_err() {
            return;
        }
    }
    if !rest.is_empty() {
        let _ = lines.send(vec![Line::Text(rest)]);
    }
}

fn keep_tail(mut pipe: impl Read, kept: &Mutex<VecDeque<u8>>) {
    let mut chunk = [0; STDERR_KEPT];
    while let Ok(length @ 1..) = pipe.read(&mut chunk) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(&chunk[..length]);
        let surplus = kept.len().saturating_sub(STDERR_KEPT);
        kept.drain(..surplus);
    }
}
