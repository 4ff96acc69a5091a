//! Instructions, as valgrind counts them: the same in every run of the same program.

use std::{
    env,
    process::{Command, Stdio},
};

use crate::{contestants::Way, hostile, others, samples};

/// Of two runs, one that does it so many times more, the difference counts.
const FEW: usize = 100;
const MANY: usize = 300;

pub(crate) fn print() {
    if Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("instructions: skipped: needs valgrind");
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
        let counts = Way::ALL.map(|way| instructions(way.name(), index));
        row(sample.name, &counts);
        for (total, count) in totals.iter_mut().zip(counts) {
            *total += count;
        }
    }
    row("all", &totals);
    println!();
    for other in &others::ALL {
        let of = if other.of_messages { samples.len() } else { 1 };
        let total: u64 = (0..of).map(|index| instructions(other.name, index)).sum();
        println!("{:<30} {:>9}", other.name, total / of as u64);
    }
    println!();
    let slowest = samples
        .iter()
        .enumerate()
        .map(|(index, sample)| {
            instructions(Way::Strict.name(), index) as f64 / sample.payload.len() as f64
        })
        .fold(0.0, f64::max);
    println!("instructions a byte; of the slowest valid message {slowest:.1}");
    for (name, payload) in hostile::all() {
        // In both directions and both profiles.
        let each = instructions(name, 0) as f64 / 4.0 / payload.len() as f64;
        println!("{name:<40} {each:>6.1} ({:.2})", each / slowest);
    }
}

fn row(name: &str, counts: &[u64; Way::ALL.len()]) {
    let lax = Way::ALL.iter().position(|way| *way == Way::Lax).expect("it is one of them");
    print!("{name:<30}");
    for count in counts {
        print!(" {:>9} ({:>4.2})", count, *count as f64 / counts[lax] as f64);
    }
    println!();
}

fn instructions(what: &str, sample: usize) -> u64 {
    let count = |times: usize| -> u64 {
        let this = env::current_exe().expect("it runs");
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(this)
            .args(["--measure", what, &sample.to_string(), &times.to_string()])
            .output()
            .expect("it was there before");
        let told = String::from_utf8_lossy(&output.stderr);
        let collected = told.lines().find_map(|line| line.split_once("Collected : "));
        let (_, count) = collected.unwrap_or_else(|| panic!("valgrind says: {told}"));
        count.trim().parse().expect("it is a number")
    };
    (count(MANY) - count(FEW)) / (MANY - FEW) as u64
}
