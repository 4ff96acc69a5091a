//! Generates the reference page for the command line, in Markdown, from the argument parser.

use std::fmt::Write as _;

use clap::{Arg, Command};

const HEAD: &str = "\
# Command line

`iothub-conformance export` generates this page from the argument parser. `iothub-conformance COMMAND --help` prints the
same information about one command.

Results go to standard output. Progress, status messages and errors go to standard error. Progress bars appear only on a
terminal. By default, colours also appear only on a terminal. The environment variable `NO_COLOR` turns colours off.
";

/// Returns the page for a program and its commands.
pub(super) fn page(program: &Command) -> String {
    let mut page = HEAD.to_owned();
    section(program, &mut page);
    for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
        section(command, &mut page);
    }
    page
}

fn section(command: &Command, page: &mut String) {
    let is_program = command.has_subcommands();
    let about = command.get_long_about().or_else(|| command.get_about());
    let about = about.map(ToString::to_string).unwrap_or_default();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let _ = writeln!(page, "\n## `{}`", command.get_name());
    paragraphs(&about, page);
    let _ = write!(page, "\n```text\n{usage}\n```\n");
    let arguments: Vec<&Arg> = command
        .get_arguments()
        .filter(|arg| !matches!(arg.get_id().as_str(), "help" | "version"))
        .collect();
    if is_program {
        page.push_str("\nWithout a command, the program accepts the options of `run`.\n");
    } else if !arguments.is_empty() {
        page.push_str("\n| argument | meaning | default |\n| --- | --- | --- |\n");
        for argument in arguments {
            let _ = writeln!(
                page,
                "| `{}` | {} | {} |",
                name(argument),
                cell(&help(argument)),
                defaults(argument)
            );
        }
    }
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    match after.split_once("Examples:\n").or_else(|| after.split_once("Example:\n")) {
        Some((text, examples)) => {
            paragraphs(text, page);
            page.push_str("\n```sh\n");
            for line in examples.lines() {
                let _ = writeln!(page, "{}", line.strip_prefix("  ").unwrap_or(line));
            }
            page.push_str("```\n");
        }
        None => paragraphs(&after, page),
    }
}

fn paragraphs(text: &str, page: &mut String) {
    for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
        let _ = write!(page, "\n{}\n", sentence(paragraph.trim()));
    }
}

/// Returns `text`, followed by a period if `text` has no final punctuation.
fn sentence(text: &str) -> String {
    if text.ends_with(['.', ':', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// Returns an option with the names of its values, for example `--cases <N>`, or an operand in
/// angle brackets, for example `<FILE>`.
fn name(argument: &Arg) -> String {
    let values = argument.get_value_names().unwrap_or_default();
    let values: Vec<String> = values.iter().map(|value| format!("<{value}>")).collect();
    let takes_values = argument.get_action().takes_values();
    match argument.get_long() {
        Some(long) if takes_values => format!("--{long} {}", values.join(" ")),
        Some(long) => format!("--{long}"),
        None => values.join(" "),
    }
}

fn help(argument: &Arg) -> String {
    let help = argument.get_long_help().or_else(|| argument.get_help());
    let mut help = help.map(ToString::to_string).unwrap_or_default();
    let values = argument.get_possible_values();
    let values: Vec<String> =
        values.iter().map(|value| format!("`{}`", value.get_name())).collect();
    if argument.get_action().takes_values() && !values.is_empty() {
        let _ = write!(help, ": {}", values.join(", "));
    }
    sentence(&help)
}

fn defaults(argument: &Arg) -> String {
    let values = argument.get_default_values().iter();
    let values: Vec<String> =
        values.map(|value| format!("`{}`", value.to_string_lossy())).collect();
    if argument.get_action().takes_values() { values.join(", ") } else { String::new() }
}

/// Returns `text`, escaped for a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
