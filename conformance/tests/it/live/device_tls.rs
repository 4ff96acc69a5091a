//! `device --tls`: the reference device passes every scenario over TLS, and the scenarios find a
//! device that does not check certificates.

use std::{fs, path::Path};

use iothub_conformance::{
    Fixtures, Level, Outcome, Profile,
    live::{
        ServerIdentity, TlsOptions,
        device::Misbehaviour,
        test_device::{self, Options, Scenario},
    },
};

use super::device::{assert_passed, options, play};

/// Returns options with the temporary authority, whose certificate is a file in the folder.
fn over_tls(folder: &Path) -> Options {
    let mut options = options(Profile::Deployed);
    let identity = ServerIdentity::temporary(&[]).unwrap();
    let authority = folder.join("ca.pem");
    fs::write(&authority, identity.authority_pem().unwrap()).unwrap();
    let loopback = "127.0.0.1:0".parse().unwrap();
    options.tls = Some(TlsOptions { identity, mqtts: loopback, https: loopback, host: None });
    options.tls_ca = Some(authority);
    options
}

fn scenarios(is_meant: impl Fn(&Scenario) -> bool) -> Vec<Scenario> {
    let mut all = test_device::scenarios(Profile::Deployed, &Fixtures::embedded().cases);
    all.retain(is_meant);
    all
}

#[test]
fn the_reference_device_passes_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let all = scenarios(|_| true);
    let count = all.len();
    let judged = play(&over_tls(folder.path()), all, None);
    assert_eq!(judged.len(), count);
    assert_passed(&judged);
}

#[test]
fn a_device_that_checks_no_certificate_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let all = scenarios(Scenario::needs_tls);
    assert_eq!(all.len(), 16);
    for judged in play(&over_tls(folder.path()), all, Some(Misbehaviour::TrustsAnyone)) {
        let scenario = &judged.scenario;
        assert_eq!(judged.codes(), ["certificate"], "{}: {}", scenario.id, judged.detail());
        let expected = match scenario.level {
            Level::Must => Outcome::Fail,
            Level::Should => Outcome::Warn,
        };
        assert_eq!(judged.outcome(), expected, "{}: {}", scenario.id, judged.detail());
        assert_eq!(scenario.level == Level::Should, scenario.id.ends_with("expired"));
        assert!(judged.detail().contains(&scenario.requirements[0]), "{}", judged.detail());
    }
}

#[test]
fn https_without_tls_is_another_url() {
    let folder = tempfile::tempdir().unwrap();
    let all = scenarios(|scenario| scenario.id.ends_with("load/size/usual"));
    for judged in play(&over_tls(folder.path()), all, Some(Misbehaviour::DropsTls)) {
        let id = &judged.scenario.id;
        assert_eq!(judged.codes(), ["altered-url"], "{id}: {}", judged.detail());
        assert!(judged.detail().contains("does not use TLS"), "{id}: {}", judged.detail());
    }
}

/// A device without TLS never receives a certificate.
#[test]
fn a_device_without_tls_reaches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = over_tls(folder.path());
    options.tls_ca = None;
    let all = scenarios(|scenario| scenario.id.starts_with("upload/tls/mqtt-"));
    let trigger = test_device::Trigger::reference(None, super::device::policy());
    let (_, stopped) = crate::clock::block_on(test_device::run_within(
        &options,
        all,
        &trigger,
        &std::sync::Arc::default(),
        &mut |_| {},
    ));
    assert!(matches!(stopped, Err(test_device::Stopped::Unreachable { .. })), "{stopped:?}");
}
