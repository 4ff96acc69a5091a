//! How fast the crate is, beside what a user would pick instead: `cargo bench -p iothub-resource`.
//!
//! It prints nanoseconds, which depend on the machine and on what else it does, and, where there is
//! `valgrind`, instructions, which do not.

mod contestants;
mod derived;
mod hostile;
mod instructions;
mod others;
mod samples;
mod time;

use std::env;

use contestants::Way;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        // What `instructions` starts under valgrind.
        ["--measure", what, sample, times] => {
            let number = |word: &str| word.parse().expect("it is a number");
            measure(what, number(sample), number(times));
        }
        ["--instructions"] => instructions::print(),
        [] => {
            time::print();
            instructions::print();
        }
        _ => eprintln!("cargo bench -p iothub-resource [-- --instructions]"),
    }
}

/// Does one thing many times.
fn measure(what: &str, sample: usize, times: usize) {
    let samples = samples::all();
    if let Some((_, payload)) = hostile::all().iter().find(|(name, _)| *name == what) {
        hostile::read(payload, times);
    } else if let Some(way) = Way::ALL.into_iter().find(|way| way.name() == what) {
        way.read(&samples[sample], times);
    } else if let Some(other) = others::ALL.iter().find(|other| other.name == what) {
        (other.run)(&samples[sample.min(samples.len() - 1)], times);
    }
}
