//! Groups cases by the sections of the specification.

use std::collections::BTreeMap;

use super::StoredCase;
use crate::{Outcome, Requirement};

/// A section of the specification with its requirements.
pub(super) struct Group<'r> {
    pub(super) section: &'r str,
    ids: Vec<&'r str>,
}

impl Group<'_> {
    /// Returns the first and the last requirement of the section, for example `SES-1 to SES-12`, or
    /// an empty string if the section has no requirements.
    pub(super) fn span(&self) -> String {
        match (self.ids.first(), self.ids.last()) {
            (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
            (Some(first), _) => (*first).to_owned(),
            _ => String::new(),
        }
    }
}

/// The sections in the order of the specification, followed by a section for cases without a
/// requirement.
pub(super) struct Groups<'r>(pub(super) Vec<Group<'r>>);

impl<'r> Groups<'r> {
    pub(super) fn of(requirements: &'r [Requirement]) -> Self {
        let mut groups: Vec<Group<'r>> = Vec::new();
        for requirement in requirements {
            match groups.last_mut() {
                Some(group) if group.section == requirement.section => {
                    group.ids.push(&requirement.id);
                }
                _ => {
                    groups.push(Group { section: &requirement.section, ids: vec![&requirement.id] })
                }
            }
        }
        groups.push(Group { section: "Others", ids: Vec::new() });
        Self(groups)
    }

    /// Returns the number of cases with each outcome, for each section.
    pub(super) fn count(&self, cases: &[StoredCase]) -> Vec<BTreeMap<Outcome, usize>> {
        let mut counts = vec![BTreeMap::new(); self.0.len()];
        for case in cases {
            let shown = case.shown_requirements();
            let section = self.index(shown.first().copied().unwrap_or_default());
            *counts[section].entry(case.outcome).or_default() += 1;
        }
        counts
    }

    /// Returns the index of the section with this requirement, or of the last section if no section
    /// contains it.
    pub(super) fn index(&self, requirement: &str) -> usize {
        let others = self.0.len() - 1;
        self.0.iter().position(|group| group.ids.contains(&requirement)).unwrap_or(others)
    }
}
