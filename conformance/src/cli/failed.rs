//! `--failed`: repeats only the cases or scenarios that did not pass.

use std::{
    collections::HashSet,
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;

use super::{output::say, report::read, status::Error};
use crate::{
    Listed, Outcome,
    excerpt::counted,
    report::{StoredCase, StoredResult, show_again},
};

/// The option that names an earlier result of the same command
#[derive(Args, Debug)]
pub(super) struct FailedArguments {
    /// Run only the cases or scenarios that did not pass in this stored result. Afterwards, the
    /// command prints which causes are fixed, still there or new
    #[arg(long, value_name = "RESULT")]
    failed: Option<PathBuf>,
}

/// An earlier result of the same command, in which at least one case or scenario did not pass.
pub(super) struct Earlier {
    path: PathBuf,
    result: StoredResult,
    ids: Vec<String>,
}

impl FailedArguments {
    /// Reads the earlier result, or returns `None` without `--failed`.
    pub(super) fn read(&self, command: &str) -> Result<Option<Earlier>, Error> {
        let Some(path) = &self.failed else { return Ok(None) };
        let usage = |why: String| Err(Error::Usage(format!("--failed {}: {why}", path.display())));
        let result = read(path)?;
        if result.command != command {
            return usage(format!(
                "it is a result of `{other}`, which `{command}` cannot run again: expected a \
                 result that `iothub-conformance {command} --report-json FILE` has written",
                other = result.command
            ));
        }
        // An entry of an expectations file is not a case.
        let failed: Vec<&StoredCase> = result
            .cases
            .iter()
            .filter(|case| !matches!(case.outcome, Outcome::Pass | Outcome::Stale))
            .collect();
        if failed.is_empty() {
            return usage(
                "everything passed in this result, so there is nothing to run again".to_owned(),
            );
        }
        let has_no_findings = |case: &&StoredCase| case.findings.is_empty();
        if command != "run"
            && failed.iter().any(|case| case.outcome.is_failure())
            && failed.iter().all(has_no_findings)
        {
            return usage(
                "an older version wrote this result without the findings that --failed compares: \
                 first run everything with --report-json"
                    .to_owned(),
            );
        }
        let ids = failed.iter().map(|case| case.id.clone()).collect();
        Ok(Some(Earlier { path: path.clone(), result, ids }))
    }
}

impl Earlier {
    /// Returns the ids of the items of `all` that did not pass in the earlier result. Prints at
    /// most five of the ids that are no longer in `all`. Returns an error if none of the ids are in
    /// `all`.
    pub(super) fn among<T: Listed>(&self, what: &str, all: &[T]) -> Result<Failed, Error> {
        let Self { path, result, ids } = self;
        let known: HashSet<&str> = all.iter().map(Listed::id).collect();
        let (known, unknown): (Vec<&String>, Vec<&String>) =
            ids.iter().partition(|id| known.contains(id.as_str()));
        if !unknown.is_empty() {
            const NAMED: usize = 5;
            let names = unknown.iter().take(NAMED).map(|id| &***id).collect::<Vec<_>>().join(", ");
            let more = if unknown.len() > NAMED { ", …" } else { "" };
            let made = result.invocation.as_ref().map_or_else(String::new, |invocation| {
                format!("; the command was `{}`", invocation.command_line)
            });
            let path = path.display();
            let why = format!(
                "--failed {path}: of {} that did not pass in this result, {} unknown to this \
                 command: {names}{more}{made}",
                counted(ids.len(), what),
                is_or_are(unknown.len())
            );
            if known.is_empty() {
                return Err(Error::Usage(why));
            }
            say(why);
        }
        Ok(Failed(known.into_iter().cloned().collect()))
    }

    /// Writes the causes that are fixed, still there or new.
    pub(super) fn show_changes(&self, now: &StoredResult, out: &mut dyn Write) -> io::Result<()> {
        show_again(&self.result, now, out)
    }
}

fn is_or_are(count: usize) -> String {
    if count == 1 { "1 is".to_owned() } else { format!("{count} are") }
}

/// The ids of the cases or scenarios that did not pass.
pub(super) struct Failed(HashSet<String>);

impl Failed {
    /// Keeps only the items that did not pass. Returns an error if no items remain.
    pub(super) fn keep<T: Listed>(&self, items: &mut Vec<T>) -> Result<(), Error> {
        items.retain(|item| self.0.contains(item.id()));
        if items.is_empty() {
            return Err(Error::Usage(
                "the other options select none of the cases that did not pass in the result of \
                --failed: omit these options"
                    .to_owned(),
            ));
        }
        Ok(())
    }
}
