//! Usage errors, with their exit statuses and messages.

use std::net::TcpListener;

use crate::command::run;

#[test]
fn what_cannot_be_reached_is_status_3() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for arguments in [
        ["serve", "--http", "127.0.0.1:0", "--listen", &address],
        ["serve", "--http", &address, "--listen", "127.0.0.1:0"],
        ["serve", "--http", "127.0.0.1:0", "--broker", "mqtt://127.0.0.1:1"],
    ] {
        let run = run(arguments);
        assert_eq!(run.status, Some(3), "{run:?}");
        assert!(run.stderr.starts_with("error: "), "{run:?}");
    }
}

#[test]
fn what_makes_no_sense_is_status_2() {
    for arguments in [
        &["serve", "--listen", "somewhere"][..],
        &["serve", "--push"],
        &["serve", "--push", "--offer", "Cargo.toml", "--profile", "documented"],
        &["serve", "--offer", "/no/such/file"],
        &["serve", "--offer", "Cargo.toml", "--offer", "../protocol/Cargo.toml"],
        &["serve", "--credentials", "/no/such/file"],
        &["serve", "--http", "0.0.0.0:0"],
        &["serve", "--public-url", "ftp://host"],
        &["serve", "--broker", "http://localhost"],
        &["serve", "--broker", "mqtt://localhost", "--listen", "127.0.0.1:0"],
    ] {
        let run = run(arguments);
        assert_eq!(run.status, Some(2), "{arguments:?}: {run:?}");
    }
}

#[test]
fn a_line_of_credentials_that_lets_nobody_in_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    std::fs::write(&file, "alice:secret\ndevice EXAMPLE/device\n").unwrap();
    let run = run(["serve", "--credentials", file.to_str().unwrap()]);
    assert_eq!(run.status, Some(2), "{run:?}");
    for part in ["credentials: line 2: ", "`device PRODUCT_ID/DEVICE_NAME SECRET`"] {
        assert!(run.stderr.contains(part), "{part}: {run:?}");
    }
}
