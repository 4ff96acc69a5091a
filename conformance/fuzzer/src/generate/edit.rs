//! One thing that is special about a message.

use iothub_resource::{Direction, Key};

use super::layout::Layout;
use crate::{
    message_tree::{Member, MessageTree, Node, Object, Slot, quoted, shortest_value},
    rng::Rng,
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
    Add { object: Object, key: Vec<u8>, value: AddedValue, times: usize },
    /// Other places.
    Order { object: Object, order: KeyOrder },
    /// The other topic.
    OtherTopic,
    /// What is not in the tokens.
    Layout(Layout),
}

/// The value of a key that is added.
#[derive(Clone, Debug)]
pub(super) enum AddedValue {
    Token(Vec<u8>),
    /// That of a key that is there, or the shortest that it could have.
    SameAs(Slot),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum KeyOrder {
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
            Self::Add { object: Object::Progress, .. }
            | Self::Order { object: Object::Progress, .. } => {
                Slot::InProgress(Key::State).is_in(kind)
            }
            Self::Order { .. } => !kind.keys().is_empty(),
            Self::Layout(layout) => layout.fits(kind),
            Self::None | Self::Add { .. } | Self::OtherTopic => true,
        }
    }

    /// Makes it, but for the layout.
    pub(super) fn apply(&self, tree: &mut MessageTree, rng: &mut Rng) {
        match self {
            Self::None | Self::Layout(_) => {}
            Self::Value(slot, token) => {
                if let Some(member) = tree.member(*slot) {
                    member.value = Node::Token(token.clone());
                }
            }
            Self::Missing(slot) => drop(tree.remove(*slot)),
            Self::Key(slot, key) => {
                if let Some(member) = tree.member(*slot) {
                    member.key.clone_from(key);
                }
            }
            Self::Add { object, key, value, times } => {
                let value = match value {
                    AddedValue::Token(token) => Node::Token(token.clone()),
                    AddedValue::SameAs(slot) => match tree.member(*slot) {
                        Some(member) => member.value.clone(),
                        None => Node::Token(shortest_value(tree.kind, slot.key())),
                    },
                };
                let Some(members) = tree.members_of(*object) else { return };
                for time in 0..*times {
                    let key = match (times, key.as_slice()) {
                        // Many unknown keys have a name of their own each.
                        (10.., _) => quoted(format!("x{time}")),
                        (_, key) => key.to_vec(),
                    };
                    let at = *rng.pick(&[0, members.len(), rng.clone().below(members.len() + 1)]);
                    members.insert(at, Member { key, value: value.clone() });
                }
            }
            Self::Order { object, order } => {
                if let Some(members) = tree.members_of(*object) {
                    order.apply(members, rng);
                }
            }
            Self::OtherTopic => {
                tree.direction = match tree.direction {
                    Direction::Up => Direction::Down,
                    Direction::Down => Direction::Up,
                };
            }
        }
    }
}

impl KeyOrder {
    fn apply(self, members: &mut Vec<Member>, rng: &mut Rng) {
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
            Self::Shuffled => rng.shuffle(members),
        }
    }
}
