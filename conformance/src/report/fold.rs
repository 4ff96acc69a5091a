//! Folds repeated findings, so that each fault is shown once with its lines.

use std::collections::HashMap;

use crate::{
    Level,
    result::{Finding, Side},
};

/// The maximum number of lines or packets that are listed for a finding.
const NAMED: usize = 3;
/// The maximum number of different findings that are kept.
const MOST: usize = 2_000;
/// Codes that concern the installation rather than one message. Findings with these codes are
/// folded across all devices.
const OF_THE_CAPTURE: [&str; 2] = ["plain-http", "url-for-devices"];

/// Findings with the same code, level, side, topic and reason. For a code that concerns the
/// installation, the topics may differ.
#[derive(Debug)]
pub struct Fold {
    /// The first finding of the group.
    pub finding: Finding,
    lines: Vec<usize>,
    count: usize,
}

/// The relation of a finding to earlier findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a finding is new or not")]
pub enum Folded {
    /// The finding differs from all earlier findings.
    New,
    /// The finding repeats the finding at this line or in this packet.
    Again(usize),
    /// The finding differs from all kept findings, but it is not kept, because the limit has been
    /// reached.
    NotKept,
}

/// The findings so far, with repeated findings folded. The number of kept findings is limited.
#[derive(Debug, Default)]
pub struct Folds {
    folds: Vec<Fold>,
    by_key: HashMap<Key, usize>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    code: String,
    level: Level,
    side: Side,
    topic: String,
    reason: String,
}

impl Folds {
    /// Returns an empty list of folds.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the folds of a complete list of findings.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let mut folds = Self::new();
        for finding in findings {
            folds.add(finding);
        }
        folds
    }

    /// Adds the next finding and returns its relation to earlier findings.
    pub fn add(&mut self, finding: &Finding) -> Folded {
        let key = Key::of(finding);
        if let Some(fold) = self.by_key.get(&key).and_then(|index| self.folds.get_mut(*index)) {
            fold.count += 1;
            if fold.lines.len() < NAMED && fold.lines.last() != Some(&finding.line) {
                fold.lines.push(finding.line);
            }
            return Folded::Again(fold.finding.line);
        }
        if self.folds.len() >= MOST {
            return Folded::NotKept;
        }
        self.by_key.insert(key, self.folds.len());
        self.folds.push(Fold { finding: finding.clone(), lines: vec![finding.line], count: 1 });
        Folded::New
    }

    /// Returns the different findings, in the order of their first lines.
    pub fn iter(&self) -> impl Iterator<Item = &Fold> {
        self.folds.iter()
    }
}

impl Fold {
    /// Returns the lines or packets of the finding, for example `lines 4, 9 and 12 more`. `unit` is
    /// `line` or `packet`.
    #[must_use]
    pub fn place(&self, unit: &str) -> String {
        let Self { lines, count, .. } = self;
        let named: Vec<String> = lines.iter().map(usize::to_string).collect();
        match (count - named.len(), named.as_slice()) {
            (0, [only]) => format!("{unit} {only}"),
            (0, [begin @ .., last]) => format!("{unit}s {} and {last}", begin.join(", ")),
            (more, _) => format!("{unit}s {} and {more} more", named.join(", ")),
        }
    }
}

impl Key {
    fn of(finding: &Finding) -> Self {
        let Finding { code, level, side, topic, sentence, .. } = finding;
        let is_of_the_capture = OF_THE_CAPTURE.contains(&&**code);
        // Sentences that differ only in their numbers count as the same reason.
        let reason = |sentence: &str| sentence.replace(|c: char| c.is_ascii_digit(), "");
        Self {
            code: code.clone().into_owned(),
            level: *level,
            side: *side,
            topic: if is_of_the_capture { String::new() } else { topic.clone() },
            reason: reason(sentence),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(line: usize, code: &'static str, topic: &str, sentence: &str) -> Finding {
        Finding::new(line, code, Level::Must, "VAL-5", sentence.to_owned())
            .against(Side::Device)
            .on(topic.to_owned())
    }

    #[test]
    fn the_same_fault_is_told_once() {
        let mut folds = Folds::new();
        for line in [4, 9, 12, 30, 31] {
            folds.add(&finding(line, "out-of-range", "a", &format!("{line}00 is too much")));
        }
        assert_eq!(folds.add(&finding(5, "out-of-range", "b", "100 is too much")), Folded::New);
        folds.add(&finding(6, "out-of-range", "a", "less than nothing"));
        folds.add(&finding(7, "plain-http", "a", "one"));
        assert_eq!(folds.add(&finding(8, "plain-http", "b", "one")), Folded::Again(7));
        let places: Vec<_> = folds.iter().map(|fold| fold.place("line")).collect();
        assert_eq!(places, ["lines 4, 9, 12 and 2 more", "line 5", "line 6", "lines 7 and 8"]);
    }
}
