//! Which cases to replay.

use std::str::FromStr;

use iothub_resource::Profile;

use super::fixture::Case;

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
        cases
            .iter()
            .filter(|case| {
                case.request.profile().is_none_or(|own| self.profile.is_none_or(|p| p == own))
            })
            .filter(|case| {
                self.filters.is_empty() || self.filters.iter().any(|filter| matches(case, filter))
            })
            .enumerate()
            .filter(|(index, _)| self.shard.is_none_or(|shard| shard.takes(*index)))
            .map(|(_, case)| case)
            .collect()
    }
}

/// A requirement's id selects its cases, and not also those with a longer number (`SES-1`,
/// `SES-10`).
fn matches(case: &Case, filter: &str) -> bool {
    let looks_like_a_requirement = filter.split_once('-').is_some_and(|(letters, digits)| {
        letters.len() >= 3
            && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    if looks_like_a_requirement {
        case.requirements.iter().any(|requirement| requirement.eq_ignore_ascii_case(filter))
    } else {
        case.id.contains(filter)
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
