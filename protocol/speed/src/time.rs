//! Measurements in nanoseconds.

use std::time::{Duration, Instant};

use crate::{contestants::Way, others, samples};

/// The minimum duration of a round.
const SPAN: Duration = Duration::from_millis(20);
/// The number of rounds. Only the fastest round counts, because other programs can slow down a
/// round.
const ROUNDS: usize = 5;

pub(crate) fn print() {
    println!("nanoseconds a message, and their ratio to the lax struct of the known type");
    print!("{:<30}", "");
    for way in Way::ALL {
        print!(" {:>16}", way.name());
    }
    println!();
    let mut totals = [0.0; Way::ALL.len()];
    let samples = samples::all();
    for sample in &samples {
        let times = Way::ALL.map(|way| nanoseconds(|times| way.read(sample, times)));
        row(sample.name, &times);
        for (total, time) in totals.iter_mut().zip(times) {
            *total += time;
        }
    }
    row("all", &totals);
    println!();
    for other in &others::ALL {
        let of: &[_] = if other.of_messages { &samples } else { &samples[..1] };
        let times: Vec<f64> =
            of.iter().map(|sample| nanoseconds(|times| (other.run)(sample, times))).collect();
        let mean = times.iter().sum::<f64>() / times.len() as f64;
        println!("{:<30} {mean:>9.1} ns", other.name);
    }
    println!();
}

fn row(name: &str, times: &[f64; Way::ALL.len()]) {
    let lax = Way::ALL.iter().position(|way| *way == Way::Lax).expect("it is one of them");
    print!("{name:<30}");
    for time in times {
        print!(" {:>9.0} ({:>4.2})", time, time / times[lax]);
    }
    println!();
}

/// Returns the time for one repetition, in nanoseconds. The argument of `what` is the number of
/// repetitions.
fn nanoseconds(what: impl Fn(usize)) -> f64 {
    let time = |times: usize| {
        let start = Instant::now();
        what(times);
        start.elapsed()
    };
    let mut times = 100;
    while time(times) < SPAN {
        times *= 2;
    }
    let fastest = (0..ROUNDS).map(|_| time(times)).min().expect("there are rounds");
    fastest.as_nanos() as f64 / times as f64
}
