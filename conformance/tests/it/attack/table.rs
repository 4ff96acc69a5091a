//! The attacks, and the table of their costs.

use std::time::Duration;

use super::{
    http, mqtt,
    scene::{Attack, Measured, Scale, measure},
    tls,
};

/// The limit for the memory in KiB.
const MOST_MEMORY: u64 = 256 << 10;
/// The limit for an upload of 100 KB on two idle cores.
const LONGEST_UPLOAD: Duration = Duration::from_secs(2);
/// The limit on a machine that runs other tests.
const LONGEST_UPLOAD_IN_TESTS: Duration = Duration::from_secs(60);

/// Returns each attack, and whether it uses TLS.
fn attacks() -> impl Iterator<Item = (&'static Attack, bool)> {
    let plain = mqtt::ATTACKS.iter().chain(&http::ATTACKS).map(|attack| (attack, false));
    plain.chain(tls::ATTACKS.iter().map(|attack| (attack, true)))
}

#[test]
fn none_stops_or_bloats_it() {
    for (attack, tls) in attacks() {
        let Measured { peak_memory, longest_upload, .. } = measure(attack, tls, Scale::Small);
        assert!(peak_memory < MOST_MEMORY, "{}: {peak_memory} KiB", attack.name);
        assert!(longest_upload < LONGEST_UPLOAD_IN_TESTS, "{}: {longest_upload:?}", attack.name);
    }
}

/// Prints the table.
#[test]
#[ignore = "takes minutes, and needs an idle machine"]
fn table() {
    println!("| attack | connections | bytes sent | peak memory | longest upload |");
    println!("| --- | --: | --: | --: | --: |");
    let mut failed = Vec::new();
    for (attack, tls) in attacks() {
        let measured = measure(attack, tls, Scale::Large);
        let Measured { connections, bytes, peak_memory, longest_upload, .. } = measured;
        println!(
            "| {} | {connections} | {bytes} | {} MiB | {:.2} s |",
            attack.name,
            peak_memory >> 10,
            longest_upload.as_secs_f64(),
        );
        if peak_memory >= MOST_MEMORY || longest_upload >= LONGEST_UPLOAD {
            failed.push(attack.name);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}
