//! `diff`: prints the changes between two stored results.

use std::{io::Write, path::PathBuf};

use clap::Args;

use super::{
    report::read,
    status::{Error, Status},
};
use crate::report::{Comparison, show_comparison};

/// Compares two stored results and lists what got worse, got better, is new or was removed
#[derive(Args, Debug)]
#[command(after_help = "\
The --report-json option of `run`, `lint`, `device` and `platform` writes a stored result. `diff` \
matches cases by their ids, and findings in captures by their topics, codes, requirements and \
levels.

Exit status: 0 nothing got worse; 1 something got worse; 2 wrong usage, or a file that cannot be \
read

Examples:
  iothub-conformance run --testee ./my-adapter --report-json new.json
  iothub-conformance diff old.json new.json")]
pub(super) struct Diff {
    /// The older stored result
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The newer stored result
    #[arg(value_name = "NEW")]
    new: PathBuf,
}

pub(super) fn main(arguments: &Diff, out: &mut dyn Write) -> Result<Status, Error> {
    let (old, new) = (read(&arguments.old)?, read(&arguments.new)?);
    if old.command != new.command {
        return Err(Error::Usage(format!(
            "a result of `{}` cannot be compared with a result of `{}`",
            old.command, new.command
        )));
    }
    let comparison = Comparison::of(&old, &new);
    show_comparison(&comparison, out)?;
    Ok(if comparison.worse.is_empty() { Status::Passed } else { Status::Failed })
}
