//! Commands in the value of an option.

use super::status::Error;

/// Splits the command in an option into words, as a shell would.
pub(super) fn split(option: &str, command: &str) -> Result<Vec<String>, Error> {
    shlex::split(command).filter(|words| !words.is_empty()).ok_or_else(|| {
        Error::Usage(format!("{option}: `{command}` is not a command: empty, or a quote is open"))
    })
}
