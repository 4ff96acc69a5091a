//! Compares the speed of the crate with that of its alternatives:
//!
//! ```console
//! $ cargo bench --manifest-path protocol/speed/Cargo.toml
//! ```
//!
//! The benchmark prints nanoseconds, which depend on the machine and its load. If `valgrind` is
//! installed, the benchmark also prints instructions, which are the same in every run.

mod bounds;
mod contestants;
mod derived;
mod hostile;
mod instructions;
mod others;
mod samples;
mod time;

use std::{env, process::ExitCode};

use contestants::Way;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        // `instructions` starts this program under valgrind.
        ["--measure", what, sample, times] => {
            let number = |word: &str| word.parse().expect("it is a number");
            let sample = Some(sample).filter(|sample| *sample != "all").map(number);
            measure(what, sample, number(times));
        }
        ["--instructions"] => instructions::print(),
        ["--time"] => time::print(),
        ["--bounds"] => {
            if !bounds::all_hold() {
                return ExitCode::FAILURE;
            }
        }
        [] => {
            time::print();
            instructions::print();
        }
        _ => {
            eprintln!(
                "cargo bench --manifest-path protocol/speed/Cargo.toml [-- --time|--instructions|--bounds]"
            );
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Runs the operation `what` with one sample, or with each sample if `sample` is `None`. If `what`
/// is the name of a slow input, reads that input instead. `times` is the number of repetitions.
fn measure(what: &str, sample: Option<usize>, times: usize) {
    let samples = samples::all();
    let chosen = match sample {
        Some(index) => &samples[index..=index],
        None => &samples[..],
    };
    if let Some((_, payload)) = hostile::all().iter().find(|(name, _)| *name == what) {
        hostile::read(payload, times);
    } else if let Some(way) = Way::ALL.into_iter().find(|way| way.name() == what) {
        chosen.iter().for_each(|sample| way.read(sample, times));
    } else if let Some(other) = others::ALL.iter().find(|other| other.name == what) {
        chosen.iter().for_each(|sample| (other.run)(sample, times));
    }
}
