//! Everything about messages that has a name, once: each bound, each letter, each spelling, each
//! key missing, twice and too many.

mod keys;
mod syntax;
mod texts;
mod values;
mod variation;

use iothub_resource::{Key, MessageType, Profile};

pub(crate) use self::variation::Variation;
use super::edit::{Edit, KeyOrder};
use crate::{message_tree::Object, rng::Rng};

pub(crate) fn enumerated(rng: &mut Rng) -> Vec<Variation> {
    let mut variations = Vec::new();
    valid_ones(&mut variations);
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

fn valid_ones(variations: &mut Vec<Variation>) {
    for &kind in MessageType::ALL {
        for profile in Profile::ALL.iter().copied().filter(|&profile| kind.is_in(profile)) {
            let variation = |edit, class: &str, requirement| {
                Variation::new(edit, format!("{class}/{kind}"), requirement)
                    .host(kind)
                    .profile(profile)
            };
            for _ in 0..4 {
                variations.push(variation(Edit::None, "valid", kind.requirement()).valid(true));
            }
            for _ in 0..2 {
                variations
                    .push(variation(Edit::OtherTopic, "wrong-direction", "TOP-6").valid(false));
            }
            if !kind.keys().is_empty() {
                let orders = [
                    KeyOrder::Reversed,
                    KeyOrder::Rotated(1),
                    KeyOrder::Rotated(2),
                    KeyOrder::Last(0),
                    KeyOrder::Last(1),
                ];
                variations.extend(orders.map(|order| {
                    variation(Edit::Order { object: Object::Message, order }, "order", "ENC-7")
                        .valid(true)
                }));
            }
            if kind.keys().contains(&Key::Progress) {
                let orders = [
                    KeyOrder::Reversed,
                    KeyOrder::Rotated(1),
                    KeyOrder::Rotated(2),
                    KeyOrder::Last(0),
                    KeyOrder::Last(1),
                    KeyOrder::Shuffled,
                ];
                variations.extend(orders.map(|order| {
                    variation(
                        Edit::Order { object: Object::Progress, order },
                        "order-in-progress",
                        "ENC-7",
                    )
                    .valid(true)
                }));
            }
        }
        let documented = kind.is_in(Profile::Documented);
        if !documented {
            for _ in 0..12 {
                variations.push(
                    Variation::new(Edit::None, "pushed-in-documented", "MSG-9")
                        .host(kind)
                        .profile(Profile::Documented)
                        .valid(false),
                );
            }
        }
    }
}
