//! Finds the report from a sanitizer in the output of a device.

use iothub_conformance_suite::excerpt::one_line;

/// The maximum number of bytes that are read from a line. The first line of a report does not
/// exceed this limit.
const LONGEST_LINE: usize = 2048;
/// The maximum number of bytes that are shown from a line.
const LONGEST_SHOWN: usize = 300;

/// The beginnings of Valgrind's reports, after `==PID== `.
const VALGRIND: [&str; 12] = [
    "Invalid read of size ",
    "Invalid write of size ",
    "Invalid free()",
    "Mismatched free()",
    "Conditional jump or move depends on uninitialised value(s)",
    "Use of uninitialised value of size ",
    "Syscall param ",
    "Source and destination overlap in ",
    "Jump to the invalid address ",
    "Argument '",
    "Possible data race during ",
    "Process terminating with default action of signal ",
];
/// The signals that indicate a fault of the program. Any other signal comes from outside.
const OF_A_MISTAKE: [&str; 5] = ["(SIGILL)", "(SIGABRT)", "(SIGBUS)", "(SIGFPE)", "(SIGSEGV)"];

/// The first report from a sanitizer or from Valgrind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SanitizerReport {
    tool: Tool,
    /// The first line of the report.
    line: String,
    /// Whether this report or a later report has ended the program.
    ends_the_program: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Address,
    Leak,
    Memory,
    Thread,
    UndefinedBehavior,
    Valgrind,
}

impl Tool {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "AddressSanitizer",
            Self::Leak => "LeakSanitizer",
            Self::Memory => "MemorySanitizer",
            Self::Thread => "ThreadSanitizer",
            Self::UndefinedBehavior => "UndefinedBehaviorSanitizer",
            Self::Valgrind => "Valgrind",
        }
    }

    /// Returns the tool whose report begins with this line; `None` if no report begins with it.
    fn of(line: &str) -> Option<Self> {
        if line.contains("==ERROR: AddressSanitizer: ") {
            return Some(Self::Address);
        }
        if line.contains("==ERROR: LeakSanitizer: ") {
            return Some(Self::Leak);
        }
        if line.contains("==WARNING: MemorySanitizer: ") {
            return Some(Self::Memory);
        }
        if line.contains("WARNING: ThreadSanitizer: ") {
            return Some(Self::Thread);
        }
        if line.split_once(": runtime error: ").is_some_and(|(place, _)| is_place(place)) {
            return Some(Self::UndefinedBehavior);
        }
        after_pid(line).is_some_and(is_of_valgrind).then_some(Self::Valgrind)
    }
}

/// Returns whether a text ends with a line number and a column number. Without these numbers, the
/// text is not from a sanitizer. For example, Go programs print `panic: runtime error:`.
fn is_place(text: &str) -> bool {
    let is_number = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let mut parts = text.rsplit(':');
    is_number(parts.next()) && is_number(parts.next()) && parts.next().is_some()
}

/// Returns the text after `==PID== `; `None` for a line without this prefix.
fn after_pid(line: &str) -> Option<&str> {
    let (pid, rest) = line.trim_start().strip_prefix("==")?.split_once("== ")?;
    pid.bytes().all(|byte| byte.is_ascii_digit()).then_some(rest)
}

fn is_of_valgrind(rest: &str) -> bool {
    let is_from_outside = rest.starts_with("Process terminating")
        && !OF_A_MISTAKE.iter().any(|signal| rest.contains(signal));
    rest.contains(" are definitely lost in loss record ")
        || VALGRIND.iter().any(|beginning| rest.starts_with(beginning)) && !is_from_outside
}

impl SanitizerReport {
    fn of(line: &[u8]) -> Option<Self> {
        let line = String::from_utf8_lossy(line);
        let tool = Tool::of(&line)?;
        let ends_the_program = matches!(tool, Tool::Address | Tool::Memory);
        Some(Self { tool, line: one_line(line.trim(), LONGEST_SHOWN), ends_the_program })
    }

    /// Returns this report, which then also records whether `later` has ended the program. For
    /// example, UndefinedBehaviorSanitizer reports a division by zero, and then AddressSanitizer
    /// ends the program.
    pub(super) fn before(self, later: &Self) -> Self {
        Self { ends_the_program: self.ends_the_program || later.ends_the_program, ..self }
    }

    /// Returns the sentence of the finding about this report.
    pub(super) fn sentence(&self) -> String {
        format!("its output contains a report from {}: {}", self.tool.as_str(), self.line)
    }

    /// Returns whether the tool has ended the program because of a report.
    pub(super) const fn ends_the_program(&self) -> bool {
        self.ends_the_program
    }
}

/// A reader that searches one stream of output for reports, line by line.
#[derive(Default)]
pub(super) struct ReportFinder {
    line: Vec<u8>,
}

impl ReportFinder {
    /// Adds bytes of the output. Returns the first report whose first line these bytes complete;
    /// `None` if there is no such report.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Option<SanitizerReport> {
        let mut found: Option<SanitizerReport> = None;
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = LONGEST_LINE.saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            if part.ends_with(b"\n") {
                let report = SanitizerReport::of(&self.line);
                found = match (found, report) {
                    (Some(first), Some(later)) => Some(first.before(&later)),
                    (found, report) => found.or(report),
                };
                self.line.clear();
            }
        }
        found
    }

    /// Returns the report in a last line without a line end; `None` if there is no such report.
    pub(super) fn end(&mut self) -> Option<SanitizerReport> {
        SanitizerReport::of(&std::mem::take(&mut self.line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = include_str!("../../../tests/it/live/sanitizers/address.txt");
    const UNDEFINED: &str = include_str!("../../../tests/it/live/sanitizers/undefined.txt");
    const LEAK: &str = include_str!("../../../tests/it/live/sanitizers/leak.txt");
    const VALGRIND: &str = include_str!("../../../tests/it/live/sanitizers/valgrind.txt");

    fn found(output: &str, chunk: usize) -> Option<String> {
        let mut finder = ReportFinder::default();
        let mut found = None;
        for bytes in output.as_bytes().chunks(chunk) {
            found = found.or_else(|| finder.add(bytes));
        }
        found.or_else(|| finder.end()).map(|report| report.sentence())
    }

    #[test]
    fn the_first_line_of_a_report_is_found() {
        for (output, said) in [
            (
                ADDRESS,
                "AddressSanitizer: ==8849==ERROR: AddressSanitizer: heap-buffer-overflow on address \
                 0x602000000015 at pc 0x7fe471648061 bp 0x7ffe67fc6bf0 sp 0x7ffe67fc63a0",
            ),
            (
                UNDEFINED,
                "UndefinedBehaviorSanitizer: ubsan.c:3:55: runtime error: signed integer overflow: \
                 42949673 * 100 cannot be represented in type 'int'",
            ),
            (LEAK, "LeakSanitizer: ==8863==ERROR: LeakSanitizer: detected memory leaks"),
            (VALGRIND, "Valgrind: ==8872== Invalid write of size 8"),
            (
                "==7== 5 bytes in 1 blocks are definitely lost in loss record 1 of 1",
                "Valgrind: ==7== 5 bytes in 1 blocks are definitely lost in loss record 1 of 1",
            ),
            (
                "==7== Process terminating with default action of signal 8 (SIGFPE)\n",
                "Valgrind: ==7== Process terminating with default action of signal 8 (SIGFPE)",
            ),
        ] {
            let said = format!("its output contains a report from {said}");
            for chunk in [1, 7, 4096] {
                let output = format!("connected\n{output}");
                assert_eq!(found(&output, chunk).as_deref(), Some(&*said), "{chunk}");
            }
        }
    }

    #[test]
    fn what_only_resembles_a_report_is_none() {
        let nothing_found = "\
==9== Memcheck, a memory error detector
==9== HEAP SUMMARY:
==9== All heap blocks were freed -- no leaks are possible
==9==    definitely lost: 0 bytes in 0 blocks
==9== 272 bytes in 1 blocks are possibly lost in loss record 1 of 1
==9== ERROR SUMMARY: 0 errors from 0 contexts (suppressed: 0 from 0)
";
        for output in [
            nothing_found,
            "panic: runtime error: index out of range [5] with length 3",
            "==9== Process terminating with default action of signal 15 (SIGTERM)",
            "INF|MQTT error: 12:30: runtime error code 4",
            "built with AddressSanitizer: yes",
            "==x== Invalid read of size 4",
        ] {
            assert_eq!(found(output, 4096), None, "{output}");
        }
        let long = format!("{} a.c:1:2: runtime error: x", "y".repeat(1 << 20));
        assert_eq!(found(&long, 4096), None);
    }
}
