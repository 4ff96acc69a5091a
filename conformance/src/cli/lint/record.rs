//! Collects the data for the reports of `lint`.

use std::path::PathBuf;

use iothub_resource::Message;

use super::super::{reports::Reports, status::Error};
use crate::{
    Fixtures,
    lint::{Sequences, Tally, capture, http::Sighting},
    report::{
        Exercised, Finding, FindingCounts, Invocation, ReportFile, ResultStream, StoredResult,
    },
};

/// Everything that the report files of `lint` need, collected during the run.
pub(super) struct Record {
    /// The result without its findings, of which there may be very many.
    result: StoredResult,
    json: Option<(PathBuf, ResultStream<ReportFile>)>,
    others: Reports,
    sequences: Option<Sequences>,
}

impl Record {
    /// The maximum number of findings that are kept for reports that need all findings at the same
    /// time.
    const FINDINGS: usize = 2000;

    pub(super) fn new(mut reports: Reports, result: StoredResult) -> Result<Self, Error> {
        let sequences = reports.show_sessions().then(Sequences::new);
        let json = match reports.take_json() {
            None => None,
            Some((path, file)) => match ResultStream::begin(file, &result) {
                Ok(stream) => Some((path, stream)),
                Err(error) => return Err(Error::File(path, error)),
            },
        };
        Ok(Self { result, json, others: reports, sequences })
    }

    pub(super) fn message(
        &mut self,
        line: usize,
        record: &capture::Record<'_>,
        message: Option<&Message<'_>>,
        found: &[Finding],
    ) {
        let Some(sequences) = &mut self.sequences else { return };
        sequences.message(line, record.topic, record.dup, message, found);
    }

    /// Adds the observations of a transfer to the sessions.
    pub(super) fn transfer(&mut self, sightings: &[Sighting]) {
        if let Some(sequences) = &mut self.sequences {
            sightings.iter().for_each(|sighting| sequences.transfer(sighting));
        }
    }

    pub(super) fn finding(&mut self, finding: &Finding) -> Result<(), Error> {
        if !self.others.is_empty() && self.result.findings.len() < Self::FINDINGS {
            self.result.findings.push(finding.clone());
        }
        match &mut self.json {
            None => Ok(()),
            Some((path, stream)) => {
                stream.finding(finding).map_err(|error| Error::File(path.clone(), error))
            }
        }
    }

    /// Adds a finding that is detected only at the end, such as a missing answer, to the sessions.
    pub(super) fn unanswered(&mut self, finding: &Finding) {
        if let Some(sequences) = &mut self.sequences {
            sequences.blame(finding);
        }
    }

    /// Sets the time, command and machine of the run.
    pub(super) fn invocation(&mut self, invocation: Invocation) {
        self.result.invocation = Some(invocation);
    }

    pub(super) fn finish(
        mut self,
        tally: &Tally,
        counts: &FindingCounts,
        exercised: Exercised,
        interrupted: bool,
    ) -> Result<(), Error> {
        let totals = [
            ("messages", tally.messages),
            ("other-topics", tally.others),
            ("unreadable", tally.unreadable),
        ];
        self.result.totals = totals.map(|(what, count)| (what.to_owned(), count)).into();
        self.result.set_finding_counts(counts);
        self.result.exercised = Some(exercised);
        self.result.interrupted = interrupted;
        self.result.sessions = self.sequences.map(Sequences::end).unwrap_or_default();
        if let Some((path, stream)) = self.json {
            let finished = stream.end(&self.result).and_then(ReportFile::finish);
            finished.map_err(|error| Error::File(path, error))?;
        }
        self.others.finish(&self.result, &Fixtures::embedded_requirements())
    }
}
