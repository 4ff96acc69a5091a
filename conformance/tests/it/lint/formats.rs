//! The output of `mosquitto_sub` in each of its formats.

use super::{codes, found, lint, lint_bytes};

/// The topic of the session in the recorded files.
const UP: &str = "$resource/up/service/PEERTEST01/dev1";
const DOWN: &str = "$resource/down/service/PEERTEST01/dev1";

/// The file names in `tests/captures`, and the options that print them.
const FORMATS: [(&str, &[&str]); 4] = [
    ("mosquitto-hex.txt", &["-F", "%t %x"]),
    ("mosquitto-j.txt", &["-F", "%j"]),
    ("mosquitto-J.txt", &["-F", "%J"]),
    ("mosquitto-v.txt", &["-v"]),
];

/// A valid upload, and then messages that some format does not show as they were sent.
const MESSAGES: &[(&str, &[u8])] = &[
    (UP, br#"{"type": "create_upload_task","size": 5,"name": "zxc","md5sum": "5d41402abc4b2a76b9719d911017c592"}"#),
    (DOWN, br#"{"type":"create_upload_task_rsp","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592","url":"https://store.example/zxc?q-signature=0123"}"#),
    (UP, br#"{"type":"report_upload_progress","name":"zxc","progress":{"percent":50,"state":"uploading","result_code":0,"result_msg":""}}"#),
    (DOWN, br#"{"type":"report_upload_progress_rsp","result_code":0,"result_msg":"ok"}"#),
    (UP, br#"{"type":"report_upload_progress","name":"zxc","progress":{"state":"done","result_code":0,"result_msg":""}}"#),
    (DOWN, br#"{"type":"report_upload_progress_rsp","result_code":0,"result_msg":"ok"}"#),
    // 7: a spelling that is lost in a value.
    (UP, br#"{"type":"create_upload_task","size":1.0,"name":"a\u0041\/b","md5sum":"5d41402abc4b2a76b9719d911017c592"}"#),
    // 8: not UTF-8.
    (UP, b"{\"type\":\"get_download_task\",\"x\":\"\xFF\xC3\"}"),
    // 9: a zero byte at the end.
    (UP, b"{\"type\":\"get_download_task\"}\0"),
    // 10: empty.
    (UP, b""),
    // 11: another topic.
    ("sensors/1/room with a view", b"21.5"),
    // 12: not JSON.
    (UP, b"{\"type\":\"get_download_task\""),
    // 13: a key twice, and control characters as escapes.
    (UP, b"{\"type\":\"get_download_task\",\"type\":\"get\\n\\t\\u0001\"}"),
    // 14: only digits.
    (UP, b"1234"),
    // 15: a number larger than any integer.
    (UP, br#"{"type":"create_upload_task","size":1e300,"name":"a","md5sum":"x"}"#),
    // 16: misplaced.
    (DOWN, br#"{"type":"report_upload_progress_rsp","result_code":0,"result_msg":"ok"}"#),
];

/// Returns the findings in the recorded messages.
fn findings(run: &crate::command::Run) -> Vec<String> {
    found(run).into_iter().map(|(line, level, code)| format!("{line} {level} {code}")).collect()
}

#[test]
fn recorded_from_the_real_program() {
    for (name, _) in FORMATS {
        let run = lint(&[name]);
        assert_eq!((run.status, &*run.stderr), (Some(1), ""), "{name}");
        insta::assert_snapshot!(name.trim_end_matches(".txt"), run.stdout);
    }
}

/// The hexadecimal format gives the same findings as the original bytes.
#[test]
fn hexadecimal_keeps_every_byte() {
    let capture: String = MESSAGES
        .iter()
        .map(|(topic, payload)| {
            use base64ct::{Base64, Encoding};
            let payload = Base64::encode_string(payload);
            format!("{{\"topic\":\"{topic}\",\"payload_b64\":\"{payload}\"}}\n")
        })
        .collect();
    let own = lint_bytes(capture.as_bytes(), &[]);
    assert_eq!(codes(&own), codes(&lint(&["mosquitto-hex.txt"])));
    // Different formats in one file.
    let hex = std::fs::read_to_string(super::capture("mosquitto-hex.txt")).expect("it is there");
    let mixed: String = capture
        .lines()
        .zip(hex.lines())
        .enumerate()
        .map(|(at, (own, hex))| format!("{}\n", if at % 2 == 0 { own } else { hex }))
        .collect();
    assert_eq!(codes(&lint_bytes(mixed.as_bytes(), &[])), codes(&own));
}

#[cfg(unix)]
mod with_mosquitto {
    use std::{
        fs,
        io::Write,
        process::{Child, Command, Stdio},
        thread,
        time::{Duration, Instant},
    };

    use super::*;
    use crate::{command::HANGS, mosquitto::Broker};

    /// A program that ends when the value is dropped.
    struct Started(Child);

    impl Drop for Started {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    fn client(program: &str, port: u16) -> Command {
        let mut command = Command::new(program);
        command.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-q", "1"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }

    #[test]
    fn the_real_program() {
        let there = Command::new("mosquitto_sub").arg("--help").output().is_ok();
        let folder = tempfile::TempDir::new().expect("there is room for temporary files");
        let Some(broker) = Broker::start().filter(|_| there) else {
            println!("skipped: needs mosquitto and mosquitto-clients");
            return;
        };
        let port = broker.port;
        let subscribers: Vec<_> = FORMATS
            .iter()
            .map(|(name, options)| {
                let mut command = client("mosquitto_sub", port);
                command.args(["-t", "#", "-t", "$resource/#", "-C"]);
                // One more message shows that the client has subscribed.
                command.arg((MESSAGES.len() + 1).to_string()).args(*options);
                let output = fs::File::create(folder.path().join(name)).expect("there is room");
                (name, Started(command.stdout(output).spawn().expect("it is there")))
            })
            .collect();
        let publish = |topic: &str, payload: &[u8]| {
            let mut command = client("mosquitto_pub", port);
            // `-s` refuses an empty input.
            command.args(["-t", topic, if payload.is_empty() { "-n" } else { "-s" }]);
            let mut process = command.stdin(Stdio::piped()).spawn().expect("it is there");
            let mut input = process.stdin.take().expect("it is piped");
            input.write_all(payload).expect("it reads");
            drop(input);
            assert!(process.wait().expect("it is our child").success());
        };
        // The message is retained, so that late subscribers receive it too.
        let ready = client("mosquitto_pub", port).args(["-t", "ready", "-m", "1", "-r"]).status();
        assert!(ready.expect("it is there").success());
        let until = Instant::now() + HANGS;
        let printed = |name: &str| fs::read(folder.path().join(name)).unwrap_or_default();
        // `mosquitto_sub` writes to a file immediately.
        for (name, _) in &subscribers {
            while !printed(name).contains(&b'\n') {
                assert!(Instant::now() < until, "{name} has not subscribed");
                thread::sleep(Duration::from_millis(20));
            }
        }
        for (topic, payload) in MESSAGES {
            publish(topic, payload);
        }
        for (name, mut subscriber) in subscribers {
            while subscriber.0.try_wait().expect("it is our child").is_none() {
                assert!(Instant::now() < until, "{name}: {:?}", printed(name));
                thread::sleep(Duration::from_millis(20));
            }
            let bytes = printed(name);
            let first = bytes.iter().position(|&byte| byte == b'\n').map_or(0, |end| end + 1);
            let bytes = &bytes[first..];
            if std::env::var_os("IOTHUB_RECORD").is_some() {
                fs::write(crate::lint::capture(name), bytes).expect("there is room");
            }
            let fresh = lint_bytes(bytes, &[]);
            assert_eq!(findings(&fresh), findings(&lint(&[name])), "{name}");
        }
    }
}
