//! Runs the oracles under AFL++. The first argument is the name of the target.

use std::process::ExitCode;

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some(target) = iothub_oracles::target(&name) else {
        let names = iothub_oracles::TARGETS.iter().map(|target| target.name);
        eprintln!("the target is one of {}", names.collect::<Vec<_>>().join(", "));
        return ExitCode::from(2);
    };
    afl::fuzz!(|data: &[u8]| (target.run)(data));
    ExitCode::SUCCESS
}
