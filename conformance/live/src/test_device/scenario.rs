//! The data of a scenario: the situation for a device and the required result.

use std::fmt;

use iothub_resource::Profile;

use super::defect::Defect;
pub use super::flow::Flow;
pub(super) use super::{
    store_fault::StoreFault,
    test_file::{Content, TestFile},
};
use crate::store::UrlShape;
use crate::{record::Service, tls::CertificateFault};
use iothub_conformance_suite::Level;

/// A scenario for a device.
pub type Scenario = crate::Scenario<DevicePlan>;

/// The plan of a scenario: the task of the device and the behaviour of the platform.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DevicePlan {
    /// The transfer of the device: upload or download.
    pub flow: Flow,
    pub(super) setup: Setup,
}

impl Scenario {
    /// Returns whether the scenario needs the endpoint of this program as the broker.
    #[must_use]
    pub fn needs_endpoint(&self) -> bool {
        let Setup { cut, response, certificate, .. } = &self.plan.setup;
        cut.is_some()
            // A broker keeps a retained message after the scenario.
            || matches!(response, TaskResponse::Pushed { retain: true })
            // The other topics may belong to a real device.
            || matches!(response, TaskResponse::OtherTopics)
            || certificate.is_some_and(|shown| shown.service == Service::Mqtt)
    }

    /// Returns whether the device must use TLS.
    #[must_use]
    pub const fn needs_tls(&self) -> bool {
        self.plan.setup.certificate.is_some()
    }

    /// Returns whether only the authority that devices trust can sign the certificate of the
    /// scenario.
    #[must_use]
    pub fn needs_authority(&self) -> bool {
        self.plan.setup.certificate.is_some_and(|shown| shown.fault.needs_authority())
    }

    pub(super) fn is_in(&self, profile: Profile) -> bool {
        profile == Profile::Deployed || !self.plan.setup.needs_deployed()
    }
}

/// The behaviour of the platform and of the object store.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub(super) resource: TestFile,
    pub(super) response: TaskResponse,
    pub(super) reports: ReportResponse,
    /// The responses to requests for the URL, in the order of the requests. The last response
    /// applies to all further requests.
    pub(super) store: Vec<StoreFault>,
    /// The step at which the connection to the broker is cut; `None` if it is not cut.
    pub(super) cut: Option<TransferStep>,
    pub(super) second_download: SecondDownload,
    /// The form of the URLs.
    pub(super) url: UrlShape,
    /// The resource of the second start, if the device is started again.
    pub(super) second_start: SecondStart,
    /// The certificate that a server presents instead of the correct certificate; `None` for the
    /// correct one.
    pub(super) certificate: Option<FaultyCertificate>,
    pub(super) expectation: Expectation,
    /// The level of a finding for a transfer that should have succeeded.
    pub(super) done_level: Level,
}

impl Setup {
    /// Returns the required result in words.
    pub(super) const fn expected(&self) -> &'static str {
        if let Some(FaultyCertificate { service, .. }) = self.certificate {
            return match service {
                Service::Mqtt => "The device does not connect.",
                Service::Http => {
                    "The device sends no request. It reports once that the transfer failed, with a \
                     reason."
                }
            };
        }
        match (self.expectation, self.done_level) {
            (Expectation::Done, Level::Must) => {
                "The transfer succeeds, and the device reports success."
            }
            (Expectation::Done, Level::Should) => {
                "The transfer should succeed. If it fails, the device reports the failure."
            }
            (Expectation::Fail, _) => {
                "The device reports once that the transfer failed, with a reason."
            }
            (Expectation::Ends, _) => "The device reports the true result of the transfer.",
            (Expectation::Free, _) => {
                "The device may end without a final report. Each of its reports is true."
            }
        }
    }

    /// Creates the setup of a correct platform.
    pub(super) const fn well(resource: TestFile) -> Self {
        Self {
            resource,
            response: TaskResponse::Well,
            reports: ReportResponse::Well,
            store: Vec::new(),
            cut: None,
            second_download: SecondDownload::Never,
            url: UrlShape::Usual,
            second_start: SecondStart::Same,
            certificate: None,
            expectation: Expectation::Done,
            done_level: Level::Must,
        }
    }

    /// Returns whether the platform behaves correctly, so that the device need not recover from a
    /// fault.
    pub(super) fn is_well(&self) -> bool {
        matches!(
            self.response,
            TaskResponse::Well | TaskResponse::Spelt(_) | TaskResponse::Pushed { .. }
        ) && matches!(self.reports, ReportResponse::Well)
            && self
                .store
                .iter()
                .all(|fault| *fault == StoreFault::Status(201) || *fault == StoreFault::Status(204))
            && self.cut.is_none()
            && self.certificate.is_none()
            && self.second_download == SecondDownload::Never
            && matches!(self.second_start, SecondStart::Same)
            && self.expectation == Expectation::Done
    }

    /// Returns the setup of the second start. Usually, this is an ordinary transfer, which must
    /// always succeed.
    pub(super) fn second(&self) -> Self {
        match self.second_start {
            SecondStart::Other(file) => Self::well(file),
            SecondStart::OtherRefusal => {
                let (reports, expectation) = (ReportResponse::EndRefused(-2), Expectation::Ends);
                Self { reports, expectation, ..Self::well(self.resource) }
            }
            SecondStart::Same if self.is_to_be_declined() => {
                Self::well(TestFile::new("again.txt", 300))
            }
            SecondStart::Same => Self::well(TestFile { other_digest: false, ..self.resource }),
        }
    }

    /// Returns whether a device may decline the resource.
    fn is_to_be_declined(&self) -> bool {
        self.done_level == Level::Should && self.expectation == Expectation::Free
    }

    fn needs_deployed(&self) -> bool {
        matches!(
            self.response,
            TaskResponse::Pushed { .. }
                | TaskResponse::Spelt(
                    Spelling::UnknownKey | Spelling::UnknownKeyWithBraces | Spelling::CapitalDigest
                )
        ) || self.second_download != SecondDownload::Never
    }
}

/// The answer to a create or a query.
#[derive(Clone, Debug)]
pub(super) enum TaskResponse {
    Well,
    Spelt(Spelling),
    /// A `download` that is not the answer to a query, with or without the retain flag.
    Pushed {
        retain: bool,
    },
    /// The correct answer, but late.
    Late,
    /// No answer to the first request.
    LostOnce,
    /// No answer to any request.
    Lost,
    /// The correct answer, and then the same answer again, with or without DUP.
    Twice {
        dup: bool,
    },
    /// The correct answer, and then an answer with a different URL.
    OtherUrlToo,
    /// A long message with a URL, then a short answer without a URL, and then the correct answer.
    Stale,
    /// Answers on topics that only resemble the topic of the device, and then the correct answer.
    OtherTopics,
    /// This message, and then the correct answer.
    After(WrongMessage),
    /// The correct answer, immediately followed by this message.
    Then(WrongMessage),
}

/// A valid spelling of the correct answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    KeysReversed,
    TypeLast,
    SpaceInside,
    SpaceAround,
    EscapedSlashes,
    EscapedLetters,
    EscapedKeys,
    /// The message has a key that no message type defines.
    UnknownKey,
    /// The message has an unknown key whose value has braces inside strings.
    UnknownKeyWithBraces,
    /// The digest has uppercase letters.
    CapitalDigest,
    /// The message is longer than 2,047 bytes.
    Long,
}

/// A wrong message that is sent before or after the correct answer.
#[derive(Clone, Debug)]
pub(super) enum WrongMessage {
    OtherName,
    OtherSize,
    OtherDigest,
    /// The answer to a query during an upload, or the answer to a create during a download.
    OtherKind,
    /// The answer to a report that the device has not published.
    ProgressResponse,
    Malformed(MalformedMessage),
    /// The correct answer, but with exactly one defect.
    Spoilt(&'static Defect),
}

/// A payload that must be rejected, taken from the fixtures and adapted to a task.
#[derive(Clone, Debug)]
pub(super) struct MalformedMessage {
    pub(super) code: String,
    pub(super) payload: Vec<u8>,
}

/// A certificate that the device must refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FaultyCertificate {
    pub(super) service: Service,
    pub(super) fault: CertificateFault,
}

impl FaultyCertificate {
    /// Returns the requirement that a device violates if it accepts the certificate.
    pub(super) const fn requirement(self) -> &'static str {
        match (self.fault, self.service) {
            (CertificateFault::Expired, _) => "TLS-3",
            (_, Service::Mqtt) => "TLS-1",
            (_, Service::Http) => "TLS-2",
        }
    }

    pub(super) const fn level(self) -> Level {
        match self.fault {
            CertificateFault::Expired => Level::Should,
            _ => Level::Must,
        }
    }
}

/// The time at which a second download is pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecondDownload {
    Never,
    /// Directly after the message that delivers the first download.
    AtOnce,
    /// During the transfer of the first task.
    Meanwhile,
    /// After the final report, with the same name and different content.
    Renewed,
}

/// The resource of the second start, after a fault.
#[derive(Clone, Copy, Debug)]
pub(super) enum SecondStart {
    /// The resource of the first start, or a small file if a device may decline that resource.
    Same,
    /// A resource other than that of the first start.
    Other(TestFile),
    /// The resource of the first start, but a different code in the answer to the last report.
    OtherRefusal,
}

/// The way in which the platform answers progress reports.
#[derive(Clone, Debug)]
pub(super) enum ReportResponse {
    Well,
    Lost,
    Late,
    Twice,
    Refused(i32),
    /// Only the last report of a task is refused.
    EndRefused(i32),
    /// The answer to a report on the other kind of transfer, and then the correct answer.
    OtherKind,
    /// This payload, and then the correct answer.
    Malformed(MalformedMessage),
    /// An answer with a defect, before and after the correct answer.
    Spoilt(&'static Defect),
}

/// A step of a transfer that the device has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TransferStep {
    /// The device has subscribed.
    Subscribed,
    /// The device has requested a URL or a task, but has no answer yet.
    Asked,
    /// The request was answered.
    Answered,
    /// The HTTP request has arrived.
    Transfer,
    /// The HTTP request was answered.
    Transferred,
    /// The final report has arrived but is not acknowledged yet.
    Ended,
}

impl fmt::Display for TransferStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Subscribed => "when the device had subscribed",
            Self::Asked => "when the device had sent its request",
            Self::Answered => "when the device had received the answer",
            Self::Transfer => "when the transfer began",
            Self::Transferred => "when the transfer was over",
            Self::Ended => "before the final report was acknowledged",
        })
    }
}

/// The required result of the task that a scenario tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expectation {
    /// The bytes arrive, and the device reports `done`.
    Done,
    /// The bytes cannot arrive, so the device reports `fail`.
    Fail,
    /// Success or failure, if the report is true.
    Ends,
    /// Success, failure or no final report.
    Free,
}
