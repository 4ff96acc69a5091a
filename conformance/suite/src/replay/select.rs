//! Selects the cases to replay.

use std::str::FromStr;

use iothub_resource::Profile;

use crate::{
    Case,
    filter::{Filter, NothingSelected},
};

/// The selection of cases. By default, it contains all cases.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Selection {
    /// The filters (see [`Filter`]), of which at least one must match a case. Without filters,
    /// every case matches.
    pub filters: Vec<String>,
    /// The profile, or `None` for both profiles. Cases for operations without a profile belong to
    /// both profiles.
    pub profile: Option<Profile>,
    /// The part of the selected cases to replay, or `None` for all of them.
    pub shard: Option<Shard>,
}

impl Selection {
    /// Returns the selected cases, in the order of `cases`.
    ///
    /// # Errors
    ///
    /// Returns the first filter that selects no case, because such a filter is probably a mistake.
    pub fn select<'c>(&self, cases: &'c [Case]) -> Result<Vec<&'c Case>, NothingSelected> {
        let is_of_profile = |case: &&Case| {
            case.request.profile().is_none_or(|own| self.profile.is_none_or(|p| p == own))
        };
        let selected = Filter::select(&self.filters, cases.iter().collect())?;
        Ok(selected
            .into_iter()
            .filter(is_of_profile)
            .enumerate()
            .filter(|(index, _)| self.shard.is_none_or(|shard| shard.takes(*index)))
            .map(|(_, case)| case)
            .collect())
    }
}

/// One of `count` parts of the cases. `index` counts from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    const fn takes(self, position: usize) -> bool {
        position % self.count == self.index - 1
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shard = text.split_once('/').and_then(|(index, count)| {
            Some(Self { index: index.parse().ok()?, count: count.parse().ok()? })
        });
        shard
            .filter(|Self { index, count }| (1..=*count).contains(index))
            .ok_or_else(|| "a shard must be I/N with I from 1 to N, such as 2/4".to_owned())
    }
}
