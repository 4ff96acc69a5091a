//! A testee that is a program in any language and speaks the adapter protocol.

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{
    NotAccepted, Op, Reply, Request,
    hello::{self, Hello},
    pipe::{Line, NoLine, Process},
    testee::{Failure, FailureKind, NotAnAdapter, Observed, Stopped, Testee},
    wire,
};
use crate::About;

/// The maximum number of unanswered requests. This number is large enough to keep the pipes filled.
const WINDOW: usize = 256;
/// The maximum number of bytes in unanswered requests.
const WINDOW_BYTES: usize = 1 << 20;
/// The number of consecutive failures after which requests are sent one by one. After the same
/// number of consecutive time-outs, the time limit becomes shorter.
const PATIENCE: u32 = 3;
/// The number of consecutive crashes after which an operation is no longer requested, unless
/// `keep_going` is `true`.
const CRASHES: u32 = 20;

/// The time limits and other options of a [`Child`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChildOptions {
    /// The time limit for each answer.
    pub timeout: Duration,
    /// The time limit for the first answer, which is the answer to `hello`.
    pub startup_timeout: Duration,
    /// Whether to send every request, even to a program that crashes at each request for an
    /// operation. Otherwise, after 20 consecutive crashes, further requests for that operation are
    /// not sent and count as crashes.
    pub keep_going: bool,
    /// A flag that the caller sets to stop the run.
    pub interrupted: Arc<AtomicBool>,
}

impl Default for ChildOptions {
    /// Returns options with a time limit of five seconds for each answer. With these options, all
    /// requests are sent, even after crashes.
    fn default() -> Self {
        let timeout = Duration::from_secs(5);
        let interrupted = Arc::default();
        Self { timeout, startup_timeout: timeout, keep_going: true, interrupted }
    }
}

impl ChildOptions {
    /// Sets the time limit for each answer, including the first one.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, startup_timeout: timeout, ..self }
    }

    /// Sets the time limit for the first answer.
    #[must_use]
    pub fn startup_timeout(self, startup_timeout: Duration) -> Self {
        Self { startup_timeout, ..self }
    }

    /// Sets whether all requests are sent, even after crashes. Otherwise, an operation is no longer
    /// requested after 20 consecutive crashes.
    #[must_use]
    pub fn keep_going(self, keep_going: bool) -> Self {
        Self { keep_going, ..self }
    }

    /// Sets the flag that stops the run.
    #[must_use]
    pub fn interrupted(self, interrupted: Arc<AtomicBool>) -> Self {
        Self { interrupted, ..self }
    }
}

/// A program under test that speaks the adapter protocol.
///
/// Requests are sent before earlier requests are answered. If the program crashes or hangs, any
/// unanswered request may be the cause because the program may have buffered answers. The program
/// is therefore started again and receives the unanswered requests one by one.
pub struct Child {
    command: Vec<String>,
    options: ChildOptions,
    about: About,
    running: Option<Running>,
    streak: Streak,
    /// The current number of consecutive crashes for each operation.
    crashes: BTreeMap<Op, u32>,
    /// The time limit for each answer, except for the answer to `hello`.
    limit: Duration,
}

/// The numbers of consecutive failures and time-outs since the last valid answer.
#[derive(Clone, Copy, Default)]
struct Streak {
    failures: u32,
    time_outs: u32,
}

struct Running {
    process: Process,
    hello: Hello,
    next_id: u64,
}

/// The limits for a conversation: the number of unanswered requests and the time for each answer.
#[derive(Clone, Copy)]
struct Pace {
    /// The maximum number of unanswered requests.
    window: usize,
    /// The time limit for each answer.
    limit: Duration,
    /// Whether `limit` was shortened after several time-outs.
    impatient: bool,
}

/// The failure that broke a conversation at its oldest unanswered request.
struct Broken {
    failure: Failure,
    /// The index of the first request that was not sent.
    sent: usize,
}

impl Broken {
    /// Returns whether a request after the oldest unanswered one may be the cause of the failure. A
    /// line that is not a valid answer proves that the oldest unanswered request is the cause.
    fn is_uncertain(&self, next: usize) -> bool {
        self.failure.kind != FailureKind::BadAnswer && self.sent - next > 1
    }
}

impl Child {
    /// Starts a program, sends `hello` and waits for the answer.
    ///
    /// # Errors
    ///
    /// Returns [`Stopped::NotAnAdapter`] if the program cannot be started or fails twice to answer
    /// `hello` correctly within the time limit. If the flag `interrupted` in the options is set,
    /// returns [`Stopped::Interrupted`] instead.
    pub fn start(command: Vec<String>, options: ChildOptions) -> Result<Self, Stopped> {
        let about = About::new(command.join(" "), "");
        let streak = Streak::default();
        let limit = options.timeout;
        let crashes = BTreeMap::new();
        let mut child = Self { command, options, about, running: None, streak, crashes, limit };
        let running = child.take_running()?;
        child.about = running.hello.about.clone();
        child.running = Some(running);
        Ok(child)
    }

    fn take_running(&mut self) -> Result<Running, Stopped> {
        if let Some(running) = self.running.take() {
            return Ok(running);
        }
        self.greet().or_else(|_| self.greet()).map_err(|reason| {
            if self.options.interrupted.load(Ordering::Relaxed) {
                return Stopped::Interrupted;
            }
            NotAnAdapter { command: self.command.join(" "), reason }.into()
        })
    }

    fn greet(&self) -> Result<Running, String> {
        const ID: u64 = 1;
        let limit = self.options.startup_timeout;
        let mut process = Process::start(&self.command, Arc::clone(&self.options.interrupted))
            .map_err(|error| format!("it cannot be started: {error}"))?;
        process.send(hello::write(ID));
        let answer = match process.line(limit) {
            Ok(Line::Text(line) | Line::Unfinished(line)) => hello::read_answer(&line, ID)
                .map_err(|why| Failure::new(FailureKind::BadAnswer, why)),
            Ok(Line::TooLong) => Err(too_long()),
            Err(no_line) => Err(no_answer(&no_line, limit)),
        };
        match answer {
            Ok(hello) => Ok(Running { process, hello, next_id: ID + 1 }),
            Err(mut failure) => {
                if failure.kind == FailureKind::TimedOut {
                    failure.detail.push_str(
                        " (the program must flush each answer; if the program starts slowly, \
                         increase the time limit, for example with --startup-timeout 30s)",
                    );
                }
                Err(format!("no valid answer to hello: {}", autopsy(process, failure).detail))
            }
        }
    }

    /// Sends requests until all are answered or the conversation breaks. Returns the failure that
    /// broke the conversation, or `None` if all requests are answered. `next` is the index of the
    /// oldest unanswered request.
    fn converse(
        &mut self,
        requests: &[&Request],
        next: &mut usize,
        window: usize,
        observed: &mut dyn FnMut(usize, Observed),
    ) -> Result<Option<Broken>, Stopped> {
        let first = *next;
        let pace = self.pace(window);
        let mut running = self.take_running()?;
        let broken = running.converse(requests, next, pace, &self.options.interrupted, observed)?;
        if *next > first {
            self.streak = Streak::default();
        }
        let Some(Broken { failure, sent }) = broken else {
            self.running = Some(running);
            return Ok(None);
        };
        self.streak.failures = self.streak.failures.saturating_add(1);
        if failure.kind == FailureKind::TimedOut {
            self.streak.time_outs = self.streak.time_outs.saturating_add(1);
        }
        Ok(Some(Broken { failure: autopsy(running.process, failure), sent }))
    }

    /// Returns the limits for the next conversation. After several consecutive time-outs, the time
    /// limit is shorter so that a program that always hangs does not use the full time for every
    /// request.
    fn pace(&self, window: usize) -> Pace {
        let full = self.limit;
        let limit = match self.streak.time_outs / PATIENCE {
            0 => full,
            1..10 => full.min((full / 10).max(Duration::from_millis(100))),
            _ => full.min((full / 100).max(Duration::from_millis(20))),
        };
        Pace { window, limit, impatient: limit < full }
    }

    /// Sends the unanswered requests again, one by one, to find the request that broke the
    /// conversation.
    ///
    /// The oldest unanswered request is the first suspect. If this request is answered now and a
    /// later request breaks the conversation, the later request is sent alone to a new process. If
    /// the later request fails there, it is the cause, and the program had buffered the earlier
    /// answers. Otherwise, the program failed for a different reason, such as the number of
    /// requests.
    fn ask_again(
        &mut self,
        requests: &[&Request],
        next: &mut usize,
        failure: Failure,
        observed: &mut dyn FnMut(usize, Observed),
    ) -> Result<(), Stopped> {
        let suspect = *next;
        let mut alibi = None;
        let asked = self.converse(requests, next, 1, &mut |index, what| {
            if index == suspect {
                alibi = Some(what);
            } else {
                observed(index, what);
            }
        });
        let Some(answer) = alibi else {
            return match asked {
                Ok(again) => {
                    let failure = again.map_or(failure, |again| again.failure);
                    observed(suspect, Observed::Failed(failure));
                    *next = suspect + 1;
                    Ok(())
                }
                Err(Stopped::NotAnAdapter(error)) => {
                    observed(suspect, Observed::Failed(failure));
                    Err(error.into())
                }
                Err(stopped) => Err(stopped),
            };
        };
        let is_innocent = match asked {
            Ok(None) => Ok(false),
            Ok(Some(Broken { failure, .. })) => {
                let again = &requests[..=*next];
                let alone = self.converse(again, &mut next.clone(), 1, &mut |_, _| {});
                observed(*next, Observed::Failed(failure));
                *next += 1;
                alone.map(|broken| broken.is_some())
            }
            Err(stopped) => Err(stopped),
        };
        let what = match is_innocent {
            Ok(false) => {
                let detail = format!("{}\nwhen asked again, it answered", failure.detail);
                Observed::Failed(Failure { detail, ..failure })
            }
            Ok(true) | Err(_) => answer,
        };
        observed(suspect, what);
        is_innocent.map(|_| ())
    }
}

impl Testee for Child {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn limit(&mut self, time: Duration) {
        self.limit = time;
        self.streak.time_outs = 0;
    }

    fn ask(
        &mut self,
        requests: &[&Request],
        observed: &mut dyn FnMut(usize, Observed),
    ) -> Result<(), Stopped> {
        let mut next = 0;
        let crashes = RefCell::new(std::mem::take(&mut self.crashes));
        let observed = &mut |index: usize, what: Observed| {
            let mut crashes = crashes.borrow_mut();
            let own = crashes.entry(requests[index].op()).or_default();
            *own = if is_crash(&what) { own.saturating_add(1) } else { 0 };
            observed(index, what);
        };
        let mut asked = Ok(());
        while next < requests.len() && asked.is_ok() {
            let op = requests[next].op();
            let has_given_up = crashes.borrow().get(&op).is_some_and(|count| *count >= CRASHES);
            if has_given_up && !self.options.keep_going {
                observed(next, Observed::Failed(not_asked(op)));
                next += 1;
            } else {
                asked = self.ask_some(requests, &mut next, observed);
            }
        }
        self.crashes = crashes.into_inner();
        asked
    }
}

impl Child {
    /// Sends all remaining requests, or only the next one if the program keeps failing.
    fn ask_some(
        &mut self,
        requests: &[&Request],
        next: &mut usize,
        observed: &mut dyn FnMut(usize, Observed),
    ) -> Result<(), Stopped> {
        // A program that keeps failing gets one request at a time so that each request is sent only
        // once.
        let (window, end) = match self.streak.failures {
            0..PATIENCE => (WINDOW, requests.len()),
            _ => (1, *next + 1),
        };
        let broken = self.converse(&requests[..end], next, window, observed)?;
        let Some(broken) = broken else { return Ok(()) };
        if broken.is_uncertain(*next) {
            return self.ask_again(&requests[..broken.sent], next, broken.failure, observed);
        }
        observed(*next, Observed::Failed(broken.failure));
        *next += 1;
        Ok(())
    }
}

const fn is_crash(what: &Observed) -> bool {
    matches!(what, Observed::Failed(Failure { kind: FailureKind::Crashed, .. }))
}

/// Returns the failure for a request that is not sent because the program keeps crashing at this
/// operation.
fn not_asked(op: Op) -> Failure {
    let op = op.as_str();
    Failure::new(
        FailureKind::Crashed,
        format!(
            "not asked: the program crashed at {CRASHES} consecutive requests for {op} (see \
             --keep-going)"
        ),
    )
}

impl Running {
    fn converse(
        &mut self,
        requests: &[&Request],
        next: &mut usize,
        Pace { window, limit, impatient }: Pace,
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
            // The window is refilled with a single write when it is half empty.
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
            match self.reply(id, requests[*next].op(), limit) {
                Ok(reply) => observed(*next, Observed::Answered(reply)),
                Err(_) if interrupted.load(Ordering::Relaxed) => return Err(Stopped::Interrupted),
                Err(mut failure) => {
                    if impatient && failure.kind == FailureKind::TimedOut {
                        failure.detail.push_str(", the shorter limit after several time-outs");
                    }
                    return Ok(Some(Broken { failure, sent }));
                }
            }
            bytes_on_their_way -= length;
            *next += 1;
        }
        Ok(None)
    }

    fn reply(&mut self, id: u64, op: Op, limit: Duration) -> Result<Reply, Failure> {
        match self.process.line(limit) {
            Ok(Line::Text(line)) => wire::read_answer(&line, id, op)
                .map_err(|why| Failure::new(FailureKind::BadAnswer, why)),
            // An incomplete line without a valid answer counts as a crash because a crashing
            // program loses the output that it has not flushed.
            Ok(Line::Unfinished(line)) => wire::read_answer(&line, id, op).map_err(|_| {
                Failure::new(FailureKind::Crashed, "its output ends in the middle of a line")
            }),
            Ok(Line::TooLong) => Err(too_long()),
            Err(no_line) => Err(no_answer(&no_line, limit)),
        }
    }
}

fn too_long() -> Failure {
    Failure::new(FailureKind::BadAnswer, "a line of more than 1 MiB")
}

fn no_answer(no_line: &NoLine, limit: Duration) -> Failure {
    match no_line {
        NoLine::Late => Failure::new(FailureKind::TimedOut, format!("no answer within {limit:?}")),
        NoLine::Closed => Failure::new(FailureKind::Crashed, "no answer"),
        NoLine::Interrupted => Failure::new(FailureKind::TimedOut, "interrupted"),
    }
}

/// Kills a program and adds the last lines of its standard error to the detail of its failure. For
/// a crash, the detail also contains the exit status or states that the program has not ended.
fn autopsy(mut process: Process, failure: Failure) -> Failure {
    let Failure { kind, mut detail } = failure;
    if kind == FailureKind::Crashed {
        match process.fate() {
            Some(status) => detail.push_str(&format!("; it ended with {status}")),
            None => detail.push_str("; its output is closed, but the program has not ended"),
        }
    }
    process.kill();
    let stderr = process.stderr();
    if !stderr.is_empty() {
        detail.push_str(&format!("\nits standard error ends:\n{stderr}"));
    }
    Failure { kind, detail }
}
