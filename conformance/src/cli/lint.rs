//! `lint`: checks a capture.

mod record;

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use iothub_resource::Profile;

use self::record::Record;
use super::{
    input::Input,
    interrupt::interrupted_by_ctrl_c,
    invocation::Started,
    output::{Output, say},
    reports::ReportArguments,
    status::{Error, Status},
};
use crate::{
    About, Fixtures, Level, Requirement,
    lint::{
        Finding, Judged, Linter, Options, Sink, Stopped, Tally,
        capture::{self, Capture, NoCapture, Unit},
        http::JudgedTransfer,
    },
    report::{
        Exercised, FindingCounts, Folded, Folds, Mark, Sarif, Side, StoredResult, annotate,
        show_finding, show_finding_totals, show_note,
    },
};

/// Checks a capture of real traffic: every message, session and HTTP transfer
#[derive(Args, Debug)]
#[command(after_help = "\
A capture may be the output of mosquitto_sub with -F '%t %x' (best, because this format keeps \
every byte), -F '%j', -F '%J' or -v. A capture may also contain one JSON object on each line. The \
object for a message has the keys `topic` and `payload` (or `payload_b64`), and optionally the key \
`dup`. The object for an HTTP transfer has the key `http`. A capture may also be a packet file \
(pcap, pcapng) with unencrypted MQTT and HTTP. `lint` skips messages that are not on a resource \
topic ($resource/…).

Exit status: 0 no error; 1 an error (with --strict also a warning), or a --require requirement \
that is not exercised; 2 wrong usage, a file that cannot be read or written, or a capture with \
nothing to judge; 130 interrupted

Examples:
  iothub-conformance lint capture.jsonl
  mosquitto_sub -t '$resource/#' -F '%t %x' | iothub-conformance lint -
  iothub-conformance lint --strict --report-json result.json capture.jsonl
  iothub-conformance lint --format sarif capture.jsonl > lint.sarif")]
pub(super) struct Lint {
    /// The capture file, or `-` to judge standard input as it arrives
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The permitted messages: only those of the vendor's published pages (documented), or also
    /// those of deployed devices (deployed)
    #[arg(long, default_value_t = Profile::Deployed)]
    profile: Profile,
    /// Also exit with status 1 for warnings
    #[arg(long)]
    strict: bool,
    /// If data that is missing from the capture could explain a fault, report the fault as a
    /// warning. Use this option if the capture begins in the middle of a session or has gaps
    #[arg(long)]
    partial: bool,
    /// Show and count only findings against this side: device, platform, or recording (data that
    /// cannot be read, or whose sender is unknown)
    #[arg(long, value_name = "SIDE", value_parser = read_side)]
    side: Option<Side>,
    /// Fail if the capture does not exercise this requirement, for example SES-7. This option may
    /// be repeated
    #[arg(long, value_name = "ID")]
    require: Vec<String>,
    /// The format of the findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    reports: ReportArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Each fault once, with the message and a caret
    Text,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations for GitHub Actions
    Github,
}

pub(super) fn main(arguments: &Lint, out: &mut Output) -> Result<Status, Error> {
    let started = Started::now();
    let Lint { file, .. } = arguments;
    let requirements = Fixtures::embedded_requirements();
    check_required(&arguments.require, arguments.profile, &requirements)?;
    let cannot_be_read = |error| Error::File(file.clone(), error);
    let interrupted = interrupted_by_ctrl_c()?;
    let input = Input::open(file, Arc::clone(&interrupted)).map_err(cannot_be_read)?;
    let reports = arguments.reports.create(Some(file))?;
    let progress = input.progress();
    let capture = Capture::open(input).map_err(|why| match why {
        NoCapture::Refused(why) => Error::Usage(format!("{}: {why}", file.display())),
        NoCapture::Io(error) => cannot_be_read(error),
        _ => Error::Usage(format!("{}: it is not a capture", file.display())),
    })?;
    let unit = capture.unit();

    let mut options = Options::default();
    (options.profile, options.partial) = (arguments.profile, arguments.partial);
    let mut linter = Linter::new(options);
    let mut result = StoredResult::of_command("lint", About::new(subject(file), ""));
    (result.strict, result.packets) = (arguments.strict, unit == Unit::Packet);
    let name = (file != Path::new("-")).then(|| file.display().to_string());
    let shown = match arguments.format {
        Format::Text => Shown::Text,
        Format::Sarif => Shown::Sarif(Sarif::begin(name.as_deref(), out)?),
        Format::Github => Shown::Github(name),
    };
    let mut telling = Telling {
        out,
        shown,
        record: Record::new(reports, result)?,
        unit,
        is_live: file == Path::new("-"),
        side: arguments.side,
        folds: Folds::new(),
        counts: FindingCounts::default(),
        progress,
        interrupted: Arc::clone(&interrupted),
    };

    let read = linter.lint(capture, &mut telling);
    telling.progress.finish_and_clear();
    telling.show_folds()?;

    let tally = linter.tally();
    let subject = subject(file);
    let counts = telling.counts;
    let (seen, not_seen) = linter.exercised(&requirements);
    let exercised = Exercised::new(&seen, &not_seen);
    match &telling.shown {
        Shown::Text => {
            show_finding_totals(&subject, tally.messages, &counts, telling.out)?;
            let exercised = (tally.messages > 0).then(|| exercised.to_string());
            for note in notes(&tally, unit).into_iter().chain(exercised) {
                show_note(&note, telling.out)?;
            }
        }
        Shown::Sarif(sarif) => sarif.end(&requirements, telling.out)?,
        Shown::Github(_) => {}
    }
    let is_missing = |id: &&String| not_seen.iter().any(|own| own.eq_ignore_ascii_case(id));
    let missing: Vec<_> = arguments.require.iter().filter(is_missing).map(String::as_str).collect();
    if !missing.is_empty() {
        say(format_args!("required but not exercised by the capture: {}", missing.join(", ")));
    }
    let interrupted = interrupted.load(Ordering::Relaxed);
    match read {
        Err(Stopped::Input(error)) => return Err(cannot_be_read(error)),
        Err(Stopped::Sink(error)) => return Err(error),
        Ok(()) if tally.messages == 0 && tally.findings.all(Level::Must) == 0 && !interrupted => {
            return Err(Error::Usage(format!(
                "{subject}: it has no message on a resource topic: expected \
                 $resource/up/service/{{product_id}}/{{device_name}}, or the same topic with `down`"
            )));
        }
        Ok(()) => {}
    }
    let mut invocation = started.invocation();
    invocation.profile = Some(arguments.profile.to_string());
    telling.record.invocation(invocation);
    telling.record.finish(&tally, &counts, exercised, interrupted)?;
    if interrupted {
        // A reader that has closed the output needs no message.
        if !telling.out.is_closed() {
            say("interrupted");
        }
        return Ok(Status::Interrupted);
    }
    let failed = counts.all(Level::Must) > 0 || (arguments.strict && counts.all(Level::Should) > 0);
    let failed = failed || !missing.is_empty();
    Ok(if failed { Status::Failed } else { Status::Passed })
}

/// The output format, with the state that it needs between findings.
enum Shown {
    Text,
    Sarif(Sarif),
    /// Annotations with the name of the file, or `None` for standard input.
    Github(Option<String>),
}

/// A sink that counts, prints and records findings.
struct Telling<'a> {
    out: &'a mut Output,
    shown: Shown,
    record: Record,
    /// The unit of the numbers in findings: lines or packets.
    unit: Unit,
    /// Whether the capture may have no end. In this case, `lint` stops if the reader of the
    /// findings is gone.
    is_live: bool,
    /// The only side whose findings are shown and counted, or `None` for all sides.
    side: Option<Side>,
    folds: Folds,
    counts: FindingCounts,
    progress: ProgressBar,
    interrupted: Arc<AtomicBool>,
}

impl Sink for Telling<'_> {
    type Error = Error;

    fn message(
        &mut self,
        line: usize,
        record: &capture::Record<'_>,
        judged: Judged<'_>,
    ) -> Result<(), Error> {
        let side = self.side;
        let asked_for = judged.findings.into_iter().filter(|finding| is_against(side, finding));
        let found = asked_for.map(|finding| self.tell(finding)).collect::<Result<Vec<_>, _>>()?;
        self.record.message(line, record, judged.message.as_ref(), &found);
        Ok(())
    }

    fn transfer(&mut self, judged: JudgedTransfer) -> Result<(), Error> {
        for finding in judged.findings {
            self.finding(finding)?;
        }
        self.record.transfer(&judged.sightings);
        Ok(())
    }

    fn finding(&mut self, finding: Finding) -> Result<(), Error> {
        if !is_against(self.side, &finding) {
            return Ok(());
        }
        self.tell(finding).map(drop)
    }

    fn unanswered(&mut self, finding: Finding) -> Result<(), Error> {
        if !is_against(self.side, &finding) {
            return Ok(());
        }
        let finding = self.tell(finding)?;
        self.record.unanswered(&finding);
        Ok(())
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

impl Telling<'_> {
    /// Counts, prints and records a finding, and returns it. In a live capture, a repeated finding
    /// is printed in a short form.
    fn tell(&mut self, finding: Finding) -> Result<Finding, Error> {
        self.counts.add(&finding);
        let mark = Mark::of_finding(&finding, self.unit == Unit::Line);
        match &mut self.shown {
            Shown::Text => self.tell_in_words(&finding)?,
            Shown::Sarif(sarif) => sarif.add(&mark, self.out)?,
            Shown::Github(file) => {
                annotate(file.as_deref(), &mark, self.out)?;
                self.out.flush()?;
            }
        }
        if self.is_live && self.out.is_closed() {
            self.interrupted.store(true, Ordering::Relaxed);
        }
        self.record.finding(&finding)?;
        Ok(finding)
    }

    /// Prints a finding as text. In a live capture, a repeated finding is printed in a short form.
    /// For a capture in a file, new findings are printed at the end.
    fn tell_in_words(&mut self, finding: &Finding) -> Result<(), Error> {
        let Finding { line, code, side, .. } = &finding;
        let unit = self.unit;
        match self.folds.add(finding) {
            Folded::Again(first) if self.is_live => {
                Input::suspended(&self.progress, || {
                    writeln!(
                        self.out,
                        "{unit} {line}: {side}: {code} again, as in {unit} {first}"
                    )?;
                    self.out.flush()
                })?;
            }
            // A new finding is printed at the end with all its lines.
            Folded::New if !self.is_live => {}
            Folded::Again(_) => {}
            Folded::New | Folded::NotKept => {
                let place = format!("{unit} {line}");
                Input::suspended(&self.progress, || {
                    show_finding(&place, finding, self.out)?;
                    self.out.flush()
                })?;
            }
        }
        Ok(())
    }
}

impl Telling<'_> {
    /// Prints the findings that have not been printed yet, each fault once with its lines.
    fn show_folds(&mut self) -> Result<(), Error> {
        if !self.is_live && matches!(self.shown, Shown::Text) {
            for fold in self.folds.iter() {
                show_finding(&fold.place(self.unit.as_str()), &fold.finding, self.out)?;
            }
        }
        Ok(())
    }
}

/// Returns whether a finding is against the requested side. Without a requested side, returns
/// `true`.
fn is_against(side: Option<Side>, finding: &Finding) -> bool {
    side.is_none_or(|side| side == finding.side)
}

fn check_required(
    required: &[String],
    profile: Profile,
    requirements: &[Requirement],
) -> Result<(), Error> {
    let is_known = |id: &str| {
        requirements.iter().any(|known| {
            known.id.eq_ignore_ascii_case(id)
                && known.profiles.iter().any(|own| own == profile.as_str())
        })
    };
    match required.iter().find(|id| !is_known(id)) {
        None => Ok(()),
        Some(id) => Err(Error::Usage(format!(
            "--require {id}: the {profile} profile has no such requirement: expected an id from \
             docs/reference/requirements.md, for example SES-7"
        ))),
    }
}

fn read_side(word: &str) -> Result<Side, String> {
    Side::ALL
        .into_iter()
        .find(|side| side.as_str() == word)
        .ok_or_else(|| format!("`{word}` is not a side: expected device, platform or recording"))
}

fn subject(file: &Path) -> String {
    if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() }
}

/// Returns the notes about the capture that are printed after the findings.
fn notes(tally: &Tally, unit: Unit) -> Vec<String> {
    let mut notes = Vec::new();
    if tally.messages == 0 {
        notes.push("it has no message on a resource topic".to_owned());
    }
    let count = |count: usize, what: &str| match count {
        1 => format!("1 message {what}"),
        _ => format!("{count} messages {what}"),
    };
    if tally.others > 0 {
        let mut note = count(tally.others, "on other topics skipped");
        if let Some((line, topic, why)) = &tally.nearly {
            note += &format!("; `{topic}` in {unit} {line} resembles a resource topic, but {why}");
        }
        notes.push(note);
    }
    if tally.in_no_format > 1 {
        notes.push(format!(
            "{} lines without a known format; record with `mosquitto_sub -F '%t %x'`",
            tally.in_no_format
        ));
    }
    if tally.copies > 0 {
        notes.push(count(
            tally.copies,
            "skipped because they also passed on a different connection",
        ));
    }
    if tally.values > 0 {
        notes.push(
            count(tally.values, "recorded as JSON values (%J)")
                + ": their original spelling is unknown, and payloads that are not JSON are \
                   missing",
        );
    }
    if tally.shortened > 0 {
        notes.push(
            count(tally.shortened, "recorded shorter than sent (payloadlen)")
                + ": they are judged as recorded; the missing bytes, for example zeros, are unknown",
        );
    }
    if !tally.tls_hosts.is_empty() {
        let hosts = tally.tls_hosts.join(", ");
        notes.push(format!("transfers to {hosts} use TLS, so they cannot be judged"));
    }
    if tally.forgot {
        notes.push(
            "there were too many devices, tasks or URLs, so some were forgotten; a finding that \
             this loss could explain is a warning"
                .to_owned(),
        );
    }
    notes
}
