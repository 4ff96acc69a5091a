//! The reports on one task, from its beginning to its end.

use crate::{
    Percent, Profile, ProgressReport,
    session::{End, FindingKind, TraceAdviceKind, fingerprint::Fingerprint},
};

/// The last percentage of one task, and the report that ended it. A task that begins again has a
/// new course (SES-10).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Course {
    last_percent: Option<Percent>,
    ended_by: Option<Fingerprint>,
}

impl Course {
    pub(super) const fn has_ended(&self) -> bool {
        self.ended_by.is_some()
    }

    /// Returns the verdict on the next report according to SES-7, SES-8 and SES-11.
    pub(super) fn judge(
        &self,
        report: &ProgressReport<'_>,
    ) -> Result<Option<TraceAdviceKind>, FindingKind> {
        match self.ended_by {
            Some(last) if last == Fingerprint::of(report) => Ok(Some(TraceAdviceKind::Repeated)),
            Some(_) => Err(FindingKind::AfterEnd),
            None => {
                let (before, now) = (self.last_percent, report.progress.state.percent());
                let decreased = before.zip(now).is_some_and(|(before, now)| now < before);
                Ok(decreased.then_some(TraceAdviceKind::PercentDecreased))
            }
        }
    }

    /// Records the percentage of a report on the running task, and whether the report ends the
    /// task.
    pub(super) fn take(&mut self, profile: Profile, report: &ProgressReport<'_>) {
        if End::of(profile, report).is_some() {
            self.ended_by = Some(Fingerprint::of(report));
        }
        // A missing percentage does not change the last one.
        self.last_percent = report.progress.state.percent().or(self.last_percent);
    }
}
