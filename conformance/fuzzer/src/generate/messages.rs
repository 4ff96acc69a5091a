//! Generates payloads and messages from the enumerated variations in random order, and from random
//! edits.

use iothub_conformance_suite::Request;
use iothub_resource::{Direction, MessageType, Profile};
use serde_json::value::RawValue;

use super::{
    edit::{Edit, KeyOrder},
    enumerate::{Variation, enumerated},
    generated::Generated,
    layout::Layout,
    mutate::mutated,
    turn::Turn,
};
use crate::{
    ambiguity::is_portable,
    message_tree::{MessageTree, Object, types_in},
    rng::Rng,
};

/// While enumerated payloads remain, one in this many payloads is random. Even a short campaign
/// therefore contains both kinds of payloads.
pub(super) const RANDOM_EVERY: usize = 9;

pub(super) struct MessageGenerator {
    variations: Vec<Variation>,
    /// The variations whose messages every JSON parser reads in the same way, for `encode` and
    /// `trace`.
    portable: Vec<Variation>,
}

/// A message, valid or not, that every JSON parser reads in the same way.
pub(super) struct PortableMessage<'v> {
    pub(super) direction: Direction,
    pub(super) message: Box<RawValue>,
    pub(super) variation: &'v Variation,
}

/// A payload with its profile and the direction of its topic.
struct Written {
    profile: Profile,
    direction: Direction,
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
            let written = written(variation, profile, &mut Rng::of(0, 0));
            written.is_some_and(|written| is_portable(&written.payload))
        };
        let portable = variations.iter().filter(is_portable).cloned().collect();
        Self { variations, portable }
    }

    /// Returns the first words of the classes of all enumerated variations.
    #[cfg(test)]
    pub(super) fn classes(&self) -> std::collections::BTreeSet<String> {
        let first = |class: &String| class.split('/').next().unwrap_or_default().to_owned();
        self.variations.iter().map(|variation| first(&variation.class)).collect()
    }

    #[cfg(test)]
    pub(super) const fn enumerated(&self) -> usize {
        self.variations.len()
    }

    pub(super) fn decode(&self, profile: Profile, turn: Turn, rng: &mut Rng) -> Generated {
        if let Some(variation) = turn.with_random_every(RANDOM_EVERY).of(&self.variations)
            && let Some(written) = written(variation, variation.profile.unwrap_or(profile), rng)
        {
            return Generated {
                request: written.into_decode(),
                class: variation.class.clone(),
                requirement: variation.requirement,
                valid: variation.valid,
            };
        }
        self.random(profile, rng)
    }

    /// Returns a request for `encode`, or `None` if the variation of this turn gives no portable
    /// message in the profile.
    pub(super) fn encode(&self, profile: Profile, turn: Turn, rng: &mut Rng) -> Option<Generated> {
        let variation = turn.of(&self.portable).unwrap_or_else(|| rng.pick(&self.portable));
        let profile = variation.profile.unwrap_or(profile);
        let message = message(&written(variation, profile, rng)?.payload)?;
        Some(Generated {
            request: Request::Encode { profile, message },
            class: variation.class.clone(),
            requirement: variation.requirement,
            valid: None,
        })
    }

    /// Returns a random portable message, or `None` if its variation gives no portable message in
    /// the profile.
    pub(super) fn any_portable(
        &self,
        profile: Profile,
        rng: &mut Rng,
    ) -> Option<PortableMessage<'_>> {
        let variation = rng.pick(&self.portable);
        let Written { direction, payload, .. } = written(variation, profile, rng)?;
        Some(PortableMessage { direction, message: message(&payload)?, variation })
    }

    /// Returns a request with a message to which up to two edits are applied. In a message without
    /// edits, some bytes are usually changed.
    fn random(&self, profile: Profile, rng: &mut Rng) -> Generated {
        const EDITS: [usize; 7] = [0, 0, 0, 1, 1, 1, 2];
        let kind = *rng.pick(&types_in(profile));
        let mut tree = MessageTree::typical(profile, kind, rng);
        let (mut class, mut requirement) = (format!("by-chance/{kind}"), kind.requirement());
        let mut layout = None;
        let edits = *rng.pick(&EDITS);
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
        let mut written = Written::new(tree, layout.as_ref(), rng);
        if edits == 0 && !rng.one_in(4) {
            written.payload = mutated(written.payload, rng);
            class = "mutated".to_owned();
        }
        Generated { request: written.into_decode(), class, requirement, valid: None }
    }
}

/// Returns a message with the variation applied, or `None` if the variation fits no message in the
/// profile.
fn written(variation: &Variation, profile: Profile, rng: &mut Rng) -> Option<Written> {
    let edit = &variation.edit;
    let kinds: Vec<MessageType> = match variation.host {
        Some(host) => vec![host],
        None => types_in(profile).into_iter().filter(|&kind| edit.fits(kind)).collect(),
    };
    let kind = if kinds.is_empty() { return None } else { *rng.pick(&kinds) };
    let mut tree = match rng.below(3) {
        0 => MessageTree::shortest(profile, kind),
        _ => MessageTree::typical(profile, kind, rng),
    };
    if let Edit::Value(slot, _) | Edit::Missing(slot) | Edit::Key(slot, _) = *edit
        && tree.member(slot).is_none()
    {
        tree = MessageTree::shortest(profile, kind);
    }
    edit.apply(&mut tree, rng);
    let layout = if let Edit::Layout(layout) = edit { Some(layout) } else { None };
    Some(Written::new(tree, layout, rng))
}

impl Written {
    /// Creates a payload with this layout, or without white space if there is no layout.
    fn new(mut tree: MessageTree, layout: Option<&Layout>, rng: &mut Rng) -> Self {
        let payload = match layout {
            Some(layout) => layout.write(&mut tree, rng),
            None => tree.to_bytes(),
        };
        Self { profile: tree.profile, direction: tree.direction, payload }
    }

    fn into_decode(self) -> Request {
        let Self { profile, direction, payload } = self;
        Request::Decode { profile, direction, payload }
    }
}

/// Returns a payload as the message of `encode` or `trace`, or `None` if JSON parsers may read the
/// payload in different ways.
fn message(payload: &[u8]) -> Option<Box<RawValue>> {
    if !is_portable(payload) {
        return None;
    }
    let text = String::from_utf8(payload.to_vec()).ok()?;
    // A line of the adapter protocol contains no line end.
    RawValue::from_string(text.replace(['\n', '\r'], " ")).ok()
}
