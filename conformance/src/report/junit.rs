//! Writes JUnit XML according to the schema that Jenkins published and most CI servers accept.

use std::io::{self, Write};

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::{Finding, StoredCase, StoredResult, findings::by_side};
use crate::{
    Level, Outcome,
    excerpt::{counted, printable},
    result::{Cause, Invocation, causes},
};

/// Writes a test suite for each result.
pub(super) fn write(results: &[StoredResult], out: &mut dyn Write) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suites: Vec<Suite<'_>> = results.iter().map(Suite::of).collect();
    let mut totals = Counts::default();
    for suite in &suites {
        totals.add(&suite.counts);
    }
    let root = totals.into_start("testsuites", env!("CARGO_PKG_NAME"), false);
    xml.write_event(Event::Start(root))?;
    for suite in suites {
        let Suite { name, counts, tests, invocation, found } = suite;
        let mut start = counts.into_start("testsuite", &name, true);
        if let Some(invocation) = invocation {
            // The schema permits no time zone.
            let started = printable(invocation.started.trim_end_matches('Z'));
            start.push_attribute(("timestamp", &*started));
        }
        xml.write_event(Event::Start(start))?;
        write_properties(invocation, &mut xml)?;
        for test in tests {
            test.write(&mut xml)?;
        }
        if !found.is_empty() {
            xml.write_event(Event::Start(BytesStart::new("system-out")))?;
            xml.write_event(Event::Text(BytesText::new(&printable(&found))))?;
            xml.write_event(Event::End(BytesEnd::new("system-out")))?;
        }
        xml.write_event(Event::End(BytesEnd::new("testsuite")))?;
    }
    xml.write_event(Event::End(BytesEnd::new("testsuites")))?;
    writeln!(xml.into_inner())
}

struct Suite<'r> {
    name: String,
    counts: Counts,
    tests: Vec<Test<'r>>,
    invocation: Option<&'r Invocation>,
    /// The text for `system-out`: notes and causes, one on each line.
    found: String,
}

/// Writes the facts about the run, such as the command and the seed, as properties.
fn write_properties(
    invocation: Option<&Invocation>,
    xml: &mut Writer<&mut dyn Write>,
) -> io::Result<()> {
    let Some(invocation) = invocation else { return Ok(()) };
    xml.write_event(Event::Start(BytesStart::new("properties")))?;
    for (name, fact) in invocation.facts() {
        let mut property = BytesStart::new("property");
        property.push_attribute(("name", name));
        property.push_attribute(("value", &*printable(&fact)));
        xml.write_event(Event::Empty(property))?;
    }
    xml.write_event(Event::End(BytesEnd::new("properties")))
}

/// Returns the notes about failed cases on which all other cases depend, and then a line for each
/// cause.
fn found(result: &StoredResult) -> String {
    let line = |cause: &Cause<'_>| {
        let Cause { outcome, what, cases, .. } = cause;
        format!("{} {outcome}: {what}", counted(cases.len(), "case"))
    };
    let causes = causes(&result.cases);
    result.basis_notes().chain(causes.iter().map(line)).collect::<Vec<_>>().join("\n")
}

impl<'r> Suite<'r> {
    fn of(result: &'r StoredResult) -> Self {
        let mut tests: Vec<Test<'r>> = result.cases.iter().map(Test::of_case).collect();
        if result.command == "lint" {
            tests.extend(Test::of_capture(result));
        }
        let mut counts = Counts::default();
        for test in &tests {
            counts.count(test);
        }
        let (invocation, found) = (result.invocation.as_ref(), found(result));
        Self { name: printable(&result.subject_line()), counts, tests, invocation, found }
    }
}

#[derive(Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    seconds: f64,
}

impl Counts {
    fn count(&mut self, test: &Test<'_>) {
        self.tests += 1;
        self.seconds += test.seconds.unwrap_or_default();
        match test.kind {
            Kind::Passed | Kind::Told => {}
            Kind::Failure => self.failures += 1,
            Kind::Error => self.errors += 1,
            Kind::Skipped => self.skipped += 1,
        }
    }

    fn add(&mut self, other: &Self) {
        self.tests += other.tests;
        self.failures += other.failures;
        self.errors += other.errors;
        self.skipped += other.skipped;
        self.seconds += other.seconds;
    }

    fn into_start(
        self,
        element: &'static str,
        name: &str,
        with_skipped: bool,
    ) -> BytesStart<'static> {
        let mut start = BytesStart::new(element);
        start.push_attribute(("name", name));
        for (attribute, count) in
            [("tests", self.tests), ("failures", self.failures), ("errors", self.errors)]
        {
            start.push_attribute((attribute, &*count.to_string()));
        }
        if with_skipped {
            start.push_attribute(("skipped", &*self.skipped.to_string()));
        }
        start.push_attribute(("time", &*seconds(self.seconds)));
        start
    }
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.3}")
}

/// A test case of a JUnit test suite.
struct Test<'r> {
    class: &'r str,
    name: String,
    seconds: Option<f64>,
    kind: Kind,
    /// The outcome or the code, by which CI servers group tests.
    what: &'r str,
    text: String,
}

enum Kind {
    Passed,
    /// The test passed, with a note.
    Told,
    Failure,
    Error,
    Skipped,
}

impl<'r> Test<'r> {
    fn of_case(case: &'r StoredCase) -> Self {
        let kind = match case.outcome {
            Outcome::Pass => Kind::Passed,
            Outcome::Warn => Kind::Told,
            Outcome::Unsupported | Outcome::NotReached | Outcome::Expected => Kind::Skipped,
            Outcome::Fail | Outcome::UnexpectedPass | Outcome::Stale => Kind::Failure,
            Outcome::Crashed | Outcome::TimedOut | Outcome::BadAnswer => Kind::Error,
        };
        let mut text = case.detail.clone();
        for (word, more) in [
            ("expected", &case.expected),
            ("answered", &case.answered),
            ("why", &case.reason),
            ("asked", &case.request),
        ] {
            if !more.is_empty() {
                text += &format!("\n{word}: {more}");
            }
        }
        Self {
            class: case.main_requirement(),
            name: case.id.clone(),
            seconds: case.seconds,
            kind,
            what: case.outcome.as_str(),
            text,
        }
    }

    /// Returns one test for all messages, one for each finding in the result, and one for the
    /// omitted findings, if any.
    fn of_capture(result: &'r StoredResult) -> impl Iterator<Item = Self> {
        let (messages, [must, should]) = result.capture_totals();
        let unit = result.unit();
        let all = Self {
            class: "lint",
            name: counted(messages, "message"),
            seconds: None,
            kind: Kind::Told,
            what: "messages",
            text: totals_in_words(result, must, should),
        };
        let strict = result.strict;
        let left_out = (must + should).saturating_sub(result.findings.len());
        let more = (left_out > 0).then(|| Self {
            class: "lint",
            name: format!("{left_out} more"),
            seconds: None,
            kind: if must > 0 { Kind::Failure } else { Kind::Told },
            what: "more",
            text: format!(
                "{} more; the JSON report contains all of them",
                counted(left_out, "finding")
            ),
        });
        let of_finding = move |finding: &'r Finding| {
            let Finding { line, topic, code, level, side, requirement, .. } = finding;
            let counts = *level == Level::Must || strict;
            Self {
                class: if requirement.is_empty() { "lint" } else { requirement },
                name: format!("{unit} {line}: {side}: {code}"),
                seconds: None,
                kind: if counts { Kind::Failure } else { Kind::Told },
                what: code,
                text: format!("{}\n{topic}", finding.detail()).trim_end().to_owned(),
            }
        };
        [all].into_iter().chain(result.findings.iter().map(of_finding)).chain(more)
    }

    fn write(self, xml: &mut Writer<&mut dyn Write>) -> io::Result<()> {
        let mut start = BytesStart::new("testcase");
        start.push_attribute(("classname", &*printable(self.class)));
        start.push_attribute(("name", &*printable(&self.name)));
        if let Some(time) = self.seconds {
            start.push_attribute(("time", &*seconds(time)));
        }
        let element = match self.kind {
            Kind::Passed => {
                return xml.write_event(Event::Empty(start));
            }
            Kind::Told => "system-out",
            Kind::Failure => "failure",
            Kind::Error => "error",
            Kind::Skipped => "skipped",
        };
        xml.write_event(Event::Start(start))?;
        let text = printable(&self.text);
        let mut inner = BytesStart::new(element);
        if element != "system-out" {
            let what = printable(self.what);
            inner.push_attribute(("type", &*what));
            inner.push_attribute(("message", text.lines().next().unwrap_or(&what)));
        }
        xml.write_event(Event::Start(inner))?;
        xml.write_event(Event::Text(BytesText::new(&text)))?;
        xml.write_event(Event::End(BytesEnd::new(element)))?;
        xml.write_event(Event::End(BytesEnd::new("testcase")))
    }
}
/// Returns the numbers of errors and warnings, in total and for each side, as text.
fn totals_in_words(result: &StoredResult, must: usize, should: usize) -> String {
    let totals = format!("{}, {}", counted(must, "error"), counted(should, "warning"));
    match by_side(&result.finding_counts()) {
        sides if sides.is_empty() => totals,
        sides => format!("{totals}; at fault: {sides}"),
    }
}
