//! `fuzz`: searches for requests that a testee answers differently from the built-in
//! implementation.

use std::{
    hash::{BuildHasher, RandomState},
    io::{self, Write},
    path::PathBuf,
    time::Duration,
};

use anstyle::{AnsiColor, Style};
use clap::Args;
use indicatif::ProgressBar;
use iothub_resource::Profile;

use super::{
    duration,
    interrupt::interrupted_by_ctrl_c,
    number,
    output::say,
    progress::{bar, spinner},
    shell_words,
    show_request::show_request,
    status::{Error, Status},
};
use crate::{
    Child, ChildOptions, Expected, Fixtures, Requirement, Stopped, Testee, Verdict,
    excerpt::{printable, shortened},
    fuzzer::{self, Counterexample, End, Folder, Plan, Summary, Watcher},
    implementation::{Accepted, wire},
};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default();

/// Finds requests that an adapter answers differently from the built-in implementation
///
/// The command generates valid messages, topics, digests and sessions. It also generates variants
/// with a single defect, with a few changed bytes, or with a few changed messages. For each cause
/// of a difference, the command searches for the smallest request that shows this difference. It
/// writes the request as a fixture for `run --fixtures`. If the adapter exits, hangs or sends
/// malformed output, the command starts the adapter again. The command ends early if more than 40
/// generated requests fail in this way.
#[derive(Args, Debug)]
#[command(after_help = "\
Exit status: 0 nothing was found; 1 something was found; 2 wrong usage or a folder that cannot be \
written; 3 the testee could not be started; 130 interrupted

Examples:
  iothub-conformance fuzz --testee 'python3 adapter.py'
  iothub-conformance fuzz --testee ./my-adapter --seed 7 --profile deployed
  iothub-conformance fuzz --testee ./my-adapter --time 3600 --out night-1
  iothub-conformance run --testee ./my-adapter --fixtures fuzz-findings")]
pub(super) struct Fuzz {
    /// The command that starts the adapter, including the arguments, quoted as for a shell
    #[arg(long, value_name = "CMD ARG…")]
    testee: String,
    /// The number of requests
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = number::within::<u64>(1..=u64::MAX))]
    cases: u64,
    /// The seed of the random number generator [default: random]. With the same seed and --profile,
    /// the command generates the same requests
    #[arg(long, value_name = "S", value_parser = number::within::<u64>(0..=u64::MAX))]
    seed: Option<u64>,
    /// Send only requests in this profile (documented or deployed) and requests without a profile
    #[arg(long)]
    profile: Option<Profile>,
    /// Stop after this many findings
    #[arg(long, value_name = "N", value_parser = number::within::<u64>(1..=u64::MAX))]
    max_findings: Option<u64>,
    /// The folder in which the findings are stored as fixtures
    #[arg(long, value_name = "DIR", default_value = "fuzz-findings")]
    out: PathBuf,
    /// Stop after this number of seconds, not after a number of requests
    #[arg(long, value_name = "SECONDS", conflicts_with = "cases", value_parser = number::within::<u64>(1..=u64::MAX))]
    time: Option<u64>,
    /// The time limit for each answer, for example 500ms or 5s. A number without a unit is in
    /// milliseconds
    #[arg(long, value_name = "TIME", default_value = "5000", value_parser = duration::limit)]
    timeout: Duration,
    /// The time limit for the first answer after each start of the adapter [default: the value of
    /// --timeout]
    #[arg(long, value_name = "TIME", value_parser = duration::limit)]
    startup_timeout: Option<Duration>,
}

pub(super) fn main(arguments: &Fuzz, out: &mut dyn Write) -> Result<Status, Error> {
    let command = shell_words::split("--testee", &arguments.testee)?;
    let requirements = Fixtures::embedded_requirements();
    let folder = Folder::open(&arguments.out, &requirements).map_err(|why| usage(&why))?;
    let timeout = arguments.timeout;
    let options = ChildOptions::default()
        .timeout(timeout)
        .startup_timeout(arguments.startup_timeout.unwrap_or(timeout))
        .interrupted(interrupted_by_ctrl_c()?);
    let mut testee = match Child::start(command, options) {
        Ok(testee) => testee,
        Err(stopped) => {
            let _ = folder.close();
            return ended(&stopped, 0);
        }
    };
    let max_findings = arguments
        .max_findings
        .map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(usize::MAX));
    let plan = Plan::new(arguments.seed.unwrap_or_else(any_seed))
        .profile(arguments.profile)
        .end(match arguments.time {
            Some(seconds) => End::Within(Duration::from_secs(seconds)),
            None => End::After(arguments.cases),
        })
        .max_counterexamples(max_findings)
        .timeout(timeout);
    let seed = plan.seed;
    let about = printable(testee.about().to_string().trim());
    say(format_args!("seed {seed}, {about}"));
    let mut progress = Progress::new(plan.end, folder);
    let summary = fuzzer::run(plan, &mut testee, &requirements, &mut progress);
    progress.bar.finish_and_clear();
    drop(testee);

    let summary = summary.map_err(|error| usage(&progress.unwritable(&error)))?;
    let folder = progress.folder;
    for (index, found) in summary.counterexamples.iter().enumerate() {
        show(index + 1, found, &folder, &requirements, arguments, out)?;
    }
    conclude(&summary, seed, &about, &folder, out)?;
    let written = folder.path().display().to_string();
    folder.close().map_err(|error| Error::Usage(format!("{written}: {error}")))?;
    match summary.stopped {
        Err(stopped) => ended(&stopped, summary.asked),
        Ok(()) if summary.counterexamples.is_empty() => Ok(Status::Passed),
        Ok(()) => Ok(Status::Failed),
    }
}

fn usage(why: &impl ToString) -> Error {
    Error::Usage(why.to_string())
}

fn any_seed() -> u64 {
    // A short number is easy to type.
    RandomState::new().hash_one(()) % 1_000_000_000
}

/// Returns the status of a campaign that stopped early, or the error that stopped it. Prints how
/// many requests an interrupted campaign has sent.
fn ended(stopped: &Stopped, asked: u64) -> Result<Status, Error> {
    match stopped {
        Stopped::NotAnAdapter(error) => Err(error.clone().into()),
        Stopped::Interrupted => {
            say(format_args!("interrupted: after {asked} requests"));
            Ok(Status::Interrupted)
        }
    }
}

/// The progress on a terminal, and the folder to which each finding is written immediately.
struct Progress {
    bar: ProgressBar,
    folder: Folder,
    findings: usize,
}

impl Progress {
    fn new(end: End, folder: Folder) -> Self {
        let bar = match end {
            End::After(count) => bar(count, "{bar:40} {pos}/{len} requests, {rate}, {msg}"),
            End::Within(_) => spinner("{elapsed} {pos} requests, {rate}, {msg}"),
        };
        let bar = bar.with_message("0 findings");
        Self { bar, folder, findings: 0 }
    }

    fn unwritable(&self, error: &io::Error) -> String {
        format!("{}: {error}", self.folder.path().display())
    }
}

impl Watcher for Progress {
    fn asked(&mut self, count: u64) {
        self.bar.set_position(count);
    }

    fn found(&mut self, found: &Counterexample) -> io::Result<()> {
        self.folder.add(found)?;
        self.findings += 1;
        self.bar.set_message(format!("{} findings", self.findings));
        let (rule, title) = (found.case.main_requirement(), &found.case.title);
        let line = format!("found: {rule} {title} ({})", found.case.id);
        self.bar.suspend(|| say(printable(&line)));
        Ok(())
    }
}

/// Prints a finding: the request, both answers, the requirement, the path of the fixture, and the
/// command that reproduces the finding.
fn show(
    number: usize,
    found: &Counterexample,
    folder: &Folder,
    requirements: &[Requirement],
    arguments: &Fuzz,
    out: &mut dyn Write,
) -> Result<(), Error> {
    const LONGEST: usize = 1200;
    let Counterexample { case, answer, seen, .. } = found;
    writeln!(out, "{BOLD}{number}. {RED}{}{RED:#}{BOLD:#}", case.title)?;
    let mut asked = Vec::new();
    show_request(&case.request, &mut asked)?;
    let asked = shortened(String::from_utf8_lossy(&asked).into_owned(), LONGEST);
    indented(&asked, out)?;
    let should = match &case.verdict {
        Verdict::Accept(Expected::Exactly(accepted)) => {
            format!("accepts it: {}", wire::ok(accepted))
        }
        Verdict::Accept(Expected::PayloadOf(message)) => {
            format!("accepts it: {}", wire::ok(&Accepted::Message(message.clone())))
        }
        Verdict::Reject { code, at: Some(at) } => format!("rejects it at event {at}: {code}"),
        Verdict::Reject { code, at: None } => format!("rejects it: {code}"),
    };
    for (who, says) in [("testee:  ", answer), ("built-in:", &should)] {
        indented(&format!("{who} {}", shortened(says.clone(), LONGEST)), out)?;
    }
    if let Some(requirement) = requirements.iter().find(|known| case.is_about(&known.id)) {
        writeln!(out, "   {BOLD}{}{BOLD:#}: {}", requirement.id, requirement.text)?;
    }
    let times = if *seen == 1 { "once".to_owned() } else { format!("{seen} times") };
    let file = case.file.as_deref().unwrap_or("manifest.json");
    let path = folder.path().join(file);
    writeln!(out, "   {DIM}seen {times}; {}{DIM:#}", path.display())?;
    writeln!(out, "   {}", reproduce(&arguments.testee, folder, &case.id, arguments.timeout))?;
    writeln!(out)?;
    Ok(())
}

fn indented(text: &str, out: &mut dyn Write) -> io::Result<()> {
    for line in printable(text).lines() {
        writeln!(out, "   {line}")?;
    }
    Ok(())
}

/// Returns the command that reproduces a finding.
fn reproduce(testee: &str, folder: &Folder, id: &str, timeout: Duration) -> String {
    let folder = folder.path().display().to_string();
    let mut words = vec!["iothub-conformance", "run", "--fixtures", &folder, "--filter", id];
    words.extend(["--testee", testee]);
    let timeout = timeout.as_millis().to_string();
    if timeout != "5000" {
        words.extend(["--timeout", &timeout]);
    }
    // Quoting fails only for a NUL, which no argument of a process contains.
    shlex::try_join(words).unwrap_or_default()
}

fn conclude(
    summary: &Summary,
    seed: u64,
    about: &str,
    folder: &Folder,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let Summary { asked, counterexamples, unexplored, early, .. } = summary;
    if let Some(why) = early {
        writeln!(out, "ended early: {why}")?;
    }
    if *unexplored > 0 {
        writeln!(
            out,
            "{unexplored} more differences were not examined: first fix the reported findings"
        )?;
    }
    let count = match counterexamples.len() {
        0 => "no findings".to_owned(),
        1 => "1 finding".to_owned(),
        count => format!("{count} findings"),
    };
    write!(out, "{BOLD}{about}{BOLD:#}: {count} in {asked} requests, seed {seed}")?;
    if !counterexamples.is_empty() {
        write!(out, ", written to {}", folder.path().display())?;
    }
    writeln!(out)?;
    Ok(())
}
