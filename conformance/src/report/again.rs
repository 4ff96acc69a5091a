//! Compares the causes of a result with those of an earlier result.

use std::{
    collections::HashSet,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};

use crate::{
    Outcome,
    excerpt::{counted, printable},
    result::{Cause, StoredCase, StoredResult, causes},
};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Writes the causes of an earlier result that are fixed, the causes that are still there, and the
/// new causes. Then writes how many cases were run again and how many of them pass. Cases of the
/// earlier result that were not run again are ignored.
///
/// # Errors
///
/// Returns an error if `out` cannot be written.
pub fn show_again(
    earlier: &StoredResult,
    now: &StoredResult,
    out: &mut dyn Write,
) -> io::Result<()> {
    let ids: HashSet<&str> = now.cases.iter().map(|case| &*case.id).collect();
    let was_played = |case: &&StoredCase| ids.contains(&*case.id);
    let before: Vec<StoredCase> = earlier.cases.iter().filter(was_played).cloned().collect();
    let (before, after) = (causes(&before), causes(&now.cases));
    let noun = if now.command == "run" { "case" } else { "scenario" };
    let find = |among: &[Cause<'_>], what: &str| among.iter().position(|cause| cause.what == what);

    writeln!(out)?;
    for cause in before.iter().filter(|cause| find(&after, &cause.what).is_none()) {
        let of = counted(cause.cases.len(), noun);
        show("fixed", AnsiColor::Green, cause, &of, out)?;
    }
    for cause in &after {
        let count = cause.cases.len();
        match find(&before, &cause.what) {
            Some(index) => {
                let was = before[index].cases.len();
                let of = if was == count {
                    counted(count, noun)
                } else {
                    format!("{}, previously {was}", counted(count, noun))
                };
                show("still there", AnsiColor::Yellow, cause, &of, out)?;
            }
            None => show("new", AnsiColor::Red, cause, &counted(count, noun), out)?,
        }
    }
    let passes = now.total(Outcome::Pass);
    let played = counted(now.cases.len(), noun);
    writeln!(out, "{BOLD}run again{BOLD:#}: {played}, {passes} of them pass now")
}

fn show(
    word: &str,
    color: AnsiColor,
    cause: &Cause<'_>,
    of: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let style = color.on_default();
    let (what, first) = (printable(&cause.what), printable(&cause.clearest.id));
    writeln!(out, "{style}{word}{style:#}: {what} {DIM}({of}, for example {first}){DIM:#}")
}
