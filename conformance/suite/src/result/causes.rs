//! Groups the cases of a result by the causes of their failures and warnings.

use std::collections::HashMap;

use super::{finding::Finding, outcome::Outcome, side::Side, stored::StoredCase};
use crate::Level;

/// Cases with the same finding, or with the same outcome and the same kind of difference.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Cause<'c> {
    /// The outcome of the first case, or `warn` for a finding that does not make the case fail.
    pub outcome: Outcome,
    /// What the cases have in common, in words: the side, level, code and requirement of the
    /// finding, or the difference without values, numbers or quoted text.
    pub what: String,
    /// The finding of this cause in [`clearest`](Self::clearest), or `None` if the cases have no
    /// findings. Cases of `run` have no findings.
    pub finding: Option<&'c Finding>,
    /// The sentences of the findings, without values, numbers or quoted text. The most frequent
    /// sentence is first. Each number counts the findings with that sentence.
    pub forms: Vec<(String, usize)>,
    /// The case that shows the cause best: of the cases with the fewest findings, the one with the
    /// fewest events.
    pub clearest: &'c StoredCase,
    /// The cases, in the order of the result. There is at least one case.
    pub cases: Vec<&'c StoredCase>,
}

/// The common part of the findings of one cause, or the difference of a case without findings.
#[derive(PartialEq, Eq, Hash)]
enum Key<'c> {
    Finding(Level, Side, &'c str, &'c str),
    Difference(Outcome, String),
}

/// Groups cases by their causes: cases that failed, warned or were not reached, and cases with
/// findings. Failures come first, then warnings, then cases that were not reached. Causes of the
/// same kind are sorted by frequency. A case with different findings belongs to several causes.
#[must_use]
pub fn causes(cases: &[StoredCase]) -> Vec<Cause<'_>> {
    let mut causes = Causes::default();
    for case in cases {
        let counts = case.outcome.is_failure()
            || matches!(case.outcome, Outcome::Warn | Outcome::NotReached);
        for finding in &case.findings {
            causes.finding(case, finding);
        }
        if case.findings.is_empty() && counts {
            causes.difference(case);
        }
    }
    let mut causes = causes.known;
    for Cause { forms, .. } in &mut causes {
        forms.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    }
    causes.sort_by_key(|cause| (rank(cause.outcome), std::cmp::Reverse(cause.cases.len())));
    causes
}

/// Returns the rank for sorting: failures first, then warnings, then cases that were not reached.
const fn rank(outcome: Outcome) -> u8 {
    match outcome {
        _ if outcome.is_failure() => 0,
        Outcome::NotReached => 2,
        _ => 1,
    }
}

#[derive(Default)]
struct Causes<'c> {
    known: Vec<Cause<'c>>,
    by_key: HashMap<Key<'c>, usize>,
}

impl<'c> Causes<'c> {
    fn finding(&mut self, case: &'c StoredCase, finding: &'c Finding) {
        let Finding { level, side, code, requirement, sentence, .. } = finding;
        let cause = self.of(Key::Finding(*level, *side, code, requirement), || Cause {
            outcome: outcome(case, finding),
            what: format!("{side} {}: {code} {requirement}", level.as_fault()).trim().to_owned(),
            finding: Some(finding),
            forms: Vec::new(),
            clearest: case,
            cases: Vec::new(),
        });
        if cause.cases.last().is_none_or(|last| last.id != case.id) {
            cause.cases.push(case);
            if clutter(case) < clutter(cause.clearest) {
                (cause.clearest, cause.finding) = (case, Some(finding));
            }
        }
        let form = without_values(sentence.lines().next().unwrap_or_default());
        match cause.forms.iter_mut().find(|(known, _)| *known == form) {
            Some((_, count)) => *count += 1,
            None => cause.forms.push((form, 1)),
        }
    }

    fn difference(&mut self, case: &'c StoredCase) {
        let what = essence(case);
        let cause = self.of(Key::Difference(case.outcome, what.clone()), || Cause {
            outcome: case.outcome,
            what,
            finding: None,
            forms: Vec::new(),
            clearest: case,
            cases: Vec::new(),
        });
        cause.cases.push(case);
    }

    fn of(&mut self, key: Key<'c>, new: impl FnOnce() -> Cause<'c>) -> &mut Cause<'c> {
        let index = *self.by_key.entry(key).or_insert_with(|| {
            self.known.push(new());
            self.known.len() - 1
        });
        &mut self.known[index]
    }
}

const fn clutter(case: &StoredCase) -> (usize, usize) {
    (case.findings.len(), case.events.len())
}

/// Returns the outcome of `case` if only `finding` is considered.
fn outcome(case: &StoredCase, finding: &Finding) -> Outcome {
    let is_strict = case.outcome.is_failure()
        && case.findings.iter().all(|finding| finding.level == Level::Should);
    match finding.level {
        Level::Should if !is_strict => Outcome::Warn,
        _ => case.outcome,
    }
}

/// Returns the operation and the first line of the difference, without values, numbers or quoted
/// text.
fn essence(case: &StoredCase) -> String {
    let words = without_values(case.detail.lines().next().unwrap_or_default());
    let op = case.request.split(',').next().unwrap_or_default();
    if op.is_empty() { words } else { format!("{op}: {words}") }
}

/// Returns a sentence without values, numbers or quoted text, which differ from case to case.
fn without_values(sentence: &str) -> String {
    const LONGEST: usize = 160;
    /// The minimum length of a word with digits that counts as a digest, not as a code such as
    /// `invalid-md5sum`.
    const DIGEST: usize = 16;
    let mut words = String::new();
    let mut rest = sentence;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '{' | '[' | '"' => {
                words.push('…');
                end_of_value(rest)
            }
            c if c.is_ascii_alphanumeric() => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
                let word = &rest[..end];
                let is_value = c.is_ascii_digit()
                    || (end >= DIGEST && word.contains(|c: char| c.is_ascii_digit()));
                words.push_str(if is_value { "N" } else { word });
                end
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
    words
}

/// Returns the end of the quoted text or bracketed value at the beginning of `text`. If a closing
/// quotation mark or bracket is missing, the end is the end of `text`.
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
            case("w", Outcome::Warn, "no advice, expected unanswered at 0"),
            case(
                "a",
                Outcome::Fail,
                r#"answered {"message":{"size":1}}, not {"message":{"a":"}"}}"#,
            ),
            case("b", Outcome::Fail, r#"answered {"message":{}}, not {"message":{"size":2}}"#),
            case("p", Outcome::Pass, ""),
            case("c", Outcome::Fail, "accepted, but must be rejected: invalid-json"),
            case("d", Outcome::Crashed, "accepted, but must be rejected: invalid-json"),
            case("e", Outcome::Fail, "accepted, but must be rejected: invalid-json at event 12"),
            case("f", Outcome::Fail, "accepted, but must be rejected: invalid-json at event 3"),
            case("g", Outcome::Fail, "accepted, but must be rejected: invalid-json at event 4"),
        ];
        let found: Vec<(String, Vec<&str>)> = causes(&cases)
            .into_iter()
            .map(|cause| (cause.what, cause.cases.iter().map(|case| &*case.id).collect()))
            .collect();
        let json = "decode: accepted, but must be rejected: invalid-json".to_owned();
        assert_eq!(
            found,
            [
                (format!("{json} at event N"), vec!["e", "f", "g"]),
                ("decode: answered …, not …".to_owned(), vec!["a", "b"]),
                (json.clone(), vec!["c"]),
                (json, vec!["d"]),
                ("decode: no advice, expected unanswered at N".to_owned(), vec!["w"]),
            ]
        );
    }

    #[test]
    fn codes_keep_their_digits_and_values_do_not() {
        for (sentence, form) in [
            ("valid, but rejected: invalid-md5sum", "valid, but rejected: invalid-md5sum"),
            ("another MD5: it has e2fc714c4727ee9395f324cd2e7f331f", "another MD5: it has N"),
            ("it has 0f bytes, 12 of 13", "it has N bytes, N of N"),
            ("line3 of \"a\"", "line3 of …"),
        ] {
            assert_eq!(without_values(sentence), form);
        }
    }

    #[test]
    fn a_finding_is_one_cause_however_often_and_in_whatever_words() {
        let finding = |code: &'static str, level, sentence: &str| {
            Finding::new(0, code, level, "SES-3", sentence.to_owned()).against(Side::Device)
        };
        let mut cases = Vec::new();
        for number in 0..174 {
            let mut case = case(&format!("upload/{number}"), Outcome::Fail, "");
            let died = if number % 3 == 0 { "; its program has ended" } else { "" };
            let sentence = format!("it never reports on \"{number}\"{died}");
            case.findings.push(finding("no-end", Level::Must, &sentence));
            cases.push(case);
        }
        cases[7].findings.push(finding("range", Level::Should, "7 is one too far"));
        cases[8].findings.push(finding("body-md5", Level::Must, "another MD5"));
        let mut warns = case("upload/x", Outcome::Warn, "");
        warns.findings.push(finding("range", Level::Should, "8 is one too far"));
        cases.push(warns);
        let causes = causes(&cases);
        let found: Vec<_> = causes
            .iter()
            .map(|cause| (&*cause.what, cause.outcome, cause.cases.len(), cause.forms.len()))
            .collect();
        assert_eq!(
            found,
            [
                ("device error: no-end SES-3", Outcome::Fail, 174, 2),
                ("device error: body-md5 SES-3", Outcome::Fail, 1, 1),
                ("device warning: range SES-3", Outcome::Warn, 2, 1),
            ]
        );
        assert_eq!(causes[0].forms[0], ("it never reports on …".to_owned(), 116));
        assert_eq!((&*causes[0].cases[0].id, &*causes[0].clearest.id), ("upload/0", "upload/0"));
        let range = causes[2].finding.map(|finding| &*finding.sentence);
        assert_eq!((&*causes[2].clearest.id, range), ("upload/x", Some("8 is one too far")));
    }
}
