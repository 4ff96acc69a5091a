//! The bounds that `docs/reference/speed.md` lists.

use crate::{
    contestants::Way,
    hostile,
    instructions::{TIMES, can_count, hostile_a_byte, instructions, slowest_valid},
    samples,
};

/// Prints the bounds and returns whether all of them hold. If valgrind is missing, prints only a
/// line that says so and returns `true`.
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
    let (message, rival, ratio) = closest();
    let bounds = [
        ("decode, to IgnoredAny", strict / of(Way::Walk.name()), 1.0),
        ("decode, to the lax struct", strict / of(Way::Lax.name()), 0.7),
        ("decode, to the tagged enum", strict / of(Way::Tagged.name()), 0.5),
        (&format!("decode {message}, to {rival}"), ratio, 1.0),
        ("encode, to serde_json::to_vec", of("encode") / of("serde_json::to_vec"), 0.8),
        ("observe, to decode", of("observe") / strict, 2.5),
        (&format!("{worst}, to the slowest valid message, a byte"), hostile, 3.0),
    ];
    for (what, ratio, most) in bounds {
        let verdict = if ratio <= most { "holds" } else { "IS EXCEEDED" };
        println!("{what:<55} {ratio:.3} of at most {most:.2} {verdict}");
    }
    bounds.iter().all(|(_, ratio, most)| ratio <= most)
}

/// Returns the message and the other reader for which the ratio of the cost of `decode` to the cost
/// of the reader is highest, and that ratio. `IgnoredAny` stores no value, so its bound applies
/// only to the total of all messages.
fn closest() -> (&'static str, &'static str, f64) {
    let mut closest = ("", "", 0.0);
    for (index, sample) in samples::all().iter().enumerate() {
        let of = |way: Way| instructions(way.name(), Some(index), TIMES) as f64;
        let strict = of(Way::Strict);
        for way in [Way::Tagged, Way::Lax, Way::SonicTagged, Way::SonicLax] {
            let ratio = strict / of(way);
            if ratio > closest.2 {
                closest = (sample.name, way.name(), ratio);
            }
        }
    }
    closest
}
