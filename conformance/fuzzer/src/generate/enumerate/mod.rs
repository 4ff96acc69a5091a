//! Enumerates the variations of a message: values at bounds, special characters, different
//! spellings, and missing, repeated or unknown keys.

mod keys;
mod syntax;
mod texts;
mod valid;
mod values;
mod variation;

pub(crate) use self::variation::Variation;
use crate::rng::Rng;

/// Returns the variations that `rng` selects, in a fixed order.
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
