//! Recorded transfers of the reference device: each of its HTTP misbehaviours is found, and nothing
//! else.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use iothub_conformance::live::device::{self, Job, Misbehaviour, Settings};
use iothub_resource::{DeviceName, ProductId};

use super::{
    codes, lint_bytes,
    transfer_wire::{CLIENT, SERVER, Wire},
};
use crate::live::serving::{file, serve};

/// Forwards connections, and records them as packets.
#[derive(Clone, Default)]
struct Relay {
    wire: Arc<Mutex<Wire>>,
    /// A text in the data of the servers, and its replacement of the same length.
    altered: Option<(&'static str, &'static str)>,
}

impl Relay {
    /// Forwards the connections of `listener` to `server`. The record shows `port` as the port of
    /// the server.
    fn forward(&self, listener: TcpListener, server: SocketAddr, port: u16) {
        let relay = self.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let name = client.peer_addr().expect("it is connected").port();
                relay.wire.lock().unwrap().open(name, port);
                let server = TcpStream::connect(server).expect("it listens");
                for (sender, from, to) in [(CLIENT, &client, &server), (SERVER, &server, &client)] {
                    let (relay, from, to) =
                        (relay.clone(), from.try_clone().unwrap(), to.try_clone().unwrap());
                    thread::spawn(move || relay.pass_on(name, sender, from, to));
                }
            }
        });
    }

    fn pass_on(&self, name: u16, sender: usize, mut from: TcpStream, mut to: TcpStream) {
        let mut bytes = vec![0; 1 << 14];
        loop {
            let count = from.read(&mut bytes).unwrap_or(0);
            let mut wire = self.wire.lock().unwrap();
            if count == 0 {
                wire.finish(name, sender);
                drop(wire);
                let _ = to.shutdown(Shutdown::Write);
                return;
            }
            let mut part = bytes[..count].to_vec();
            if let Some((old, new)) = self.altered.filter(|_| sender == SERVER)
                && let Some(at) = part.windows(old.len()).position(|some| some == old.as_bytes())
            {
                part[at..at + new.len()].copy_from_slice(new.as_bytes());
            }
            wire.send(name, sender, &part);
            drop(wire);
            if to.write_all(&part).is_err() {
                return;
            }
        }
    }
}

/// Returns the findings in the capture of one upload or download.
fn recorded(
    misbehaviour: Option<Misbehaviour>,
    size: usize,
    download: bool,
    altered: Option<(&'static str, &'static str)>,
) -> (Vec<String>, String) {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let source = file(folder.path(), "zxc.log", size);
    let relay = Relay { altered, ..Relay::default() };
    let [mqtt, http] =
        [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("there is a free port"));
    let [mqtt_address, http_address] =
        [&mqtt, &http].map(|listener| listener.local_addr().expect("it listens"));
    let url = format!("http://{http_address}");
    let offer = source.to_str().expect("the path is UTF-8");
    let mut arguments = vec!["--public-url", &url];
    if download {
        arguments.extend(["--offer", offer]);
    }
    let serving = serve(&arguments);
    relay.forward(http, serving.http_address(), 80);
    relay.forward(mqtt, serving.mqtt_address(), 1883);
    let mut settings = Settings::new(
        format!("mqtt://{mqtt_address}"),
        ProductId::new("P").unwrap(),
        DeviceName::new("d").unwrap(),
    );
    settings.misbehaviour = misbehaviour;
    settings.policy.report_interval = Duration::from_secs(600);
    if misbehaviour == Some(Misbehaviour::CutBody) {
        settings.policy.idle = Duration::from_millis(500);
    }
    let job = if download {
        Job::Download { file: folder.path().join("got") }
    } else {
        Job::Upload { file: source, name: None }
    };
    device::run(&settings, &[job], &mut |_| {}).expect("it can begin");
    drop(serving);
    let pcap = relay.wire.lock().unwrap().pcap();
    let run = lint_bytes(&pcap, &[]);
    // The URLs are plain HTTP with a port, and one resource is empty.
    let about_urls = ["plain-http", "url-for-devices", "zero-size"];
    let codes = codes(&run).into_iter().map(|(_, code)| code);
    (codes.filter(|code| !about_urls.contains(&&**code)).collect(), run.stdout)
}

#[test]
fn a_right_device() {
    for (size, download) in [(5, false), (0, false), (300_000, false), (300_000, true)] {
        let (codes, shown) = recorded(None, size, download, None);
        assert_eq!(codes, [""; 0], "{size}: {shown}");
        assert!(!shown.contains("sign="), "{shown}");
    }
}

#[test]
fn each_misbehaviour_over_http() {
    use Misbehaviour as M;
    let planted = BTreeMap::from([
        ("no-content-md5", (M::NoContentMd5, "missing-content-md5", "")),
        ("wrong-content-md5", (M::WrongContentMd5, "content-md5", "is not the MD5")),
        ("double-content-md5", (M::DoubleContentMd5, "invalid-content-md5", "occurs 2 times")),
        ("unpadded-content-md5", (M::UnpaddedContentMd5, "invalid-content-md5", "padding")),
        ("hex-content-md5", (M::HexContentMd5, "invalid-content-md5", "it is the 32 hexadecimal")),
        ("base64-of-hex", (M::Base64OfHex, "invalid-content-md5", "the Base64 of the 32")),
        ("wrong-bytes", (M::WrongBytes, "body-md5", "")),
        ("short-body", (M::ShortBody, "content-length", "")),
        ("cut-body", (M::CutBody, "body-length", "")),
        ("long-body", (M::LongBody, "body-length", "")),
        ("chunked", (M::Chunked, "missing-content-length", "in chunks")),
        ("no-query", (M::NoQuery, "altered-url", "query string is missing")),
    ]);
    for (name, (misbehaviour, code, words)) in planted {
        for size in [5, 100_000] {
            let (codes, shown) = recorded(Some(misbehaviour), size, false, None);
            assert_eq!(codes, [code], "{name}: {shown}");
            assert!(shown.contains(words), "{name}: {shown}");
        }
    }
}

#[test]
fn a_status_that_is_not_heeded() {
    let refuses = Some(("HTTP/1.1 200 OK", "HTTP/1.1 503 No"));
    let (codes, shown) = recorded(Some(Misbehaviour::SaysDoneAnyway), 500, false, refuses);
    assert_eq!(codes, ["done-without-bytes"], "{shown}");
    assert!(shown.contains("the response is 503"), "{shown}");
    // A device that checks the status reports the failure, and the fault is that of the store.
    let (codes, shown) = recorded(None, 500, false, refuses);
    assert_eq!(codes, ["upload-refused"], "{shown}");
}

#[test]
fn downloads_of_the_device() {
    let (codes, shown) = recorded(Some(Misbehaviour::RangeOfEmpty), 500, true, None);
    assert!(codes.iter().all(|code| code != "done-without-bytes"), "{shown}");
    let too_early = recorded(Some(Misbehaviour::SaysDoneEarly), 300_000, true, None);
    assert_eq!(too_early.0, ["done-too-early"], "{}", too_early.1);
}
