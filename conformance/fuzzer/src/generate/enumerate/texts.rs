//! Variations of strings: with special characters, of critical lengths, or with a special meaning
//! to other programs.

use iothub_resource::Key;

use super::variation::{TEXT_SLOTS, Variation};
use crate::{
    generate::{
        edit::{AddedValue, Edit},
        strings::{self, Piece, PieceClass},
        tables::strings::TEXTS,
    },
    message_tree::{Object, Slot, quoted, requirement_of},
    rng::Rng,
};

/// The parts of a URL in which a character is placed, each with the text before and after the
/// character.
const PLACES_IN_URLS: [(&str, &str, &str); 7] = [
    ("host", "http://", ""),
    ("host", "http://a", "a"),
    ("path", "http://a/", ""),
    ("query", "http://a?", "a"),
    ("fragment", "http://a#", "a"),
    ("user", "http://", "@a"),
    ("port", "http://a:", ""),
];

/// Adds each special character in several strings of a message. The selection of strings is random,
/// so it differs between campaigns.
pub(super) fn characters(variations: &mut Vec<Variation>, rng: &mut Rng) {
    for piece in strings::characters() {
        let mut texts: Vec<Variation> = TEXT_SLOTS
            .into_iter()
            .map(|slot| {
                let inside = rng.pick(&around(&piece.inside)).clone();
                let rule = requirement_of_string(piece.class, slot);
                Variation::value(slot, quoted(inside), piece.class.as_str(), rule)
            })
            .collect();
        let mut others = elsewhere(&piece, rng);
        // A JSON parser usually treats a character that concerns only JSON in the same way in all
        // strings.
        let (texts_kept, others_kept) = if piece.class.is_of_json() { (1, 3) } else { (3, 4) };
        rng.shuffle(&mut texts);
        rng.shuffle(&mut others);
        variations.extend(texts.into_iter().take(texts_kept));
        variations.extend(others.into_iter().take(others_kept));
    }
}

/// Adds strings of critical lengths and texts with a special meaning, most often as a name.
pub(super) fn lengths_and_texts(variations: &mut Vec<Variation>, rng: &mut Rng) {
    for slot in TEXT_SLOTS {
        let is_name = slot == Slot::Top(Key::Name);
        let rule = requirement_of(slot);
        for Piece { class, inside } in strings::lengths() {
            let is_kept = match slot {
                Slot::Top(Key::Name) => class == PieceClass::Length || rng.one_in(2),
                _ => rng.one_in(4),
            };
            if is_kept {
                variations.push(Variation::value(slot, quoted(inside), class.as_str(), rule));
            }
        }
        for text in TEXTS {
            if is_name || !rng.one_in(2) {
                variations.push(Variation::value(slot, quoted(text), "text", rule));
            }
        }
    }
}

/// Returns variations with the piece in strings of a restricted form (such as URLs), in keys, and
/// in the values of unknown keys.
fn elsewhere(piece: &Piece, rng: &mut Rng) -> Vec<Variation> {
    /// The number of places in a URL at which the piece is tried. One place is enough if JSON alone
    /// determines the validity of the piece.
    const URLS_KEPT: usize = 3;
    let class = piece.class.as_str();
    let of = |place: &str| format!("{class}/{place}");
    let mut variations = Vec::new();
    let url = Slot::Top(Key::Url);
    for (place, before, after) in PLACES_IN_URLS {
        let inside = [before.as_bytes(), &piece.inside, after.as_bytes()].concat();
        let edit = Edit::Value(url, quoted(inside));
        let rule = requirement_of_string(piece.class, url);
        variations.push(Variation::new(edit, of(&format!("url-{place}")), rule));
    }
    rng.shuffle(&mut variations);
    variations.truncate(if piece.class.is_of_json() { 1 } else { URLS_KEPT });
    for (slot, before) in [
        (Slot::Top(Key::Md5sum), "0000000000000000000000000000000"),
        (Slot::Top(Key::Type), "get_download_task"),
        (Slot::InProgress(Key::State), "uploading"),
    ] {
        let inside = [before.as_bytes(), &piece.inside].concat();
        let rule = requirement_of_string(piece.class, slot);
        variations.push(Variation::value(slot, quoted(inside), class, rule));
    }
    let key = [if rng.one_in(2) { &b"x"[..] } else { b"" }, &piece.inside].concat();
    let value = AddedValue::Token(b"0".to_vec());
    let object = if rng.one_in(3) { Object::Progress } else { Object::Message };
    let edit = Edit::Add { object, key: quoted(key), value, times: 1 };
    variations.push(Variation::new(edit, of("key"), "ENC-5"));
    let value = AddedValue::Token(quoted(&piece.inside));
    let edit = Edit::Add { object: Object::Message, key: quoted("x"), value, times: 1 };
    variations.push(Variation::new(edit, of("skipped"), "ENC-5"));
    variations
}

/// Returns a piece alone, and with a letter before it, after it, or on both sides.
fn around(inside: &[u8]) -> [Vec<u8>; 4] {
    [
        inside.to_vec(),
        [b"a", inside].concat(),
        [inside, b"a"].concat(),
        [b"a", inside, b"a"].concat(),
    ]
}

/// Returns the id of the requirement for a string with a special character.
fn requirement_of_string(class: PieceClass, slot: Slot) -> &'static str {
    match class {
        PieceClass::Escape
        | PieceClass::SurrogatePair
        | PieceClass::LoneSurrogate
        | PieceClass::BadEscape => "ENC-8",
        PieceClass::NotUtf8 => "ENC-2",
        PieceClass::RawControl => "ENC-3",
        _ => requirement_of(slot),
    }
}
