//! Mosquitto's clients at our endpoint, and our platform at Mosquitto's broker.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::serving::{file, run_device, serve};

/// Whether the test can be run.
fn has(program: &str) -> bool {
    let there = Command::new(program).arg("-h").output().is_ok();
    if !there {
        println!("skipped: needs {program}");
    }
    there
}

struct Broker(Child, u16);

impl Broker {
    /// On a port that the system chooses; another one, if somebody else was faster.
    fn start() -> Option<Self> {
        let programs = ["mosquitto", "/usr/sbin/mosquitto"];
        // Debian keeps it where only administrators look.
        if !programs.iter().any(|program| Command::new(program).arg("-h").output().is_ok()) {
            println!("skipped: needs mosquitto");
            return None;
        }
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        (0..10).find_map(|_| Self::start_at(free()))
    }

    fn start_at(port: u16) -> Option<Self> {
        // With no configuration it listens on loopback only.
        let start = |program| {
            let mut command = Command::new(program);
            command.args(["-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().ok()
        };
        let process = start("mosquitto").or_else(|| start("/usr/sbin/mosquitto"))?;
        let mut broker = Self(process, port);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            if broker.0.try_wait().unwrap().is_some() {
                return None;
            }
            if answers(port) {
                return Some(broker);
            }
            thread::sleep(Duration::from_millis(20));
        }
        None
    }
}

/// Whether it is MQTT that listens. A mere connection could be one to itself, since the system may
/// choose the same port for its other end.
fn answers(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let mut answer = [0; 4];
    let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
    stream.write_all(b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04test").is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer == *b"\x20\x02\x00\x00"
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_platform_at_a_broker() {
    let Some(broker) = Broker::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let offer = file(folder.path(), "firmware.bin", 100_000);
    let url = format!("mqtt://127.0.0.1:{}", broker.1);
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
            assert_eq!(told.matches("Done { answer: Accepted }").count(), 2, "{told}");
            assert_eq!(fs::read(&got).unwrap(), fs::read(&offer).unwrap());
        }
        serving.end();
    }
}

#[test]
fn a_broker_that_comes_back() {
    let Some(broker) = Broker::start() else { return };
    let port = broker.1;
    let url = format!("mqtt://127.0.0.1:{port}");
    let mut serving = serve(&["--broker", &url]);
    serving.wait_for("connected, and subscribed");
    drop(broker);
    serving.wait_for("lost");
    let _broker = Broker::start_at(port).expect("the port is free again");
    serving.wait_for("connected, and subscribed");
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
                .args(["-h", "127.0.0.1", "-p", &port, "-V", version, "-q", "1", "-W", "20"])
                .args(["-i", "listener", "-t", filter, "-C", wanted])
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            serving.wait_for("subscribes to");
            // Will and retain do no harm.
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
