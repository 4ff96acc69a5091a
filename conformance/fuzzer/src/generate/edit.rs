//! Defines the changes that turn a valid message into a variant, and applies them.

use iothub_resource::{Key, MessageType};

use super::layout::Layout;
use crate::{
    message_tree::{Member, MessageTree, Node, Object, Slot, opposite, quoted, shortest_value},
    rng::Rng,
};

/// A change to a message. Tokens are spelled as in the payload, with quotation marks.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    /// No change.
    None,
    /// Replaces the value of a key.
    Value(Slot, Vec<u8>),
    /// Removes a key.
    Missing(Slot),
    /// Replaces a key with a different token.
    Key(Slot, Vec<u8>),
    /// Adds `times` keys to one of the objects.
    Add { object: Object, key: Vec<u8>, value: AddedValue, times: usize },
    /// Reorders the keys of one of the objects.
    Order { object: Object, order: KeyOrder },
    /// Sends the message on the topic for the opposite direction.
    OtherTopic,
    /// Changes something other than keys and values.
    Layout(Layout),
}

/// The value of a key that [`Edit::Add`] adds.
#[derive(Clone, Debug)]
pub(super) enum AddedValue {
    Token(Vec<u8>),
    /// The value that this key has in the message, or its shortest valid value if the message does
    /// not contain the key.
    SameAs(Slot),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum KeyOrder {
    Reversed,
    /// The keys are rotated to the left by this many places.
    Rotated(usize),
    /// The key at this place moves to the end.
    Last(usize),
    Shuffled,
}

impl Edit {
    /// Returns whether the edit can be applied to a message of this type.
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

    /// Applies the edit to a message. A layout has no effect here, because [`Layout::write`]
    /// applies it.
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
                    // If there are many unknown keys, they have different names.
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

/// The number of added keys at and above which the keys have different names.
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
