//! Offered files that change, and a limit of file sizes.

use std::{fs, io::Write, process::Command};

use super::http::download;
use crate::live::serving::{Serving, device, exchange, file, run_device, serve, serve_by_way_of};

/// Downloads the offer, and returns the response.
fn get(serving: &Serving) -> Vec<u8> {
    let target = download(serving);
    let host = serving.http_address();
    let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    exchange(host, request.as_bytes()).0
}

#[test]
fn an_offer_that_changed_is_not_handed_out() {
    let folder = tempfile::tempdir().unwrap();
    let offer = file(folder.path(), "firmware.bin", 1_000);
    for change in ["shrunk", "grown", "rewritten"] {
        file(folder.path(), "firmware.bin", 1_000);
        let mut serving = serve(&["--offer", offer.to_str().unwrap()]);
        assert!(get(&serving).starts_with(b"HTTP/1.1 200 "));
        match change {
            "shrunk" => drop(fs::OpenOptions::new().write(true).open(&offer).unwrap().set_len(10)),
            "grown" => {
                let mut file = fs::OpenOptions::new().append(true).open(&offer).unwrap();
                file.write_all(b"more").unwrap();
            }
            _ => {
                // The length is the same, so only the time shows the change.
                let file = fs::OpenOptions::new().write(true).open(&offer).unwrap();
                (&file).write_all(&[0; 1_000]).unwrap();
                let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
                file.set_modified(later).unwrap();
            }
        }
        let answer = String::from_utf8_lossy(&get(&serving)).into_owned();
        assert!(answer.starts_with("HTTP/1.1 500 "), "{change}: {answer}");
        let line = serving.wait_for("has changed since it was offered");
        assert!(line.contains("firmware.bin"), "{line}");
        serving.end();
    }
}

#[test]
fn an_offer_that_was_replaced_is_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let offer = file(folder.path(), "firmware.bin", 1_000);
    let original = fs::read(&offer).unwrap();
    let serving = serve(&["--offer", offer.to_str().unwrap()]);
    fs::remove_file(&offer).unwrap();
    assert!(Command::new("mkfifo").arg(&offer).status().unwrap().success());
    let answer = get(&serving);
    assert!(answer.ends_with(&original), "{}", String::from_utf8_lossy(&answer));
    serving.end();
}

#[test]
fn what_is_no_file_is_not_offered() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for path in [fifo.to_str().unwrap(), "/dev/zero", folder.path().to_str().unwrap()] {
        let run = crate::command::run([
            "serve",
            "--http",
            "127.0.0.1:0",
            "--listen",
            "127.0.0.1:0",
            "--offer",
            path,
        ]);
        assert_eq!(run.status, Some(2), "{path}: {run:?}");
    }
}

#[test]
fn a_limit_of_file_sizes_is_answered_with_500() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let upload = file(folder.path(), "big", 200_000);
    let serving = limited(&["--store", store.to_str().unwrap()]);
    let output = device(&serving.mqtt, &["--upload", upload.to_str().unwrap()]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("status 500"), "{output:?}");
    let small = file(folder.path(), "small", 1_000);
    run_device(&serving.mqtt, &["--upload", small.to_str().unwrap(), "--device-name", "two"]);
    serving.end();
    let mut kept = Vec::new();
    let mut folders = vec![store];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { kept.push(path) }
        }
    }
    assert_eq!(kept.len(), 1, "{kept:?}");
}

/// Starts `serve` so that it cannot write a file of more than 64 KiB.
fn limited(arguments: &[&str]) -> Serving {
    serve_by_way_of(arguments, |command| {
        let program = command.get_program().to_owned();
        let mut shell = Command::new("sh");
        // The shell counts in blocks of 512 bytes.
        shell
            .args(["-c", "ulimit -f 128; exec \"$@\"", "sh"])
            .arg(program)
            .args(command.get_args());
        *command = shell;
    })
}
