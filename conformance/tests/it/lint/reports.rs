//! Small captures in which data was once lost silently.

use super::{assert_codes, codes, errors, found, lint};

/// Checks a file: the exit status, the number of messages, and the codes of the errors.
#[track_caller]
fn check(name: &str, status: i32, messages: usize, expected: &[(usize, &str)]) -> String {
    let name = format!("reports/{name}");
    let run = lint(&[&name]);
    assert_codes(&errors(&run), expected);
    assert!(run.stdout.contains(&format!("{name}: {messages} messages, ")), "{}", run.stdout);
    assert_eq!((run.status, &*run.stderr), (Some(status), ""), "{name}");
    run.stdout
}

#[test]
fn what_is_right() {
    for name in ["good.pcap", "nat.pcap", "proxy1.pcap", "v5_mid_pfi_json.pcap", "dup_qos0.pcap"] {
        check(name, 0, 4, &[]);
        assert_codes(&codes(&lint(&[&format!("reports/{name}")])), &[]);
    }
}

#[test]
fn a_broken_packet_before_a_wrong_one() {
    let told = check("qos3_then.pcap", 1, 3, &[(12, "mqtt"), (12, "out-of-range")]);
    assert!(told.contains("the device violates MQTT: the PUBLISH has the reserved QoS 3"));
}

#[test]
fn what_is_missing_at_the_end() {
    for (name, number, words) in [
        ("one_cut_fin.pcap", 16, "the snapshot length has cut off 101 bytes"),
        ("lost_last_ack.pcap", 16, "167 bytes of the connection are not in the capture"),
    ] {
        let told = check(name, 1, 2, &[(number, "unreadable")]);
        assert!(told.contains(words), "{told}");
        let partial = lint(&[&format!("reports/{name}"), "--partial"]);
        assert_eq!(partial.status, Some(0));
        let warning = (number, "warning".to_owned(), "unreadable".to_owned());
        assert!(found(&partial).contains(&warning), "{}", partial.stdout);
    }
}

#[test]
fn two_links_in_one_file() {
    check("mixed_ppp.pcapng", 1, 5, &[(30, "out-of-range")]);
}

/// Both files have the same messages, except that `%j` cuts at a zero byte.
#[test]
fn other_ways_to_print_messages() {
    let told = check(
        "Ut.txt",
        1,
        13,
        &[
            (5, "invalid-json"),
            (6, "not-utf8"),
            (7, "not-utf8"),
            (8, "invalid-json"),
            (9, "invalid-json"),
            (10, "invalid-json"),
            (12, "invalid-json"),
        ],
    );
    assert!(
        told.contains("a zero byte follows the message, as at the end of a C string"),
        "{told}"
    );
    check(
        "pretty.txt",
        1,
        13,
        &[
            (33, "invalid-json"),
            (41, "not-utf8"),
            (49, "invalid-json"),
            (57, "invalid-json"),
            (65, "invalid-json"),
            (73, "invalid-json"),
            (89, "invalid-json"),
        ],
    );
}
