//! Complete uploads and downloads.

use std::fs;

use super::serving::{device, file, run_device, serve};

#[test]
fn up_and_down_in_every_version_of_mqtt() {
    let folder = tempfile::tempdir().unwrap();
    let offer = file(folder.path(), "firmware.bin", 300_000);
    let upload = file(folder.path(), "log file.txt", 1_200_000);
    let store = folder.path().join("store");
    let mut serving =
        serve(&["--store", store.to_str().unwrap(), "--offer", offer.to_str().unwrap()]);
    for level in ["3", "4", "5"] {
        let got = folder.path().join(format!("got-{level}"));
        let name = format!("device-{level}");
        let output = run_device(
            &serving.mqtt,
            &[
                "--mqtt-level",
                level,
                "--device-name",
                &name,
                "--upload",
                upload.to_str().unwrap(),
                "--download",
                got.to_str().unwrap(),
            ],
        );
        let told = String::from_utf8_lossy(&output.stdout);
        let sentences = [
            "log file.txt: uploaded 1200000 bytes, MD5 ".to_owned(),
            "firmware.bin: downloaded 300000 bytes, MD5 ".to_owned(),
            format!(", kept as {}; the platform accepts the report\n", got.display()),
        ];
        for sentence in sentences {
            assert!(told.contains(&sentence), "{sentence}: {told}");
        }
        assert_eq!(fs::read(&got).unwrap(), fs::read(&offer).unwrap());
        let kept = store.join("P").join(&name).join("log file.txt");
        assert_eq!(fs::read(kept).unwrap(), fs::read(&upload).unwrap());
        serving.wait_for("MD5 matches");
        serving.wait_for("disconnects: it sent DISCONNECT");
    }
    let printed = serving.end();
    let versions = ["MQTT 3.1 ", "MQTT 3.1.1 ", "MQTT 5 "];
    for version in versions {
        assert!(printed.iter().any(|line| line.contains(version)), "{printed:#?}");
    }
    assert!(!printed.iter().any(|line| line.contains("sign=")), "a signature was shown");
    let totals = "3 devices, 3 uploads kept (3600000 bytes), 3 downloads done";
    assert_eq!(printed.last().map(String::as_str), Some(totals));
}

#[test]
fn what_fails_is_told_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let upload = file(folder.path(), "log.txt", 5);
    let serving = serve(&[]);
    let upload = ["--upload", upload.to_str().unwrap()];
    let download = ["--download", folder.path().to_str().unwrap()];
    for (arguments, sentence) in [
        (
            [&upload[..], &["--misbehave", "wrong-bytes"]].concat(),
            "log.txt: the upload of 5 bytes failed: the object store answered with status 400; \
             the platform accepts the report\n",
        ),
        (
            // No answer is expected.
            [&download[..], &["--patience", "300"]].concat(),
            "download: the platform offered no resource\n",
        ),
    ] {
        let output = device(&serving.mqtt, &arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), sentence);
    }
    serving.end();
}

#[test]
fn an_offer_is_pushed() {
    let folder = tempfile::tempdir().unwrap();
    let offer = file(folder.path(), "pushed", 10);
    let serving = serve(&["--offer", offer.to_str().unwrap(), "--push"]);
    let got = folder.path().join("got");
    run_device(&serving.mqtt, &["--device-name", "d", "--download", got.to_str().unwrap()]);
    assert_eq!(fs::read(got).unwrap(), fs::read(offer).unwrap());
    let printed = serving.end();
    assert!(printed.iter().any(|line| line.contains("download of pushed done")), "{printed:#?}");
}

#[test]
fn the_environment_of_a_trigger() {
    let folder = tempfile::tempdir().unwrap();
    let offer = file(folder.path(), "offered", 1_000);
    let serving = serve(&["--offer", offer.to_str().unwrap()]);
    for (flow, name) in [("upload", "offered"), ("download", "got")] {
        let status = device(&serving.mqtt, &[])
            .env("IOTHUB_FLOW", flow)
            .env("IOTHUB_FILE", folder.path().join(name))
            .env("IOTHUB_DEVICE_NAME", "triggered")
            .env("IOTHUB_SCENARIO", "happy")
            .status();
        assert!(status.unwrap().success(), "{flow}");
    }
    assert_eq!(fs::read(folder.path().join("got")).unwrap(), fs::read(offer).unwrap());
    let printed = serving.end();
    assert!(printed.iter().any(|line| line.contains("P/triggered")), "{printed:#?}");
}

#[test]
fn who_is_not_in_the_credentials_is_turned_away() {
    let folder = tempfile::tempdir().unwrap();
    let upload = file(folder.path(), "file", 5);
    let credentials = folder.path().join("credentials");
    fs::write(&credentials, "# who may\n\nalice:se:cret\n").unwrap();
    let mut serving = serve(&["--credentials", credentials.to_str().unwrap()]);
    let place = serving.mqtt.trim_start_matches("mqtt://").to_owned();
    let upload = upload.to_str().unwrap();
    run_device(&format!("mqtt://alice:se:cret@{place}"), &["--upload", upload]);
    for user in ["", "alice:secret@", "bob:se:cret@"] {
        let mut device = device(&format!("mqtt://{user}{place}"), &["--upload", upload]);
        let output = device.output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        serving.wait_for("the credentials file has neither");
    }
}
