//! The data of the scenarios for a platform.

use iothub_resource::Profile;

use super::{
    bad_uploads::BadUpload,
    conversation::Conversation,
    creates::{CreateSequence, CreateSpelling},
    downloads::DownloadCheck,
    hearing::{AnswerNeed, Stop},
    reports::{MisplacedReport, ReportSequence},
};
use iothub_conformance_suite::Level;

/// A scenario for a platform.
pub type Scenario = crate::Scenario<PlatformPlan>;

/// The plan of a scenario: the actions of the device.
#[derive(Clone, Copy, Debug)]
pub struct PlatformPlan(pub(super) Script);

/// A row of the tables, from which a [`Scenario`] is created.
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) requirements: &'static [&'static str],
    pub(super) level: Level,
    pub(super) title: &'static str,
    pub(super) expected: &'static str,
    pub(super) reason: &'static str,
    pub(super) script: Script,
}

impl From<&Row> for Scenario {
    fn from(row: &Row) -> Self {
        Self {
            id: row.id.to_owned(),
            requirements: row.requirements.iter().map(|&id| id.to_owned()).collect(),
            level: row.level,
            title: row.title.to_owned(),
            expected: row.expected.to_owned(),
            reason: row.reason.to_owned(),
            plan: PlatformPlan(row.script),
        }
    }
}

/// The actions of the device in one scenario.
#[derive(Clone, Copy, Debug)]
pub(super) enum Script {
    Upload {
        /// The name of the resource; empty for a new name.
        name: &'static str,
        /// The size of the resource in bytes.
        size: usize,
        need: AnswerNeed,
    },
    Announce,
    Spell(CreateSpelling),
    Several(CreateSequence),
    Put(BadUpload),
    Report(ReportSequence),
    MisplacedReport(MisplacedReport),
    Download(DownloadCheck),
    Malformed(&'static str),
    MalformedTopics,
    OtherDevice,
    OwnDownTopic,
    /// Evaluates the advice with this code from all scenarios.
    Writing(&'static str),
}

impl Row {
    /// Returns whether the scenario applies to the profile.
    pub(super) fn is_in(&self, profile: Profile) -> bool {
        match self.script {
            Script::Malformed("unknown-field") => profile == Profile::Documented,
            Script::Report(ReportSequence::HundredGoesOn | ReportSequence::DoneWithPercent)
            | Script::Spell(CreateSpelling::UnknownKey | CreateSpelling::UpperDigest)
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
            Self::Upload { name, size, need } => conversation.upload_named(name, size, need).await,
            Self::Announce => conversation.announce().await,
            Self::Spell(spelling) => conversation.spell(spelling).await,
            Self::Several(several) => conversation.several(several).await,
            Self::Put(put) => conversation.put_badly(put).await,
            Self::Report(order) => conversation.reports(order).await,
            Self::MisplacedReport(report) => conversation.misplaced_report(report).await,
            Self::Download(download) => conversation.download(download).await,
            Self::Malformed(code) => conversation.malformed(code).await,
            Self::MalformedTopics => conversation.malformed_topics().await,
            Self::OtherDevice => conversation.other_device().await,
            Self::OwnDownTopic => conversation.own_down_topic().await,
            Self::Writing(code) => conversation.writing(code).await,
        }
    }
}
