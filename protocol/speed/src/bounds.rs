//! The bounds that `docs/reference/speed.md` promises.

use crate::{
    contestants::Way,
    hostile,
    instructions::{TIMES, can_count, hostile_a_byte, instructions, slowest_valid},
};

/// Prints the bounds, and returns whether all of them hold. Without valgrind, it returns `true`.
pub(crate) fn all_hold() -> bool {
    if !can_count() {
        return true;
    }
    let of = |what: &str| instructions(what, None, TIMES) as f64;
    let strict = of(Way::Strict.name());
    let slowest = slowest_valid();
    let (worst, hostile) = hostile::all()
        .iter()
        .map(|(name, payload)| (*name, hostile_a_byte(name, payload) / slowest))
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .expect("there are some");
    let bounds = [
        ("decode, to the lax struct", strict / of(Way::Lax.name()), 1.3),
        ("decode, to the tagged enum", strict / of(Way::Tagged.name()), 0.85),
        ("decode, to sonic-rs on the tagged enum", strict / of(Way::SonicTagged.name()), 1.0),
        ("encode, to serde_json::to_vec", of("encode") / of("serde_json::to_vec"), 1.0),
        (&format!("{worst}, to the slowest valid message, a byte"), hostile, 3.0),
    ];
    for (what, ratio, most) in bounds {
        let verdict = if ratio <= most { "holds" } else { "IS EXCEEDED" };
        println!("{what:<55} {ratio:.3} of at most {most:.2} {verdict}");
    }
    bounds.iter().all(|(_, ratio, most)| ratio <= most)
}
