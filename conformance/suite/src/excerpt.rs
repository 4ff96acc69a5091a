//! Makes foreign text safe to print, for example text from a testee or from a fixture.

use std::fmt::Display;

/// The maximum number of bytes of a sentence that contains foreign text.
pub const LONGEST_SENTENCE: usize = 4096;

/// Returns a text, shortened to about `longest` bytes if it is longer. The beginning and the end of
/// the text remain.
pub fn shortened(text: String, longest: usize) -> String {
    if text.len() <= longest {
        return text;
    }
    let edge = longest / 2;
    let head = boundary(&text, edge);
    let tail = boundary(&text, text.len() - edge);
    format!("{} … {}", &text[..head], &text[tail..])
}

/// Returns a text with every unprintable character escaped, except for line ends and tabs. The
/// result cannot move the cursor, change colours or reverse the order of characters.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' | '"' | '\'' | '\\' => shown.push(c),
            c => shown.extend(c.escape_debug()),
        }
    }
    shown
}

/// Returns a text as one printable line of at most about `longest` bytes. Line ends and tabs are
/// escaped too, and a longer text is cut in the middle.
pub fn one_line(text: &str, longest: usize) -> String {
    // An escape is longer than its character, so this part of the text is enough.
    let shown = shortened(text.to_owned(), longest);
    let shown = printable(&shown).replace('\n', "\\n").replace('\t', "\\t");
    shortened(shown, longest)
}

/// Returns a number with its noun, for example `1 error` or `2 errors`.
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, word: &str) -> String {
    let plural = if count == N::from(1) { "" } else { "s" };
    format!("{count} {word}{plural}")
}

/// Returns a duration in a suitable unit: `12 ms`, `3.4 s`, `2 min 5 s`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    if seconds < 0.9995 {
        format!("{:.0} ms", seconds * 1000.0)
    } else if seconds < 59.95 {
        format!("{seconds:.1} s")
    } else {
        let minutes = (seconds / 60.0).floor();
        format!("{minutes:.0} min {:.0} s", (seconds - 60.0 * minutes).floor())
    }
}

/// Returns the beginning of `bytes` as a quoted string.
pub fn quoted(bytes: &[u8]) -> String {
    const LONGEST: usize = 120;
    let text = String::from_utf8_lossy(bytes.get(..LONGEST).unwrap_or(bytes));
    let more = if bytes.len() > LONGEST { "…" } else { "" };
    format!("{text:?}{more}")
}

/// Returns the last character boundary at or before `index`.
fn boundary(text: &str, index: usize) -> usize {
    (0..=index).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortening_keeps_both_ends_and_whole_characters() {
        assert_eq!(shortened("äöü".to_owned(), 6), "äöü");
        assert_eq!(shortened("äöüäöü".to_owned(), 6), "ä … öü");
    }

    #[test]
    fn nothing_reaches_a_terminal_but_text() {
        assert_eq!(printable("a\tb\n\"\\'é中"), "a\tb\n\"\\'é中");
        assert_eq!(printable("\u{1b}[2J\r\u{9b}\u{202e}"), "\\u{1b}[2J\\r\\u{9b}\\u{202e}");
    }

    #[test]
    fn times_are_readable() {
        for (seconds, shown) in [
            (0.0, "0 ms"),
            (0.0124, "12 ms"),
            (0.9999, "1.0 s"),
            (3.44, "3.4 s"),
            (125.9, "2 min 5 s"),
        ] {
            assert_eq!(duration(seconds), shown);
        }
    }

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(one_line("a\tb\r\nc\u{2028}\u{85}", 100), "a\\tb\\r\\nc\\u{2028}\\u{85}");
        let long = one_line(&"\n".repeat(1_000_000), 100);
        assert!(long.len() < 110 && long.starts_with("\\n"), "{long}");
    }

    #[test]
    fn quoting_shortens_and_escapes() {
        assert_eq!(quoted(b"a\0\xff"), "\"a\\0\u{fffd}\"");
        assert!(quoted(&[b'x'; 200]).ends_with("x\"…"));
    }
}
