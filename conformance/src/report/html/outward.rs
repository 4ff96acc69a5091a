//! Escapes foreign text for a page: in HTML, and in JSON within HTML.

use std::io::{self, Write};

use minijinja::{AutoEscape, Environment, Value, escape_formatter};
use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};

use crate::excerpt::printable;

/// Configures `templates` to make values printable, to escape them, and to provide the filter
/// `number`.
pub(super) fn prepare(templates: &mut Environment<'_>) {
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    templates.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => {
            escape_formatter(out, state, &Value::from(printable(text)))
        }
        _ => escape_formatter(out, state, value),
    });
    templates.add_filter("number", number);
}

/// Returns a number with commas between groups of three digits, for example `12,345`.
fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// Returns JSON that is safe within a `script` element, with printable strings.
pub(super) fn json(data: &impl Serialize) -> io::Result<String> {
    let mut bytes = Vec::new();
    data.serialize(&mut Serializer::with_formatter(&mut bytes, Printable))?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

struct Printable;

impl Formatter for Printable {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        // A fragment contains no backslashes, so each backslash in the result comes from
        // `printable`.
        let shown = printable(fragment).replace('\\', "\\\\");
        // Without `<`, nothing opens or closes an element.
        out.write_all(shown.replace('<', "\\u003c").as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        match escape {
            CharEscape::AsciiControl(byte) => write!(out, "\\\\u{{{byte:x}}}"),
            CharEscape::Backspace => out.write_all(b"\\\\u{8}"),
            CharEscape::FormFeed => out.write_all(b"\\\\u{c}"),
            CharEscape::CarriageReturn => out.write_all(b"\\\\r"),
            escape => CompactFormatter.write_char_escape(out, escape),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_json_ends_a_script_or_hides() {
        let hostile = "</script><!--\u{2028}\u{202e}\u{1b}[0m\r\u{8}\0\"\\\n\tä";
        let written = json(&[hostile]).expect("it can be written");
        assert!(!written.contains('<'), "{written}");
        let read: Vec<String> = serde_json::from_str(&written).expect("it is JSON");
        assert_eq!(read, ["</script><!--\\u{2028}\\u{202e}\\u{1b}[0m\\r\\u{8}\\u{0}\"\\\n\tä"]);
    }

    #[test]
    fn numbers_are_grouped() {
        let shown = [0, 999, 1000, 6737, 1_234_567].map(number);
        assert_eq!(shown, ["0", "999", "1,000", "6,737", "1,234,567"]);
    }
}
