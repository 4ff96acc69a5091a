//! Everything about messages that has a name, once: each bound, each letter, each spelling, each
//! key missing, twice and too many.

mod keys;
mod syntax;
mod values;

use iothub_resource::{Key, MessageType, Profile};

use super::edit::{Edit, Order};
use crate::fuzz::{message_tree::Slot, rng::Chance};

/// One special thing, and in which messages to look at it.
#[derive(Clone, Debug)]
pub(in crate::fuzz::generate) struct Item {
    pub(in crate::fuzz::generate) edit: Edit,
    pub(in crate::fuzz::generate) class: String,
    /// What it is about, where the message is valid all the same.
    pub(in crate::fuzz::generate) requirement: &'static str,
    /// Whether the message is valid, where that is known.
    pub(in crate::fuzz::generate) valid: Option<bool>,
    /// In a message of this type only.
    pub(in crate::fuzz::generate) host: Option<MessageType>,
    /// In this profile only.
    pub(in crate::fuzz::generate) profile: Option<Profile>,
}

impl Item {
    fn new(edit: Edit, class: impl Into<String>, requirement: &'static str) -> Self {
        let class = class.into();
        Self { edit, class, requirement, valid: None, host: None, profile: None }
    }

    fn valid(self, valid: bool) -> Self {
        Self { valid: Some(valid), ..self }
    }

    fn host(self, host: MessageType) -> Self {
        Self { host: Some(host), ..self }
    }

    fn profile(self, profile: Profile) -> Self {
        Self { profile: Some(profile), ..self }
    }
}

pub(in crate::fuzz::generate) fn enumerated(chance: &mut Chance) -> Vec<Item> {
    let mut items = Vec::new();
    valid_ones(&mut items);
    values::enumerate(&mut items, chance);
    keys::enumerate(&mut items, chance);
    syntax::enumerate(&mut items, chance);
    items
}

fn named(slot: Slot) -> String {
    match slot {
        Slot::Top(key) => key.to_string(),
        Slot::InProgress(key) => format!("progress.{key}"),
    }
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

const INTEGER_SLOTS: [Slot; 4] = [
    Slot::Top(Key::Size),
    Slot::Top(Key::ResultCode),
    Slot::InProgress(Key::Percent),
    Slot::InProgress(Key::ResultCode),
];

const TEXT_SLOTS: [Slot; 3] =
    [Slot::Top(Key::Name), Slot::Top(Key::ResultMsg), Slot::InProgress(Key::ResultMsg)];
