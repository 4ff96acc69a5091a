//! Writes a badge for the README of a project.

use std::io::{self, Write};

use super::StoredResult;
use crate::{
    Conclusion, Outcome,
    excerpt::{counted, printable},
};

const LABEL: &str = "IoT Hub conformance";
/// The approximate width of a character, in pixels, at a font size of 11 pixels.
const CHARACTER: usize = 7;
const PADDING: usize = 10;

/// Writes one badge for all results together.
pub(super) fn write(results: &[StoredResult], out: &mut dyn Write) -> io::Result<()> {
    let (text, color) = summary(results);
    let text = escaped(&text);
    let left = LABEL.len() * CHARACTER + PADDING;
    let right = text.chars().count() * CHARACTER + PADDING;
    let width = left + right;
    let (label_middle, text_middle) = (left / 2, left + right / 2);
    writeln!(
        out,
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{LABEL}: {text}">
<title>{LABEL}: {text}</title>
<clipPath id="r"><rect width="{width}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#444"/><rect x="{left}" width="{right}" height="20" fill="{color}"/></g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="{label_middle}" y="14" textLength="{label_length}">{LABEL}</text>
<text x="{text_middle}" y="14" textLength="{text_length}">{text}</text>
</g>
</svg>"##,
        label_length = left - PADDING,
        text_length = right - PADDING,
    )
}

/// Returns a summary in a few words, and the colour of the badge.
fn summary(results: &[StoredResult]) -> (String, &'static str) {
    const GREEN: &str = "#2d7d32";
    const YELLOW: &str = "#96700a";
    const RED: &str = "#b3261e";
    const GREY: &str = "#5f6368";
    let total =
        |outcome: Outcome| results.iter().map(|result| result.total(outcome)).sum::<usize>();
    let cases: usize = results.iter().map(|result| result.cases.len()).sum();
    let findings = |index: usize| -> usize {
        results.iter().map(|result| result.capture_totals().1[index]).sum()
    };
    let conclusion = results.iter().map(StoredResult::conclusion).max();
    if cases > 0 {
        let passed = total(Outcome::Pass);
        return match conclusion {
            Some(Conclusion::Passed) if passed == cases => (format!("{passed}/{cases}"), GREEN),
            Some(Conclusion::Passed) => (format!("{passed}/{cases}"), YELLOW),
            Some(Conclusion::Incomplete) => (format!("incomplete {passed}/{cases}"), GREY),
            _ => (format!("{passed}/{cases}"), RED),
        };
    }
    let messages: usize = results.iter().map(|result| result.capture_totals().0).sum();
    match (findings(0), findings(1)) {
        (0, 0) if messages == 0 => ("nothing tested".to_owned(), GREY),
        (0, _) if conclusion == Some(Conclusion::Incomplete) => {
            (format!("incomplete, {}", counted(messages, "message")), GREY)
        }
        (0, 0) => (counted(messages, "message"), GREEN),
        (0, warnings) => (counted(warnings, "warning"), YELLOW),
        (errors, _) => (counted(errors, "error"), RED),
    }
}

fn escaped(text: &str) -> String {
    printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
