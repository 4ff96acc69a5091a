//! One change to a message.

use iothub_resource::{Key, MessageType};

use super::layout::Layout;
use crate::{
    message_tree::{Member, MessageTree, Node, Object, Slot, opposite, quoted, shortest_value},
    rng::Rng,
};

/// A change to a message. Tokens are as they stand in the payload, quotation marks included.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    /// No change.
    None,
    /// Another value for a key.
    Value(Slot, Vec<u8>),
    /// A key is missing.
    Missing(Slot),
    /// Another key in the place of a key.
    Key(Slot, Vec<u8>),
    /// `times` more keys in one of the objects.
    Add { object: Object, key: Vec<u8>, value: AddedValue, times: usize },
    /// The keys of one of the objects in another order.
    Order { object: Object, order: KeyOrder },
    /// The message is on the other topic.
    OtherTopic,
    /// What is not about keys and values.
    Layout(Layout),
}

/// The value of a key that is added.
#[derive(Clone, Debug)]
pub(super) enum AddedValue {
    Token(Vec<u8>),
    /// The value of a key that is there, or else the shortest that the key can have.
    SameAs(Slot),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum KeyOrder {
    Reversed,
    /// To the left by so many places.
    Rotated(usize),
    /// The key at this place is moved to the end.
    Last(usize),
    Shuffled,
}

impl Edit {
    /// Whether it changes anything in a message of a type.
    pub(super) fn fits(&self, kind: MessageType) -> bool {
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

    /// Changes the keys and values of a message; a layout is left to [`Layout::write`].
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
                let value = value.in_message(tree);
                let Some(members) = tree.members_of(*object) else { return };
                for time in 0..*times {
                    // Many unknown keys have a name of their own each.
                    let key = if *times < MANY { key.clone() } else { quoted(format!("x{time}")) };
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
                tree.direction = opposite(tree.direction);
            }
        }
    }
}

/// As many keys as this cannot be one key that is repeated.
const MANY: usize = 10;

impl AddedValue {
    fn in_message(&self, tree: &mut MessageTree) -> Node {
        match self {
            Self::Token(token) => Node::Token(token.clone()),
            Self::SameAs(slot) => match tree.member(*slot) {
                Some(member) => member.value.clone(),
                None => Node::Token(shortest_value(tree.kind, slot.key())),
            },
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
