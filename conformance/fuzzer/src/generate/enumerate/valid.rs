//! Valid messages: unchanged, with their keys in a different order, on the wrong topic, or in the
//! wrong profile.

use iothub_resource::{Key, MessageType, Profile};

use super::variation::Variation;
use crate::{
    generate::edit::{Edit, KeyOrder},
    message_tree::Object,
};

/// The number of unchanged messages of each type in each profile.
const USUAL: usize = 4;
/// The number of messages of each type in each profile that are sent on the wrong topic.
const WRONG_DIRECTION: usize = 2;
/// The number of messages that are sent in the documented profile for each type that is not in that
/// profile.
const NOT_DOCUMENTED: usize = 12;

const ORDERS: [KeyOrder; 5] = [
    KeyOrder::Reversed,
    KeyOrder::Rotated(1),
    KeyOrder::Rotated(2),
    KeyOrder::Last(0),
    KeyOrder::Last(1),
];

pub(super) fn messages(variations: &mut Vec<Variation>) {
    for &kind in MessageType::ALL {
        for profile in Profile::ALL.into_iter().filter(|&profile| kind.is_in(profile)) {
            of_type(variations, kind, profile);
        }
        if !kind.is_in(Profile::Documented) {
            let pushed = Variation::new(Edit::None, "pushed-in-documented", "MSG-9").valid(false);
            let pushed = pushed.host(kind).profile(Profile::Documented);
            variations.extend(vec![pushed; NOT_DOCUMENTED]);
        }
    }
}

fn of_type(variations: &mut Vec<Variation>, kind: MessageType, profile: Profile) {
    let variation = |edit, class: &str, requirement| {
        Variation::new(edit, format!("{class}/{kind}"), requirement).host(kind).profile(profile)
    };
    let usual = variation(Edit::None, "valid", kind.requirement()).valid(true);
    variations.extend(vec![usual; USUAL]);
    let turned = variation(Edit::OtherTopic, "wrong-direction", "TOP-6").valid(false);
    variations.extend(vec![turned; WRONG_DIRECTION]);
    let mut in_order = |object, class, order| {
        variations.push(variation(Edit::Order { object, order }, class, "ENC-7").valid(true));
    };
    if !kind.keys().is_empty() {
        for order in ORDERS {
            in_order(Object::Message, "order", order);
        }
    }
    if kind.keys().contains(&Key::Progress) {
        for order in ORDERS.into_iter().chain([KeyOrder::Shuffled]) {
            in_order(Object::Progress, "order-in-progress", order);
        }
    }
}
