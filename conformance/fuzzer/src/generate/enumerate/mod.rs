//! Everything about messages that has a name, once: each bound, each letter, each spelling, each
//! key missing, twice and too many.

mod keys;
mod syntax;
mod texts;
mod valid;
mod values;
mod variation;

pub(crate) use self::variation::Variation;
use crate::rng::Rng;

/// All variations, in an order that does not depend on `rng`: that decides which of them there are.
pub(crate) fn enumerated(rng: &mut Rng) -> Vec<Variation> {
    let mut variations = Vec::new();
    valid::messages(&mut variations);
    values::integers(&mut variations, rng);
    texts::characters(&mut variations, rng);
    texts::lengths_and_texts(&mut variations, rng);
    values::words(&mut variations, rng);
    values::wrong_types(&mut variations, rng);
    keys::enumerate(&mut variations, rng);
    syntax::spaces(&mut variations);
    syntax::not_objects(&mut variations);
    syntax::lengths(&mut variations, rng);
    variations
}
