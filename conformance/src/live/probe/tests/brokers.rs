//! The same through Mosquitto.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{is_all_well, stage::Stage};
use crate::live::{mqtt::Version, probe::all};

struct Broker(Child);

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn mosquitto() -> Option<(Broker, SocketAddr)> {
    // Debian keeps it where only administrators look.
    let program = ["mosquitto", "/usr/sbin/mosquitto"]
        .into_iter()
        .find(|program| Command::new(program).arg("-h").output().is_ok())?;
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("mosquitto.conf");
    // Without the last line, every message waits for a timer of TCP.
    let text = format!(
        "listener {} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n",
        address.port()
    );
    fs::write(&settings, text).unwrap();
    let process = Command::new(program)
        .arg("-c")
        .arg(&settings)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let broker = Broker(process);
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(10), "mosquitto does not listen");
        thread::sleep(Duration::from_millis(20));
    }
    Some((broker, address))
}

#[test]
fn the_reference_platform_passes_behind_mosquitto() {
    let Some((_broker, address)) = mosquitto() else {
        println!("skipped: needs mosquitto");
        return;
    };
    for version in [Version::V3_1, Version::V5] {
        let mut stage = Stage::new();
        (stage.version, stage.broker) = (version, Some(address));
        is_all_well(&stage.play(all().collect()).cases);
    }
}
