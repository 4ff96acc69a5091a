//! A message as a list of tokens, each of which can have any spelling.

use iothub_resource::{Direction, Key, MessageType, Profile};

use super::rng::Rng;

/// A message under construction: the tokens of its keys and values, in order.
#[derive(Clone, Debug)]
pub(super) struct MessageTree {
    pub(super) profile: Profile,
    pub(super) direction: Direction,
    pub(super) kind: MessageType,
    pub(super) members: Vec<Member>,
}

/// A key and its value. The key is spelled as in the payload, with its quotation marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) key: Vec<u8>,
    pub(super) value: Node,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Token(Vec<u8>),
    Object(Vec<Member>),
}

/// One of the two objects of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Object {
    /// The top level of the message.
    Message,
    /// The object `progress`.
    Progress,
}

/// A key at the top level or in `progress`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    Top(Key),
    InProgress(Key),
}

impl Slot {
    pub(super) const fn key(self) -> Key {
        match self {
            Self::Top(key) | Self::InProgress(key) => key,
        }
    }

    pub(super) const fn object(self) -> Object {
        match self {
            Self::Top(_) => Object::Message,
            Self::InProgress(_) => Object::Progress,
        }
    }

    pub(super) fn is_in(self, kind: MessageType) -> bool {
        match self {
            Self::Top(Key::Type) => true,
            Self::Top(key) => kind.keys().contains(&key),
            Self::InProgress(_) => kind.keys().contains(&Key::Progress),
        }
    }

    /// Returns all keys of all messages.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let top = Key::TOP.iter().map(|&key| Self::Top(key));
        top.chain(Key::IN_PROGRESS.iter().map(|&key| Self::InProgress(key)))
    }
}

impl Member {
    pub(super) fn new(key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        Self { key: key.into(), value: Node::Token(value.into()) }
    }
}

pub(super) fn quoted(word: impl AsRef<[u8]>) -> Vec<u8> {
    [b"\"", word.as_ref(), b"\""].concat()
}

/// Returns the opposite direction.
pub(super) const fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Up => Direction::Down,
        Direction::Down => Direction::Up,
    }
}

/// Returns the message types of a profile.
pub(super) fn types_in(profile: Profile) -> Vec<MessageType> {
    MessageType::ALL.iter().copied().filter(|kind| kind.is_in(profile)).collect()
}

/// Returns the shortest valid value of a key.
pub(super) fn shortest_value(kind: MessageType, key: Key) -> Vec<u8> {
    match key {
        Key::Type => quoted(kind.as_str()),
        Key::Size | Key::Percent | Key::ResultCode => b"0".to_vec(),
        Key::Name => quoted("a"),
        Key::Md5sum => quoted("0".repeat(32)),
        Key::Url => quoted("http://a"),
        Key::State => quoted(running_state(kind)),
        _ => quoted(""),
    }
}

pub(super) fn running_state(kind: MessageType) -> &'static str {
    match kind {
        MessageType::ReportDownloadProgress => "downloading",
        _ => "uploading",
    }
}

/// Returns the id of the requirement for the value of a key.
pub(super) const fn requirement_of(slot: Slot) -> &'static str {
    match slot.key() {
        Key::Size => "VAL-1",
        Key::Name => "VAL-2",
        Key::Md5sum => "VAL-3",
        Key::Url => "VAL-4",
        Key::Percent => "VAL-5",
        Key::State => "VAL-6",
        Key::ResultCode => "VAL-7",
        Key::ResultMsg => "VAL-8",
        Key::Progress => "MSG-3",
        _ => "MSG-1",
    }
}

impl MessageTree {
    /// Returns a message of a type with all keys of the type, in the direction of the type. `value`
    /// returns the value of each key.
    pub(super) fn with_values(
        profile: Profile,
        kind: MessageType,
        value: &mut dyn FnMut(Slot) -> Vec<u8>,
    ) -> Self {
        let mut members = vec![Member::new(quoted("type"), value(Slot::Top(Key::Type)))];
        for &key in kind.keys() {
            let value = match key {
                Key::Progress => {
                    let member = |&key: &Key| {
                        Member::new(quoted(key.as_str()), value(Slot::InProgress(key)))
                    };
                    Node::Object(Key::IN_PROGRESS.iter().map(member).collect())
                }
                key => Node::Token(value(Slot::Top(key))),
            };
            members.push(Member { key: quoted(key.as_str()), value });
        }
        Self { profile, direction: kind.direction(), kind, members }
    }

    pub(super) fn shortest(profile: Profile, kind: MessageType) -> Self {
        Self::with_values(profile, kind, &mut |slot| shortest_value(kind, slot.key()))
    }

    /// Creates a valid message with random values from short lists.
    pub(super) fn typical(profile: Profile, kind: MessageType, rng: &mut Rng) -> Self {
        let mut tree =
            Self::with_values(profile, kind, &mut |slot| typical_value(kind, slot, profile, rng));
        let is_final = tree
            .member(Slot::InProgress(Key::State))
            .is_some_and(|member| member.value != Node::Token(quoted(running_state(kind))));
        if is_final && rng.one_in(2) {
            tree.remove(Slot::InProgress(Key::Percent));
        }
        tree
    }

    pub(super) fn progress(&mut self) -> Option<&mut Vec<Member>> {
        self.members.iter_mut().find_map(|member| match &mut member.value {
            Node::Object(members) => Some(members),
            Node::Token(_) => None,
        })
    }

    /// Returns the members of an object, or `None` if the message does not have that object.
    pub(super) fn members_of(&mut self, object: Object) -> Option<&mut Vec<Member>> {
        match object {
            Object::Message => Some(&mut self.members),
            Object::Progress => self.progress(),
        }
    }

    pub(super) fn member(&mut self, slot: Slot) -> Option<&mut Member> {
        let key = quoted(slot.key().as_str());
        self.members_of(slot.object())?.iter_mut().find(|member| member.key == key)
    }

    pub(super) fn remove(&mut self, slot: Slot) -> Option<Member> {
        let key = quoted(slot.key().as_str());
        let level = self.members_of(slot.object())?;
        let at = level.iter().position(|member| member.key == key)?;
        Some(level.remove(at))
    }

    /// Returns the payload without white space.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.tokens().concat()
    }

    /// Returns the tokens of the payload.
    pub(super) fn tokens(&self) -> Vec<Vec<u8>> {
        let mut tokens = Vec::new();
        write_object(&self.members, &mut tokens);
        tokens
    }
}

fn write_object(members: &[Member], tokens: &mut Vec<Vec<u8>>) {
    tokens.push(b"{".to_vec());
    for (index, member) in members.iter().enumerate() {
        if index > 0 {
            tokens.push(b",".to_vec());
        }
        tokens.push(member.key.clone());
        tokens.push(b":".to_vec());
        match &member.value {
            Node::Token(token) => tokens.push(token.clone()),
            Node::Object(members) => write_object(members, tokens),
        }
    }
    tokens.push(b"}".to_vec());
}

fn typical_value(kind: MessageType, slot: Slot, profile: Profile, rng: &mut Rng) -> Vec<u8> {
    const SIZES: &[&str] = &["0", "1", "100", "4096", "65536", "2147483648", "9007199254740991"];
    const NAMES: &[&str] =
        &["a", "zxc", "AAAA", "firmware.bin", "a b", "日志.txt", "v1.0_2-3", "9", "{}", "a\\\"b"];
    const PERCENTS: &[&str] = &["0", "1", "50", "89", "99", "100"];
    const CODES: &[&str] =
        &["0", "0", "0", "-1", "-2", "-4", "1", "404", "2147483647", "-2147483648"];
    const MESSAGES: &[&str] =
        &["", "ok", "time_out", "file_not_exist", "sign invalid", "失败", "a\\nb"];
    const URLS: &[&str] = &[
        "https://iothub.cos.ap-guangzhou.myqcloud.com/a/b?sign=q-sign-algorithm%3Dsha1",
        "http://a",
        "http://127.0.0.1:8080/x",
        "https://u:p@h.example/?a=b#c",
        "HTTPS://h",
    ];
    match slot.key() {
        Key::Type => shortest_value(kind, Key::Type),
        Key::Size => rng.pick(SIZES).as_bytes().to_vec(),
        Key::Percent => rng.pick(PERCENTS).as_bytes().to_vec(),
        Key::ResultCode => rng.pick(CODES).as_bytes().to_vec(),
        Key::Name => quoted(rng.pick(NAMES)),
        Key::ResultMsg | Key::Progress => quoted(rng.pick(MESSAGES)),
        Key::Url => quoted(rng.pick(URLS)),
        Key::Md5sum => {
            let digest = format!("{:016x}{:016x}", rng.bits(), rng.bits());
            let upper = profile == Profile::Deployed && rng.one_in(3);
            quoted(if upper { digest.to_ascii_uppercase() } else { digest })
        }
        Key::State if profile == Profile::Deployed && rng.one_in(2) => {
            quoted(rng.pick(&["done", "fail"]))
        }
        _ => shortest_value(kind, Key::State),
    }
}
