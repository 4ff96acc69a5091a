//! The answers to the progress reports on one kind of task (SES-6).

use alloc::collections::VecDeque;

use crate::session::FindingKind;

/// The reports that are owed an answer, and the number of answers that may come but are not owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reports {
    owed: VecDeque<Report>,
    may_come: usize,
    /// The number of owed answers above which the oldest report is forgotten.
    most: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// The number of the report in the sequence of messages. A later message has a higher number.
    pub(super) number: usize,
    /// The index that the caller chose for the report.
    pub(super) at: usize,
}

impl Reports {
    pub(super) const fn new(most: usize) -> Self {
        Self { owed: VecDeque::new(), may_come: 0, most }
    }

    pub(super) fn len(&self) -> usize {
        self.owed.len()
    }

    /// Returns the unanswered reports, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Report> {
        self.owed.iter()
    }

    pub(super) fn owe(&mut self, report: Report) {
        self.owed.push_back(report);
        if self.owed.len() > self.most {
            self.owed.pop_front();
        }
    }

    /// Records that one more answer may come.
    pub(super) fn expect(&mut self) {
        self.may_come = self.may_come.saturating_add(1);
    }

    pub(super) fn judge_response(&self) -> Result<(), FindingKind> {
        if self.owed.is_empty() && self.may_come == 0 {
            Err(FindingKind::UnsolicitedResponse)
        } else {
            Ok(())
        }
    }

    /// Takes a response that answers a report.
    pub(super) fn take_response(&mut self) {
        if self.owed.pop_front().is_none() {
            self.may_come = self.may_come.saturating_sub(1);
        }
    }

    /// Records that the oldest unanswered report may have been answered (SES-12).
    pub(super) fn may_have_answered(&mut self) {
        if self.owed.pop_front().is_some() {
            self.expect();
        }
    }
}
