//! What a platform is asked, and what it has to do.

use iothub_resource::Profile;

use super::{
    bad_uploads::BadUpload,
    conversation::{AnswerNeed, Conversation, Stop},
    creates::{CreateSequence, CreateSpelling},
    downloads::DownloadCheck,
    reports::ReportSequence,
};
use iothub_conformance_suite::{Level, Listed};

/// One thing that is tried.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Scenario {
    /// Stable, never reused.
    pub id: &'static str,
    /// The requirements it is about, the main one first.
    pub requirements: &'static [&'static str],
    /// Whether it is about a MUST or a SHOULD.
    pub level: Level,
    /// What it is.
    pub title: &'static str,
    /// What the platform has to do.
    pub expected: &'static str,
    /// Why.
    pub reason: &'static str,
    pub(super) script: Script,
}

/// What the device does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Script {
    /// Uploads a name (a new one where it is empty) of so many bytes.
    Upload(&'static str, usize, AnswerNeed),
    Announce,
    Spell(CreateSpelling),
    Several(CreateSequence),
    Put(BadUpload),
    Report(ReportSequence),
    Download(DownloadCheck),
    Malformed(&'static str),
    MalformedTopics,
    OtherDevice,
    /// Looks at what all scenarios have found about the way in which messages are written.
    Writing(&'static str),
}

impl Listed for Scenario {
    fn id(&self) -> &str {
        self.id
    }

    fn requirements(&self) -> impl Iterator<Item = &str> {
        self.requirements.iter().copied()
    }

    fn level(&self) -> Level {
        self.level
    }

    fn title(&self) -> &str {
        self.title
    }
}

impl Scenario {
    /// Whether there is such a message, or such a reason to refuse one.
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
