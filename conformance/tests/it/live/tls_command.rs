//! `serve --tls`, `device --tls` and `platform` with TLS, as users call them.

use std::{fs, path::Path, process::Stdio};

use super::{
    device_command::{device, text, trigger},
    serving::{self, file, run_device, serve},
};
use crate::command::run;

const FREE: [&str; 5] = ["--tls", "--mqtts", "127.0.0.1:0", "--https", "127.0.0.1:0"];

fn str(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn serve_with_a_temporary_authority() {
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("ca.pem");
    let log = file(folder.path(), "log.txt", 5_000);
    let options = ["--tls-ca", str(&authority), "--tls-name", "localhost"];
    let mut serving = serve(&[&FREE[..], &options].concat());
    let mqtts = serving.mqtts();
    assert!(mqtts.starts_with("mqtts://localhost:"), "{mqtts}");
    let known = ["--ca", str(&authority), "--upload", str(&log)];

    // Meanwhile, a device that trusts another authority repeats its attempts for half a minute.
    let stranger = serve(&FREE);
    let mut refusing = serving::device(&stranger.mqtts(), &["--patience", "300"]);
    let refusing = refusing.args(known).stdout(Stdio::null()).stderr(Stdio::null()).spawn();

    run_device(&mqtts, &known);
    serving.wait_for("connects with MQTT 3.1.1 and TLS");
    serving.wait_for("MD5 matches");
    // The plain port stays open, but the URL is an `https` URL.
    let plain = serving.mqtt.clone();
    run_device(&plain, &known);
    serving.wait_for("MD5 matches");

    // The platform is tested over TLS, and its URLs are correct.
    let arguments = ["platform", "--product-id", "P", "--device-name", "d", "--filter", "upload/"];
    let broker = ["--broker", &mqtts, "--ca", str(&authority), "--timeout", "20000"];
    let tested = run(arguments.iter().chain(&broker));
    assert_eq!(tested.status, Some(0), "{tested:?}");
    assert!(!tested.stdout.contains("plain-http"), "{tested:?}");
    serving.end();

    assert_eq!(refusing.unwrap().wait().unwrap().code(), Some(3));
    let lines = stranger.end();
    let said = "it refuses the certificate: its authority is unknown";
    assert!(lines.iter().any(|line| line.contains(said)), "{lines:#?}");
}

#[test]
fn serve_with_a_certificate_of_the_user() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let log = file(folder.path(), "log.txt", 5_000);
    let options = ["--tls-cert", str(&certificate), "--tls-key", str(&key)];
    let serving = serve(&[&FREE[..], &options].concat());
    run_device(&serving.mqtts(), &["--ca", str(&certificate), "--upload", str(&log)]);
    serving.end();
    // Only the temporary authority can sign the other certificates.
    let listed = text(&device(&[&["--list", "--tls"], &options[..]].concat()).stdout);
    let scenarios = listed.lines().filter(|line| line.contains("/tls/")).count();
    assert_eq!(scenarios, 8, "{listed}");
}

#[test]
fn device_over_tls() {
    let filters = ["--filter", "upload/size/usual", "--filter", "upload/tls/https-expired"];
    let output = device(&[&["--tls", "--trigger", &trigger("")], &filters[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(text(&output.stdout).ends_with("2 pass\n"), "{}", text(&output.stdout));
    let output = device(&["--tls", "--trigger", "true", "--filter", "upload/size/usual"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).ends_with("that the device must trust\n"), "{output:?}");
    let trusting = trigger("--misbehave trusts-anyone");
    let filter = ["--filter", "upload/tls/mqtt-self-signed"];
    let output = device(&[&["--tls", "--trigger", &trusting], &filter[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("certificate TLS-1"), "{}", text(&output.stdout));
}

#[test]
fn options_that_do_not_fit_together() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = file(folder.path(), "nothing.pem", 0);
    for (arguments, why) in [
        (&["serve", "--tls-ca", "ca.pem"][..], "--tls"),
        (&["serve", "--mqtts", "0"], "--tls"),
        (&["serve", "--tls", "--tls-cert", "c"], "--tls-key"),
        (&["serve", "--tls", "--tls-cert", str(&nothing), "--tls-key", "k"], "no certificate"),
        (&["serve", "--tls", "--mqtts", "0.0.0.0:0"], "--tls-name"),
        (&["serve", "--tls", "--tls-name", "\u{e9}"], "--tls-name"),
        (&["serve", "--tls", "--tls-name", "a b"], "--tls-name: \"a b\""),
        (&["serve", "--broker", "mqtts://h"], "without TLS"),
        (&["device", "--trigger", "x", "--broker", "mqtts://h"], "without TLS"),
        (&["device", "--trigger", "x", "--filter", "/tls/"], "add --tls"),
    ] {
        let run = run(arguments);
        assert_eq!(run.status, Some(2), "{arguments:?}: {run:?}");
        assert!(run.stderr.contains(why), "{arguments:?}: {run:?}");
    }
}
