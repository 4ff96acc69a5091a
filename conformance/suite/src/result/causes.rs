//! Cases that are not right for the same reason.

use std::collections::HashMap;

use super::{outcome::Outcome, stored::StoredCase};

/// Cases with the same outcome that have in common what differs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Cause<'c> {
    /// What became of them.
    pub outcome: Outcome,
    /// What they have in common, in words; what is different is left out of these.
    pub what: String,
    /// The cases, in their order; at least one.
    pub cases: Vec<&'c StoredCase>,
}

/// The cases that failed or warn by their causes: failures first, and of these the most frequent.
#[must_use]
pub fn causes(cases: &[StoredCase]) -> Vec<Cause<'_>> {
    let mut causes: Vec<Cause<'_>> = Vec::new();
    let mut known: HashMap<(Outcome, String), usize> = HashMap::new();
    let counts = |case: &&StoredCase| case.outcome.is_failure() || case.outcome == Outcome::Warn;
    for case in cases.iter().filter(counts) {
        let what = essence(case);
        let index = *known.entry((case.outcome, what.clone())).or_insert_with(|| {
            causes.push(Cause { outcome: case.outcome, what, cases: Vec::new() });
            causes.len() - 1
        });
        causes[index].cases.push(case);
    }
    causes.sort_by_key(|cause| (!cause.outcome.is_failure(), std::cmp::Reverse(cause.cases.len())));
    causes
}

/// The first line of what differs, without what is of the one case alone: values, numbers, texts.
fn essence(case: &StoredCase) -> String {
    const LONGEST: usize = 160;
    let first = case.detail.lines().next().unwrap_or_default();
    let op = case.request.split(',').next().unwrap_or_default();
    let mut words = String::new();
    let mut rest = first;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '{' | '[' | '"' => {
                words.push('…');
                end_of_value(rest)
            }
            c if c.is_ascii_digit() => {
                words.push('N');
                rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len())
            }
            c => {
                words.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[length..];
        if words.len() > LONGEST {
            words.push('…');
            break;
        }
    }
    if op.is_empty() { words } else { format!("{op}: {words}") }
}

/// Where a quoted text or a value in brackets ends, or at the end of the line.
fn end_of_value(text: &str) -> usize {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' | '[' if !in_string => depth += 1,
            '}' | ']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && !in_string && !escaped {
            return at + c.len_utf8();
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;

    fn case(id: &str, outcome: Outcome, detail: &str) -> StoredCase {
        let mut case = StoredCase::new(id.to_owned(), Vec::new(), Level::Must, outcome);
        (case.detail, case.request) = (detail.to_owned(), "decode, profile documented".to_owned());
        case
    }

    #[test]
    fn what_is_of_one_case_alone_makes_no_other_cause() {
        let cases = [
            case("w", Outcome::Warn, "gave no advice, there is unanswered at 0"),
            case(
                "a",
                Outcome::Fail,
                r#"answered {"message":{"size":1}}, not {"message":{"a":"}"}}"#,
            ),
            case("b", Outcome::Fail, r#"answered {"message":{}}, not {"message":{"size":2}}"#),
            case("p", Outcome::Pass, ""),
            case("c", Outcome::Fail, "accepted, should be refused: invalid-json"),
            case("d", Outcome::Crashed, "accepted, should be refused: invalid-json"),
            case("e", Outcome::Fail, "accepted, should be refused: invalid-json at event 12"),
            case("f", Outcome::Fail, "accepted, should be refused: invalid-json at event 3"),
            case("g", Outcome::Fail, "accepted, should be refused: invalid-json at event 4"),
        ];
        let found: Vec<(String, Vec<&str>)> = causes(&cases)
            .into_iter()
            .map(|cause| (cause.what, cause.cases.iter().map(|case| &*case.id).collect()))
            .collect();
        let json = "decode: accepted, should be refused: invalid-json".to_owned();
        assert_eq!(
            found,
            [
                (format!("{json} at event N"), vec!["e", "f", "g"]),
                ("decode: answered …, not …".to_owned(), vec!["a", "b"]),
                (json.clone(), vec!["c"]),
                (json, vec!["d"]),
                ("decode: gave no advice, there is unanswered at N".to_owned(), vec!["w"]),
            ]
        );
    }
}
