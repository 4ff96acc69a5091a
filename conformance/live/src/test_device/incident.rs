//! The events that must occur so that a scenario gives a result about a device.

use std::fmt;

use super::scenario::{
    ReportResponse, SecondDownload, Setup, StoreFault, TaskResponse, TransferStep,
};

/// An event that must occur so that a scenario gives a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Incident {
    /// The answer to a create or a query was delivered or withheld, as the scenario defines.
    Response,
    /// The answer to a report was delivered or withheld, as the scenario defines.
    ReportResponse,
    /// A request met this fault of the store.
    Store(StoreFault),
    /// Bytes arrived whose digest differs from the announced digest.
    OtherDigest,
    /// The connection of the device was cut at this step.
    Cut(TransferStep),
    /// The second download was delivered before or after the end of the first download, as planned.
    SecondDownload,
    /// The device received the certificate that it must refuse.
    Certificate,
    /// The transfer ended within the time of the scenario.
    End,
}

impl Setup {
    /// Returns the events that must occur: each deviation of the platform or the store, and the
    /// answer in an ordinary scenario. If an event is missing, the outcome is `not-reached` unless
    /// a finding determines the outcome.
    pub(super) fn incidents(&self) -> Vec<Incident> {
        let mut incidents = Vec::new();
        if !matches!(self.response, TaskResponse::Well) {
            incidents.push(Incident::Response);
        }
        if !matches!(self.reports, ReportResponse::Well) {
            incidents.push(Incident::ReportResponse);
        }
        let is_usual = |fault: &&StoreFault| matches!(fault, StoreFault::None | StoreFault::Gone);
        let faults = self.store.iter().filter(|fault| !is_usual(fault));
        incidents.extend(faults.map(|fault| Incident::Store(*fault)));
        if self.resource.other_digest {
            incidents.push(Incident::OtherDigest);
        }
        incidents.extend(self.cut.map(Incident::Cut));
        if self.second_download != SecondDownload::Never {
            incidents.push(Incident::SecondDownload);
        }
        if self.certificate.is_some() {
            incidents.push(Incident::Certificate);
        }
        if incidents.is_empty() {
            incidents.push(Incident::Response);
        }
        incidents
    }
}

impl TaskResponse {
    /// Returns how many messages of the first answer must be delivered so that the situation
    /// occurs. Returns 0 if a missing answer creates the situation.
    pub(super) const fn messages(&self) -> usize {
        match self {
            Self::LostOnce | Self::Lost => 0,
            // The wrong message of `After` is the first message.
            Self::Well
            | Self::Spelt(_)
            | Self::Pushed { .. }
            | Self::Late
            | Self::OtherTopics
            | Self::After(_) => 1,
            Self::Twice { .. } | Self::OtherUrlToo | Self::Then(_) | Self::Stale => 2,
        }
    }
}

impl ReportResponse {
    /// Returns how many messages of the answer to a report must be delivered so that the situation
    /// occurs. Returns 0 if a missing answer creates the situation.
    pub(super) const fn messages(&self) -> usize {
        match self {
            Self::Lost => 0,
            // The wrong message comes first.
            Self::Well
            | Self::Late
            | Self::Refused(_)
            | Self::EndRefused(_)
            | Self::OtherKind
            | Self::Malformed(_) => 1,
            Self::Twice => 2,
            Self::Spoilt(_) => 3,
        }
    }
}

/// The incidents that must still occur in one start of the device.
pub(super) struct Incidents {
    missing: Vec<Incident>,
    /// The number of messages that must still be delivered for [`Incident::Response`].
    response: usize,
    /// The number of messages that must still be delivered for [`Incident::ReportResponse`].
    report_response: usize,
}

impl Incidents {
    pub(super) fn of(setup: &Setup) -> Self {
        Self {
            missing: setup.incidents(),
            response: setup.response.messages(),
            report_response: setup.reports.messages(),
        }
    }

    /// Records that an incident has occurred.
    pub(super) fn happen(&mut self, incident: Incident) {
        self.missing.retain(|missing| *missing != incident);
    }

    /// Records that an incident has occurred if the scenario withholds the answer. Call this method
    /// when the answer is due.
    pub(super) fn answer(&mut self, incident: Incident) {
        if self.messages_of(incident).is_some_and(|messages| *messages == 0) {
            self.happen(incident);
        }
    }

    /// Records that a message of an incident was delivered. After the last required message, also
    /// records that the incident has occurred.
    pub(super) fn deliver(&mut self, incident: Incident) {
        let Some(messages) = self.messages_of(incident) else { return self.happen(incident) };
        *messages = messages.saturating_sub(1);
        if *messages == 0 {
            self.happen(incident);
        }
    }

    fn messages_of(&mut self, incident: Incident) -> Option<&mut usize> {
        match incident {
            Incident::Response => Some(&mut self.response),
            Incident::ReportResponse => Some(&mut self.report_response),
            _ => None,
        }
    }

    /// Returns the incidents that have not occurred so far.
    pub(super) fn missing(&self) -> &[Incident] {
        &self.missing
    }
}

impl fmt::Display for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Response => f.write_str(
                "the planned answer could not be tested, because the device sent no request or was \
                 not connected",
            ),
            Self::ReportResponse => f.write_str(
                "the planned answer to a report could not be tested, because the device sent no \
                 report or was not connected",
            ),
            Self::Store(fault) => {
                write!(
                    f,
                    "no request from the device received the planned response from the store: \
                     {fault}"
                )
            }
            Self::OtherDigest => f.write_str("the device did not fetch the bytes"),
            Self::Cut(step) => write!(f, "there was no connection to cut {step}"),
            Self::SecondDownload => {
                f.write_str("the second download was not delivered at the planned time")
            }
            Self::End => f.write_str(
                "the device was still transferring when the time of the scenario (four times \
                --timeout) was over: use a longer --timeout",
            ),
            Self::Certificate => f.write_str("the device did not receive the faulty certificate"),
        }
    }
}
