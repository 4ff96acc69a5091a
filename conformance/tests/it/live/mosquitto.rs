//! Mosquitto's clients at the endpoint of `serve`, and `serve` at a Mosquitto broker.

use std::{
    fs,
    process::{Command, Stdio},
};

use super::serving::{file, run_device, serve};
use crate::mosquitto::Broker;

/// Returns whether a program is installed.
fn has(program: &str) -> bool {
    let there = Command::new(program).arg("-h").output().is_ok();
    if !there {
        println!("skipped: needs {program}");
    }
    there
}

#[test]
fn the_platform_at_a_broker() {
    let Some(broker) = Broker::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let offer = file(folder.path(), "firmware.bin", 100_000);
    let url = format!("mqtt://127.0.0.1:{}", broker.port);
    for push in [false, true] {
        let mut arguments = vec!["--broker", &*url, "--offer", offer.to_str().unwrap()];
        if push {
            arguments.push("--push");
        }
        let serving = serve(&arguments);
        for level in ["3", "4", "5"] {
            let got = folder.path().join(format!("got-{level}-{push}"));
            let name = format!("d{level}{push}");
            let output = run_device(
                &url,
                &[
                    "--mqtt-level",
                    level,
                    "--device-name",
                    &name,
                    "--upload",
                    offer.to_str().unwrap(),
                    "--download",
                    got.to_str().unwrap(),
                ],
            );
            let told = String::from_utf8_lossy(&output.stdout);
            assert_eq!(told.matches("; the platform accepts the report\n").count(), 2, "{told}");
            assert_eq!(fs::read(&got).unwrap(), fs::read(&offer).unwrap());
        }
        serving.end();
    }
}

#[test]
fn a_broker_that_comes_back() {
    let Some(broker) = Broker::start() else { return };
    let port = broker.port;
    let url = format!("mqtt://127.0.0.1:{port}");
    let mut serving = serve(&["--broker", &url]);
    serving.wait_for("connected and subscribed");
    drop(broker);
    serving.wait_for("lost");
    let _broker = Broker::start_at(port).expect("the port is free again");
    serving.wait_for("connected and subscribed");
    let folder = tempfile::tempdir().unwrap();
    let upload = file(folder.path(), "file", 10);
    run_device(&url, &["--upload", upload.to_str().unwrap()]);
    serving.end();
}

#[test]
fn clients_of_mosquitto() {
    if !has("mosquitto_pub") || !has("mosquitto_sub") {
        return;
    }
    const ASK: &str = r#"{"type":"get_download_task"}"#;
    const UP: &str = "$resource/up/service/P/d";
    let folder = tempfile::tempdir().unwrap();
    let offer = file(folder.path(), "firmware.bin", 10);
    let mut serving = serve(&["--offer", offer.to_str().unwrap()]);
    let port = serving.mqtt_address().port().to_string();
    for version in ["mqttv31", "mqttv311", "mqttv5"] {
        for filter in ["$resource/down/service/P/d", "$resource/down/service/+/d", "$resource/#"] {
            let wanted = if filter.ends_with('#') { "2" } else { "1" };
            let listener = Command::new("mosquitto_sub")
                .args(["-h", "127.0.0.1", "-p", &port, "-V", version, "-q", "1", "-W", "300"])
                .args(["-i", "listener", "-t", filter, "-C", wanted])
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            serving.wait_for("subscribes to");
            // The will and the retain flag are harmless.
            let status = Command::new("mosquitto_pub")
                .args(["-h", "127.0.0.1", "-p", &port, "-V", version, "-q", "1", "-t", UP])
                .args([
                    "-m",
                    ASK,
                    "-r",
                    "--will-topic",
                    UP,
                    "--will-payload",
                    "{}",
                    "--will-retain",
                ])
                .status();
            assert!(status.unwrap().success(), "{version}");
            let heard = listener.wait_with_output().unwrap();
            let heard = String::from_utf8_lossy(&heard.stdout);
            assert!(heard.contains("get_download_task_rsp"), "{version} {filter}: {heard}");
        }
    }
    let printed = serving.end();
    assert!(!printed.iter().any(|line| line.contains("no message")), "{printed:#?}");
}
