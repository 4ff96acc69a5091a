//! `explain`: explains one case, scenario, requirement, code, operation, message or outcome.

mod requirements;
mod scenarios;
mod terms;

use std::{fmt::Write as _, io::Write, path::PathBuf};

use clap::Args;

use self::{
    requirements::{BOLD, show_requirements},
    scenarios::Explained,
    terms::{Kind, Term},
};
use super::{
    show_request::{show_request, shown},
    status::{Error, Status},
};
use crate::{
    Accepted, Case, Expected, Fixtures, Requirement, Verdict,
    codes::{self, Code},
    excerpt::counted,
    implementation::wire,
};

/// Explains a case, scenario, requirement, code, operation, message or outcome
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  iothub-conformance explain ENC-4
  iothub-conformance explain invalid-json
  iothub-conformance explain topic_parse
  iothub-conformance explain download/store/other-part
  iothub-conformance explain decode/pages/en-create-upload-task/documented")]
pub(super) struct Explain {
    /// The id of a case, scenario or requirement, or the name of a code, operation, message or
    /// outcome
    id: String,
    /// Use the fixtures in this folder instead of the embedded fixtures
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
    } else if let Some(code) = codes::all().find(|code| terms::is_same(code.word, id)) {
        explain_code(code, &fixtures, out)?;
    } else if let Some(term) = terms::term(id) {
        explain_term(term, &fixtures, out)?;
    } else {
        let scenarios = scenarios::all(&fixtures);
        match scenarios.iter().find(|one| one.scenario.id == *id) {
            Some(scenario) => scenario.explain(&fixtures, out)?,
            None => return Err(Error::Usage(unknown(id, &fixtures, &scenarios))),
        }
    }
    Ok(Status::Passed)
}

/// Returns a message that suggests a few ids that contain the text, or else similar ids.
fn unknown(id: &str, fixtures: &Fixtures, scenarios: &[Explained]) -> String {
    let mut message = format!(
        "`{id}` is not the id of a case, a scenario or a requirement, and not a code, an operation, \
         a message or an outcome"
    );
    let scenarios = || scenarios.iter().map(|one| &*one.scenario.id);
    let cases = || fixtures.cases.iter().map(|case| case.id.as_str());
    let mut with_it = cases().filter(|case| case.contains(id));
    let mut near: Vec<&str> = with_it.by_ref().take(5).collect();
    let more = with_it.count();
    if near.is_empty() {
        near = scenarios().filter(|scenario| scenario.contains(id)).take(5).collect();
    }
    if near.is_empty() {
        let requirements = fixtures.requirements.iter().map(|it| it.id.as_str());
        let words = codes::all().map(|code| code.word).chain(terms::words());
        near = like(id, words.chain(requirements).chain(cases()).chain(scenarios()));
    }
    if near.is_empty() {
        message.push_str(
            ": `iothub-conformance list` shows the cases, and docs/reference/codes.md the codes",
        );
    }
    for near in near {
        let _ = write!(message, "\n  {near}");
    }
    if more > 0 {
        let _ = write!(message, "\n  and {more} more: iothub-conformance list --filter {id}");
    }
    message
}

/// Returns at most five ids of which `id` may be a misspelling, the most similar first.
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
        writeln!(out, "codes: {}", codes.join(", "))?;
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

fn explain_code(code: &Code, fixtures: &Fixtures, out: &mut dyn Write) -> Result<(), Error> {
    let Code { word, level, cause, remedy, example, .. } = code;
    writeln!(out, "{BOLD}{word}{BOLD:#} (code, {level})")?;
    writeln!(out, "{cause}")?;
    if let Some(example) = example {
        writeln!(out, "example: {example}")?;
    }
    writeln!(out, "remedy: {remedy}")?;
    show_requirements(&code.requirements(fixtures), fixtures, out)?;
    let is_of = |case: &Case| matches!(&case.verdict, Verdict::Reject { code, .. } if code == word);
    show_example(fixtures, is_of, out)
}

fn explain_term(term: &Term, fixtures: &Fixtures, out: &mut dyn Write) -> Result<(), Error> {
    let Term { kind, word, meaning, requirements } = term;
    let what = match kind {
        Kind::Operation => "operation of the adapter protocol, docs/reference/adapter.md",
        Kind::Message => "message",
        Kind::Outcome => "outcome",
    };
    writeln!(out, "{BOLD}{word}{BOLD:#} ({what})")?;
    writeln!(out, "{meaning}")?;
    let ids: Vec<String> = requirements.iter().map(|&id| id.to_owned()).collect();
    show_requirements(&ids, fixtures, out)?;
    let is_of = |case: &Case| *kind == Kind::Operation && case.request.op().as_str() == *word;
    show_example(fixtures, is_of, out)
}

/// Prints the number of cases and the command that explains the first case. Without cases, prints
/// nothing.
fn show_example(
    fixtures: &Fixtures,
    is_of: impl Fn(&Case) -> bool,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let cases: Vec<_> = fixtures.cases.iter().filter(|case| is_of(case)).collect();
    if let Some(first) = cases.first() {
        let count = counted(cases.len(), "case");
        writeln!(out, "\n{count}, for example: iothub-conformance explain {}", first.id)?;
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
