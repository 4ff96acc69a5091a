//! `platform` at `serve`: its output, its files and its exit status.

use std::{
    fs,
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    path::Path,
    thread,
};

use serde_json::Value;

use super::serving::{Serving, file, serve};
use crate::{
    command::{self, Run, binary, run},
    lint,
};

fn platform(broker: &str, more: &[&str]) -> Run {
    let arguments = ["platform", "--broker", broker, "--product-id", "P", "--device-name", "d"];
    // Expected answers arrive, except if there is no further download.
    let timeout = ["--timeout", "20000"];
    let timeout = if more.contains(&"--timeout") { &[][..] } else { &timeout };
    run(arguments.iter().chain(timeout).chain(more))
}

fn offering(folder: &Path) -> Serving {
    let offer = file(folder, "offer", 1000);
    serve(&["--offer", offer.to_str().unwrap()])
}

#[test]
fn one_result_in_every_report() {
    let folder = tempfile::tempdir().unwrap();
    let serving = offering(folder.path());
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (json, junit, html) = (path("r.json"), path("r.xml"), path("r.html"));
    let reports = ["--report-json", &*json, "--report-junit", &junit, "--report-html", &html];
    let filters = ["--filter", "upload/small", "--filter", "download/", "--filter", "ADV-5"];
    let run = platform(&serving.mqtt, &[&reports[..], &filters].concat());
    // The URLs of the platform contain a port, and the scenarios need two more downloads.
    assert_eq!(run.status, Some(0), "{run:?}");
    assert!(run.stdout.ends_with("10 pass, 1 warn, 2 unsupported\n"), "{run:?}");
    assert!(run.stdout.contains("url-for-devices (ADV-5)"), "{run:?}");

    let text = fs::read_to_string(&json).unwrap();
    let stored = lint::stored(Path::new(&json));
    assert_eq!(stored["command"], "platform");
    assert_eq!(stored["subject"]["name"], serving.mqtt.as_str());
    let case = stored["cases"].as_array().unwrap().iter().find(|c| c["id"] == "upload/small");
    let events = case.unwrap()["events"].as_array().unwrap();
    let lanes = |event: &Value| format!("{} {}", event["from"], event["to"]).replace('"', "");
    assert!(events.iter().any(|event| lanes(event) == "device store"), "{events:#?}");
    assert!(events.iter().any(|event| lanes(event) == "platform device"), "{events:#?}");

    let junit = fs::read_to_string(&junit).unwrap();
    let html = fs::read_to_string(&html).unwrap();
    assert!(junit.contains("upload/small") && html.contains("upload/small"));
    for report in [&text, &junit, &html, &run.stdout] {
        assert!(!report.contains("sign="), "a signature is shown");
    }
    let again = command::run(["report", &json]);
    assert!(again.stdout.ends_with("10 pass, 1 warn, 2 unsupported\n"), "{again:?}");
    assert_eq!(command::run(["diff", &json, &json]).status, Some(0));
    for format in ["markdown", "html", "junit"] {
        assert_eq!(command::run(["report", "--format", format, &json]).status, Some(0), "{format}");
    }
    let strict = platform(&serving.mqtt, &["--strict", "--filter", "ADV-5"]);
    assert_eq!(strict.status, Some(1), "{strict:?}");
    serving.end();
}

#[test]
fn what_cannot_be_reached_is_status_3() {
    // Nothing listens on the first port any longer, and the second listener sends nothing.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap();
    for address in [free, silent] {
        for scheme in ["mqtt", "mqtts"] {
            if scheme == "mqtts" && address == silent {
                continue;
            }
            let folder = tempfile::tempdir().unwrap();
            let report = folder.path().join("r.json");
            let more = ["--timeout", "300", "--report-json", report.to_str().unwrap()];
            let url = format!("{scheme}://{address}");
            let arguments =
                ["platform", "--broker", &url, "--product-id", "P", "--device-name", "d"];
            let run = run(arguments.iter().chain(&more));
            assert_eq!(run.status, Some(3), "{run:?}");
            assert!(run.stderr.starts_with(&format!("error: {url} cannot be used: ")), "{run:?}");
            assert!(!report.exists(), "a report of nothing");
        }
    }
}

#[test]
fn what_is_no_broker_is_status_3() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("mqtt://{}", listener.local_addr().unwrap());
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        let _ = stream.read(&mut [0; 1024]);
    });
    let run = platform(&url, &[]);
    assert_eq!(run.status, Some(3), "{run:?}");
    // The command fails at once, not after an unanswered message.
    assert!(!run.stderr.contains("does not answer"), "{run:?}");
    serving.join().unwrap();
}

/// Messages beyond the vendor's documentation are an error in one profile, and valid in the other.
#[test]
fn the_profile() {
    let folder = tempfile::tempdir().unwrap();
    let offer = file(folder.path(), "offer", 1000);
    let offer = ["--offer", offer.to_str().unwrap()];
    let documented = serve(&[&offer[..], &["--profile", "documented"]].concat());
    let deployed = serve(&[&offer[..], &["--push"]].concat());
    let filters = ["--filter", "upload/small", "--filter", "download/query", "--filter", "ENC-5"];
    // Some messages of the other profile stay unanswered.
    for (serving, profile, timeout, status) in [
        (&documented, "documented", "20000", 0),
        (&documented, "deployed", "2000", 1),
        (&deployed, "documented", "2000", 1),
        (&deployed, "deployed", "20000", 0),
    ] {
        let more = ["--profile", profile, "--timeout", timeout];
        let run = platform(&serving.mqtt, &[&filters[..], &more].concat());
        assert_eq!(run.status, Some(status), "{profile}: {run:?}");
    }
    documented.end();
    deployed.end();
}

#[test]
fn credentials() {
    let folder = tempfile::tempdir().unwrap();
    let known = folder.path().join("credentials");
    fs::write(&known, "u:p\ndevice P/d BAUG\n").unwrap();
    let serving = serve(&["--credentials", known.to_str().unwrap()]);
    let small = ["--filter", "upload/small"];
    let pair = ["--username", "u", "--password", "p"];
    assert_eq!(platform(&serving.mqtt, &[&small[..], &pair].concat()).status, Some(0));
    let in_url = serving.mqtt.replace("mqtt://", "mqtt://u:p@");
    assert_eq!(
        platform(&serving.mqtt, &[&small[..], &["--device-secret", "BAUG"]].concat()).status,
        Some(0)
    );
    let with_url = platform(&in_url, &small);
    assert_eq!(with_url.status, Some(0), "{with_url:?}");
    assert!(!with_url.stdout.contains("u:p"), "{with_url:?}");
    for wrong in [&["--username", "u", "--password", "x"][..], &["--device-secret", "AAEC"]] {
        let run = platform(&serving.mqtt, &[&small[..], wrong].concat());
        assert_eq!(run.status, Some(3), "{run:?}");
    }
    serving.end();
}

#[test]
fn what_makes_no_sense_is_status_2() {
    for more in [
        &["--filter", "no-such-scenario"][..],
        &["--ca", "/no/such/file"],
        &["--device-secret", "no base64!"],
        &["--device-secret", "AAEC", "--username", "u"],
        &["--password", "p"],
        &["--mqtt-version", "4"],
        &["--timeout", "0"],
        &["--report-json", "/no/such/folder/r.json"],
        &["--product-id", "P"],
    ] {
        let run = platform("mqtt://127.0.0.1:1", more);
        assert_eq!(run.status, Some(2), "{more:?}: {run:?}");
    }
    for url in ["localhost", "http://localhost", "mqtts://"] {
        assert_eq!(platform(url, &[]).status, Some(2), "{url}");
    }
    let bad = ["platform", "--broker", "mqtt://h", "--device-name", "d", "--product-id", "a b"];
    assert_eq!(run(bad).status, Some(2));
    assert_eq!(run(["platform"]).status, Some(2));
}

#[test]
fn the_list() {
    let run = run(["platform", "--list", "--filter", "upload/", "--filter", "put/no-query"]);
    assert_eq!((run.status, &*run.stderr), (Some(0), ""));
    insta::assert_snapshot!(run.stdout);
}

/// Forwards the first few connections, and closes the next one.
fn gone_after(connections: usize, to: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut from_device in listener.incoming().flatten().take(connections) {
            let mut from_platform = TcpStream::connect(to).unwrap();
            let mut to_platform = from_platform.try_clone().unwrap();
            let mut to_device = from_device.try_clone().unwrap();
            thread::spawn(move || {
                let _ = io::copy(&mut from_device, &mut to_platform);
                let _ = to_platform.shutdown(Shutdown::Both);
            });
            thread::spawn(move || {
                let _ = io::copy(&mut from_platform, &mut to_device);
                let _ = to_device.shutdown(Shutdown::Both);
            });
        }
    });
    address
}

#[test]
fn a_platform_that_is_gone_has_crashed() {
    let folder = tempfile::tempdir().unwrap();
    let serving = offering(folder.path());
    let report = folder.path().join("r.json");
    let broker = format!("mqtt://{}", gone_after(2, serving.mqtt_address()));
    let run = platform(&broker, &["--report-json", report.to_str().unwrap()]);
    assert_eq!(run.status, Some(1), "{run:?}");
    let totals = &lint::stored(&report)["totals"];
    assert!(totals["crashed"].as_u64() > Some(50), "{totals}");
    serving.end();
}

#[cfg(unix)]
#[test]
fn an_interruption_leaves_what_there_is() {
    use crate::interrupt::interrupt;

    let folder = tempfile::tempdir().unwrap();
    let mut serving = offering(folder.path());
    let report = folder.path().join("r.json");
    let mut command = binary();
    command.args(["platform", "--broker", &serving.mqtt, "--product-id", "P"]);
    command.args(["--device-name", "d", "--timeout", "3600000", "--report-json"]).arg(&report);
    let going = command::start(&mut command);
    serving.wait_for("upload of");
    let run = interrupt(going);
    assert_eq!(run.status, Some(130), "{run:?}");
    assert!(run.stderr.contains("scenarios"), "{run:?}");
    assert_eq!(lint::stored(&report)["interrupted"], true);
    serving.end();
}
