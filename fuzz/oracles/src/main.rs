//! Writes the generated files of the fuzz targets: seeds, dictionaries, options and sources. With
//! the arguments TARGET and SECONDS, the program instead runs the oracle of the target on random
//! bytes for that number of seconds.

use std::{env, path::Path, process::ExitCode, time::Duration};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => write(),
        [target, seconds] => hunt(target, seconds),
        _ => {
            eprintln!("cargo run -p iothub-oracles [-- TARGET SECONDS]");
            ExitCode::FAILURE
        }
    }
}

/// Runs the oracle of a target on random bytes. Returns a failure if the oracle panics or the
/// arguments are invalid.
fn hunt(target: &str, seconds: &str) -> ExitCode {
    let (Some(target), Ok(seconds)) = (iothub_oracles::target(target), seconds.parse()) else {
        eprintln!("not a target and a number of seconds: {target} {seconds}");
        return ExitCode::FAILURE;
    };
    std::panic::set_hook(Box::new(|_| {}));
    match iothub_oracles::random::hunt(target, 1, Duration::from_secs(seconds)) {
        Some(time) => {
            println!("found in {:.3} s", time.as_secs_f64());
            ExitCode::from(77)
        }
        None => ExitCode::SUCCESS,
    }
}

fn write() -> ExitCode {
    // `env!` would be wrong, because the program of a copied checkout may have been built in a
    // different folder.
    let Some(package) = env::var_os("CARGO_MANIFEST_DIR") else {
        eprintln!("the package is unknown: run this with `cargo run -p iothub-oracles`");
        return ExitCode::FAILURE;
    };
    let folder = Path::new(&package).join("..");
    match iothub_oracles::data::write(&folder) {
        Ok((written, gone)) => {
            println!("{written} files written, {gone} removed below fuzz/");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("the files below fuzz/ cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}
