//! The layout of a payload: everything except its keys and values, such as white space, length and
//! encoding.

use iothub_resource::{Key, MessageType};

use crate::{
    message_tree::{MessageTree, Node, Slot, quoted},
    rng::Rng,
};

/// A change to a payload other than a change to its keys and values.
#[derive(Clone, Debug)]
pub(super) enum Layout {
    /// Inserts text into a random gap of this kind.
    Gap(Gap, Vec<u8>),
    /// Inserts a random text from this list into each gap, including before and after the payload.
    Gaps(&'static [&'static str]),
    /// Replaces a random token of this kind. `<was>` stands for the token, and `<inside>` for the
    /// token without its quotation marks.
    Token(TokenKind, &'static str),
    /// Adds text before and after the payload.
    Around(Vec<u8>, Vec<u8>),
    /// Extends the payload to this many bytes.
    Length(usize, Filler),
    /// Removes this many tokens from the end of the payload.
    Cut(usize),
    /// Writes the payload in this encoding instead of UTF-8.
    Encoded(Encoding),
    /// Replaces the whole payload.
    Whole(Vec<u8>),
}

/// A place at which text can be inserted: before the payload, after the payload, or between two
/// tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    Before,
    AfterBrace,
    BeforeColon,
    AfterColon,
    BeforeComma,
    AfterComma,
    BeforeClose,
    After,
}

impl Gap {
    pub(super) const ALL: [Self; 8] = [
        Self::Before,
        Self::AfterBrace,
        Self::BeforeColon,
        Self::AfterColon,
        Self::BeforeComma,
        Self::AfterComma,
        Self::BeforeClose,
        Self::After,
    ];

    /// Returns whether the place before token `at` is a gap of this kind.
    fn is(self, tokens: &[Vec<u8>], at: usize) -> bool {
        let before = at.checked_sub(1).map(|at| tokens[at].as_slice());
        let after = tokens.get(at).map(Vec::as_slice);
        match self {
            Self::Before => at == 0,
            Self::AfterBrace => before == Some(b"{"),
            Self::BeforeColon => after == Some(b":"),
            Self::AfterColon => before == Some(b":"),
            Self::BeforeComma => after == Some(b","),
            Self::AfterComma => before == Some(b","),
            Self::BeforeClose => after == Some(b"}"),
            Self::After => after.is_none(),
        }
    }
}

/// The kind of a token, by its role in an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Open,
    Colon,
    Comma,
    Close,
    Key,
    Value,
}

impl TokenKind {
    pub(super) const ALL: [Self; 6] =
        [Self::Open, Self::Colon, Self::Comma, Self::Close, Self::Key, Self::Value];

    fn of(tokens: &[Vec<u8>], at: usize) -> Self {
        match tokens[at].as_slice() {
            b"{" => Self::Open,
            b":" => Self::Colon,
            b"," => Self::Comma,
            b"}" => Self::Close,
            _ if tokens.get(at + 1).is_some_and(|next| next == b":") => Self::Key,
            _ => Self::Value,
        }
    }
}

/// The way in which a payload is extended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Filler {
    SpaceBefore,
    SpaceAfter,
    /// Line feeds after the opening brace.
    SpaceWithin,
    /// The letter `a`, repeated in the string of a key.
    Letters(Slot),
    /// A multibyte character or an escape, repeated in the string of a key.
    Wide(Slot, &'static str),
    /// An unknown key with a long string.
    Unknown,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Encoding {
    Utf16(ByteOrder, ByteOrderMark),
    Utf32(ByteOrder, ByteOrderMark),
    /// Latin-1, with a `result_msg` that is not UTF-8.
    Latin1,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrderMark {
    Present,
    Absent,
}

impl Layout {
    /// Returns whether the layout changes a message of this type.
    pub(super) fn fits(&self, kind: MessageType) -> bool {
        match self {
            Self::Gap(Gap::BeforeComma | Gap::AfterComma, _) | Self::Token(TokenKind::Comma, _) => {
                !kind.keys().is_empty()
            }
            Self::Length(_, Filler::Letters(slot) | Filler::Wide(slot, _)) => slot.is_in(kind),
            Self::Encoded(Encoding::Latin1) => Slot::Top(Key::ResultMsg).is_in(kind),
            _ => true,
        }
    }

    /// Returns the payload of a message with this layout. Some layouts change a value in `tree`.
    pub(super) fn write(&self, tree: &mut MessageTree, rng: &mut Rng) -> Vec<u8> {
        let mut tokens = tree.tokens();
        match self {
            Self::Gap(gap, filling) => {
                let is_gap = |at: &usize| gap.is(&tokens, *at);
                let places: Vec<usize> = (0..=tokens.len()).filter(is_gap).collect();
                if !places.is_empty() {
                    tokens.insert(*rng.pick(&places), filling.clone());
                }
                tokens.concat()
            }
            Self::Gaps(fillings) => {
                let mut payload = rng.pick(fillings).as_bytes().to_vec();
                for token in tokens {
                    payload.extend(token);
                    payload.extend(rng.pick(fillings).as_bytes());
                }
                payload
            }
            Self::Token(kind, instead) => {
                let is_of_kind = |at: &usize| TokenKind::of(&tokens, *at) == *kind;
                let places: Vec<usize> = (0..tokens.len()).filter(is_of_kind).collect();
                if !places.is_empty() {
                    let at = *rng.pick(&places);
                    tokens[at] = filled(instead, &tokens[at]);
                }
                tokens.concat()
            }
            Self::Around(before, after) => [before.as_slice(), &tokens.concat(), after].concat(),
            Self::Length(length, filler) => filler.fill(tree, *length),
            Self::Cut(count) => tokens[..tokens.len().saturating_sub(*count)].concat(),
            Self::Encoded(encoding) => encoding.write(tree),
            Self::Whole(payload) => payload.clone(),
        }
    }
}

/// Returns the template `instead` with `token` inserted.
fn filled(instead: &str, token: &[u8]) -> Vec<u8> {
    let was = String::from_utf8_lossy(token);
    instead.replace("<was>", &was).replace("<inside>", was.trim_matches('"')).into_bytes()
}

impl Filler {
    /// Returns the payload of a message, extended to `length` bytes if it is shorter.
    fn fill(self, tree: &mut MessageTree, length: usize) -> Vec<u8> {
        let bare = tree.to_bytes();
        let room = length.saturating_sub(bare.len());
        match self {
            Self::SpaceBefore => [&vec![b' '; room], bare.as_slice()].concat(),
            Self::SpaceAfter => [bare.as_slice(), &vec![b' '; room]].concat(),
            Self::SpaceWithin => [b"{", vec![b'\n'; room].as_slice(), &bare[1..]].concat(),
            Self::Letters(slot) => Self::Wide(slot, "a").fill(tree, length),
            Self::Wide(slot, letter) => {
                let Some(member) = tree.member(slot) else { return bare };
                let Node::Token(token) = &mut member.value else { return bare };
                if token.first() == Some(&b'"') && token.len() > 1 {
                    let letters = letter.repeat(room / letter.len());
                    let rest = "a".repeat(room % letter.len());
                    let end = token.len() - 1;
                    token.splice(end..end, (letters + &rest).into_bytes());
                }
                tree.to_bytes()
            }
            Self::Unknown => {
                let room = room.saturating_sub(r#","x":"""#.len());
                let member = [b",\"x\":", quoted("a".repeat(room)).as_slice(), b"}"].concat();
                [&bare[..bare.len() - 1], &member].concat()
            }
        }
    }
}

impl Encoding {
    fn write(self, tree: &mut MessageTree) -> Vec<u8> {
        let text = String::from_utf8_lossy(&tree.to_bytes()).into_owned();
        let order = |bytes: &[u8], order: ByteOrder| -> Vec<u8> {
            match order {
                ByteOrder::Big => bytes.to_vec(),
                ByteOrder::Little => bytes.iter().rev().copied().collect(),
            }
        };
        let with_mark = |mark: ByteOrderMark| -> String {
            if mark == ByteOrderMark::Present { format!("\u{feff}{text}") } else { text.clone() }
        };
        match self {
            Self::Utf16(by, mark) => with_mark(mark)
                .encode_utf16()
                .flat_map(|unit| order(&unit.to_be_bytes(), by))
                .collect(),
            Self::Utf32(by, mark) => with_mark(mark)
                .chars()
                .flat_map(|c| order(&u32::from(c).to_be_bytes(), by))
                .collect(),
            Self::Latin1 => {
                if let Some(member) = tree.member(Slot::Top(Key::ResultMsg)) {
                    member.value = Node::Token(b"\"caf\xe9\"".to_vec());
                }
                tree.to_bytes()
            }
        }
    }
}
