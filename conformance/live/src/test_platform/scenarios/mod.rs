//! The tables of the scenarios for platforms.

mod abuse;
mod downloads;
mod transfers;
mod uploads;
mod writing;

use iothub_resource::Profile;

use super::scenario::{Scenario, Script};

/// Returns all scenarios of a profile, in the order in which they are run.
#[must_use]
pub fn all(profile: Profile) -> Vec<Scenario> {
    let rows = [
        uploads::UPLOADS,
        transfers::STORE_AND_REPORTS,
        downloads::DOWNLOADS,
        abuse::ABUSE,
        writing::HOW_MESSAGES_ARE_WRITTEN,
    ]
    .into_iter()
    .flatten();
    rows.filter(|row| row.is_in(profile)).map(Scenario::from).collect()
}

/// Returns the codes of advice about how messages are written.
pub(super) fn codes_of_writing() -> impl Iterator<Item = &'static str> {
    writing::HOW_MESSAGES_ARE_WRITTEN.iter().filter_map(|row| match row.script {
        Script::Writing(code) => Some(code),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use iothub_conformance_suite::{Fixtures, Level, Request, Verdict};

    #[test]
    fn ids_and_requirements() {
        let fixtures = Fixtures::embedded();
        for profile in Profile::ALL {
            let mut ids = BTreeSet::new();
            for Scenario { id, requirements, level, title, expected, reason, .. } in all(profile) {
                assert!(ids.insert(id.clone()), "{id} twice");
                assert!(!title.is_empty() && !expected.is_empty() && !reason.is_empty(), "{id}");
                let main = fixtures.requirement(&requirements[0]).expect(&id);
                assert!(level == Level::Should || main.level == Level::Must, "{id}");
                assert!(main.profiles.iter().any(|own| *own == profile.as_str()), "{id}");
                for requirement in &requirements {
                    assert!(fixtures.requirement(requirement).is_some(), "{id}: {requirement}");
                }
            }
        }
    }

    #[test]
    fn every_code_of_the_fixtures_is_tried() {
        for profile in Profile::ALL {
            let codes: BTreeSet<_> = Fixtures::embedded()
                .cases
                .into_iter()
                .filter_map(|case| match (case.request, case.verdict) {
                    (
                        Request::Decode {
                            profile: own,
                            direction: iothub_resource::Direction::Up,
                            ..
                        },
                        Verdict::Reject { code, .. },
                    ) if own == profile => Some(code),
                    _ => None,
                })
                .collect();
            let tried: BTreeSet<_> = all(profile)
                .into_iter()
                .filter_map(|scenario| match scenario.plan.0 {
                    Script::Malformed(code) => Some(code.to_owned()),
                    _ => None,
                })
                .collect();
            assert_eq!(tried, codes);
        }
    }
}
