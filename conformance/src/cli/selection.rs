//! The arguments of `run` and `list` that select cases.

use std::path::PathBuf;

use clap::Args;
use iothub_resource::Profile;

use super::status::Error;
use crate::{Case, Fixtures, Selection, Shard};

/// Which cases
#[derive(Args, Debug)]
pub(super) struct SelectionArguments {
    /// Only cases with this in their id, or of this requirement; may be given several times
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// Only cases of this profile (documented or deployed)
    #[arg(long)]
    profile: Option<Profile>,
    /// Read the fixtures from a folder, instead of those built in
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

    /// The folder to read the fixtures from, if not those built in.
    pub(super) const fn folder(&self) -> &Option<PathBuf> {
        &self.fixtures
    }

    /// The cases to take.
    pub(super) fn of<'c>(
        &self,
        cases: &'c [Case],
        shard: Option<Shard>,
    ) -> Result<Vec<&'c Case>, Error> {
        let mut selection = Selection::default();
        selection.filters.clone_from(&self.filter);
        selection.profile = self.profile;
        selection.shard = shard;
        if let Some(filter) = selection.idle_filter(cases) {
            return Err(Error::Usage(format!(
                "no case matches --filter {filter}; `iothub-conformance list` shows them all"
            )));
        }
        let selected = selection.of(cases);
        if selected.is_empty() {
            return Err(Error::Usage("no case is selected by all of the options".to_owned()));
        }
        Ok(selected)
    }
}
