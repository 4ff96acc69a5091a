//! The speed of requests to an adapter.

use crate::command::run;

/// The pipe must not be the bottleneck: at least 20,000 cases a second in release mode. The figure
/// is printed but not checked, since it depends on the machine.
#[test]
#[ignore = "a measurement: cargo test --release --test it -- --ignored --nocapture pipelining"]
fn cases_a_second() {
    let testee = format!("'{}' adapter", env!("CARGO_BIN_EXE_iothub-conformance"));
    let alone = run(["run"]);
    for jobs in ["1", "2"] {
        let piped = run(["run", "--testee", &testee, "--jobs", jobs]);
        assert_eq!(piped.totals(), alone.totals());
        let cases: f64 =
            piped.totals().split(' ').next().map_or(0.0, |count| count.parse().unwrap_or_default());
        // Both runs read the same fixtures first.
        let seconds = piped.took.as_secs_f64();
        println!(
            "{jobs} adapter(s): {:.0} cases a second, start and end included",
            cases / seconds
        );
    }
}
