//! Runs the scenarios over TLS, with valid certificates and with certificates that the device must
//! refuse.

use iothub_resource::Profile;

use super::stage::{OWN_TOPICS, Stage, StageTls};
use crate::{
    test_platform::all,
    tls::{CertificateFault, ServerIdentity},
    transport::Trust,
};
use iothub_conformance_suite::Outcome;

/// Returns a platform with TLS, whose object store has a certificate with this fault.
fn stage(fault: Option<CertificateFault>) -> Stage {
    let identity = ServerIdentity::temporary(&[]).unwrap();
    let trust = Trust::in_text(&identity.authority_pem().unwrap()).unwrap();
    let mut stage = Stage::new();
    stage.names_port = true;
    stage.tls = Some(StageTls { identity, trust, fault });
    stage
}

#[test]
fn the_reference_platform_passes_over_tls() {
    let mut stage = stage(None);
    stage.access = Some(OWN_TOPICS);
    for case in stage.play(all(Profile::Deployed)).cases {
        // The URLs name the port of TLS.
        let is_advised = case.id == "writing/url-for-devices";
        let expected = if is_advised { Outcome::Warn } else { Outcome::Pass };
        assert_eq!(case.outcome, expected, "{}: {}", case.id, case.detail);
    }
}

#[test]
fn an_object_store_with_a_wrong_certificate_is_found() {
    for fault in CertificateFault::ALL {
        let some = all(Profile::Deployed).into_iter();
        let some = some.filter(|scenario| scenario.id == "upload/small").collect();
        let [case] = &stage(Some(fault)).play(some).cases[..] else { panic!("one scenario") };
        assert_eq!(case.outcome, Outcome::Fail, "{fault:?}: {}", case.detail);
        assert!(case.detail.contains("certificate"), "{fault:?}: {}", case.detail);
    }
}

#[test]
fn what_is_no_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    assert!(Trust::in_file(&path).is_err());
    std::fs::write(&path, "no PEM").unwrap();
    let why = Trust::in_file(&path).unwrap_err();
    assert!(why.contains("PEM"), "{why}");
}
