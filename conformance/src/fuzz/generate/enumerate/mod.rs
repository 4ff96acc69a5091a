//! Everything about messages that has a name, once: each bound, each letter, each spelling, each
//! key missing, twice and too many.

mod item;
mod keys;
mod syntax;
mod values;

use iothub_resource::{Key, MessageType, Profile};

pub(crate) use self::item::Item;
use super::edit::{Edit, Order};
use crate::fuzz::rng::Chance;

pub(crate) fn enumerated(chance: &mut Chance) -> Vec<Item> {
    let mut items = Vec::new();
    valid_ones(&mut items);
    values::enumerate(&mut items, chance);
    keys::enumerate(&mut items, chance);
    syntax::enumerate(&mut items, chance);
    items
}

fn valid_ones(items: &mut Vec<Item>) {
    for &kind in MessageType::ALL {
        for profile in Profile::ALL.iter().copied().filter(|&profile| kind.is_in(profile)) {
            let item = |edit, class: &str, requirement| {
                Item::new(edit, format!("{class}/{kind}"), requirement).host(kind).profile(profile)
            };
            for _ in 0..4 {
                items.push(item(Edit::None, "valid", kind.requirement()).valid(true));
            }
            for _ in 0..2 {
                items.push(item(Edit::Turned, "wrong-direction", "TOP-6").valid(false));
            }
            if !kind.keys().is_empty() {
                let orders = [
                    Order::Reversed,
                    Order::Rotated(1),
                    Order::Rotated(2),
                    Order::Last(0),
                    Order::Last(1),
                ];
                items.extend(orders.map(|order| {
                    item(Edit::Order { inside: false, order }, "order", "ENC-7").valid(true)
                }));
            }
            if kind.keys().contains(&Key::Progress) {
                let orders = [
                    Order::Reversed,
                    Order::Rotated(1),
                    Order::Rotated(2),
                    Order::Last(0),
                    Order::Last(1),
                    Order::Shuffled,
                ];
                items.extend(orders.map(|order| {
                    item(Edit::Order { inside: true, order }, "order-in-progress", "ENC-7")
                        .valid(true)
                }));
            }
        }
        let documented = kind.is_in(Profile::Documented);
        if !documented {
            for _ in 0..12 {
                items.push(
                    Item::new(Edit::None, "pushed-in-documented", "MSG-9")
                        .host(kind)
                        .profile(Profile::Documented)
                        .valid(false),
                );
            }
        }
    }
}
