//! Valid and invalid contents of JSON strings.

use super::tables::strings::{
    BAD_ESCAPES, ESCAPES, LENGTHS, LONE_SURROGATES, NON_ASCII, NOT_UTF8, SURROGATE_PAIRS,
    WIDE_CHARACTERS, WIDE_LENGTHS,
};

/// The content of a JSON string as bytes, which may be invalid JSON or invalid UTF-8.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) class: PieceClass,
    pub(super) inside: Vec<u8>,
}

/// The special feature of a piece: its kind of characters, its defect or its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PieceClass {
    Ascii,
    Delete,
    Escape,
    RawControl,
    EscapedControl,
    NonAscii,
    SurrogatePair,
    LoneSurrogate,
    BadEscape,
    NotUtf8,
    /// Many one-byte letters.
    Length,
    /// Many multibyte characters or escapes.
    WideLength,
}

impl PieceClass {
    /// Returns the first word of the class of a request that contains such a piece.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Ascii => "ascii",
            Self::Delete => "del",
            Self::Escape => "escape",
            Self::RawControl => "raw-control",
            Self::EscapedControl => "escaped-control",
            Self::NonAscii => "non-ascii",
            Self::SurrogatePair => "surrogate-pair",
            Self::LoneSurrogate => "lone-surrogate",
            Self::BadEscape => "bad-escape",
            Self::NotUtf8 => "not-utf8",
            Self::Length => "length",
            Self::WideLength => "wide-length",
        }
    }

    /// Returns whether JSON alone determines the validity of the piece, regardless of the string
    /// that contains the piece.
    pub(super) const fn is_of_json(self) -> bool {
        matches!(
            self,
            Self::Escape
                | Self::SurrogatePair
                | Self::LoneSurrogate
                | Self::BadEscape
                | Self::NotUtf8
                | Self::RawControl
        )
    }
}

impl Piece {
    fn new(class: PieceClass, inside: impl Into<Vec<u8>>) -> Self {
        Self { class, inside: inside.into() }
    }

    fn all_of(class: PieceClass, insides: &[&str]) -> impl Iterator<Item = Self> {
        insides.iter().map(move |inside| Self::new(class, *inside))
    }
}

/// Returns each character and each escape that an implementation may treat specially.
pub(super) fn characters() -> Vec<Piece> {
    let not_utf8 = NOT_UTF8.iter().map(|bytes| Piece::new(PieceClass::NotUtf8, *bytes));
    (b' '..=b'~')
        .map(printable)
        .chain([Piece::new(PieceClass::Delete, b"\x7f")])
        .chain((0..b' ').flat_map(control))
        .chain(Piece::all_of(PieceClass::Escape, ESCAPES))
        .chain(Piece::all_of(PieceClass::NonAscii, NON_ASCII))
        .chain(Piece::all_of(PieceClass::SurrogatePair, SURROGATE_PAIRS))
        .chain(Piece::all_of(PieceClass::LoneSurrogate, LONE_SURROGATES))
        .chain(Piece::all_of(PieceClass::BadEscape, BAD_ESCAPES))
        .chain(not_utf8)
        .collect()
}

fn printable(byte: u8) -> Piece {
    match byte {
        b'"' | b'\\' => Piece::new(PieceClass::Escape, [b'\\', byte]),
        _ => Piece::new(PieceClass::Ascii, [byte]),
    }
}

/// Returns a raw control character and its escape.
fn control(byte: u8) -> [Piece; 2] {
    [
        Piece::new(PieceClass::RawControl, [byte]),
        Piece::new(PieceClass::EscapedControl, format!("\\u{byte:04x}")),
    ]
}

/// Returns strings of critical lengths, each of which repeats a single character.
pub(super) fn lengths() -> Vec<Piece> {
    let narrow = LENGTHS.iter().map(|&length| Piece::new(PieceClass::Length, vec![b'a'; length]));
    let wide = WIDE_CHARACTERS.iter().flat_map(|character| {
        WIDE_LENGTHS
            .iter()
            .map(move |&count| Piece::new(PieceClass::WideLength, character.repeat(count)))
    });
    narrow.chain(wide).collect()
}
