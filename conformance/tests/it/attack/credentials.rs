//! With `--credentials`, a device can act only in its own name.

use std::{fs, path::Path};

use iothub_conformance::live::credentials::{Credentials, DeviceSecret};
use iothub_resource::{DeviceName, ProductId};

use super::{
    bytes::{CONNACK, connect_as, packet, publish, publish_acknowledged, subscribe},
    scene::{Attacker, Peer},
};
use crate::live::serving::{Serving, serve};

const SECRET: &str = "AAECAwQFBgcICQoLDA0ODw==";
const UP_ONE: &str = "$resource/up/service/P1/one";
const UP_TWO: &str = "$resource/up/service/P1/two";
const DOWN_ONE: &str = "$resource/down/service/P1/one";
const DOWN_TWO: &str = "$resource/down/service/P1/two";
const CREATE: &[u8] = br#"{"type":"create_upload_task","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592"}"#;

fn guarded(folder: &Path, lines: &str) -> Serving {
    let path = folder.join("credentials");
    let devices = format!("# who may\ndevice P1/one {SECRET}\ndevice P1/two {SECRET}\n{lines}");
    fs::write(&path, devices).unwrap();
    serve(&["--credentials", path.to_str().unwrap()])
}

fn signed(device_name: &str) -> (String, String, String) {
    let (product_id, device_name) =
        (ProductId::new("P1").unwrap(), DeviceName::new(device_name).unwrap());
    let secret = DeviceSecret::parse(SECRET).unwrap();
    let Credentials { client_id, username, password } =
        Credentials::signed(product_id, device_name, &secret);
    (client_id, username.unwrap(), password.unwrap())
}

fn enter<'a>(attacker: &'a Attacker, who: &(String, String, String)) -> Peer<'a> {
    let mut peer = attacker.peer(attacker.mqtt);
    peer.send(&connect_as(&who.0, &who.1, &who.2));
    assert_eq!(peer.read(CONNACK.len()), CONNACK);
    peer
}

/// Subscribes to the filters, and returns the code for each; 0 means granted.
fn subscribed(peer: &mut Peer<'_>, filters: &[&str]) -> Vec<u8> {
    peer.send(&subscribe(filters));
    peer.read(4 + filters.len()).split_off(4)
}

#[test]
fn a_device_has_its_own_topics_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = guarded(folder.path(), "");
    let attacker = Attacker::of(&serving);
    let mut two = enter(&attacker, &signed("two"));
    assert_eq!(subscribed(&mut two, &[DOWN_TWO]), [0]);
    let mut one = enter(&attacker, &signed("one"));
    let wanted = ["#", "$resource/#", "$resource/down/service/P1/+", DOWN_TWO, UP_ONE, DOWN_ONE];
    assert_eq!(subscribed(&mut one, &wanted), [128, 128, 128, 128, 128, 0]);
    serving.wait_for("may not subscribe to $resource/down/service/P1/two");
    for topic in [UP_TWO, DOWN_TWO, DOWN_ONE, "other"] {
        one.send(&publish(topic, CREATE));
        serving.wait_for(&format!("may not publish on {topic}"));
    }
    // Its own topic is accepted, and only this device gets the answer.
    one.send(&publish_acknowledged(UP_ONE, CREATE));
    serving.wait_for("may upload zxc");
    assert_eq!(one.read(2)[0], 0x40);
    two.send(b"\xc0\x00");
    assert_eq!(two.read(2), b"\xd0\x00", "it has heard of nothing");
    serving.end();
}

#[test]
fn a_will_is_no_way_around() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = guarded(folder.path(), "");
    let attacker = Attacker::of(&serving);
    let mut two = enter(&attacker, &signed("two"));
    assert_eq!(subscribed(&mut two, &[DOWN_TWO]), [0]);
    let (client_id, username, password) = signed("one");
    let mut body = b"\x00\x04MQTT\x04\xc6\x00\x00".to_vec();
    for part in [&*client_id, DOWN_TWO, "forged", &username, &password] {
        body.extend(u16::try_from(part.len()).unwrap().to_be_bytes());
        body.extend(part.as_bytes());
    }
    let mut one = attacker.peer(attacker.mqtt);
    one.send(&packet(0x10, &body));
    drop(one);
    serving.wait_for("may not publish on $resource/down/service/P1/two");
    two.send(b"\xc0\x00");
    assert_eq!(two.read(2), b"\xd0\x00", "it has heard of nothing");
    serving.end();
}

#[test]
fn a_user_has_what_the_file_gives() {
    let folder = tempfile::tempdir().unwrap();
    let lines = "\
# sees all, and publishes nothing
watcher:secret
allow watcher subscribe $resource/#
desk:se:cret
allow desk subscribe $resource/down/service/P1/+
allow desk publish $resource/up/service/P1/+
free:x
";
    let mut serving = guarded(folder.path(), lines);
    let attacker = Attacker::of(&serving);
    let user = |name: &str, password: &str| {
        ("any".to_owned() + name, name.to_owned(), password.to_owned())
    };
    let mut watcher = enter(&attacker, &user("watcher", "secret"));
    assert_eq!(subscribed(&mut watcher, &["$resource/#", DOWN_ONE, "#"]), [0, 0, 128]);
    watcher.send(&publish(UP_ONE, CREATE));
    serving.wait_for("may not publish on $resource/up/service/P1/one");
    let mut desk = enter(&attacker, &user("desk", "se:cret"));
    assert_eq!(subscribed(&mut desk, &["$resource/#", UP_ONE, DOWN_ONE]), [128, 128, 0]);
    desk.send(&publish(UP_ONE, CREATE));
    serving.wait_for("may upload zxc");
    desk.send(&publish(DOWN_ONE, CREATE));
    serving.wait_for("may not publish on $resource/down/service/P1/one");
    let mut free = enter(&attacker, &user("free", "x"));
    assert_eq!(subscribed(&mut free, &["#", "$resource/#"]), [0, 0]);
    serving.end();
}
