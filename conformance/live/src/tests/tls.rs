//! Tests TLS at the servers, in particular handshakes and their limits.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use super::{clock, plan};
use crate::{
    Address,
    limits::Limits,
    platform_server::{PlatformServer, TlsOptions},
    record::{Event, Handshake, Service, TlsEvent},
    tls::{CertificateFault, ServerIdentity},
    transport::{Reach, Trust},
};

/// A CONNECT and a DISCONNECT.
const VISIT: &[u8] = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01x\xe0\x00";
const CONNACK: &[u8] = b"\x20\x02\x00\x00";
/// The counted bytes of an idle connection with TLS.
const IDLE: usize = 10 << 10;

struct Scene {
    server: PlatformServer,
    mqtts: Address,
    trust: Trust,
    _folder: tempfile::TempDir,
}

async fn scene(limits: Limits) -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let identity = ServerIdentity::temporary(&["192.0.2.7".to_owned()]).unwrap();
    let trust = Trust::in_text(&identity.authority_pem().unwrap()).unwrap();
    let loopback: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let mut plan = plan(folder.path());
    plan.limits = limits;
    plan.tls = Some(TlsOptions { identity, mqtts: loopback, https: loopback, host: None });
    let server = PlatformServer::open(plan).await.unwrap();
    let mqtts = server.url_for_devices().parse().unwrap();
    Scene { server, mqtts, trust, _folder: folder }
}

impl Scene {
    /// Connects and sends bytes. Returns the answer, or the reason why there is no connection.
    async fn visit(&self, trust: Option<Trust>, host: &str) -> Result<Vec<u8>, String> {
        let address = (self.mqtts.host.as_str(), self.mqtts.port);
        let instead = tokio::net::lookup_host(address).await.unwrap().next();
        let reach = Reach { trust, instead };
        let connected = reach.connect(host, 1, true).await;
        let mut stream = connected.map_err(|error| error.to_string())?;
        stream.write_all(VISIT).await.unwrap();
        stream.flush().await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.map_err(|error| error.to_string())?;
        Ok(answer)
    }

    async fn connect(&self, bytes: &[u8]) -> TcpStream {
        let mut stream =
            TcpStream::connect((self.mqtts.host.as_str(), self.mqtts.port)).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream
    }

    /// Waits for the end of a handshake.
    async fn handshake(&self) -> Handshake {
        loop {
            let event = self.server.recorder.next().await.event;
            if let Event::Tls(TlsEvent { service: Service::Mqtt, handshake, .. }) = event {
                return handshake;
            }
        }
    }

    /// Waits until connections hold this many bytes.
    async fn wait_for(&self, connections: usize, bytes: usize) {
        while self.server.connections.held() != (connections, bytes) {
            sleep(Duration::from_millis(1)).await;
        }
    }
}

#[test]
fn names_and_authorities() {
    clock::block_on(async {
        let scene = scene(Limits::default()).await;
        let trust = Some(scene.trust.clone());
        for host in ["127.0.0.1", "localhost", "192.0.2.7", "ABC.iotcloud.tencentdevices.com"] {
            assert_eq!(scene.visit(trust.clone(), host).await.as_deref(), Ok(CONNACK), "{host}");
            assert_eq!(scene.handshake().await, Handshake::Done);
        }
        let other = scene.visit(trust.clone(), "other.example").await.unwrap_err();
        assert!(other.contains("not valid for name"), "{other}");
        assert!(matches!(scene.handshake().await, Handshake::Refused(_)));
        let none = scene.visit(None, "localhost").await.unwrap_err();
        assert_eq!(none, "TLS is not supported here");
        let ports = scene.server.tls.as_ref().unwrap();
        for fault in CertificateFault::ALL {
            assert!(ports.mqtt.show(Some(fault)));
            let error = scene.visit(trust.clone(), "localhost").await.unwrap_err();
            assert!(error.contains("certificate"), "{fault:?}: {error}");
            let handshake = scene.handshake().await;
            assert!(matches!(handshake, Handshake::Refused(_)), "{fault:?}: {handshake:?}");
            let anyone = Some(Trust::unchecked());
            assert_eq!(scene.visit(anyone, "localhost").await.as_deref(), Ok(CONNACK), "{fault:?}");
            assert_eq!(scene.handshake().await, Handshake::Done);
        }
        assert!(ports.mqtt.show(None));
        assert_eq!(scene.visit(trust, "localhost").await.as_deref(), Ok(CONNACK));
    });
}

#[test]
fn what_is_not_a_handshake() {
    clock::block_on(async {
        let scene = scene(Limits::default()).await;
        for (bytes, why) in [
            (VISIT, "does not begin with TLS"),
            (b"GET / HTTP/1.1\r\n\r\n", "does not begin with TLS"),
            (b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", "cannot be used"),
        ] {
            let _stream = scene.connect(bytes).await;
            let handshake = scene.handshake().await;
            assert!(!matches!(handshake, Handshake::Refused(_)), "{handshake:?}");
            let said = handshake.failure().unwrap();
            assert!(said.contains(why), "{said}");
        }
        // A port scan is not an event.
        drop(scene.connect(b"").await);
        scene.wait_for(0, 0).await;
        assert!(scene.server.recorder.try_next().is_none());
    });
}

/// The beginning of a ClientHello of 16 KiB.
const BEGIN: &[u8] = b"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc";

#[test]
fn a_handshake_has_a_limited_time() {
    clock::block_on(async {
        let scene = scene(Limits::default()).await;
        let begun = tokio::time::Instant::now();
        let mut stream = scene.connect(&[BEGIN, &[0; 1_000]].concat()).await;
        scene.wait_for(1, IDLE + BEGIN.len() + 1_000).await;
        assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0);
        assert!(begun.elapsed() >= Limits::default().handshake);
        let slow = scene.handshake().await;
        assert!(
            matches!(&slow, Handshake::Failed(why) if why.contains("does not end")),
            "{slow:?}"
        );
        scene.wait_for(0, 0).await;
    });
}

#[test]
fn connections_with_tls_are_limited() {
    clock::block_on(async {
        let few = scene(Limits { connections: 2, ..Limits::default() }).await;
        let _streams = [few.connect(BEGIN).await, few.connect(BEGIN).await];
        few.wait_for(2, 2 * (IDLE + BEGIN.len())).await;
        let _newest = few.connect(BEGIN).await;
        let gone = few.handshake().await;
        assert!(matches!(&gone, Handshake::Failed(why) if why.contains("idle")), "{gone:?}");

        let most = 3 * IDLE;
        let small = scene(Limits { connection_bytes: most, ..Limits::default() }).await;
        let _one = small.connect(BEGIN).await;
        let _largest = small.connect(&[BEGIN, &[0; 8_000]].concat()).await;
        small.wait_for(2, 2 * (IDLE + BEGIN.len()) + 8_000).await;
        let _third = small.connect(BEGIN).await;
        let gone = small.handshake().await;
        assert!(matches!(&gone, Handshake::Failed(why) if why.contains("memory")), "{gone:?}");
        small.wait_for(2, 2 * (IDLE + BEGIN.len())).await;
    });
}

#[test]
fn files_that_are_not_an_identity() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] =
        [(); 2].map(|()| rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap());
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let certificate = write("cert.pem", one.cert.pem());
    let key = write("key.pem", one.signing_key.serialize_pem());
    let other = write("other.pem", other.signing_key.serialize_pem());
    let empty = write("empty.pem", String::new());
    let identity = ServerIdentity::in_files(&certificate, &key).unwrap();
    assert_eq!(identity.authority_pem(), None);
    for fault in CertificateFault::ALL {
        assert_eq!(identity.faulty(fault).is_some(), !fault.needs_authority(), "{fault:?}");
    }
    for (certificate, key, path) in [
        (&empty, &key, &empty),
        (&certificate, &empty, &empty),
        (&certificate, &other, &other),
        (&folder.path().join("none"), &key, &folder.path().join("none")),
    ] {
        let (named, why) = ServerIdentity::in_files(certificate, key).unwrap_err();
        assert_eq!((&named, why.is_empty()), (path, false), "{why}");
    }
    for (name, is_legal) in
        [("host", true), ("*.host", true), ("::1", true), ("no name", false), ("\u{e9}", false)]
    {
        assert_eq!(ServerIdentity::temporary(&[name.to_owned()]).is_ok(), is_legal, "{name}");
    }
}
