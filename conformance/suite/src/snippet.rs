//! Finds the line of a payload that contains a fault and places carets below the fault.

use std::ops::Range;

use crate::{excerpt::printable, hidden::Hidden, result::Marked};

const CUT: char = '…';
/// The maximum number of carets below a fault.
const MOST_CARETS: usize = 60;

/// A line of text, with carets below the fault if the line contains the fault.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The number of the line, from 1.
    pub number: usize,
    /// The line, escaped so that it cannot control a terminal.
    pub text: String,
    /// White space and carets to print below the line, or `None` for a line without the fault.
    pub carets: Option<String>,
}

/// Returns the line of `payload` in which `mark` begins, preceded by the previous line for context.
/// An empty previous line is omitted. Each line is cut to `width` columns. Each of the `hidden`
/// parts is replaced with its substitute.
#[must_use]
pub fn rows(payload: &[u8], hidden: &[Hidden], mark: &Range<usize>, width: usize) -> Vec<Row> {
    let start = mark.start.min(payload.len());
    let line_start = begin_of_line(payload, start);
    let number = payload[..line_start].iter().filter(|byte| **byte == b'\n').count() + 1;
    let mut rows = Vec::new();
    if number > 1 {
        let before = begin_of_line(payload, line_start - 1);
        let line = Line::of(payload, hidden, before);
        if !line.0.is_empty() {
            rows.push(Row { number: number - 1, text: line.head(width), carets: None });
        }
    }
    let (text, carets) = Line::of(payload, hidden, line_start).marked(mark, width);
    rows.push(Row { number, text, carets: Some(carets) });
    rows
}

/// Returns a text as one printable line, cut to `width` columns. Also returns the carets below the
/// marked part, or `None` if no part is marked.
#[must_use]
pub fn one_line(marked: &Marked, width: usize) -> (String, Option<String>) {
    let Marked { before, marked, after } = marked;
    let all = [before, marked.as_deref().unwrap_or_default(), after].concat();
    let line = Line::of_text(&all);
    match marked {
        None => (line.head(width), None),
        Some(marked) => {
            let (text, carets) = line.marked(&(before.len()..before.len() + marked.len()), width);
            (text, Some(carets))
        }
    }
}

/// The characters that are shown for one or more bytes.
struct Cell {
    text: String,
    width: usize,
    bytes: Range<usize>,
}

struct Line(Vec<Cell>);

impl Line {
    /// Returns the line that begins at `start`.
    fn of(payload: &[u8], hidden: &[Hidden], start: usize) -> Self {
        let end = payload[start..].iter().position(|byte| *byte == b'\n');
        let end = end.map_or(payload.len(), |length| start + length);
        let has_return = end < payload.len() && payload[start..end].ends_with(b"\r");
        let end = end - usize::from(has_return);
        let mut line = Self(Vec::new());
        let mut at = start;
        for Hidden { range, shown } in hidden {
            // A hidden part may begin in an earlier line.
            if range.end <= at || range.start >= end {
                continue;
            }
            line.bytes(payload, at..range.start.max(at));
            for c in shown.chars() {
                line.push(printable(&c.to_string()), range.clone());
            }
            at = range.end.min(end);
        }
        line.bytes(payload, at..end);
        line
    }

    fn of_text(text: &str) -> Self {
        let cells = text.char_indices().map(|(at, c)| Cell {
            text: c.to_string(),
            width: width_of(c),
            bytes: at..at + c.len_utf8(),
        });
        Self(cells.collect())
    }

    fn bytes(&mut self, payload: &[u8], range: Range<usize>) {
        let mut at = range.start;
        for chunk in payload[range].utf8_chunks() {
            for c in chunk.valid().chars() {
                let shown = if c == '\t' { "\\t".to_owned() } else { printable(&c.to_string()) };
                self.push(shown, at..at + c.len_utf8());
                at += c.len_utf8();
            }
            for byte in chunk.invalid() {
                self.push(format!("\\x{byte:02X}"), at..at + 1);
                at += 1;
            }
        }
    }

    fn push(&mut self, text: String, bytes: Range<usize>) {
        let width = text.chars().map(width_of).sum();
        self.0.push(Cell { text, width, bytes });
    }

    /// Returns the beginning of the line, cut to `width` columns.
    fn head(&self, width: usize) -> String {
        self.text(self.window(0, width))
    }

    /// Returns the part of the line around a mark and the carets below the mark.
    fn marked(&self, mark: &Range<usize>, width: usize) -> (String, String) {
        let cells = &self.0;
        let first = cells.iter().position(|cell| cell.bytes.end > mark.start);
        let first = first.unwrap_or(cells.len());
        let is_marked = |cell: &&Cell| cell.bytes.start < mark.end;
        let length = cells[first..].iter().take_while(is_marked).count();
        let window = self.window(first, width);
        let cut = usize::from(window.start > 0);
        let shown = first.min(window.end)..(first + length).min(window.end);
        let columns = |cells: &[Cell]| cells.iter().map(|cell| cell.width).sum::<usize>();
        let before = cut + columns(&cells[window.start..shown.start]);
        let carets = columns(&cells[shown]).clamp(1, MOST_CARETS);
        (self.text(window), format!("{}{}", " ".repeat(before), "^".repeat(carets)))
    }

    /// Returns the range of the cells that are shown: all cells, or those around `center` that fit.
    fn window(&self, center: usize, width: usize) -> Range<usize> {
        let cells = &self.0;
        if cells.iter().map(|cell| cell.width).sum::<usize>() <= width {
            return 0..cells.len();
        }
        // Two columns are reserved for the characters that mark omitted text.
        let room = width.saturating_sub(2).max(1);
        let (mut start, mut used) = (center, 0);
        while start > 0 && used + cells[start - 1].width <= room / 2 {
            start -= 1;
            used += cells[start].width;
        }
        let mut end = center;
        while end < cells.len() && used + cells[end].width <= room {
            used += cells[end].width;
            end += 1;
        }
        while start > 0 && used + cells[start - 1].width <= room {
            start -= 1;
            used += cells[start].width;
        }
        start..end
    }

    fn text(&self, window: Range<usize>) -> String {
        let mut text = String::new();
        text.extend((window.start > 0).then_some(CUT));
        let is_whole = window.end == self.0.len();
        text.extend(self.0[window].iter().map(|cell| &*cell.text));
        text.extend((!is_whole).then_some(CUT));
        text
    }
}

fn begin_of_line(payload: &[u8], at: usize) -> usize {
    payload[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |before| before + 1)
}

/// Returns the number of columns of a character on a terminal. Characters that take no column are
/// already escaped.
const fn width_of(c: char) -> usize {
    match c {
        '\u{1100}'..='\u{115F}'
        | '\u{2E80}'..='\u{303E}'
        | '\u{3041}'..='\u{A4CF}'
        | '\u{A960}'..='\u{A97C}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE6F}'
        | '\u{FF01}'..='\u{FF60}'
        | '\u{FFE0}'..='\u{FFE6}'
        | '\u{1F300}'..='\u{1F64F}'
        | '\u{1F900}'..='\u{1F9FF}'
        | '\u{20000}'..='\u{3FFFD}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn shown(payload: &[u8], mark: Range<usize>, width: usize, expected: [&str; 2]) {
        let rows = rows(payload, &[], &mark, width);
        let row = rows.last().expect("a row");
        assert_eq!([&*row.text, row.carets.as_deref().unwrap_or_default()], expected);
    }

    #[test]
    fn carets_stand_below_the_fault() {
        shown(b"{\"size\":-1}", 8..10, 80, ["{\"size\":-1}", "        ^^"]);
        shown("{\"名\":1}".as_bytes(), 6..7, 80, ["{\"名\":1}", "     ^"]);
        shown(b"{\x1b\xFF1}", 3..4, 80, ["{\\u{1b}\\xFF1}", "           ^"]);
        shown(b"{\"a\"", 4..4, 80, ["{\"a\"", "    ^"]);
        shown(b"", 0..0, 80, ["", "^"]);
    }

    #[test]
    fn a_long_line_is_cut_around_the_fault() {
        shown(b"0123456789abcdefghij", 12..14, 10, ["…89abcdef…", "     ^^"]);
        shown(b"0123456789abcdefghij", 0..1, 10, ["01234567…", "^"]);
        shown(b"0123456789abcdefghij", 19..20, 10, ["…cdefghij", "        ^"]);
        shown(b"0123456789abcdefghij", 5..20, 10, ["…12345678…", "     ^^^^"]);
        for width in 0..4 {
            let _ = rows(b"0123456789", &[], &(5..6), width);
        }
    }

    #[test]
    fn the_line_before_gives_context() {
        let rows = rows(b"{\n\"size\":1,\n}", &[], &(12..13), 80);
        let rows: Vec<_> = rows.iter().map(|row| (row.number, &*row.text)).collect();
        assert_eq!(rows, [(2, "\"size\":1,"), (3, "}")]);
    }

    #[test]
    fn what_is_hidden_is_marked_as_a_whole() {
        let hidden = [Hidden { range: 1..6, shown: "\"…\"".to_owned() }];
        let rows = rows(b"[\"abc\",1]", &hidden, &(3..4), 80);
        assert_eq!(rows[0].text, "[\"…\",1]");
        assert_eq!(rows[0].carets.as_deref(), Some(" ^^^"));
    }
}
