//! Payloads and messages: what is enumerated, in an order by chance, then edits by chance.

use iothub_conformance_suite::Request;
use iothub_resource::{MessageType, Profile};
use serde_json::value::RawValue;

use super::{
    edit::{Edit, KeyOrder},
    enumerate::{Variation, enumerated},
    generated::Generated,
    layout::{Layout, mutated},
};
use crate::{
    ambiguity::is_portable,
    message_tree::{MessageTree, Object, types_in},
    rng::Rng,
};

/// One of so many payloads comes by chance.
pub(super) const BY_CHANCE: usize = 9;

pub(super) struct MessageGenerator {
    variations: Vec<Variation>,
    /// Those of them that are about values, not about spelling: for `encode` and `trace`.
    portable: Vec<Variation>,
}

/// A message that was made, before anybody is asked about it.
struct Made {
    tree: MessageTree,
    payload: Vec<u8>,
}

impl MessageGenerator {
    pub(super) fn new(profile: Option<Profile>, rng: &mut Rng) -> Self {
        let mut variations = enumerated(rng);
        variations.retain(|variation| {
            variation.profile.is_none() || profile.is_none() || variation.profile == profile
        });
        rng.shuffle(&mut variations);
        let is_portable = |variation: &&Variation| {
            let profile = variation.profile.unwrap_or_default();
            let made = made(variation, profile, &mut Rng::of(0, 0));
            made.is_some_and(|made| is_portable(&made.payload))
        };
        let portable = variations.iter().filter(is_portable).cloned().collect();
        Self { variations, portable }
    }

    /// The first words of the classes of what is enumerated.
    #[cfg(test)]
    pub(super) fn classes(&self) -> std::collections::BTreeSet<String> {
        let first = |class: &String| class.split('/').next().unwrap_or_default().to_owned();
        self.variations.iter().map(|variation| first(&variation.class)).collect()
    }

    #[cfg(test)]
    pub(super) const fn enumerated(&self) -> usize {
        self.variations.len()
    }

    pub(super) fn decode(&self, profile: Profile, turn: Option<usize>, rng: &mut Rng) -> Generated {
        // By chance now and then from the beginning: who asks little has some of both.
        let place =
            turn.filter(|turn| turn % BY_CHANCE != 0).map(|turn| turn - turn / BY_CHANCE - 1);
        if let Some(variation) = place.and_then(|place| self.variations.get(place))
            && let Some(made) = made(variation, variation.profile.unwrap_or(profile), rng)
        {
            return Generated {
                request: decode(&made),
                class: variation.class.clone(),
                requirement: variation.requirement,
                valid: variation.valid,
            };
        }
        self.by_chance(profile, rng)
    }

    pub(super) fn encode(
        &self,
        profile: Profile,
        turn: Option<usize>,
        rng: &mut Rng,
    ) -> Option<Generated> {
        let variation = turn.and_then(|turn| self.portable.get(turn));
        let variation = variation.unwrap_or_else(|| rng.pick(&self.portable)).clone();
        let (profile, message) = self.portable_message(&variation, profile, rng)?;
        Some(Generated {
            request: Request::Encode { profile, message },
            class: variation.class,
            requirement: variation.requirement,
            valid: None,
        })
    }

    /// A message that every JSON parser reads in the same way, valid or not.
    pub(super) fn any_portable(
        &self,
        profile: Profile,
        rng: &mut Rng,
    ) -> Option<(MessageTree, Box<RawValue>, &Variation)> {
        let variation = rng.pick(&self.portable);
        let made = made(variation, profile, rng)?;
        let message = raw(&made.payload)?;
        Some((made.tree, message, variation))
    }

    fn portable_message(
        &self,
        variation: &Variation,
        profile: Profile,
        rng: &mut Rng,
    ) -> Option<(Profile, Box<RawValue>)> {
        let profile = variation.profile.unwrap_or(profile);
        let made = made(variation, profile, rng)?;
        Some((profile, raw(&made.payload)?))
    }

    /// Valid, with one or two edits, or with some bytes otherwise.
    fn by_chance(&self, profile: Profile, rng: &mut Rng) -> Generated {
        let kind = *rng.pick(&types_in(profile));
        let mut tree = MessageTree::typical(profile, kind, rng);
        let (mut class, mut requirement) = (format!("by-chance/{kind}"), kind.requirement());
        let mut layout = None;
        let edits = *rng.pick(&[0, 0, 0, 1, 1, 1, 2]);
        for _ in 0..edits {
            let variation = rng.pick(&self.variations);
            if !variation.edit.fits(kind) {
                continue;
            }
            variation.edit.apply(&mut tree, rng);
            if let Edit::Layout(edit) = &variation.edit {
                layout = Some(edit.clone());
            }
            (class, requirement) = (variation.class.clone(), variation.requirement);
        }
        if rng.one_in(4) {
            Edit::Order { object: Object::Message, order: KeyOrder::Shuffled }
                .apply(&mut tree, rng);
        }
        if layout.is_none() && rng.one_in(4) {
            layout = Some(Layout::Gaps(&["", "", " ", "\n", "\t", "\r\n"]));
        }
        let mut payload = match layout {
            Some(layout) => layout.write(&mut tree, rng),
            None => tree.to_bytes(),
        };
        if edits == 0 && !rng.one_in(4) {
            payload = mutated(payload, rng);
            class = "mutated".to_owned();
        }
        let request = decode(&Made { tree, payload });
        Generated { request, class, requirement, valid: None }
    }
}

/// A variation in a message that it fits, if it fits one of the profile.
fn made(variation: &Variation, profile: Profile, rng: &mut Rng) -> Option<Made> {
    let kinds: Vec<MessageType> = match variation.host {
        Some(host) => vec![host],
        None => types_in(profile).into_iter().filter(|&kind| variation.edit.fits(kind)).collect(),
    };
    let kind = if kinds.is_empty() { return None } else { *rng.pick(&kinds) };
    let mut tree = match rng.below(3) {
        0 => MessageTree::shortest(profile, kind),
        _ => MessageTree::typical(profile, kind, rng),
    };
    if let Edit::Value(slot, _) | Edit::Missing(slot) | Edit::Key(slot, _) = variation.edit
        && tree.member(slot).is_none()
    {
        tree = MessageTree::shortest(profile, kind);
    }
    variation.edit.apply(&mut tree, rng);
    let payload = match &variation.edit {
        Edit::Layout(layout) => layout.write(&mut tree, rng),
        _ => tree.to_bytes(),
    };
    Some(Made { tree, payload })
}

fn decode(made: &Made) -> Request {
    let MessageTree { profile, direction, .. } = made.tree;
    Request::Decode { profile, direction, payload: made.payload.clone() }
}

fn raw(payload: &[u8]) -> Option<Box<RawValue>> {
    if !is_portable(payload) {
        return None;
    }
    let text = String::from_utf8(payload.to_vec()).ok()?;
    // A line of the adapter protocol has no line end in it.
    RawValue::from_string(text.replace(['\n', '\r'], " ")).ok()
}
