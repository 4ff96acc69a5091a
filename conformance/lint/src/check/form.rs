//! Recognises the forms in which logs and tools print a payload.

use std::fmt;

use base64ct::{Base64, Encoding};

/// The form in which a payload is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// The bytes as they were sent.
    Plain,
    /// Two hexadecimal digits for each byte.
    Hex,
    /// Base64, in either alphabet, with or without padding.
    Base64,
    /// A Python bytes literal: `b'…'`.
    PythonBytes,
    /// A string in single quotes, or a string in double quotes with escapes.
    Quoted,
    /// Escapes without surrounding quotes: `{\"type\":…}` or `{\x22type\x22:…}`.
    Escaped,
}

impl Form {
    /// Returns the name of the form in the output of `check --format json`, for example `base64`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Hex => "hex",
            Self::Base64 => "base64",
            Self::PythonBytes => "python-bytes",
            Self::Quoted => "quoted",
            Self::Escaped => "escaped",
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain text",
            Self::Hex => "hexadecimal digits",
            Self::Base64 => "Base64",
            Self::PythonBytes => "bytes as Python prints them",
            Self::Quoted => "a quoted string with escapes",
            Self::Escaped => "text with escapes",
        })
    }
}

/// A function that reads a text as a payload in one form.
type Reader = fn(&[u8]) -> Option<Vec<u8>>;

/// Returns the form of a text and the payload that the text represents. A form other than plain
/// text is recognised only if the payload is a JSON object or the beginning of one.
pub(super) fn read(text: &[u8]) -> (Form, Vec<u8>) {
    let trimmed = text.trim_ascii();
    let forms: [(Form, Reader); 5] = [
        (Form::Hex, hex),
        (Form::Base64, base64),
        (Form::PythonBytes, python_bytes),
        (Form::Quoted, quoted),
        (Form::Escaped, escaped),
    ];
    forms
        .into_iter()
        .find_map(|(form, read)| Some((form, read(trimmed).filter(|it| is_object(it))?)))
        .unwrap_or_else(|| (Form::Plain, text.to_vec()))
}

fn is_object(payload: &[u8]) -> bool {
    let payload = payload.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(payload);
    payload.trim_ascii_start().starts_with(b"{")
}

/// Returns the bytes that hexadecimal digits represent, or `None` for any other text. White space,
/// colons, commas, `0x` or `\x` may separate the bytes.
fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    let text = text.replace("0x", "").replace(['\\', 'x'], " ");
    let mut digits = String::new();
    for word in text.split(|c: char| c.is_ascii_whitespace() || c == ':' || c == ',') {
        if word.len() % 2 != 0 || !word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        digits += word;
    }
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text: String = std::str::from_utf8(text)
        .ok()?
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            c => c,
        })
        .collect();
    let digits = text.trim_end_matches('=');
    let padding = (4 - digits.len() % 4) % 4;
    Base64::decode_vec(&format!("{digits}{}", "=".repeat(padding))).ok()
}

fn python_bytes(text: &[u8]) -> Option<Vec<u8>> {
    let rest = text.strip_prefix(b"b")?;
    ["'", "\""].iter().find_map(|quote| {
        let inside = rest.strip_prefix(quote.as_bytes())?.strip_suffix(quote.as_bytes())?;
        Some(unescaped(inside))
    })
}

fn quoted(text: &[u8]) -> Option<Vec<u8>> {
    let quote = *text.first().filter(|byte| matches!(byte, b'"' | b'\''))?;
    let inside = text.get(1..)?.strip_suffix(&[quote])?;
    // A quotation mark that is not escaped would have ended the string.
    let is_string = quote == b'\'' || !inside.starts_with(b"{\"");
    is_string.then(|| if quote == b'"' { unescaped(inside) } else { inside.to_vec() })
}

fn escaped(text: &[u8]) -> Option<Vec<u8>> {
    let inside = text.strip_prefix(b"{")?.trim_ascii_start();
    let has_escapes = ["\\\"", "\\x22", "\\n", "\\r\\n"];
    let opens = |escape: &&str| inside.starts_with(escape.as_bytes());
    let is_escaped = has_escapes.iter().any(opens) || text.starts_with(b"\\x7b");
    is_escaped.then(|| unescaped(text))
}

/// Returns the text with common escapes of C, Python and JSON replaced with their bytes. Other
/// escapes, such as `\u`, remain unchanged.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let (byte, used) = match after {
            [b'x', high, low, ..] => match hex(&[*high, *low]).as_deref() {
                Some([byte]) => (*byte, 3),
                _ => (b'\\', 0),
            },
            [b'n', ..] => (b'\n', 1),
            [b'r', ..] => (b'\r', 1),
            [b't', ..] => (b'\t', 1),
            [quote @ (b'"' | b'\'' | b'\\'), ..] => (*quote, 1),
            _ => (b'\\', 0),
        };
        bytes.push(byte);
        rest = &after[used..];
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAYLOAD: &[u8] = br#"{"type":"get_download_task"}"#;

    #[test]
    fn forms_are_recognised() {
        let hex = "7b2274797065223a226765745f646f776e6c6f61645f7461736b227d";
        let spaced: Vec<_> =
            hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
        for (text, form) in [
            (hex.to_owned(), Form::Hex),
            (hex.to_uppercase(), Form::Hex),
            (format!("0x{hex}\n"), Form::Hex),
            (spaced.join(" "), Form::Hex),
            (format!("\\x{}", spaced.join("\\x")), Form::Hex),
            ("eyJ0eXBlIjoiZ2V0X2Rvd25sb2FkX3Rhc2sifQ==".to_owned(), Form::Base64),
            ("eyJ0eXBlIjoiZ2V0X2Rvd25sb2FkX3Rhc2sifQ".to_owned(), Form::Base64),
            (r#"b'{"type":"get_download_task"}'"#.to_owned(), Form::PythonBytes),
            (r#""{\"type\":\"get_download_task\"}""#.to_owned(), Form::Quoted),
            (r#"'{"type":"get_download_task"}'"#.to_owned(), Form::Quoted),
            (r#"{\"type\":\"get_download_task\"}"#.to_owned(), Form::Escaped),
            (r"{\x22type\x22:\x22get_download_task\x22}".to_owned(), Form::Escaped),
            (r#"{"type":"get_download_task"}"#.to_owned(), Form::Plain),
        ] {
            assert_eq!(read(text.as_bytes()), (form, PAYLOAD.to_vec()), "{text}");
        }
    }

    #[test]
    fn anything_else_stays_what_it_is() {
        for text in [
            &b"900150983cd24fb0d6963f7d28e17f72"[..],
            b"hello",
            b"",
            b"b'",
            b"\"",
            br#"{"name":"\\x22"}"#,
            br#"{"name":"a\/b"}"#,
            b"{\xFF}",
        ] {
            assert_eq!(read(text), (Form::Plain, text.to_vec()));
        }
    }
}
