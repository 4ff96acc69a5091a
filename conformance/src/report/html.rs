//! A page in one file.

use std::io::{self, Write};

use super::StoredResult;
use crate::Requirement;

pub(super) fn write(
    _results: &[StoredResult],
    _requirements: &[Requirement],
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out)
}
