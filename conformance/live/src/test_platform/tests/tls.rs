//! TLS in front of the endpoint.

use std::{net::SocketAddr, path::Path, sync::Arc};

use iothub_resource::Profile;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use super::stage::Stage;
use crate::{
    test_platform::all,
    transport::{Reach, Trust},
};
use iothub_conformance_suite::Outcome;

/// Removes TLS from connections, and forwards them.
fn unwrap_tls(to: SocketAddr, folder: &Path) -> SocketAddr {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    std::fs::write(folder.join("ca.pem"), cert.pem()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![cert.der().clone()],
            PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    let listener = TcpListener::from_std(listener).unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut inside) = acceptor.accept(stream).await else { return };
                let mut outside = TcpStream::connect(to).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut inside, &mut outside).await;
            });
        }
    });
    address
}

#[test]
fn a_broker_with_a_certificate() {
    let mut stage = Stage::new();
    stage.reach = Some(|to| {
        let folder = tempfile::tempdir().unwrap();
        let instead = Some(unwrap_tls(to, folder.path()));
        let trust = Some(Trust::in_file(&folder.path().join("ca.pem")).unwrap());
        (Reach { trust, instead }, true)
    });
    let some = all(Profile::Deployed)
        .into_iter()
        .filter(|scenario| ["upload/small", "upload/large"].contains(&&*scenario.id));
    for case in stage.play(some.collect()).cases {
        assert_eq!(case.outcome, Outcome::Pass, "{}", case.detail);
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for() {
    let [folder, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let nowhere = "127.0.0.1:1".parse().unwrap();
    let address = unwrap_tls(nowhere, folder.path());
    unwrap_tls(nowhere, other.path());
    for (believed, host) in [(&other, "localhost"), (&folder, "elsewhere")] {
        let trust = Some(Trust::in_file(&believed.path().join("ca.pem")).unwrap());
        let reach = Reach { trust, instead: Some(address) };
        let error = reach.connect(host, 1, true).await.err().unwrap().to_string();
        assert!(error.contains("certificate"), "{error}");
    }
    let error = Reach::default().connect("127.0.0.1", address.port(), true).await.err().unwrap();
    assert_eq!(error.to_string(), "TLS is not supported here");
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
