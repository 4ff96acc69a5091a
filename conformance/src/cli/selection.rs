//! The arguments of `run` and `list` that select cases.

use std::path::PathBuf;

use clap::Args;
use iothub_resource::Profile;

use super::status::Error;
use crate::{Case, Fixtures, NothingSelected, Selection, Shard};

/// The options that select cases
#[derive(Args, Debug)]
pub(super) struct SelectionArguments {
    /// Select only cases that test this requirement or this section of the specification, or whose
    /// id contains this text. This option may be repeated
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// Select only cases in this profile (documented or deployed) and cases without a profile
    #[arg(long)]
    profile: Option<Profile>,
    /// Use the fixtures in this folder instead of the embedded fixtures
    #[arg(long, value_name = "DIR")]
    fixtures: Option<PathBuf>,
}

impl SelectionArguments {
    pub(super) fn fixtures(&self) -> Result<Fixtures, Error> {
        Ok(match &self.fixtures {
            Some(folder) => Fixtures::from_folder(folder)?,
            None => Fixtures::embedded(),
        })
    }

    /// Returns the requested profile, or `None` for both profiles.
    pub(super) const fn profile(&self) -> Option<Profile> {
        self.profile
    }

    /// Returns the folder of the fixtures, or `None` for the embedded fixtures.
    pub(super) const fn folder(&self) -> &Option<PathBuf> {
        &self.fixtures
    }

    /// Returns the selected cases, or an error if no case is selected.
    pub(super) fn of<'c>(
        &self,
        cases: &'c [Case],
        shard: Option<Shard>,
    ) -> Result<Vec<&'c Case>, Error> {
        let mut selection = Selection::default();
        selection.filters.clone_from(&self.filter);
        selection.profile = self.profile;
        selection.shard = shard;
        let selected =
            selection.select(cases).map_err(|error| nothing_selected("case", "list", &error))?;
        if selected.is_empty() {
            return Err(Error::Usage(
                "the options together select no case: omit one of them".to_owned(),
            ));
        }
        Ok(selected)
    }
}

/// Returns the error for a filter that selects nothing. `what` is `case` or `scenario`, and `list`
/// is the command that lists the cases or scenarios.
pub(super) fn nothing_selected(what: &str, list: &str, error: &NothingSelected) -> Error {
    Error::Usage(format!(
        "no {what} matches --filter {}: `iothub-conformance {list}` shows all of them\n{}",
        error.filter,
        error.what_there_is()
    ))
}
