//! The rate of a device's reports.

use std::time::Duration;

use iothub_resource::{Message, Profile, ProgressReport, State, session::End};

/// A check of the reports of one transfer.
pub(super) struct Pace {
    profile: Profile,
    interval: Duration,
    last: Option<Reported>,
}

struct Reported {
    at: Duration,
    percent: u8,
}

impl Pace {
    pub(super) const fn new(profile: Profile, interval: Duration) -> Self {
        Self { profile, interval, last: None }
    }

    /// Checks a message. The first report must have 0%. Between the first and the final
    /// report, the percentages must rise, and consecutive reports must be at least the interval
    /// apart.
    pub(super) fn check(&mut self, now: Duration, message: &Message<'static>) {
        let Some(report) = progress(message) else { return };
        let State::Running(percent) = report.progress.state else { return };
        let percent = percent.value();
        if let Some(last) = &self.last
            && End::of(self.profile, report).is_none()
            && percent != 0
        {
            assert!(now >= last.at + self.interval, "too often");
            assert!(percent > last.percent, "nothing new");
        }
        if self.last.is_none() && report.progress.result_code.is_success() {
            assert_eq!(percent, 0, "the first report");
        }
        self.last = Some(Reported { at: now, percent });
    }

    /// Returns whether the message is a final report of success.
    pub(super) fn ends_well(&self, message: &Message<'static>) -> bool {
        progress(message).and_then(|report| End::of(self.profile, report)) == Some(End::Success)
    }
}

fn progress<'a>(message: &'a Message<'static>) -> Option<&'a ProgressReport<'static>> {
    match message {
        Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report) => {
            Some(report)
        }
        _ => None,
    }
}
