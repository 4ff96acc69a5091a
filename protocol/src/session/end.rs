//! The end of a task according to a report (SES-7).

use crate::{Percent, Profile, ProgressReport, ResultCode, State};

/// The result of a task, according to the report that ended it (SES-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "there is no third way to end")]
pub enum End {
    /// The whole resource arrived.
    Success,
    /// The transfer failed, with the `result_code` of the report. The code is 0 if a deployed
    /// device reports `fail` with `result_code` 0.
    Failure(ResultCode),
}

impl End {
    /// Returns the end of the task according to a report, or `None` if the task continues.
    ///
    /// In the documented profile, a `percent` of 100 or a `result_code` other than 0 ends the task.
    /// In the deployed profile, `done`, `fail` or a `result_code` other than 0 ends it.
    #[must_use]
    pub fn of(profile: Profile, report: &ProgressReport<'_>) -> Option<Self> {
        let code = report.progress.result_code;
        if !code.is_success() {
            return Some(Self::Failure(code));
        }
        match (profile, report.progress.state) {
            (Profile::Documented, state) => {
                (state.percent() == Some(Percent::FULL)).then_some(Self::Success)
            }
            (Profile::Deployed, State::Running(_)) => None,
            (Profile::Deployed, State::Done(_)) => Some(Self::Success),
            (Profile::Deployed, State::Fail(_)) => Some(Self::Failure(code)),
        }
    }
}
