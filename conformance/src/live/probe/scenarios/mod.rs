//! What a platform is asked, and what it has to do.

mod abuse;
mod downloads;
mod transfers;
mod uploads;
mod writing;

use iothub_resource::Profile;

use super::{
    conversation::{Conversation, Need, Stop},
    creates::{Several, Spelling},
    downloads::Download,
    puts::Put,
    reports::Order,
};
use crate::Level;

/// One thing that is tried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scenario {
    /// Stable, never reused.
    pub(crate) id: &'static str,
    /// The requirements it is about, the main one first.
    pub(crate) requirements: &'static [&'static str],
    pub(crate) level: Level,
    /// What it is.
    pub(crate) title: &'static str,
    /// What the platform has to do.
    pub(crate) expected: &'static str,
    /// Why.
    pub(crate) reason: &'static str,
    pub(super) script: Script,
}

/// What the device does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Script {
    /// Uploads a name (a new one where it is empty) of so many bytes.
    Upload(&'static str, usize, Need),
    Announce,
    Spell(Spelling),
    Several(Several),
    Put(Put),
    Report(Order),
    Download(Download),
    Malformed(&'static str),
    MalformedTopics,
    OtherDevice,
    /// Looks at what all scenarios have found about the way in which messages are written.
    Writing(&'static str),
}

/// All scenarios of a profile, in the order in which they are played.
pub(crate) fn all(profile: Profile) -> impl Iterator<Item = &'static Scenario> {
    [
        uploads::UPLOADS,
        transfers::STORE_AND_REPORTS,
        downloads::DOWNLOADS,
        abuse::ABUSE,
        writing::HOW_MESSAGES_ARE_WRITTEN,
    ]
    .into_iter()
    .flatten()
    .filter(move |scenario| scenario.is_in(profile))
}

/// Whether a finding is advice about the way in which messages are written.
pub(super) fn is_writing(code: &str) -> bool {
    writing::HOW_MESSAGES_ARE_WRITTEN
        .iter()
        .any(|scenario| matches!(scenario.script, Script::Writing(other) if other == code))
}

impl Scenario {
    /// Whether there is such a message, or such a reason to refuse one.
    fn is_in(&self, profile: Profile) -> bool {
        match self.script {
            Script::Malformed("unknown-field") => profile == Profile::Documented,
            Script::Report(Order::HundredGoesOn | Order::DoneWithPercent)
            | Script::Spell(Spelling::UnknownKey | Spelling::UpperDigest)
            | Script::Writing("unknown-field" | "uppercase-md5sum") => profile == Profile::Deployed,
            Script::Writing(_) => {
                profile == Profile::Deployed || !self.requirements[0].starts_with("ADV-")
            }
            _ => true,
        }
    }
}

impl Script {
    pub(super) async fn play(self, conversation: &mut Conversation<'_>) -> Result<(), Stop> {
        match self {
            Self::Upload(name, size, need) => conversation.upload_named(name, size, need).await,
            Self::Announce => conversation.announce().await,
            Self::Spell(spelling) => conversation.spell(spelling).await,
            Self::Several(several) => conversation.several(several).await,
            Self::Put(put) => conversation.put_badly(put).await,
            Self::Report(order) => conversation.reports(order).await,
            Self::Download(download) => conversation.download(download).await,
            Self::Malformed(code) => conversation.malformed(code).await,
            Self::MalformedTopics => conversation.malformed_topics().await,
            Self::OtherDevice => conversation.other_device().await,
            Self::Writing(code) => conversation.writing(code).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Fixtures, Request, Verdict};

    #[test]
    fn ids_and_requirements() {
        let fixtures = Fixtures::embedded();
        for profile in Profile::ALL {
            let mut ids = BTreeSet::new();
            for Scenario { id, requirements, level, title, expected, reason, .. } in all(profile) {
                assert!(ids.insert(id), "{id} twice");
                assert!(!title.is_empty() && !expected.is_empty() && !reason.is_empty(), "{id}");
                let main = fixtures.requirement(requirements[0]).expect(id);
                assert!(*level == Level::Should || main.level == Level::Must, "{id}");
                assert!(main.profiles.iter().any(|own| *own == profile.as_str()), "{id}");
                for requirement in *requirements {
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
                .filter_map(|scenario| match scenario.script {
                    Script::Malformed(code) => Some(code.to_owned()),
                    _ => None,
                })
                .collect();
            assert_eq!(tried, codes);
        }
    }
}
