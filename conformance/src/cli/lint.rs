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

use clap::Args;
use indicatif::ProgressBar;
use iothub_resource::Profile;

use self::record::Record;
use super::{
    input::Input,
    interrupt::interrupted_by_ctrl_c,
    output::{Output, say},
    reports::ReportArguments,
    status::{Error, Status},
};
use crate::{
    About,
    lint::{
        Finding, Judged, Linter, Options, Sink, Stopped, Tally,
        capture::{self, Capture, NoCapture, Unit},
    },
    report::{StoredResult, show_finding, show_finding_totals, show_note},
};

/// Checks a capture of real traffic: every message, every session
#[derive(Args, Debug)]
#[command(after_help = "\
A capture is what mosquitto_sub prints with -F '%t %x' (best: every byte is kept), -F '%j', -F '%J' \
or -v, or a JSON object a line with `topic` and `payload` or `payload_b64`, and perhaps `dup`; \
or packets (pcap, pcapng) with unencrypted MQTT in them. \
Messages on other topics are passed over.

Exit status: 0 no error, 1 an error (with --strict also a warning), 2 a file that cannot be read or \
written, or nothing to judge in it, 130 interrupted

Examples:
  iothub-conformance lint capture.jsonl
  mosquitto_sub -t '$resource/#' -F '%t %x' | iothub-conformance lint -
  iothub-conformance lint --strict --report-json result.json capture.jsonl")]
pub(super) struct Lint {
    /// The capture; `-` is standard input, which is judged as it grows
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Which messages there are: as the pages show them (documented), or what real devices
    /// exchange besides (deployed)
    #[arg(long, default_value_t = Profile::Deployed)]
    profile: Profile,
    /// Warnings count for the exit status
    #[arg(long)]
    strict: bool,
    /// The capture may begin in the middle or have gaps: what a message that was not seen would
    /// explain is a warning
    #[arg(long)]
    partial: bool,
    #[command(flatten)]
    reports: ReportArguments,
}

pub(super) fn main(arguments: &Lint, out: &mut Output) -> Result<Status, Error> {
    let Lint { file, .. } = arguments;
    let cannot_be_read = |error| Error::File(file.clone(), error);
    let interrupted = interrupted_by_ctrl_c()?;
    let input = Input::open(file, Arc::clone(&interrupted)).map_err(cannot_be_read)?;
    let reports = arguments.reports.create(Some(file))?;
    let progress = input.progress();
    let capture = Capture::open(input).map_err(|why| match why {
        NoCapture::Refused(why) => Error::Usage(format!("{}: {why}", file.display())),
        NoCapture::Io(error) => cannot_be_read(error),
        _ => Error::Usage(format!("{}: it is no capture", file.display())),
    })?;
    let unit = capture.unit();

    let mut options = Options::default();
    (options.profile, options.partial) = (arguments.profile, arguments.partial);
    let mut linter = Linter::new(options);
    let mut result = StoredResult::of_command("lint", About::new(subject(file), ""));
    (result.strict, result.packets) = (arguments.strict, unit == Unit::Packet);
    let mut telling = Telling {
        out,
        record: Record::new(reports, result)?,
        unit,
        is_live: file == Path::new("-"),
        progress,
        interrupted: Arc::clone(&interrupted),
    };

    let read = linter.lint(capture, &mut telling);
    telling.progress.finish_and_clear();

    let tally = linter.tally();
    let subject = subject(file);
    show_finding_totals(&subject, tally.messages, [tally.must, tally.should], telling.out)?;
    for note in notes(&tally, unit) {
        show_note(&note, telling.out)?;
    }
    let interrupted = interrupted.load(Ordering::Relaxed);
    match read {
        Err(Stopped::Input(error)) => return Err(cannot_be_read(error)),
        Err(Stopped::Sink(error)) => return Err(error),
        Ok(()) if tally.messages == 0 && tally.must == 0 && !interrupted => {
            return Err(Error::Usage(format!(
                "{subject}: no message on a resource topic is in it; those are \
                 $resource/up/service/{{product_id}}/{{device_name}} and the same with `down`"
            )));
        }
        Ok(()) => {}
    }
    telling.record.finish(&tally, interrupted)?;
    if interrupted {
        // But for whoever has closed the output, and knows.
        if !telling.out.is_closed() {
            say("interrupted");
        }
        return Ok(Status::Interrupted);
    }
    let failed = tally.must > 0 || (arguments.strict && tally.should > 0);
    Ok(if failed { Status::Failed } else { Status::Passed })
}

/// Where findings go, at once.
struct Telling<'a> {
    out: &'a mut Output,
    record: Record,
    /// What the capture consists of.
    unit: Unit,
    /// It may have no end, and is of no use where nobody reads what is found.
    is_live: bool,
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
        let tell = |finding| self.tell(finding);
        let found = judged.findings.into_iter().map(tell).collect::<Result<Vec<_>, _>>()?;
        self.record.message(line, record, judged.message.as_ref(), &found);
        Ok(())
    }

    fn finding(&mut self, finding: Finding) -> Result<(), Error> {
        self.tell(finding).map(drop)
    }

    fn unanswered(&mut self, finding: Finding) -> Result<(), Error> {
        let finding = self.tell(finding)?;
        self.record.unanswered(&finding);
        Ok(())
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

impl Telling<'_> {
    fn tell(&mut self, finding: Finding) -> Result<Finding, Error> {
        Input::suspended(&self.progress, || {
            show_finding(self.unit.as_str(), &finding, self.out)?;
            self.out.flush()
        })?;
        if self.is_live && self.out.is_closed() {
            self.interrupted.store(true, Ordering::Relaxed);
        }
        self.record.finding(&finding)?;
        Ok(finding)
    }
}

fn subject(file: &Path) -> String {
    if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() }
}

/// What else a person should know.
fn notes(tally: &Tally, unit: Unit) -> Vec<String> {
    let mut notes = Vec::new();
    if tally.messages == 0 {
        notes.push("no message on a resource topic is in it".to_owned());
    }
    let count = |count: usize, what: &str| match count {
        1 => format!("1 message {what}"),
        _ => format!("{count} messages {what}"),
    };
    if tally.others > 0 {
        let mut note = count(tally.others, "on other topics passed over");
        if let Some((line, topic, why)) = &tally.nearly {
            note += &format!("; `{topic}` in {unit} {line} resembles a resource topic, but {why}");
        }
        notes.push(note);
    }
    if tally.in_no_format > 1 {
        notes.push(format!(
            "{} lines in no format that is known; record with `mosquitto_sub -F '%t %x'`",
            tally.in_no_format
        ));
    }
    if tally.copies > 0 {
        notes.push(count(tally.copies, "passed over that had passed on another connection"));
    }
    if tally.values > 0 {
        notes.push(
            count(tally.values, "recorded as JSON values (%J)")
                + ": how they were spelt cannot be seen, and what was no JSON is not there",
        );
    }
    if tally.shortened > 0 {
        notes.push(
            count(tally.shortened, "recorded shorter than sent (payloadlen)")
                + ": judged as recorded; nobody can see what is missing, such as bytes of zero",
        );
    }
    if tally.forgot {
        notes.push(
            "there were so many devices or tasks that some were forgotten; what they would \
             explain is a warning"
                .to_owned(),
        );
    }
    notes
}
