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
    interrupt::interrupted_by_ctrl_c,
    output::say,
    progress::bar,
    reports::ReportArguments,
    selection::SelectionArguments,
    shell_words,
    status::{Error, Status},
};
use crate::{
    Builtin, Case, CaseResult, Child, ChildOptions, Expectations, ExpectationsError, InProcess,
    Judge, Shard, Stale, Stopped, Testee, replay,
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
  iothub-conformance run --testee ./my-adapter --expectations known.toml --bless
  iothub-conformance run --report-html result.html --report-junit result.xml")]
pub(super) struct Run {
    /// The command of an adapter, with its arguments, quoted as for a shell
    #[arg(long, value_name = "CMD ARG…")]
    testee: Option<String>,
    #[command(flatten)]
    selection: SelectionArguments,
    /// Run only part I of N of the selected cases
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Count a SHOULD like a MUST
    #[arg(long)]
    strict: bool,
    /// Compare the codes of rejections too
    #[arg(long)]
    codes: bool,
    /// A list of cases that are expected to fail, in TOML
    #[arg(long, value_name = "FILE")]
    expectations: Option<PathBuf>,
    /// Update the list of --expectations after this run
    #[arg(long, requires = "expectations")]
    bless: bool,
    /// The number of adapter processes
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: u16,
    /// The time limit for each answer, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 5000, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    #[command(flatten)]
    reports: ReportArguments,
}

pub(super) fn main(arguments: Run, out: &mut dyn Write) -> Result<Status, Error> {
    let fixtures = arguments.selection.fixtures()?;
    let cases = arguments.selection.of(&fixtures.cases, arguments.shard)?;

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
                .timeout(Duration::from_millis(arguments.timeout))
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

    let stale = match expectations {
        None => Vec::new(),
        Some(expectations) => {
            let bless = arguments.bless && stopped.is_ok();
            expectations.apply(&mut results, &fixtures.cases, bless)?
        }
    };
    let mut result = StoredResult::of_run(about, &results);
    result.cases.extend(stale.into_iter().map(StoredCase::from));
    result.count();
    result.strict = arguments.strict;
    result.fixtures.clone_from(arguments.selection.folder());
    result.interrupted = matches!(stopped, Err(Stopped::Interrupted));
    show_run(&result, &fixtures.requirements, out)?;
    if !matches!(stopped, Err(Stopped::NotAnAdapter(_))) {
        reports.finish(&result, &fixtures.requirements)?;
    }
    match stopped {
        Err(stopped) => ended(stopped, results.len(), cases.len()),
        Ok(()) if result.has_failed() => Ok(Status::Failed),
        Ok(()) => Ok(Status::Passed),
    }
}

/// The list of expected failures.
struct Expected<'a> {
    path: &'a Path,
    text: String,
    is_new: bool,
}

impl<'a> Expected<'a> {
    /// Reads the list. With `bless`, a missing file is an empty list.
    fn read(path: &'a Path, bless: bool) -> Result<Self, Error> {
        let read = fs::read_to_string(path);
        let is_new = matches!(&read, Err(error) if error.kind() == io::ErrorKind::NotFound);
        let text = match read {
            Err(_) if bless && is_new => String::new(),
            text => text.map_err(|error| Error::File(path.to_owned(), error))?,
        };
        let expected = Self { path, text, is_new };
        expected.list(&expected.text)?;
        Ok(expected)
    }

    fn list(&self, text: &str) -> Result<Expectations, Error> {
        text.parse().map_err(|error| self.error(&error))
    }

    fn error(&self, error: &ExpectationsError) -> Error {
        Error::Usage(format!("{}: {error}", self.path.display()))
    }

    /// Applies the list, updated first if requested, to the results.
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
        // An empty list is written too, since later runs are told to read it.
        if self.is_new || blessed.text != self.text {
            write().map_err(|error| Error::File(self.path.to_owned(), error))?;
        }
        say(format_args!("{}: {blessed}", self.path.display()));
        Ok(self.list(&blessed.text)?.apply(results, all, today))
    }
}

/// The testee could not be asked to the end.
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

/// Starts all processes at once, since a start may take seconds.
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

/// Ends all processes at once, since this may take seconds.
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
