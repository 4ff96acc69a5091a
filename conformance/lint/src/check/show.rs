//! Prints the result for a person: the payload with carets below each fault.

use std::fmt::{self, Write};

use anstyle::{AnsiColor, Style};
use iothub_conformance_suite::{
    Direction, Level, Profile,
    excerpt::{counted, printable},
    hidden::{hidden, redacted},
    snippet::rows,
};
use iothub_resource::{Key, Message};
use serde_json::{Map, Value};

use super::{checked::Checked, fault::Fault};

/// The colours of the output. The default has no colours.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Palette {
    error: Style,
    warning: Style,
    note: Style,
    bold: Style,
    frame: Style,
}

impl Palette {
    /// Creates a palette without colours.
    #[must_use]
    pub const fn plain() -> Self {
        let none = Style::new();
        Self { error: none, warning: none, note: none, bold: none, frame: none }
    }

    /// Creates a palette with the colours for a terminal.
    #[must_use]
    pub const fn colored() -> Self {
        Self {
            error: AnsiColor::Red.on_default().bold(),
            warning: AnsiColor::Yellow.on_default().bold(),
            note: AnsiColor::Cyan.on_default().bold(),
            bold: Style::new().bold(),
            frame: AnsiColor::Blue.on_default(),
        }
    }
}

/// The settings for the output about a payload.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct View<'v> {
    /// The name of the payload, such as the name of its file.
    pub name: &'v str,
    /// The number of the line in which the payload begins, starting at 1.
    pub first_line: usize,
    /// The profile whose faults are shown as errors and warnings.
    pub profile: Profile,
    /// The width of the output in columns.
    pub width: usize,
    /// The colours of the output.
    pub palette: Palette,
}

impl<'v> View<'v> {
    /// Creates settings for a payload that is called `name`, with a width of 100 columns and
    /// without colours.
    #[must_use]
    pub const fn new(name: &'v str, profile: Profile) -> Self {
        Self { name, first_line: 1, profile, width: 100, palette: Palette::plain() }
    }
}

impl fmt::Display for Checked {
    /// Writes all faults as the command `check` shows them, for the `deployed` profile.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self, &View::new("payload", Profile::Deployed), f)
    }
}

/// Writes each fault with its place, and then the summary of the payload.
///
/// # Errors
///
/// Returns an error if writing to `out` fails.
pub fn show(checked: &Checked, view: &View<'_>, out: &mut dyn Write) -> fmt::Result {
    let (own, others) = checked.shown_in(view.profile);
    for fault in own {
        show_fault(fault, &checked.payload, view, true, out)?;
    }
    for fault in others {
        show_fault(fault, &checked.payload, view, false, out)?;
    }
    show_verdict(checked, view, out)
}

/// Writes one fault of `source`, which is a payload or a topic. If `counts` is `false`, writes the
/// fault as a note, because it does not count in the profile of `view`.
///
/// # Errors
///
/// Returns an error if writing to `out` fails.
pub fn show_fault(
    fault: &Fault,
    source: &[u8],
    view: &View<'_>,
    counts: bool,
    out: &mut dyn Write,
) -> fmt::Result {
    let Palette { bold, frame, .. } = view.palette;
    let Fault { code, level, requirement, what, expected, range, .. } = fault;
    let (style, word) = match level {
        _ if !counts => (view.palette.note, "note"),
        Level::Must => (view.palette.error, "error"),
        Level::Should => (view.palette.warning, "warning"),
    };
    // A topic contains slashes but no signature.
    let hidden = if *code == "invalid-topic" { Vec::new() } else { hidden(source) };
    let rows = rows(source, &hidden, range, view.width.saturating_sub(8).max(20));
    let first_line = view.first_line.saturating_sub(1);
    let last = rows.last().map_or(1, |row| row.number);
    let gutter = (last + first_line).to_string().len();
    let title = format!("{word}[{code}]: {}", printable(what));
    let mut lines = wrapped(&title, view.width, 0).into_iter();
    // The title begins with the word and the code, both in colour.
    let head = format!("{word}[{code}]");
    let first = lines.next().unwrap_or_default();
    let rest = first.strip_prefix(&*head).unwrap_or_default();
    writeln!(out, "{style}{head}{style:#}{bold}{rest}{bold:#}")?;
    for line in lines {
        writeln!(out, "{bold}{line}{bold:#}")?;
    }
    let column = column(source, range.start);
    let name = printable(view.name);
    let number = last + first_line;
    writeln!(out, "{:gutter$}{frame}-->{frame:#} {name}:{number}:{column}", "")?;
    writeln!(out, "{:gutter$} {frame}|{frame:#}", "")?;
    for row in rows {
        let number = row.number + first_line;
        writeln!(out, "{frame}{number:>gutter$} |{frame:#} {}", row.text)?;
        if let Some(carets) = row.carets {
            let indent = carets.len() - carets.trim_start().len();
            let carets = carets.trim_start();
            writeln!(
                out,
                "{:gutter$} {frame}|{frame:#} {:indent$}{style}{carets}{style:#}",
                "", ""
            )?;
        }
    }
    if let Some(expected) = expected {
        remark("expected", &printable(expected), gutter, view, out)?;
    }
    let mut rule = (*requirement).to_owned();
    if !counts {
        let profiles: Vec<_> = fault.profiles.iter().map(ToString::to_string).collect();
        rule = format!("{requirement}, in the {} profile only", profiles.join(" and "));
    }
    remark("rule", &rule, gutter, view, out)?;
    writeln!(out)
}

/// Writes a remark below the payload, on separate lines.
fn remark(
    what: &str,
    text: &str,
    gutter: usize,
    view: &View<'_>,
    out: &mut dyn Write,
) -> fmt::Result {
    let frame = view.palette.frame;
    let indent = gutter + 3;
    let text = format!("{what}: {text}");
    for (index, line) in wrapped(&text, view.width.saturating_sub(indent), 0).iter().enumerate() {
        match index {
            0 => writeln!(out, "{:gutter$} {frame}={frame:#} {line}", "")?,
            _ => writeln!(out, "{:indent$}{line}", "")?,
        }
    }
    Ok(())
}

/// Writes the summary of the payload: its validity in each profile, the message, and its values.
fn show_verdict(checked: &Checked, view: &View<'_>, out: &mut dyn Write) -> fmt::Result {
    let Palette { error, note, bold, .. } = view.palette;
    let name = printable(view.name);
    let style = if checked.is_valid(view.profile) { note } else { error };
    let other = match view.profile {
        Profile::Documented => Profile::Deployed,
        Profile::Deployed => Profile::Documented,
    };
    let [(own, own_count), (others, other_count)] =
        [view.profile, other].map(|profile| verdict(checked, profile));
    write!(out, "{bold}{name}{bold:#}: {style}{own}{style:#}")?;
    let rest = if (own, &own_count) == (others, &other_count) {
        format!(" in both profiles{own_count}")
    } else {
        let asked = view.profile;
        format!(" in the {asked} profile{own_count}; {others} in the {other} profile{other_count}")
    };
    let before = name.chars().count() + 2 + own.len();
    let padded = format!("{}{}", "x".repeat(before), rest);
    let lines = wrapped(&padded, view.width, 0);
    writeln!(out, "{}", lines[0].get(before..).unwrap_or_default())?;
    for line in lines.iter().skip(1) {
        writeln!(out, "{line}")?;
    }
    if let Some(message) = checked.message(view.profile) {
        for line in wrapped(&describe(&message), view.width, 2) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// Returns the verdict of a profile on the payload and the number of faults, both as text.
fn verdict(checked: &Checked, profile: Profile) -> (&'static str, String) {
    let count = |level: Level, word: &str| match checked.of(profile, level).count() {
        0 => None,
        count => Some(counted(count, word)),
    };
    let counts: Vec<String> = [count(Level::Must, "error"), count(Level::Should, "warning")]
        .into_iter()
        .flatten()
        .collect();
    let word = if checked.is_valid(profile) { "valid" } else { "invalid" };
    (word, if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) })
}

/// Returns a text with the type and the values of the message.
fn describe(message: &Message<'_>) -> String {
    let message_type = message.message_type();
    let way = match message_type.direction() {
        Direction::Up => "device to platform",
        Direction::Down => "platform to device",
    };
    let values: Vec<String> =
        shown_values(message).into_iter().map(|(key, value)| format!("{key} {value}")).collect();
    let values = if values.is_empty() { String::new() } else { format!(": {}", values.join(", ")) };
    format!("{message_type} ({}, {way}){values}", message_type.requirement())
}

/// Returns the keys of a message in the documented order, each with its value. Secrets in the
/// values are hidden.
#[must_use]
pub fn shown_values(message: &Message<'_>) -> Vec<(&'static str, Value)> {
    let json = serde_json::to_string(message).unwrap_or_default();
    let mut top: Map<String, Value> = serde_json::from_str(&redacted(&json)).unwrap_or_default();
    let mut values = Vec::new();
    for key in message.message_type().keys() {
        match top.remove(key.as_str()) {
            Some(Value::Object(mut progress)) => {
                let own = Key::IN_PROGRESS.iter().map(|key| key.as_str());
                values.extend(own.filter_map(|key| Some((key, progress.remove(key)?))));
            }
            Some(value) => values.push((key.as_str(), value)),
            None => {}
        }
    }
    values
}

/// Returns a text split into indented lines of at most `width` columns. A line with a single word
/// may be longer.
fn wrapped(text: &str, width: usize, indent: usize) -> Vec<String> {
    let margin = " ".repeat(indent);
    let mut lines = Vec::new();
    let mut line = margin.clone();
    for word in text.split(' ') {
        let is_first = line.len() == indent;
        if !is_first && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut line, margin.clone()));
        } else if !is_first {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// Returns the column of a byte in characters, starting at 1.
fn column(source: &[u8], offset: usize) -> usize {
    let before = &source[..offset.min(source.len())];
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    before[start..].iter().filter(|byte| **byte & 0xC0 != 0x80).count() + 1
}
