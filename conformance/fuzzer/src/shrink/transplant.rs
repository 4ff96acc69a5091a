//! Moves the special feature of a message to smaller messages.

use iothub_conformance_suite::Request;
use iothub_resource::{Direction, Key, MessageType, Profile};

use super::payload::{raw, text_of};
use crate::{
    message_tree::{Member, MessageTree, Node, Object, Slot, opposite, quoted, types_in},
    tokens::{members, tokens, unescaped},
};

/// The parts of a message, as far as the message can be parsed.
#[derive(Default)]
struct MessageParts {
    top: Vec<Member>,
    progress: Vec<Member>,
    /// All values and keys, which are tried in other places.
    values: Vec<Vec<u8>>,
    kind: Option<MessageType>,
}

/// Returns requests with short messages that have the values of the message in `request` under the
/// same keys.
pub(super) fn with_own_values(request: &Request) -> Vec<Request> {
    let text = text_of(request);
    let mut all = moved(request, &MessageParts::read(text), false);
    if text.len() >= LONG {
        as_long(request, text.len(), &mut all);
    }
    all
}

/// Returns requests with short messages that have any value of the message in `request` in any
/// place.
pub(super) fn with_values_anywhere(request: &Request) -> Vec<Request> {
    /// The number of values above which no values are moved to other places.
    const MANY: usize = 40;
    let text = text_of(request);
    let found = MessageParts::read(text);
    if text.len() >= LONG || found.values.len() > MANY {
        return Vec::new();
    }
    let mut all = moved(request, &found, true);
    rows(request, text, &mut all);
    all
}

/// The length of a text in bytes at and above which values are not moved to other places.
const LONG: usize = 3000;

fn moved(request: &Request, found: &MessageParts, everywhere: bool) -> Vec<Request> {
    let is_turned = match request {
        Request::Decode { direction, .. } => {
            found.kind.is_some_and(|kind| kind.direction() != *direction)
        }
        _ => false,
    };
    let mut all = Vec::new();
    for profile in Profile::ALL {
        let mut kinds = types_in(profile);
        // The type `download` is also tried in the profile that does not have this type.
        if found.kind == Some(MessageType::Download) && profile == Profile::Documented {
            kinds.push(MessageType::Download);
        }
        for kind in kinds {
            for host in hosts(profile, kind) {
                found.move_to(&host, everywhere, &mut |tree| {
                    push(&mut all, request, tree, is_turned);
                });
            }
        }
    }
    all
}

/// Adds requests with short messages that are extended to `length` bytes.
fn as_long(request: &Request, length: usize, all: &mut Vec<Request>) {
    let profile = Profile::Documented;
    for (kind, key) in [
        (MessageType::GetDownloadTask, None),
        (MessageType::ReportUploadProgressRsp, Some(Key::ResultMsg)),
        (MessageType::CreateUploadTask, Some(Key::Name)),
    ] {
        let mut host = MessageTree::shortest(profile, kind);
        let room = length.saturating_sub(host.to_bytes().len());
        match key.and_then(|key| host.member(Slot::Top(key))) {
            Some(Member { value: Node::Token(token), .. }) => {
                let end = token.len() - 1;
                token.splice(end..end, vec![b'a'; room]);
                push(all, request, &host, false);
            }
            _ => {
                let Request::Decode { .. } = request else { continue };
                let (payload, space) = (host.to_bytes(), vec![b' '; room]);
                let direction = host.direction;
                for payload in [[&payload[..], &space].concat(), [&space[..], &payload].concat()] {
                    all.push(Request::Decode { profile, direction, payload });
                }
            }
        }
    }
}

/// Returns the short messages of a type.
fn hosts(profile: Profile, kind: MessageType) -> Vec<MessageTree> {
    let shortest = MessageTree::shortest(profile, kind);
    let mut all = vec![shortest.clone()];
    if profile == Profile::Deployed && Slot::InProgress(Key::State).is_in(kind) {
        for state in ["done", "fail"] {
            let mut host = shortest.clone();
            if let Some(member) = host.member(Slot::InProgress(Key::State)) {
                member.value = Node::Token(quoted(state));
            }
            all.push(host.clone());
            host.remove(Slot::InProgress(Key::Percent));
            all.push(host);
        }
    }
    all
}

fn push(all: &mut Vec<Request>, request: &Request, tree: &MessageTree, is_turned: bool) {
    let profile = tree.profile;
    let text = tree.to_bytes();
    if text.len() > text_of(request).len() {
        return;
    }
    match request {
        Request::Decode { .. } => {
            let direction = if is_turned { opposite(tree.direction) } else { tree.direction };
            all.push(Request::Decode { profile, direction, payload: text });
        }
        Request::Encode { .. } => {
            if let Some(message) = raw(text) {
                all.push(Request::Encode { profile, message });
            }
        }
        _ => {}
    }
}

impl MessageParts {
    fn read(text: &[u8]) -> Self {
        let mut found = Self::default();
        let Some(all) = members(text) else { return found };
        for (key, value) in all {
            found.values.push(value.clone());
            found.values.push(key.clone());
            let inside = members(&value);
            if unescaped(&key).as_deref() == Some("type")
                && let Some(word) = unescaped(&value)
            {
                found.kind = found.kind.or(word.parse().ok());
            }
            match inside {
                Some(inside) if unescaped(&key).as_deref() == Some("progress") => {
                    for (key, value) in inside {
                        found.values.push(value.clone());
                        found.values.push(key.clone());
                        found.progress.push(Member::new(key, value));
                    }
                    found.top.push(Member { key, value: Node::Object(Vec::new()) });
                }
                _ => found.top.push(Member::new(key, value)),
            }
        }
        found.values.sort();
        found.values.dedup();
        found
    }

    fn move_to(&self, host: &MessageTree, everywhere: bool, add: &mut dyn FnMut(&MessageTree)) {
        add(host);
        let slots: Vec<Slot> = Slot::all().filter(|slot| slot.is_in(host.kind)).collect();
        for &slot in &slots {
            let word = slot.key().as_str();
            let own =
                self.members_of(slot.object()).iter().filter(|member| named(&member.key) == word);
            let mut values: Vec<&[u8]> = own.filter_map(token).collect();
            if everywhere {
                values.extend(self.values.iter().map(Vec::as_slice));
            }
            for value in values {
                let mut tree = host.clone();
                if let Some(member) = tree.member(slot) {
                    member.value = Node::Token(value.to_vec());
                    add(&tree);
                }
            }
            let mut tree = host.clone();
            tree.remove(slot);
            add(&tree);
            // Adds the key in its original spelling.
            for member in self.members_of(slot.object()).iter().chain(&self.progress) {
                let plain = quoted(word);
                if member.key != plain && (named(&member.key) == word || everywhere) {
                    let mut tree = host.clone();
                    if let Some(own) = tree.member(slot) {
                        own.key.clone_from(&member.key);
                        add(&tree);
                    }
                }
            }
        }
        self.all_at_once(host, add);
        if everywhere || self.values.len() < 24 {
            self.keys_more(host, add);
            self.in_order(host, add);
        }
    }

    const fn members_of(&self, object: Object) -> &Vec<Member> {
        match object {
            Object::Message => &self.top,
            Object::Progress => &self.progress,
        }
    }

    /// Adds variants of `host` with additional keys from this message, or with repeated keys.
    fn keys_more(&self, host: &MessageTree, add: &mut dyn FnMut(&MessageTree)) {
        for object in [Object::Message, Object::Progress] {
            let members = self.members_of(object);
            let mut seen: Vec<String> = Vec::new();
            for member in members {
                let name = named(&member.key);
                let is_known = host.members.iter().any(|own| named(&own.key) == name);
                let is_again = seen.contains(&name);
                seen.push(name.clone());
                if object == Object::Message && is_known && !is_again {
                    continue;
                }
                let value = token(member).unwrap_or(b"{}");
                for object in [object, Object::Message] {
                    for value in [value, b"0", b"\"\"", b"null", b"{}", b"[]"] {
                        for (first, times) in [(true, 1), (false, 1), (false, 2)] {
                            let mut tree = host.clone();
                            let Some(level) = tree.members_of(object) else { continue };
                            let more = Member::new(member.key.clone(), value);
                            for _ in 0..times {
                                let at = if first { 0 } else { level.len() };
                                level.insert(at, more.clone());
                            }
                            add(&tree);
                        }
                    }
                }
                // Repeats a key of the host, with its own value or with the value in this message.
                for slot in Slot::all().filter(|slot| slot.is_in(host.kind)) {
                    let mut tree = host.clone();
                    let Some(own) = tree.member(slot).cloned() else { continue };
                    for value in [own.value.clone(), Node::Token(value.to_vec())] {
                        let mut again = tree.clone();
                        let Some(level) = again.members_of(slot.object()) else { continue };
                        level.push(Member { key: own.key.clone(), value: value.clone() });
                        add(&again);
                        if let Some(level) = again.members_of(slot.object())
                            && let Some(last) = level.pop()
                        {
                            level.insert(0, last);
                            add(&again);
                        }
                    }
                }
            }
        }
        self.spelled_otherwise(host, add);
        // Adds any value under an unknown key, and any string as an unknown key.
        for value in &self.values {
            let mut tree = host.clone();
            tree.members.push(Member::new(quoted(""), value.clone()));
            add(&tree);
            if value.first() == Some(&b'"') {
                let mut tree = host.clone();
                tree.members.push(Member::new(value.clone(), b"0"));
                add(&tree);
            }
        }
    }

    /// Adds variants of `host` with escaped or repeated keys if this message has such keys.
    fn spelled_otherwise(&self, host: &MessageTree, add: &mut dyn FnMut(&MessageTree)) {
        let all = || self.top.iter().chain(&self.progress);
        if all().any(|member| member.key.contains(&b'\\')) {
            let mut tree = host.clone();
            if let Some(member) = tree.member(Slot::Top(Key::Type)) {
                member.key = br#""\u0074ype""#.to_vec();
                add(&tree);
            }
        }
        let is_again = |member: &Member| {
            all().filter(|other| named(&other.key) == named(&member.key)).count() > 1
        };
        if !all().any(is_again) {
            return;
        }
        if all().any(|member| member.key.contains(&b'\\')) {
            let mut tree = host.clone();
            tree.members.push(Member::new(&br#""\u0074ype""#[..], b"0"));
            add(&tree);
            tree.members.rotate_right(1);
            add(&tree);
            // The two keys are also tried in reverse order.
            let other = tree.members.remove(0);
            if let Some(first) = tree.members.first_mut() {
                let value = std::mem::replace(&mut first.value, other.value);
                tree.members.push(Member { key: other.key, value });
                add(&tree);
            }
        }
        for slot in Slot::all() {
            for times in [1, 2] {
                let mut tree = host.clone();
                let Some(level) = tree.members_of(slot.object()) else { continue };
                let member = Member::new(quoted(slot.key().as_str()), b"0");
                level.extend(vec![member; times]);
                add(&tree);
                if let Some(level) = tree.members_of(slot.object()) {
                    level.rotate_right(times);
                }
                add(&tree);
            }
        }
    }

    /// Adds variants of `host` with the keys in the order of this message and in other orders.
    fn in_order(&self, host: &MessageTree, add: &mut dyn FnMut(&MessageTree)) {
        let place = |members: &[Member], own: &Member| {
            members.iter().position(|other| named(&other.key) == named(&own.key)).unwrap_or(99)
        };
        let mut tree = host.clone();
        tree.members.sort_by_key(|own| place(&self.top, own));
        add(&tree);
        let mut inner = host.clone();
        for tree in [&mut tree, &mut inner] {
            if let Some(level) = tree.progress() {
                level.sort_by_key(|own| place(&self.progress, own));
                add(tree);
            }
        }
        for at in 1..host.members.len() {
            let mut tree = host.clone();
            let member = tree.members.remove(at);
            tree.members.insert(0, member);
            add(&tree);
            let mut tree = host.clone();
            tree.members.swap(at - 1, at);
            add(&tree);
        }
        let mut tree = host.clone();
        tree.members.reverse();
        add(&tree);
        let mut tree = host.clone();
        for at in 1..tree.progress().map_or(0, |level| level.len()) {
            if let Some(level) = tree.progress() {
                level.swap(at - 1, at);
                add(&tree);
            }
        }
    }

    /// Adds a variant of `host` with all values of this message together.
    fn all_at_once(&self, host: &MessageTree, add: &mut dyn FnMut(&MessageTree)) {
        let mut tree = host.clone();
        for slot in Slot::all().filter(|slot| slot.is_in(host.kind)).skip(1) {
            let word = slot.key().as_str();
            let own =
                self.members_of(slot.object()).iter().find(|member| named(&member.key) == word);
            if let (Some(value), Some(member)) = (own.and_then(token), tree.member(slot)) {
                member.value = Node::Token(value.to_vec());
            }
        }
        add(&tree);
    }
}

fn named(key: &[u8]) -> String {
    unescaped(key).unwrap_or_default()
}

fn token(member: &Member) -> Option<&[u8]> {
    match &member.value {
        Node::Token(token) => Some(token),
        Node::Object(_) => None,
    }
}

/// Adds payloads of a few consecutive tokens, alone or inserted into the shortest message.
fn rows(request: &Request, text: &[u8], all: &mut Vec<Request>) {
    const LONGEST: usize = 5;
    let Request::Decode { .. } = request else { return };
    let tokens = tokens(text);
    let shortest = MessageTree::shortest(Profile::Documented, MessageType::GetDownloadTask);
    let host = shortest.tokens();
    let mut add = |payload: Vec<u8>| {
        for profile in Profile::ALL {
            let direction = Direction::Up;
            all.push(Request::Decode { profile, direction, payload: payload.clone() });
        }
    };
    for tiny in ["", " ", "{}", "[]", "\"\"", "0", "null", "{", "[", "true", "\"", "[{}]"] {
        add(tiny.as_bytes().to_vec());
    }
    let mut rows: Vec<&[u8]> = (1..=LONGEST)
        .flat_map(|width| {
            tokens.windows(width).map(|row| &text[row[0].start..row[row.len() - 1].end])
        })
        .filter(|row| row.len() < 40)
        .collect();
    rows.sort_unstable();
    rows.dedup();
    rows.truncate(400);
    for row in rows {
        add(row.to_vec());
        for at in 0..=host.len() {
            let mut tokens = host.clone();
            tokens.insert(at, row.to_vec());
            add(tokens.concat());
            if at < host.len() {
                tokens.remove(at + 1);
                add(tokens.concat());
            }
        }
    }
}
