//! Reports advice about how the messages of all scenarios are written.

use iothub_resource::{State, Transfer};

use super::{
    across::{WritingAdvice, is_of_downloads},
    conversation::Conversation,
    flow::{TestUpload, report},
    hearing::Stop,
};
use crate::mqtt::Qos;
use iothub_conformance_suite::{Level, result::Lane};

impl Conversation<'_> {
    pub(super) async fn writing(&mut self, code: &'static str) -> Result<(), Stop> {
        if self.across.heard == 0 {
            self.hear_something().await?;
        }
        let needs_download = is_of_downloads(code);
        if needs_download && !self.across.has_delivered {
            self.delivery().await?;
        }
        let Some(advice) = self.across.advised(code) else {
            return if needs_download && !self.across.has_delivered {
                Err(Stop::NotReached("the platform has not delivered any download".to_owned()))
            } else {
                Ok(())
            };
        };
        let WritingAdvice { scenario, label, finding, count } = advice;
        let mut finding = finding.clone();
        finding.level = Level::Should;
        finding.sentence = match count {
            1 => format!("{} (in {scenario})", finding.sentence),
            _ => format!("{} (first in {scenario}; {count} such messages)", finding.sentence),
        };
        let label = format!("{label} (in {scenario})");
        finding.line = self.findings.log.note(Lane::Platform, Lane::Device, label);
        self.findings.push(finding);
        Ok(())
    }

    /// Uploads a resource and sends a misplaced report and a query, so that the platform sends
    /// messages. The name of the upload contains characters that some JSON writers escape.
    async fn hear_something(&mut self) -> Result<(), Stop> {
        let task = TestUpload::new(format!("{}-写é", self.across.name()), 12);
        self.upload(&task).await?;
        let other = report(&self.new_task(1).resource.name, State::Done(None));
        self.report(Transfer::Upload, &other, Qos::AtLeastOnce).await?;
        self.delivery().await.map(|_| ())
    }
}
