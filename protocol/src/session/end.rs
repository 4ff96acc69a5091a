//! How a report ends its task (SES-7).

use crate::{Percent, Profile, ProgressReport, ResultCode, State};

/// How a task ended, by the report that ended it (SES-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "there is no third way to end")]
pub enum End {
    /// All of it arrived.
    Success,
    /// It went wrong. The code is 0 where a deployed device says `fail` and nothing more.
    Failure(ResultCode),
}

impl End {
    /// How a report ends its task; `None` where it goes on.
    ///
    /// Documented: by a `percent` of 100 or a `result_code` other than 0. Deployed: by `done`, by
    /// `fail` or by a `result_code` other than 0.
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
