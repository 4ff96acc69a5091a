//! Writes the output of `check`.

use std::{
    fmt,
    io::{self, Write},
};

use anstyle::Style;
use iothub_resource::Profile;
use serde_json::{Value, json};

use crate::{
    cli::width::width,
    excerpt::{counted, printable},
    lint::check::{
        Checked, CheckedHeader, Fault, Form, Found, Palette, View, show, show_fault, shown_values,
        topic,
    },
    report::Mark,
};

const DIM: Style = Style::new().dimmed();

/// A judged payload, and its topic if the topic is known.
pub(super) struct Judged {
    /// The name of the input. For several payloads that are not in a file, the name contains the
    /// line number.
    name: String,
    line: usize,
    form: Form,
    topic: Option<String>,
    topic_fault: Option<Box<Fault>>,
    checked: Checked,
}

impl Judged {
    pub(super) fn of(
        found: Found,
        name: &str,
        is_file: bool,
        several: bool,
        asked: Option<&str>,
    ) -> Self {
        let Found { line, form, topic: own, payload, .. } = found;
        let text = own.or_else(|| asked.map(str::to_owned));
        let read = text.as_deref().map(topic);
        let checked = match &read {
            Some(Ok(topic)) => Checked::on(topic.direction, &payload),
            _ => Checked::payload(&payload),
        };
        let name = match (is_file, several) {
            (false, true) => format!("{name}, line {line}"),
            _ => name.to_owned(),
        };
        Self { name, line, form, topic: text, topic_fault: read.and_then(Result::err), checked }
    }

    pub(super) fn is_valid(&self, profile: Profile) -> bool {
        self.topic_fault.is_none() && self.checked.is_valid(profile)
    }

    /// Returns the faults in a profile, for SARIF and for annotations of GitHub Actions.
    pub(super) fn marks(&self, profile: Profile) -> Vec<Mark> {
        let Self { line, form, checked, topic_fault, .. } = self;
        let mut marks: Vec<Mark> = Vec::new();
        marks.extend(topic_fault.as_deref().map(|fault| Mark::of_line(fault, *line)));
        let (own, _) = checked.shown_in(profile);
        marks.extend(own.into_iter().map(|fault| match form {
            Form::Plain if self.topic.is_none() => {
                Mark::of_payload(fault, &checked.payload, line - 1)
            }
            // The place in the payload is not a place in the file.
            _ => Mark::of_line(fault, *line),
        }));
        marks
    }
}

pub(super) fn show_text(
    judged: &[Judged],
    profile: Profile,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (index, one) in judged.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let mut text = String::new();
        one.show(profile, &mut text).map_err(io::Error::other)?;
        out.write_all(text.as_bytes())?;
    }
    let first = judged.iter().find_map(|one| one.marks(profile).into_iter().next());
    if let Some(Mark { requirement, .. }) = first {
        let hint = format!("to read a rule: iothub-conformance explain {requirement}");
        writeln!(out, "{DIM}{hint}{DIM:#}")?;
    }
    if judged.len() > 1 {
        let valid = judged.iter().filter(|one| one.is_valid(profile)).count();
        let payloads = counted(judged.len(), "payload");
        writeln!(
            out,
            "\n{payloads}: {valid} valid, {} invalid in {profile}",
            judged.len() - valid
        )?;
    }
    Ok(())
}

impl Judged {
    fn show(&self, profile: Profile, out: &mut String) -> fmt::Result {
        use fmt::Write as _;

        let Self { name, line, form, topic, topic_fault, checked } = self;
        let mut view = View::new(name, profile);
        (view.width, view.palette) = (width(), Palette::colored());
        if let (Some(topic), Some(fault)) = (topic, topic_fault) {
            let mut view = view.clone();
            view.name = "topic";
            show_fault(fault, topic.as_bytes(), &view, true, out)?;
        }
        if *form == Form::Plain {
            view.first_line = *line;
        } else {
            let bytes = counted(checked.payload.len(), "byte");
            writeln!(out, "note: read as {form}: {bytes}\n")?;
        }
        show(checked, &view, out)
    }

    fn json(&self) -> Value {
        let Self { name, line, form, topic, topic_fault, checked } = self;
        let valid: serde_json::Map<String, Value> = Profile::ALL
            .into_iter()
            .map(|profile| (profile.to_string(), json!(self.is_valid(profile))))
            .collect();
        let message = Profile::ALL.into_iter().find_map(|profile| checked.message(profile));
        let faults: Vec<Value> = topic_fault
            .iter()
            .map(|fault| {
                fault_json(fault, topic.as_deref().unwrap_or_default().as_bytes(), "topic")
            })
            .chain(checked.faults.iter().map(|it| fault_json(it, &checked.payload, "payload")))
            .collect();
        json!({
            "name": name,
            "line": line,
            "form": form.as_str(),
            "bytes": checked.payload.len(),
            "topic": topic,
            "direction": checked.direction.map(|direction| direction.to_string()),
            "valid": valid,
            "message": message.map(|message| json!({
                "type": message.message_type(),
                "values": shown_values(&message)
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect::<serde_json::Map<_, _>>(),
            })),
            "faults": faults,
        })
    }
}

fn fault_json(fault: &Fault, source: &[u8], of: &str) -> Value {
    let Fault { code, level, requirement, path, what, expected, range, profiles, .. } = fault;
    let profiles: Vec<_> = profiles.iter().map(|profile| profile.as_str()).collect();
    let Mark { line, column, .. } = Mark::of_payload(fault, source, 0);
    json!({
        "of": of,
        "code": code,
        "level": level,
        "requirement": requirement,
        "profiles": profiles,
        "path": path,
        "what": what,
        "expected": expected,
        "offset": range.start,
        "length": range.len(),
        "line": line,
        "column": column,
    })
}

pub(super) fn show_json(
    judged: &[Judged],
    profile: Profile,
    out: &mut dyn Write,
) -> io::Result<()> {
    let payloads: Vec<Value> = judged.iter().map(Judged::json).collect();
    let valid = judged.iter().all(|one| one.is_valid(profile));
    let result = json!({
        "format": 1,
        "tool": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
        "command": "check",
        "profile": profile.as_str(),
        "valid": valid,
        "payloads": payloads,
    });
    writeln!(out, "{result:#}")
}

pub(super) fn show_header(
    value: &str,
    header: &CheckedHeader,
    as_json: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let CheckedHeader { is_right, what, expected, .. } = header;
    if as_json {
        let result = json!({
            "format": 1, "command": "check", "valid": is_right, "what": what, "expected": expected,
            "requirement": "HTTP-2",
        });
        return writeln!(out, "{result:#}");
    }
    let verdict = if *is_right { "valid" } else { "invalid" };
    writeln!(out, "Content-MD5 {}: {verdict}: {}", printable(value), printable(what))?;
    match expected {
        Some(expected) if !is_right => writeln!(out, "  expected: {expected}")?,
        _ if !is_right => writeln!(
            out,
            "  expected: the 16 bytes of the digest in Base64, 24 characters; \
             --file FILE computes this value"
        )?,
        _ => return Ok(()),
    }
    writeln!(out, "  rule: HTTP-2; `iothub-conformance explain HTTP-2` prints its text")
}
