//! Which cases to replay.

use std::str::FromStr;

use iothub_resource::Profile;

use crate::case::Case;

/// Which cases to replay. By default, all.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Selection {
    /// Parts of a case id, or requirement ids. A case needs to match one of them.
    pub filters: Vec<String>,
    /// Only this profile. Cases of operations without a profile are in both.
    pub profile: Option<Profile>,
    /// Only this part of what is left.
    pub shard: Option<Shard>,
}

impl Selection {
    /// The selected ones of `cases`, in their order.
    pub fn of<'c>(&self, cases: &'c [Case]) -> Vec<&'c Case> {
        let filters: Vec<_> = self.filters.iter().map(|text| Filter::new(text, cases)).collect();
        cases
            .iter()
            .filter(|case| {
                case.request.profile().is_none_or(|own| self.profile.is_none_or(|p| p == own))
            })
            .filter(|case| filters.is_empty() || filters.iter().any(|filter| filter.takes(case)))
            .enumerate()
            .filter(|(index, _)| self.shard.is_none_or(|shard| shard.takes(*index)))
            .map(|(_, case)| case)
            .collect()
    }

    /// The first filter that matches no case at all, which is a mistake.
    #[must_use]
    pub fn idle_filter(&self, cases: &[Case]) -> Option<&str> {
        let idle = |text: &&String| {
            let filter = Filter::new(text, cases);
            !cases.iter().any(|case| filter.takes(case))
        };
        self.filters.iter().find(idle).map(String::as_str)
    }
}

/// What a filter stands for.
enum Filter<'f> {
    /// The id of a requirement selects its cases, and not also those of one with a longer number
    /// (`SES-1`, `SES-10`).
    Requirement(&'f str),
    /// Anything else is a part of case ids.
    Text(&'f str),
}

impl<'f> Filter<'f> {
    fn new(filter: &'f str, cases: &[Case]) -> Self {
        let requirement = Self::Requirement(filter);
        if cases.iter().any(|case| requirement.takes(case)) {
            requirement
        } else {
            Self::Text(filter)
        }
    }

    fn takes(&self, case: &Case) -> bool {
        match *self {
            Self::Requirement(id) => case.is_about(id),
            Self::Text(text) => case.id.contains(text),
        }
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
