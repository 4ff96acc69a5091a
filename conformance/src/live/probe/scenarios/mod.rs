//! What a platform is asked, and what it has to do.

mod abuse;
mod downloads;
mod transfers;
mod uploads;
mod writing;

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

/// All scenarios, in the order in which they are played.
pub(crate) fn all() -> impl Iterator<Item = &'static Scenario> {
    [
        uploads::UPLOADS,
        transfers::STORE_AND_REPORTS,
        downloads::DOWNLOADS,
        abuse::ABUSE,
        writing::HOW_MESSAGES_ARE_WRITTEN,
    ]
    .into_iter()
    .flatten()
}

/// Whether a finding is advice about the way in which messages are written.
pub(super) fn is_writing(code: &str) -> bool {
    writing::HOW_MESSAGES_ARE_WRITTEN
        .iter()
        .any(|scenario| matches!(scenario.script, Script::Writing(other) if other == code))
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
        let mut ids = BTreeSet::new();
        for Scenario { id, requirements, level, title, expected, reason, .. } in all() {
            assert!(ids.insert(id), "{id} twice");
            assert!(!title.is_empty() && !expected.is_empty() && !reason.is_empty(), "{id}");
            for requirement in *requirements {
                assert!(fixtures.requirement(requirement).is_some(), "{id}: {requirement}");
            }
            let main = fixtures.requirement(requirements[0]).expect("it was found");
            assert!(*level == Level::Should || main.level == Level::Must, "{id}");
        }
    }

    #[test]
    fn every_code_of_the_fixtures_is_tried() {
        let codes: BTreeSet<_> = Fixtures::embedded()
            .cases
            .into_iter()
            .filter_map(|case| match (case.request, case.verdict) {
                (
                    Request::Decode {
                        profile: iothub_resource::Profile::Deployed,
                        direction: iothub_resource::Direction::Up,
                        ..
                    },
                    Verdict::Reject { code, .. },
                ) => Some(code),
                _ => None,
            })
            .collect();
        let tried: BTreeSet<_> = all()
            .filter_map(|scenario| match scenario.script {
                Script::Malformed(code) => Some(code.to_owned()),
                _ => None,
            })
            .collect();
        assert_eq!(tried, codes);
    }
}
