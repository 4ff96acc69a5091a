//! `export`: writes the fixtures and schemas for users of other languages.

use std::{io::Write, path::PathBuf};

use clap::{Args, Command};
use clap_complete::Shell;

use super::{
    reference,
    status::{Error, Status},
};
use crate::export;

/// Writes the fixtures, schemas and manuals to a folder
#[derive(Args, Debug)]
#[command(after_help = "\
`fixtures/` contains the fixtures and a README. `schemas/` contains an AsyncAPI document, and JSON \
Schemas for the messages of each profile, for stored results and for transfers in captures. \
`requirements.md` lists each requirement with the number of its cases, and `codes.md` lists each \
code. `command-line.md`, `man/` and `completions/` contain the manual and the shell completions of \
this program.

Examples:
  iothub-conformance export iothub-fixtures
  source iothub-fixtures/completions/iothub-conformance.bash")]
pub(super) struct Export {
    /// A folder that is empty or does not exist yet
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Writes the exported files and the manual of `program`.
pub(super) fn main(
    arguments: &Export,
    program: Command,
    out: &mut dyn Write,
) -> Result<Status, Error> {
    let Export { folder } = arguments;
    let files = export::write(folder, manual(program)?)
        .map_err(|error| Error::File(folder.clone(), error))?;
    writeln!(out, "{files} files in {}", folder.display())?;
    Ok(Status::Passed)
}

/// Returns the names and contents of the manual pages, the shell completions and `command-line.md`.
fn manual(mut command: Command) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut files = Vec::new();
    command.build();
    files.push(("command-line.md".to_owned(), reference::page(&command).into_bytes()));
    let mut commands: Vec<&Command> = vec![&command];
    commands.extend(command.get_subcommands().filter(|command| command.get_name() != "help"));
    for command in commands {
        let name = command.get_display_name().unwrap_or(command.get_name());
        let mut page = Vec::new();
        clap_mangen::Man::new(command.clone()).render(&mut page)?;
        files.push((format!("man/{name}.1"), page));
    }
    for (shell, file) in [
        (Shell::Bash, "iothub-conformance.bash"),
        (Shell::Zsh, "_iothub-conformance"),
        (Shell::Fish, "iothub-conformance.fish"),
        (Shell::PowerShell, "_iothub-conformance.ps1"),
    ] {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut command.clone(), "iothub-conformance", &mut script);
        files.push((format!("completions/{file}"), script));
    }
    Ok(files)
}
