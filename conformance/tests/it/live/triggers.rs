//! The triggers for the vendor's SDKs, with a stand-in for the C SDK's sample, since the SDKs are
//! not in this repository.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::device_command::{example, text};
use crate::defects::has_python;

fn triggers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/triggers")
}

/// The stand-in uses the files that the sample uses, but no environment variable.
#[test]
fn the_sample_of_the_c_sdk_finds_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let sample = folder.path().join("sample.sh");
    let script = format!(
        r#"#!/bin/sh
set -eu
product=$(sed -n 's/.*"productId": "\(.*\)",/\1/p' device_info.json)
device=$(sed -n 's/.*"deviceName": "\(.*\)",/\1/p' device_info.json)
set -- --mqtt "$IOTHUB_MQTT_URL" --product-id "$product" --device-name "$device" --patience 300000
if [ "$IOTHUB_FLOW" = upload ]; then set -- "$@" --upload uploadtest
else [ ! -e uploadtest ]; set -- "$@" --download "download_${{product}}${{device}}_zxc.bin"; fi
unset IOTHUB_FLOW IOTHUB_FILE
exec '{}' "$@"
"#,
        example().display()
    );
    fs::write(&sample, script).unwrap();
    fs::set_permissions(&sample, fs::Permissions::from_mode(0o755)).unwrap();
    let trigger = format!("'{}'", triggers().join("c-sdk.sh").display());
    let mut command = Command::new(env!("CARGO_BIN_EXE_iothub-conformance"));
    command.args(["device", "--trigger", &trigger]).env("IOTHUB_SAMPLE", &sample);
    command.args(["--filter", "upload/size/usual", "--filter", "download/size/usual"]);
    let output = command.stdin(Stdio::null()).env_remove("IOTHUB_MISBEHAVE").output().unwrap();
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
    assert!(said.ends_with("2 pass\n"), "{said}");
}

#[test]
fn the_trigger_for_the_python_sdk_is_python() {
    if !has_python() {
        return;
    }
    let check = "import ast, sys; ast.parse(open(sys.argv[1]).read())";
    let mut python = Command::new("python3");
    let status = python.args(["-c", check]).arg(triggers().join("python-sdk.py")).status().unwrap();
    assert!(status.success());
}
