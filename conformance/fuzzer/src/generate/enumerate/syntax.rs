//! Variations of the text between and around the tokens, and of the length of payloads.

use iothub_resource::{Key, MAX_PAYLOAD};

use super::variation::Variation;
use crate::{
    generate::{
        edit::Edit,
        layout::{ByteOrder, ByteOrderMark, Encoding, Filler, Gap, Layout, TokenKind},
        tables::syntax::{
            AROUND, INSTEAD_OF_CLOSE, INSTEAD_OF_COLON, INSTEAD_OF_COMMA, INSTEAD_OF_KEY,
            INSTEAD_OF_OPEN, INSTEAD_OF_VALUE, NESTINGS, NOT_SPACES, NOT_UTF8_AROUND,
            NOT_UTF8_SPACES, PAYLOAD_LENGTHS, PAYLOADS, SPACES, STYLES,
        },
    },
    message_tree::Slot,
    rng::Rng,
};

/// Adds variations with white space or other text between tokens.
pub(super) fn spaces(variations: &mut Vec<Variation>) {
    let between = |gap, filling: &[u8], class: String, requirement| {
        Variation::new(Edit::Layout(Layout::Gap(gap, filling.to_vec())), class, requirement)
    };
    for gap in Gap::ALL {
        for space in SPACES {
            let class = format!("space/{gap:?}");
            let variation = between(gap, space.as_bytes(), class, "ENC-3").valid(true);
            variations.extend([variation.clone(), variation]);
        }
        for space in NOT_SPACES {
            let class = format!("no-space/{space:?}");
            variations.push(between(gap, space.as_bytes(), class, "ENC-3").valid(false));
        }
        for space in NOT_UTF8_SPACES {
            let class = "not-utf8/gap".to_owned();
            variations.push(between(gap, space, class, "ENC-2").valid(false));
        }
    }
    for style in STYLES {
        for _ in 0..4 {
            let edit = Edit::Layout(Layout::Gaps(style));
            variations.push(Variation::new(edit, "spaces", "ENC-3").valid(true));
        }
    }
}

/// Adds payloads that are not JSON or are not JSON objects.
pub(super) fn not_objects(variations: &mut Vec<Variation>) {
    let twice =
        |class: String, layout| [not_json(class.clone(), &layout), not_json(class, &layout)];
    for kind in TokenKind::ALL {
        for &instead in instead_of(kind) {
            let class = format!("punctuation/{kind:?}/{instead}");
            variations.extend(twice(class, Layout::Token(kind, instead)));
        }
    }
    for (before, after) in AROUND {
        let layout = Layout::Around(before.as_bytes().to_vec(), after.as_bytes().to_vec());
        variations.extend(twice(format!("around/{before}<was>{after}"), layout));
    }
    for (before, after) in NOT_UTF8_AROUND {
        let layout = Layout::Around(before.to_vec(), after.to_vec());
        variations.extend(twice("not-utf8/around".to_owned(), layout));
    }
    for payload in PAYLOADS {
        let layout = Layout::Whole(payload.as_bytes().to_vec());
        variations.push(not_json(format!("whole/{payload}"), &layout));
    }
    for &depth in NESTINGS {
        let closed = format!("{}{}", "[".repeat(depth / 2), "]".repeat(depth / 2));
        for payload in ["[".repeat(depth), closed, "{\"a\":".repeat(depth / 5)] {
            let layout = Layout::Whole(payload.into_bytes());
            variations.push(not_json("whole-deep".to_owned(), &layout));
        }
    }
    for encoding in ENCODINGS {
        for _ in 0..2 {
            variations.extend(twice("encoding".to_owned(), Layout::Encoded(encoding)));
        }
    }
    for count in 1..=MOST_CUT {
        variations.push(not_json("cut".to_owned(), &Layout::Cut(count)));
    }
}

/// The maximum number of tokens that are cut off at the end of a payload.
const MOST_CUT: usize = 23;

fn not_json(class: String, layout: &Layout) -> Variation {
    Variation::new(Edit::Layout(layout.clone()), class, "ENC-3").valid(false)
}

const fn instead_of(kind: TokenKind) -> &'static [&'static str] {
    match kind {
        TokenKind::Open => INSTEAD_OF_OPEN,
        TokenKind::Colon => INSTEAD_OF_COLON,
        TokenKind::Comma => INSTEAD_OF_COMMA,
        TokenKind::Close => INSTEAD_OF_CLOSE,
        TokenKind::Key => INSTEAD_OF_KEY,
        TokenKind::Value => INSTEAD_OF_VALUE,
    }
}

const ENCODINGS: [Encoding; 10] = [
    Encoding::Utf16(ByteOrder::Little, ByteOrderMark::Present),
    Encoding::Utf16(ByteOrder::Big, ByteOrderMark::Present),
    Encoding::Utf16(ByteOrder::Little, ByteOrderMark::Absent),
    Encoding::Utf16(ByteOrder::Big, ByteOrderMark::Absent),
    Encoding::Utf32(ByteOrder::Little, ByteOrderMark::Present),
    Encoding::Utf32(ByteOrder::Big, ByteOrderMark::Present),
    Encoding::Utf32(ByteOrder::Little, ByteOrderMark::Absent),
    Encoding::Utf32(ByteOrder::Big, ByteOrderMark::Absent),
    Encoding::Latin1,
    Encoding::Latin1,
];

const FILLERS: [Filler; 15] = [
    Filler::SpaceBefore,
    Filler::SpaceAfter,
    Filler::SpaceWithin,
    Filler::Unknown,
    Filler::Letters(Slot::Top(Key::Name)),
    Filler::Letters(Slot::Top(Key::ResultMsg)),
    Filler::Letters(Slot::Top(Key::Url)),
    Filler::Letters(Slot::InProgress(Key::ResultMsg)),
    Filler::Wide(Slot::Top(Key::Name), "é"),
    Filler::Wide(Slot::Top(Key::Name), "中"),
    Filler::Wide(Slot::Top(Key::ResultMsg), "\u{1f600}"),
    Filler::Wide(Slot::Top(Key::ResultMsg), "\\u0061"),
    Filler::Wide(Slot::Top(Key::ResultMsg), "\\n"),
    Filler::Wide(Slot::Top(Key::ResultMsg), "é"),
    Filler::Wide(Slot::Top(Key::ResultMsg), "\\\""),
];

/// Adds a payload for about half of the combinations of length and filler, and two payloads for
/// each combination near the maximum length of a payload.
pub(super) fn lengths(variations: &mut Vec<Variation>, rng: &mut Rng) {
    for &length in PAYLOAD_LENGTHS {
        for filler in FILLERS {
            let edit = Edit::Layout(Layout::Length(length, filler));
            let is_at_limit = (MAX_PAYLOAD - 1..=MAX_PAYLOAD + 2).contains(&length);
            let count = if is_at_limit { 2 } else { usize::from(rng.one_in(2)) };
            let variation = Variation::new(edit, "payload-length", "ENC-1");
            let is_too_long = length > MAX_PAYLOAD;
            let variation = if is_too_long { variation.valid(false) } else { variation };
            variations.extend(vec![variation; count]);
        }
    }
}
