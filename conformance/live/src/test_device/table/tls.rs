//! Scenarios in which a server presents a certificate that the device must refuse.

use super::row::{Row, Table, usual};
use crate::{
    record::Service,
    test_device::scenario::{Expectation, FaultyCertificate, Flow, Setup},
    tls::CertificateFault,
};

/// The parts of a scenario that depend on the certificate that the device must refuse.
struct CertificateRow {
    id: &'static str,
    fault: CertificateFault,
    /// A description of the certificate, for titles.
    what: &'static str,
    reason: &'static str,
}

const CERTIFICATES: &[CertificateRow] = &[
    CertificateRow {
        id: "expired",
        fault: CertificateFault::Expired,
        what: "a certificate that expired in 2000",
        reason: "The key of an old certificate may have been stolen. The rule is only \
                 a SHOULD, because a device without a clock cannot detect the expiry.",
    },
    CertificateRow {
        id: "other-name",
        fault: CertificateFault::OtherName,
        what: "a certificate for a different server, signed by a trusted authority",
        reason: "An authority signs certificates for many servers. A certificate is valid only for \
                 the names that it contains.",
    },
    CertificateRow {
        id: "unknown-authority",
        fault: CertificateFault::UnknownAuthority,
        what: "a certificate from an authority that the device does not trust",
        reason: "Anyone can create an authority.",
    },
    CertificateRow {
        id: "self-signed",
        fault: CertificateFault::SelfSigned,
        what: "a self-signed certificate",
        reason: "Anyone can create such a certificate.",
    },
];

pub(super) fn add(table: &mut Table) {
    let services = [
        (Service::Mqtt, "mqtt", "a broker", Expectation::Free),
        (Service::Http, "https", "an object store", Expectation::Fail),
    ];
    for (service, prefix, who, expectation) in services {
        for CertificateRow { id, fault, what, reason } in CERTIFICATES {
            let certificate = FaultyCertificate { service, fault: *fault };
            let row = Row {
                id: &format!("tls/{prefix}-{id}"),
                requirements: certificate.requirement(),
                title: &format!("{who} with {what}"),
                reason,
            };
            for flow in [Flow::Upload, Flow::Download] {
                let certificate = Some(certificate);
                table.add(flow, row, Setup { certificate, expectation, ..usual() });
            }
        }
    }
}
