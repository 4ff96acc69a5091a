//! A program of any language, behind the adapter protocol.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{
    About, NotAccepted, Request,
    pipe::{Line, NoLine, Process},
    testee::{Failure, FailureKind, NotAnAdapter, Observed, Stopped, Testee},
    wire::{self, Hello},
};

/// How many requests may be on their way, so that the pipes are never empty.
const WINDOW: usize = 256;
/// How many bytes of them.
const WINDOW_BYTES: usize = 1 << 20;
/// How many time-outs in a row make the runner impatient.
const PATIENCE: u32 = 3;

/// How a [`Child`] is asked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChildOptions {
    /// How long an answer may take.
    pub timeout: Duration,
    /// Set by whoever wants it to stop.
    pub interrupted: Arc<AtomicBool>,
}

impl Default for ChildOptions {
    /// Five seconds an answer.
    fn default() -> Self {
        Self { timeout: Duration::from_secs(5), interrupted: Arc::default() }
    }
}

impl ChildOptions {
    /// With another time limit.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// With a flag that stops it.
    #[must_use]
    pub fn interrupted(self, interrupted: Arc<AtomicBool>) -> Self {
        Self { interrupted, ..self }
    }
}

/// A program under test.
///
/// Requests are pipelined. When it dies or hangs with several on their way, nobody can tell which
/// of them did it, as it may have held answers back; so it is started again and asked the same
/// ones one by one.
pub struct Child {
    command: Vec<String>,
    options: ChildOptions,
    about: About,
    running: Option<Running>,
    time_outs_in_a_row: u32,
}

struct Running {
    process: Process,
    hello: Hello,
    next_id: u64,
}

/// What broke a conversation at its oldest unanswered request.
struct Broken {
    failure: Failure,
    /// The request after the last one that was sent.
    sent: usize,
}

impl Child {
    /// Starts a program and greets it.
    ///
    /// # Errors
    ///
    /// [`NotAnAdapter`] where it cannot be started, or twice gives no proper answer to `hello`
    /// within the time limit.
    pub fn start(command: Vec<String>, options: ChildOptions) -> Result<Self, NotAnAdapter> {
        let about = About::new(command.join(" "), "");
        let mut child = Self { command, options, about, running: None, time_outs_in_a_row: 0 };
        let running = child.take_running()?;
        child.about = running.hello.about.clone();
        child.running = Some(running);
        Ok(child)
    }

    fn take_running(&mut self) -> Result<Running, NotAnAdapter> {
        match self.running.take() {
            Some(running) => Ok(running),
            None => self
                .greet()
                .or_else(|_| self.greet())
                .map_err(|reason| NotAnAdapter { command: self.command.join(" "), reason }),
        }
    }

    fn greet(&self) -> Result<Running, String> {
        const ID: u64 = 1;
        let mut process = Process::start(&self.command)
            .map_err(|error| format!("it cannot be started: {error}"))?;
        process.send(wire::write_hello(ID));
        let answer = match process.line(self.options.timeout, &self.options.interrupted) {
            Ok(Line::Text(line)) => wire::read_hello_answer(&line, ID),
            Ok(Line::TooLong) => Err("a line of more than 1 MiB".to_owned()),
            Err(NoLine::Late) => Err(format!("no answer within {:?}", self.options.timeout)),
            Err(NoLine::Closed) => Err("no answer".to_owned()),
            Err(NoLine::Interrupted) => Err("interrupted".to_owned()),
        };
        match answer {
            Ok(hello) => Ok(Running { process, hello, next_id: ID + 1 }),
            Err(why) => Err(format!("no proper answer to hello: {why}{}", end(process))),
        }
    }

    /// Asks until all is answered or something breaks. `next` is the oldest unanswered request.
    fn converse(
        &mut self,
        requests: &[&Request],
        next: &mut usize,
        window: usize,
        observed: &mut dyn FnMut(usize, Observed),
    ) -> Result<Option<Broken>, Stopped> {
        let first = *next;
        let limit = self.limit();
        let mut running = self.take_running()?;
        let broken =
            running.converse(requests, next, window, limit, &self.options.interrupted, observed)?;
        if *next > first {
            self.time_outs_in_a_row = 0;
        }
        let Some(mut broken) = broken else {
            self.running = Some(running);
            return Ok(None);
        };
        if broken.failure.kind == FailureKind::TimedOut {
            self.time_outs_in_a_row = self.time_outs_in_a_row.saturating_add(1);
        }
        broken.failure.detail.push_str(&end(running.process));
        Ok(Some(broken))
    }

    /// The time limit, shorter when it has run out several times in a row: a program that hangs
    /// on everything should not be waited for a thousand times.
    fn limit(&self) -> Duration {
        let full = self.options.timeout;
        match self.time_outs_in_a_row / PATIENCE {
            0 => full,
            1..10 => full.min((full / 10).max(Duration::from_millis(100))),
            _ => full.min((full / 100).max(Duration::from_millis(20))),
        }
    }
}

impl Running {
    fn converse(
        &mut self,
        requests: &[&Request],
        next: &mut usize,
        window: usize,
        limit: Duration,
        interrupted: &AtomicBool,
        observed: &mut dyn FnMut(usize, Observed),
    ) -> Result<Option<Broken>, Stopped> {
        let mut sent = *next;
        let mut on_their_way = VecDeque::new();
        let mut bytes_on_their_way = 0;
        while *next < requests.len() {
            if interrupted.load(Ordering::Relaxed) {
                return Err(Stopped::Interrupted);
            }
            if self.hello.lacks(requests[*next]) {
                observed(*next, Observed::Answered(Err(NotAccepted::Unsupported)));
                *next += 1;
                sent = sent.max(*next);
                continue;
            }
            // Filled up when it is half empty, in one write.
            if sent - *next <= window / 2 && bytes_on_their_way <= WINDOW_BYTES / 2 {
                let mut batch = Vec::new();
                while sent < requests.len()
                    && sent - *next < window
                    && bytes_on_their_way < WINDOW_BYTES
                {
                    if !self.hello.lacks(requests[sent]) {
                        let line = wire::write_request(self.next_id, requests[sent]);
                        on_their_way.push_back((self.next_id, line.len()));
                        self.next_id += 1;
                        bytes_on_their_way += line.len();
                        batch.extend(line);
                    }
                    sent += 1;
                }
                self.process.send(batch);
            }
            let Some((id, length)) = on_their_way.pop_front() else { continue };
            let failure = match self.process.line(limit, interrupted) {
                Ok(Line::Text(line)) => match wire::read_answer(&line, id, requests[*next].op()) {
                    Ok(reply) => {
                        bytes_on_their_way -= length;
                        observed(*next, Observed::Answered(reply));
                        *next += 1;
                        continue;
                    }
                    Err(why) => Failure::new(FailureKind::BadAnswer, why),
                },
                Ok(Line::TooLong) => {
                    Failure::new(FailureKind::BadAnswer, "a line of more than 1 MiB")
                }
                Err(NoLine::Late) => {
                    Failure::new(FailureKind::TimedOut, format!("no answer within {limit:?}"))
                }
                Err(NoLine::Closed) => Failure::new(FailureKind::Crashed, "no answer"),
                Err(NoLine::Interrupted) => return Err(Stopped::Interrupted),
            };
            return Ok(Some(Broken { failure, sent }));
        }
        Ok(None)
    }
}

impl Testee for Child {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn ask(
        &mut self,
        requests: &[&Request],
        observed: &mut dyn FnMut(usize, Observed),
    ) -> Result<(), Stopped> {
        let mut next = 0;
        while let Some(Broken { failure, sent }) =
            self.converse(requests, &mut next, WINDOW, observed)?
        {
            let uncertain = failure.kind != FailureKind::BadAnswer && sent - next > 1;
            if !uncertain {
                observed(next, Observed::Failed(failure));
                next += 1;
                continue;
            }
            // One by one, until it breaks again.
            let suspect = next;
            let mut held = Vec::new();
            let mut hold = |index, what| held.push((index, what));
            let culprit = self.converse(&requests[..sent], &mut next, 1, &mut hold)?;
            match culprit {
                Some(Broken { failure, .. }) => {
                    held.push((next, Observed::Failed(failure)));
                    next += 1;
                }
                None => {
                    let detail =
                        format!("{}; asked once more, one by one, it answered", failure.detail);
                    let once = Failure::new(failure.kind, detail);
                    held.retain(|(index, _)| *index != suspect);
                    held.insert(0, (suspect, Observed::Failed(once)));
                }
            }
            held.into_iter().for_each(|(index, what)| observed(index, what));
        }
        Ok(())
    }
}

/// Ends a program; how it ended and what it said, to follow a sentence.
fn end(mut process: Process) -> String {
    let status = process.kill();
    let mut fate = String::new();
    if let Some(status) = status {
        let _ = write!(fate, "; it ended with {status}");
    }
    let stderr = process.stderr();
    if !stderr.is_empty() {
        let _ = write!(fate, "; its standard error ends:\n{stderr}");
    }
    fate
}
