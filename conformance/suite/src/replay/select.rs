//! Which cases to replay.

use std::str::FromStr;

use iothub_resource::Profile;

use crate::{
    Case,
    filter::{Filter, NothingSelected},
};

/// Which cases to replay. By default, all.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Selection {
    /// What a case must match one of; see [`Filter`].
    pub filters: Vec<String>,
    /// Only this profile. Cases of operations without a profile are in both.
    pub profile: Option<Profile>,
    /// Only this part of what is left.
    pub shard: Option<Shard>,
}

impl Selection {
    /// The selected ones of `cases`, in their order.
    ///
    /// # Errors
    ///
    /// The first filter that selects no case, which is a mistake.
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

/// Part `index` of `count`, counting from 1.
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
            .ok_or_else(|| "a shard is I/N with I from 1 to N, such as 2/4".to_owned())
    }
}
