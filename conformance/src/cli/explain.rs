//! `explain`: one case, one scenario or one requirement in full.

mod scenarios;

use std::{fmt::Write as _, io::Write, path::PathBuf};

use anstyle::Style;
use clap::Args;

use self::scenarios::Explained;
use super::{Error, Status};
use crate::{
    Accepted, Case, Event, Expected, Fixtures, Request, Requirement, Verdict, implementation::wire,
};

const BOLD: Style = Style::new().bold();

/// Shows one case or one scenario in full, or one requirement with its cases
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  iothub-conformance explain ENC-4
  iothub-conformance explain download/store/other-part
  iothub-conformance explain decode/pages/en-create-upload-task/documented")]
pub(super) struct Explain {
    /// The id of a case, of a scenario of `device` or `platform`, or of a requirement
    id: String,
    /// Read the fixtures from a folder, instead of those built in
    #[arg(long, value_name = "DIR")]
    fixtures: Option<PathBuf>,
}

pub(super) fn main(arguments: &Explain, out: &mut dyn Write) -> Result<Status, Error> {
    let fixtures = match &arguments.fixtures {
        Some(folder) => Fixtures::from_folder(folder)?,
        None => Fixtures::embedded(),
    };
    let id = &arguments.id;
    if let Some(requirement) = fixtures.requirement(id) {
        explain_requirement(requirement, &fixtures, out)?;
    } else if let Some(case) = fixtures.cases.iter().find(|case| case.id == *id) {
        explain_case(case, &fixtures, out)?;
    } else {
        let scenarios = scenarios::all(&fixtures);
        match scenarios.iter().find(|scenario| scenario.id == *id) {
            Some(scenario) => scenario.explain(&fixtures, out)?,
            None => return Err(Error::Usage(unknown(id, &fixtures, &scenarios))),
        }
    }
    Ok(Status::Passed)
}

/// Names a few that the person may have meant: with that in their id, or else with one like it.
fn unknown(id: &str, fixtures: &Fixtures, scenarios: &[Explained]) -> String {
    let mut message = format!("there is no case, no scenario and no requirement `{id}`");
    let scenarios = || scenarios.iter().map(|scenario| &*scenario.id);
    let cases = || fixtures.cases.iter().map(|case| case.id.as_str());
    let mut with_it = cases().filter(|case| case.contains(id));
    let mut near: Vec<&str> = with_it.by_ref().take(5).collect();
    let more = with_it.count();
    if near.is_empty() {
        near = scenarios().filter(|scenario| scenario.contains(id)).take(5).collect();
    }
    if near.is_empty() {
        let requirements = fixtures.requirements.iter().map(|it| it.id.as_str());
        near = like(id, requirements.chain(cases()).chain(scenarios()));
    }
    for near in near {
        let _ = write!(message, "\n  {near}");
    }
    if more > 0 {
        let _ = write!(message, "\n  and {more} more: iothub-conformance list --filter {id}");
    }
    message
}

/// The ids that differ the least, if it is little enough for a slip.
fn like<'f>(id: &str, ids: impl Iterator<Item = &'f str>) -> Vec<&'f str> {
    let id = id.to_ascii_lowercase();
    let mut near: Vec<(f64, &str)> = ids
        .map(|other| (strsim::normalized_damerau_levenshtein(&id, &other.to_lowercase()), other))
        .filter(|(likeness, _)| *likeness > 0.7)
        .collect();
    near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    near.into_iter().take(5).map(|(_, id)| id).collect()
}

fn explain_requirement(
    requirement: &Requirement,
    fixtures: &Fixtures,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let Requirement {
        id, section, level, profiles, text, source_detail, codes, checked_by, ..
    } = requirement;
    writeln!(out, "{BOLD}{id}{BOLD:#} ({section}, {level}, {})", profiles.join(" and "))?;
    writeln!(out, "{text}")?;
    writeln!(out, "source: {source_detail}")?;
    if !codes.is_empty() {
        writeln!(out, "answered with: {}", codes.join(", "))?;
    }
    let cases = fixtures.cases.iter().filter(|case| case.is_about(id));
    let mut none = true;
    for case in cases {
        if none {
            writeln!(out)?;
        }
        none = false;
        writeln!(out, "{:<6}  {}  {}", verdict_word(case), case.id, case.title)?;
    }
    if none {
        writeln!(out, "checked by: {checked_by}, not by fixtures")?;
    }
    Ok(())
}

const fn verdict_word(case: &Case) -> &'static str {
    match case.verdict {
        Verdict::Accept(_) => "accept",
        Verdict::Reject { .. } => "reject",
    }
}

fn explain_case(case: &Case, fixtures: &Fixtures, out: &mut dyn Write) -> Result<(), Error> {
    writeln!(out, "{BOLD}{}{BOLD:#}", case.id)?;
    writeln!(out, "{}", case.title)?;
    writeln!(out)?;
    show_request(&case.request, out)?;
    if let Some(file) = &case.file {
        writeln!(out, "file: fixtures/{file}")?;
    }
    writeln!(out)?;
    match &case.verdict {
        Verdict::Reject { code, at: Some(at) } => {
            writeln!(out, "{BOLD}reject{BOLD:#} at event {at}: {code}")?;
        }
        Verdict::Reject { code, at: None } => writeln!(out, "{BOLD}reject{BOLD:#}: {code}")?,
        Verdict::Accept(expected) => {
            let result = match expected {
                Expected::Exactly(accepted) => wire::ok(accepted),
                Expected::PayloadOf(message) => wire::ok(&Accepted::Message(message.clone())),
            };
            writeln!(out, "{BOLD}accept{BOLD:#}: {}", shown(&result.to_string()))?;
        }
    }
    writeln!(out, "{}", case.reason)?;
    writeln!(out, "level {}, source {}, since {}", case.level, case.source, case.since)?;
    show_requirements(&case.requirements, fixtures, out)
}

fn show_requirements(
    ids: &[String],
    fixtures: &Fixtures,
    out: &mut dyn Write,
) -> Result<(), Error> {
    for id in ids {
        if let Some(requirement) = fixtures.requirement(id) {
            writeln!(out, "\n{BOLD}{id}{BOLD:#}: {}", requirement.text)?;
        }
    }
    Ok(())
}

pub(super) fn show_request(request: &Request, out: &mut dyn Write) -> Result<(), Error> {
    let op = request.op().as_str();
    match request.profile() {
        Some(profile) => writeln!(out, "{op}, profile {profile}")?,
        None => writeln!(out, "{op}")?,
    }
    match request {
        Request::Decode { direction, payload, .. } => {
            writeln!(out, "{} bytes on the {direction} topic:", payload.len())?;
            show_bytes(payload, out)?;
        }
        Request::Md5Digest { data } => {
            writeln!(out, "{} bytes:", data.len())?;
            show_bytes(data, out)?;
        }
        Request::Encode { message, .. } => writeln!(out, "{}", shown(message.get()))?,
        Request::TopicFormat { direction, product_id, device_name } => {
            writeln!(
                out,
                "direction {direction}, product id {product_id:?}, device name {device_name:?}"
            )?;
        }
        Request::TopicParse { topic } => writeln!(out, "{topic:?}")?,
        Request::ContentMd5Encode { md5sum } => writeln!(out, "{md5sum:?}")?,
        Request::ContentMd5Decode { content_md5 } => writeln!(out, "{content_md5:?}")?,
        Request::Trace { events, .. } => {
            for (at, Event { direction, message, dup }) in events.iter().enumerate() {
                let dup = if *dup { " (DUP)" } else { "" };
                writeln!(out, "{at:>3} {direction:<4}{dup} {}", shown(message.get()))?;
            }
        }
    }
    Ok(())
}

/// As a string of Rust or Python where it is one, and as a hex dump where it is not.
fn show_bytes(bytes: &[u8], out: &mut dyn Write) -> Result<(), Error> {
    const LONGEST: usize = 512;
    let head = bytes.get(..LONGEST).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => writeln!(out, "{}", shown(text))?,
        Err(_) => {
            for (row, chunk) in head.chunks(16).enumerate() {
                let hex: String = chunk.iter().map(|byte| format!("{byte:02x} ")).collect();
                let text: String = chunk
                    .iter()
                    .map(|&byte| if byte.is_ascii_graphic() { byte.into() } else { '.' })
                    .collect();
                writeln!(out, "{:06x}  {hex:<48} {text}", row * 16)?;
            }
            if bytes.len() > LONGEST {
                writeln!(out, "… {} more bytes", bytes.len() - LONGEST)?;
            }
        }
    }
    Ok(())
}

/// Text with control characters and the like escaped, shortened in the middle.
fn shown(text: &str) -> String {
    const EDGE: usize = 400;
    let escape = |text: &str| -> String {
        text.chars()
            .map(|c| match c {
                '\n' => "\\n\n".to_owned(),
                ' '..='~' => c.to_string(),
                c if c.is_alphanumeric() => c.to_string(),
                c => c.escape_default().to_string(),
            })
            .collect()
    };
    let chars = text.chars().count();
    if chars <= 2 * EDGE + 100 {
        return escape(text);
    }
    let head: String = text.chars().take(EDGE).collect();
    let tail: String = text.chars().skip(chars - EDGE).collect();
    format!("{}\n… {} more characters …\n{}", escape(&head), chars - 2 * EDGE, escape(&tail))
}
