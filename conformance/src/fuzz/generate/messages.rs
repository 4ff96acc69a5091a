//! Payloads and messages: what is enumerated, in an order by chance, then edits by chance.

use iothub_conformance_suite::Request;
use iothub_resource::{MessageType, Profile};
use serde_json::value::RawValue;

use super::{
    edit::{Edit, Order},
    enumerate::{Item, enumerated},
    generated::Generated,
    layout::{Layout, mutated},
};
use crate::fuzz::{
    ambiguity::is_plain,
    message_tree::{Draft, types_of},
    rng::Chance,
};

/// One of so many payloads comes by chance.
pub(super) const BY_CHANCE: usize = 9;

pub(super) struct Messages {
    items: Vec<Item>,
    /// Those of them that are about values, not about spelling: for `encode` and `trace`.
    plain: Vec<Item>,
}

/// A message that was made, before anybody is asked about it.
struct Made {
    draft: Draft,
    payload: Vec<u8>,
}

impl Messages {
    pub(super) fn new(profile: Option<Profile>, chance: &mut Chance) -> Self {
        let mut items = enumerated(chance);
        items.retain(|item| item.profile.is_none() || profile.is_none() || item.profile == profile);
        chance.shuffle(&mut items);
        let is_plain = |item: &&Item| {
            let profile = item.profile.unwrap_or_default();
            let made = made(item, profile, &mut Chance::of(0, 0));
            made.is_some_and(|made| is_plain(&made.payload))
        };
        let plain = items.iter().filter(is_plain).cloned().collect();
        Self { items, plain }
    }

    /// The first words of the classes of what is enumerated.
    #[cfg(test)]
    pub(super) fn classes(&self) -> std::collections::BTreeSet<String> {
        let first = |class: &String| class.split('/').next().unwrap_or_default().to_owned();
        self.items.iter().map(|item| first(&item.class)).collect()
    }

    #[cfg(test)]
    pub(super) const fn enumerated(&self) -> usize {
        self.items.len()
    }

    pub(super) fn decode(
        &self,
        profile: Profile,
        turn: Option<usize>,
        chance: &mut Chance,
    ) -> Generated {
        // By chance now and then from the beginning: who asks little has some of both.
        let place =
            turn.filter(|turn| turn % BY_CHANCE != 0).map(|turn| turn - turn / BY_CHANCE - 1);
        if let Some(item) = place.and_then(|place| self.items.get(place))
            && let Some(made) = made(item, item.profile.unwrap_or(profile), chance)
        {
            return Generated {
                request: decode(&made),
                class: item.class.clone(),
                requirement: item.requirement,
                valid: item.valid,
            };
        }
        self.by_chance(profile, chance)
    }

    pub(super) fn encode(
        &self,
        profile: Profile,
        turn: Option<usize>,
        chance: &mut Chance,
    ) -> Option<Generated> {
        let item = turn.and_then(|turn| self.plain.get(turn));
        let item = item.unwrap_or_else(|| chance.pick(&self.plain)).clone();
        let (profile, message) = self.plain_message(&item, profile, chance)?;
        Some(Generated {
            request: Request::Encode { profile, message },
            class: item.class,
            requirement: item.requirement,
            valid: None,
        })
    }

    /// A message that every JSON parser reads in the same way, valid or not.
    pub(super) fn any_plain(
        &self,
        profile: Profile,
        chance: &mut Chance,
    ) -> Option<(Draft, Box<RawValue>, &Item)> {
        let item = chance.pick(&self.plain);
        let made = made(item, profile, chance)?;
        let message = raw(&made.payload)?;
        Some((made.draft, message, item))
    }

    fn plain_message(
        &self,
        item: &Item,
        profile: Profile,
        chance: &mut Chance,
    ) -> Option<(Profile, Box<RawValue>)> {
        let profile = item.profile.unwrap_or(profile);
        let made = made(item, profile, chance)?;
        Some((profile, raw(&made.payload)?))
    }

    /// Valid, with one or two edits, or with some bytes otherwise.
    fn by_chance(&self, profile: Profile, chance: &mut Chance) -> Generated {
        let kind = *chance.pick(&types_of(profile));
        let mut draft = Draft::usual(profile, kind, chance);
        let (mut class, mut requirement) = (format!("by-chance/{kind}"), kind.requirement());
        let mut layout = None;
        let edits = *chance.pick(&[0, 0, 0, 1, 1, 1, 2]);
        for _ in 0..edits {
            let item = chance.pick(&self.items);
            if !item.edit.fits(kind) {
                continue;
            }
            item.edit.make(&mut draft, chance);
            if let Edit::Layout(edit) = &item.edit {
                layout = Some(edit.clone());
            }
            (class, requirement) = (item.class.clone(), item.requirement);
        }
        if chance.one_in(4) {
            Edit::Order { inside: false, order: Order::Shuffled }.make(&mut draft, chance);
        }
        if layout.is_none() && chance.one_in(4) {
            layout = Some(Layout::Gaps(&["", "", " ", "\n", "\t", "\r\n"]));
        }
        let mut payload = match layout {
            Some(layout) => layout.write(&mut draft, chance),
            None => draft.write(),
        };
        if edits == 0 && !chance.one_in(4) {
            payload = mutated(payload, chance);
            class = "mutated".to_owned();
        }
        let request = decode(&Made { draft, payload });
        Generated { request, class, requirement, valid: None }
    }
}

/// An item in a message that it fits, if it fits one of the profile.
fn made(item: &Item, profile: Profile, chance: &mut Chance) -> Option<Made> {
    let kinds: Vec<MessageType> = match item.host {
        Some(host) => vec![host],
        None => types_of(profile).into_iter().filter(|&kind| item.edit.fits(kind)).collect(),
    };
    let kind = if kinds.is_empty() { return None } else { *chance.pick(&kinds) };
    let mut draft = match chance.below(3) {
        0 => Draft::shortest(profile, kind),
        _ => Draft::usual(profile, kind, chance),
    };
    if let Edit::Value(slot, _) | Edit::Missing(slot) | Edit::Key(slot, _) = item.edit
        && draft.member(slot).is_none()
    {
        draft = Draft::shortest(profile, kind);
    }
    item.edit.make(&mut draft, chance);
    let payload = match &item.edit {
        Edit::Layout(layout) => layout.write(&mut draft, chance),
        _ => draft.write(),
    };
    Some(Made { draft, payload })
}

fn decode(made: &Made) -> Request {
    let Draft { profile, direction, .. } = made.draft;
    Request::Decode { profile, direction, payload: made.payload.clone() }
}

fn raw(payload: &[u8]) -> Option<Box<RawValue>> {
    if !is_plain(payload) {
        return None;
    }
    let text = String::from_utf8(payload.to_vec()).ok()?;
    // A line of the adapter protocol has no line end in it.
    RawValue::from_string(text.replace(['\n', '\r'], " ")).ok()
}
