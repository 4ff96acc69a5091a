//! Error messages name a remedy, with an example of a right value.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use tempfile::TempDir;

use crate::command::{Run, run};

#[track_caller]
fn says(run: &Run, status: i32, words: &[&str]) {
    assert_eq!(run.status, Some(status), "{run:?}");
    for word in words {
        assert!(run.stderr.contains(word), "{word}: {}", run.stderr);
    }
}

#[test]
fn an_address_to_listen_on() {
    for command in ["serve", "device"] {
        let run = run([command, "--listen", "127.0.0.1"]);
        says(&run, 2, &["expected HOST:PORT, for example 127.0.0.1:1883"]);
    }
}

#[test]
fn a_port_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("it has one").port().to_string();
    let mqtt = run(["serve", "--listen", &port, "--http", "0"]);
    says(
        &mqtt,
        3,
        &["MQTT cannot listen on", "choose a different port with --listen", "127.0.0.1:0"],
    );
    let http = run(["serve", "--http", &format!("localhost:{port}"), "--listen", "0"]);
    says(&http, 3, &["HTTP cannot listen on", "choose a different port with --http"]);
}

#[test]
fn credentials_that_are_refused() {
    let broker = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("mqtt://{}", broker.local_addr().expect("it has one"));
    // The session ends when the client closes its connection.
    let serving = thread::spawn(move || {
        let (mut client, _) = broker.accept().expect("it comes");
        let mut connect = [0; 512];
        let _ = client.read(&mut connect).expect("it connects");
        client.write_all(&[0x20, 2, 0, 4]).expect("it listens");
        let _ = client.read(&mut connect);
    });
    let run = run(["platform", "--broker", &url, "--product-id", "P", "--device-name", "d"]);
    says(&run, 3, &["code 4: the user name or password is wrong", "--password"]);
    serving.join().expect("it has ended");
}

#[test]
fn a_report_that_cannot_be_written() {
    let run = run(["run", "--filter", "TOP-1", "--report-json", "/proc/result.json"]);
    says(&run, 2, &["/proc/result.json: "]);
    assert!(!run.stderr.contains(".iothub-conformance-"), "{}", run.stderr);
}

#[test]
fn a_store_that_is_a_file() {
    let folder = TempDir::new().expect("there is room");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("there is room");
    let run =
        run(["serve", "--listen", "0", "--http", "0", "--store", file.to_str().expect("UTF-8")]);
    says(&run, 2, &["is a file: give the folder", "--store uploads"]);
}
