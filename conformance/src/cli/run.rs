//! `run`: replays fixtures.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use clap::Args;

use super::{
    duration,
    failed::FailedArguments,
    interrupt::interrupted_by_ctrl_c,
    invocation::{Started, replay as replay_command},
    number,
    output::say,
    progress::bar,
    reports::{self, ReportArguments},
    selection::SelectionArguments,
    shell_words,
    status::{Error, Status},
};
use crate::{
    Answered, Builtin, Case, CaseResult, Child, ChildOptions, Expectations, ExpectationsError,
    InProcess, Judge, Op, Outcome, Shard, Stale, Stopped, Testee, Verdict, replay,
    report::{ReportFile, StoredCase, StoredResult, show_run},
    today,
};

/// Replays the fixtures against the built-in implementation or an adapter
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  iothub-conformance run
  iothub-conformance run --testee 'python3 adapter.py' --jobs 2
  iothub-conformance run --testee ./my-adapter --filter ENC-4 --codes
  iothub-conformance run --testee ./my-adapter --require-ops decode,trace
  iothub-conformance run --testee ./my-adapter --expectations known.toml --bless
  iothub-conformance run --report-html result.html --report-junit result.xml")]
pub(super) struct Run {
    /// The command that starts the adapter, including the arguments, quoted as for a shell
    #[arg(long, value_name = "CMD ARG…")]
    testee: Option<String>,
    #[command(flatten)]
    selection: SelectionArguments,
    /// Split the selected cases into N parts and run only part I
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Count violations of SHOULD rules as failures
    #[arg(long)]
    strict: bool,
    /// Also compare the code of each rejection with the expected code
    #[arg(long)]
    codes: bool,
    /// A TOML file with the cases that are expected to fail
    #[arg(long, value_name = "FILE")]
    expectations: Option<PathBuf>,
    /// Update the --expectations file with the results of this run
    #[arg(long, requires = "expectations")]
    bless: bool,
    /// The number of adapter processes
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = number::within::<u16>(1..=256))]
    jobs: u16,
    /// The time limit for each answer, for example 500ms or 5s. A number without a unit is in
    /// milliseconds
    #[arg(long, value_name = "TIME", default_value = "5000", value_parser = duration::limit)]
    timeout: Duration,
    /// The time limit for the first answer after each start of the adapter [default: the value of
    /// --timeout]
    #[arg(long, value_name = "TIME", value_parser = duration::limit)]
    startup_timeout: Option<Duration>,
    /// The operations that the implementation must support, for example decode,trace
    #[arg(long, value_name = "OP,…", value_delimiter = ',')]
    require_ops: Vec<Op>,
    /// Send every request, even if the adapter crashes repeatedly. Without this option, if 20
    /// consecutive requests for an operation crash the adapter, `run` counts the remaining cases of
    /// this operation as crashed
    #[arg(long)]
    keep_going: bool,
    /// Show every failure and warning. Without this option, `run` shows at most ten of them
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    failed: FailedArguments,
    #[command(flatten)]
    reports: ReportArguments,
}

pub(super) fn main(arguments: Run, out: &mut dyn Write) -> Result<Status, Error> {
    let started = Started::now();
    let fixtures = arguments.selection.fixtures()?;
    let earlier = arguments.failed.read("run")?;
    let mut cases = arguments.selection.of(&fixtures.cases, arguments.shard)?;
    if let Some(earlier) = &earlier {
        earlier.among("case", &fixtures.cases)?.keep(&mut cases)?;
    }

    let reports = arguments.reports.create(None)?;
    let expectations = match &arguments.expectations {
        None => None,
        Some(path) => Some(Expected::read(path, arguments.bless)?),
    };
    let testees = match &arguments.testee {
        None => Ok(built_in()),
        Some(command) => {
            let command = shell_words::split("--testee", command)?;
            let options = ChildOptions::default()
                .timeout(arguments.timeout)
                .startup_timeout(arguments.startup_timeout.unwrap_or(arguments.timeout))
                .keep_going(arguments.keep_going)
                .interrupted(interrupted_by_ctrl_c()?);
            start(&command, &options, cases.len().min(arguments.jobs.into()))
        }
    };
    let mut testees = match testees {
        Ok(testees) => testees,
        Err(stopped) => return ended(stopped, 0, cases.len()),
    };
    let about = testees[0].about();
    let judge = Judge::default().strict(arguments.strict).codes(arguments.codes);

    let progress = bar(cases.len() as u64, "{bar:40} {pos}/{len} {rate} {msg}");
    let mut failed = 0;
    let (mut results, stopped) = replay::run(&cases, &mut testees, judge, &mut |result| {
        if result.judged.outcome.is_failure() {
            failed += 1;
            progress.set_message(format!("{failed} failed"));
        }
        progress.inc(1);
    });
    progress.finish_and_clear();
    end(testees);

    let mut required = arguments.require_ops.clone();
    let stale = match expectations {
        None => Vec::new(),
        Some(expectations) => {
            required.extend(expectations.required_ops()?);
            let bless = arguments.bless && stopped.is_ok();
            expectations.apply(&mut results, &fixtures.cases, bless)?
        }
    };
    let notes = notes(&results);
    let missing_ops = missing_ops(&required, &results);
    let mut result = StoredResult::of_run(about, &results);
    (result.notes, result.missing_ops) = (notes, missing_ops);
    result.cases.extend(stale.into_iter().map(StoredCase::from));
    result.count();
    result.strict = arguments.strict;
    let mut invocation = started.invocation();
    invocation.profile = arguments.selection.profile().map(|profile| profile.to_string());
    let folder = arguments.selection.folder().as_deref().map(Path::to_string_lossy);
    let options = [("--testee", arguments.testee.as_deref()), ("--fixtures", folder.as_deref())];
    invocation.replay = replay_command("run", &options);
    result.invocation = Some(invocation);
    result.fixtures.clone_from(arguments.selection.folder());
    result.interrupted = matches!(stopped, Err(Stopped::Interrupted));
    show_run(&result, &fixtures.requirements, reports::shown(arguments.all), out)?;
    if let Some(earlier) = &earlier {
        earlier.show_changes(&result, out)?;
    }
    if !matches!(stopped, Err(Stopped::NotAnAdapter(_))) {
        reports.finish(&result, &fixtures.requirements)?;
    }
    match stopped {
        Err(stopped) => ended(stopped, results.len(), cases.len()),
        Ok(()) if result.has_failed() => Ok(Status::Failed),
        Ok(()) => Ok(Status::Passed),
    }
}

/// Returns notes about operations for which the testee accepts every request or rejects every
/// request, although the cases include valid and invalid requests.
fn notes(results: &[CaseResult<'_>]) -> Vec<String> {
    const ENOUGH: usize = 10;
    let mut notes = Vec::new();
    for op in Op::ALL {
        let of_op = || results.iter().filter(move |result| result.case.request.op() == op);
        let answered = || of_op().filter_map(|result| result.judged.answered.as_ref());
        let refused = answered().filter(|answer| matches!(answer, Answered::Reject(_))).count();
        let accepted = answered().count() - refused;
        let is_valid = |result: &&CaseResult<'_>| matches!(result.case.verdict, Verdict::Accept(_));
        let valid = of_op().filter(is_valid).count();
        let invalid = of_op().count() - valid;
        if valid == 0 || invalid == 0 || refused + accepted < ENOUGH {
            continue;
        }
        let (op, count) = (op.as_str(), refused + accepted);
        if accepted == 0 {
            notes.push(format!(
                "the testee rejects all {count} requests of {op}, including {valid} valid ones: \
                does the adapter pass them to the implementation and return the answers?"
            ));
        } else if refused == 0 {
            notes.push(format!(
                "the testee accepts all {count} requests of {op}, including {invalid} invalid \
                 ones: does the adapter answer with `err` if the implementation rejects an input?"
            ));
        }
    }
    notes
}

/// Returns the required operations whose cases are all unsupported, or that have no cases.
fn missing_ops(required: &[Op], results: &[CaseResult<'_>]) -> Vec<String> {
    let is_missing = |op: &&Op| {
        let mut own = results.iter().filter(|result| result.case.request.op() == **op);
        own.all(|result| result.judged.outcome == Outcome::Unsupported)
    };
    let mut missing: Vec<Op> = required.iter().filter(is_missing).copied().collect();
    missing.sort_unstable();
    missing.dedup();
    missing.into_iter().map(|op| op.as_str().to_owned()).collect()
}

/// The list of expected failures, as read from the --expectations file.
struct Expected<'a> {
    path: &'a Path,
    text: String,
    is_new: bool,
}

impl<'a> Expected<'a> {
    /// Reads the list. With `bless`, a missing file counts as an empty list.
    fn read(path: &'a Path, bless: bool) -> Result<Self, Error> {
        let read = read_text(path);
        let is_new = matches!(&read, Err(error) if error.kind() == io::ErrorKind::NotFound);
        let text = match read {
            Err(_) if bless && is_new => String::new(),
            text => text.map_err(|error| Error::File(path.to_owned(), error))?,
        };
        let expected = Self { path, text, is_new };
        expected.list(&expected.text)?;
        Ok(expected)
    }

    fn required_ops(&self) -> Result<Vec<Op>, Error> {
        Ok(self.list(&self.text)?.required_ops().to_vec())
    }

    fn list(&self, text: &str) -> Result<Expectations, Error> {
        text.parse().map_err(|error| self.error(&error))
    }

    fn error(&self, error: &ExpectationsError) -> Error {
        Error::Usage(format!("{}: {error}", self.path.display()))
    }

    /// Applies the list to the results and returns the stale entries. With `bless`, first updates
    /// the file and prints a summary.
    fn apply(
        self,
        results: &mut [CaseResult<'_>],
        all: &[Case],
        bless: bool,
    ) -> Result<Vec<Stale>, Error> {
        let today = today();
        if !bless {
            return Ok(self.list(&self.text)?.apply(results, all, today));
        }
        let blessed = Expectations::bless(&self.text, results, all, today)
            .map_err(|error| self.error(&error))?;
        let write = || {
            let mut file = ReportFile::create(self.path)?;
            file.write_all(blessed.text.as_bytes())?;
            file.finish()
        };
        // An empty list is written too, because later runs read the file.
        if self.is_new || blessed.text != self.text {
            write().map_err(|error| Error::File(self.path.to_owned(), error))?;
        }
        say(format_args!("{}: {blessed}", self.path.display()));
        Ok(self.list(&blessed.text)?.apply(results, all, today))
    }
}

/// Returns the text of a UTF-8 file.
fn read_text(path: &Path) -> io::Result<String> {
    let bytes = fs::read(path)?;
    let is_utf16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    String::from_utf8(bytes).map_err(|error| {
        let what = if is_utf16 {
            "it is in UTF-16: save it as UTF-8, for example with iconv -f UTF-16 -t UTF-8"
                .to_owned()
        } else {
            format!("it is not in UTF-8 ({error}): save it as UTF-8")
        };
        io::Error::new(io::ErrorKind::InvalidData, what)
    })
}

/// Returns the status of a run that stopped early, or the error that stopped it. Prints how many
/// cases an interrupted run has tested.
fn ended(stopped: Stopped, asked: usize, of: usize) -> Result<Status, Error> {
    match stopped {
        Stopped::NotAnAdapter(error) => Err(error.into()),
        Stopped::Interrupted => {
            say(format_args!("interrupted: {asked} of {of} cases"));
            Ok(Status::Interrupted)
        }
    }
}

type Testees = Vec<Box<dyn Testee>>;

fn built_in() -> Testees {
    vec![Box::new(InProcess::new(Builtin::default()))]
}

/// Starts all processes at the same time, because a start may take seconds. If a process cannot be
/// started, ends the others and returns the error.
fn start(command: &[String], options: &ChildOptions, count: usize) -> Result<Testees, Stopped> {
    let one = || Child::start(command.to_vec(), options.clone());
    let started = thread::scope(|scope| {
        let starting: Vec<_> = (0..count).map(|_| scope.spawn(one)).collect();
        starting.into_iter().map(join).collect::<Vec<_>>()
    });
    let (mut testees, mut stopped): (Testees, _) = (Vec::new(), None);
    for child in started {
        match child {
            Ok(child) => testees.push(Box::new(child)),
            Err(error) => stopped = Some(error),
        }
    }
    match stopped {
        None => Ok(testees),
        Some(error) => {
            end(testees);
            Err(error)
        }
    }
}

/// Ends all processes at the same time, because the end of a process may take seconds.
fn end(testees: Testees) {
    thread::scope(|scope| {
        for testee in testees {
            scope.spawn(|| drop(testee));
        }
    });
}

fn join<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
