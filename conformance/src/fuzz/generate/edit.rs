//! One thing that is special about a message.

use iothub_resource::{Direction, Key};

use super::layout::Layout;
use crate::fuzz::{
    message_tree::{Draft, Member, Node, Slot, quoted},
    rng::Chance,
};

#[derive(Clone, Debug)]
pub(super) enum Edit {
    /// Nothing.
    None,
    /// Another value.
    Value(Slot, Vec<u8>),
    /// A key less.
    Missing(Slot),
    /// A key that is spelled otherwise, quotation marks included.
    Key(Slot, Vec<u8>),
    /// A key more.
    Add { inside: bool, key: Vec<u8>, value: Added, times: usize },
    /// Other places.
    Order { inside: bool, order: Order },
    /// The other topic.
    Turned,
    /// What is not in the tokens.
    Layout(Layout),
}

/// The value of a key that is added.
#[derive(Clone, Debug)]
pub(super) enum Added {
    Token(Vec<u8>),
    /// That of a key that is there, or the shortest that it could have.
    LikeThatOf(Slot),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    Reversed,
    /// So many places on.
    Rotated(usize),
    /// This one to the end.
    Last(usize),
    Shuffled,
}

impl Edit {
    /// Whether it can be made in a message of a type: where not, nothing would be special.
    pub(super) fn fits(&self, kind: iothub_resource::MessageType) -> bool {
        match self {
            Self::Value(slot, _) | Self::Missing(slot) | Self::Key(slot, _) => slot.is_in(kind),
            Self::Add { inside: true, .. } | Self::Order { inside: true, .. } => {
                Slot::InProgress(Key::State).is_in(kind)
            }
            Self::Order { .. } => !kind.keys().is_empty(),
            Self::Layout(layout) => layout.fits(kind),
            Self::None | Self::Add { .. } | Self::Turned => true,
        }
    }

    /// Makes it, but for the layout.
    pub(super) fn make(&self, draft: &mut Draft, chance: &mut Chance) {
        match self {
            Self::None | Self::Layout(_) => {}
            Self::Value(slot, token) => {
                if let Some(member) = draft.member(*slot) {
                    member.value = Node::Token(token.clone());
                }
            }
            Self::Missing(slot) => drop(draft.take(*slot)),
            Self::Key(slot, key) => {
                if let Some(member) = draft.member(*slot) {
                    member.key.clone_from(key);
                }
            }
            Self::Add { inside, key, value, times } => {
                let value = match value {
                    Added::Token(token) => Node::Token(token.clone()),
                    Added::LikeThatOf(slot) => match draft.member(*slot) {
                        Some(member) => member.value.clone(),
                        None => {
                            Node::Token(crate::fuzz::message_tree::shortest(draft.kind, slot.key()))
                        }
                    },
                };
                let level = match inside {
                    false => Some(&mut draft.members),
                    true => draft.progress(),
                };
                let Some(level) = level else { return };
                for time in 0..*times {
                    let key = match (times, key.as_slice()) {
                        // Many unknown keys have a name of their own each.
                        (10.., _) => quoted(format!("x{time}")),
                        (_, key) => key.to_vec(),
                    };
                    let at = *chance.pick(&[0, level.len(), chance.clone().below(level.len() + 1)]);
                    level.insert(at, Member { key, value: value.clone() });
                }
            }
            Self::Order { inside, order } => {
                let level = match inside {
                    false => Some(&mut draft.members),
                    true => draft.progress(),
                };
                if let Some(level) = level {
                    order.put(level, chance);
                }
            }
            Self::Turned => {
                draft.direction = match draft.direction {
                    Direction::Up => Direction::Down,
                    Direction::Down => Direction::Up,
                };
            }
        }
    }
}

impl Order {
    fn put(self, members: &mut Vec<Member>, chance: &mut Chance) {
        match self {
            Self::Reversed => members.reverse(),
            Self::Rotated(places) => {
                let places = places % members.len().max(1);
                members.rotate_left(places);
            }
            Self::Last(at) => {
                let at = at % members.len().max(1);
                let member = members.remove(at);
                members.push(member);
            }
            Self::Shuffled => chance.shuffle(members),
        }
    }
}
