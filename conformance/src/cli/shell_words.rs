//! Splits the commands in the values of options.

use super::status::Error;

/// Returns the words of the command in an option, split as a shell would split them. Returns an
/// error if the command is empty, or contains an open quote or an unquoted shell operator.
pub(super) fn split(option: &str, command: &str) -> Result<Vec<String>, Error> {
    if let Some(operator) = operator(command) {
        return Err(Error::Usage(format!(
            "{option}: no shell runs the command, so `{operator}` would be an argument: start a \
             shell yourself, for example {option} {}",
            shlex::try_join(["sh", "-c", command])
                .and_then(|inner| shlex::try_quote(&inner).map(String::from))
                .unwrap_or_default()
        )));
    }
    shlex::split(command).filter(|words| !words.is_empty()).ok_or_else(|| {
        Error::Usage(format!(
            "{option}: `{command}` is not a command, because it is empty or a quote is open: \
             expected a command, for example {option} 'python3 adapter.py'"
        ))
    })
}

/// Returns the first unquoted word that only a shell would interpret, such as `|`, or `None` if
/// there is no such word.
fn operator(command: &str) -> Option<&str> {
    const OPERATORS: [&str; 8] = ["|", "||", "&&", "&", ";", ">", "<", "2>&1"];
    let (mut quote, mut start) = (None, 0);
    let mut words = Vec::new();
    for (at, c) in command.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c.is_ascii_whitespace() => {
                words.push(&command[start..at]);
                start = at + 1;
            }
            None => {}
        }
    }
    words.push(&command[start..]);
    words.into_iter().find(|word| OPERATORS.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_a_shell_understands() {
        assert_eq!(operator("a | b"), Some("|"));
        assert_eq!(operator("a 2>&1"), Some("2>&1"));
        assert_eq!(operator("grep '|' \"a | b\" x|y"), None);
        let error = split("--testee", "a 'x y' | b").unwrap_err().to_string();
        assert!(error.contains("sh -c"), "{error}");
        let (_, example) = error.split_once("for example --testee ").unwrap();
        let words = shlex::split(&shlex::split(example).unwrap()[0]).unwrap();
        assert_eq!(words, ["sh", "-c", "a 'x y' | b"]);
    }
}
