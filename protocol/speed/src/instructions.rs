//! The numbers of instructions that valgrind counts. They are the same in every run of the same
//! program.

use std::{
    env,
    process::{Command, Stdio},
};

use crate::{contestants::Way, hostile, others, samples};

/// The numbers of repetitions in two runs. Only the difference between the runs counts.
type Times = (usize, usize);
pub(crate) const TIMES: Times = (100, 300);
/// The numbers of repetitions for slow inputs.
const FEW_TIMES: Times = (1, 3);

/// Returns whether valgrind is installed, and prints a line if it is not.
pub(crate) fn can_count() -> bool {
    let can = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !can {
        println!("instructions: skipped: needs valgrind");
    }
    can
}

pub(crate) fn print() {
    if !can_count() {
        return;
    }
    println!("instructions a message, and their ratio to the lax struct of the known type");
    print!("{:<30}", "");
    for way in Way::ALL {
        print!(" {:>16}", way.name());
    }
    println!();
    let mut totals = [0; Way::ALL.len()];
    let samples = samples::all();
    for (index, sample) in samples.iter().enumerate() {
        let counts = Way::ALL.map(|way| instructions(way.name(), Some(index), TIMES));
        row(sample.name, &counts);
        for (total, count) in totals.iter_mut().zip(counts) {
            *total += count;
        }
    }
    row("all", &totals);
    println!();
    for other in &others::ALL {
        let of = if other.of_messages { samples.len() } else { 1 };
        let total: u64 = (0..of).map(|index| instructions(other.name, Some(index), TIMES)).sum();
        println!("{:<30} {:>9}", other.name, total / of as u64);
    }
    println!();
    let slowest = slowest_valid();
    println!("instructions a byte; of the slowest valid message {slowest:.1}");
    for (name, payload) in hostile::all() {
        let each = hostile_a_byte(name, &payload);
        println!("{name:<40} {each:>6.1} ({:.2})", each / slowest);
    }
}

/// Returns the number of instructions for each byte of the slowest valid message.
pub(crate) fn slowest_valid() -> f64 {
    samples::all()
        .iter()
        .enumerate()
        .map(|(index, sample)| {
            let count = instructions(Way::Strict.name(), Some(index), TIMES);
            count as f64 / sample.payload.len() as f64
        })
        .fold(0.0, f64::max)
}

/// Returns the number of instructions for each byte of an input that is designed to be slow to
/// decode. The number is the mean for both directions and both profiles.
pub(crate) fn hostile_a_byte(name: &str, payload: &[u8]) -> f64 {
    instructions(name, None, FEW_TIMES) as f64 / 4.0 / payload.len() as f64
}

fn row(name: &str, counts: &[u64; Way::ALL.len()]) {
    let lax = Way::ALL.iter().position(|way| *way == Way::Lax).expect("it is one of them");
    print!("{name:<30}");
    for count in counts {
        print!(" {:>9} ({:>4.2})", count, *count as f64 / counts[lax] as f64);
    }
    println!();
}

/// Returns the number of instructions for one repetition of `what`, with one sample or with all
/// samples together.
pub(crate) fn instructions(what: &str, sample: Option<usize>, (few, many): Times) -> u64 {
    let sample = sample.map_or_else(|| "all".to_owned(), |index| index.to_string());
    let count = |times: usize| -> u64 {
        let this = env::current_exe().expect("it runs");
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(this)
            .args(["--measure", what, &sample, &times.to_string()])
            .output()
            .expect("it was there before");
        let told = String::from_utf8_lossy(&output.stderr);
        let collected = told.lines().find_map(|line| line.split_once("Collected : "));
        let (_, count) = collected.unwrap_or_else(|| panic!("valgrind says: {told}"));
        count.trim().parse().expect("it is a number")
    };
    (count(many) - count(few)) / (many - few) as u64
}
