//! Requests about digests: the digests of bytes, and the `Content-MD5` headers of uploads.

use base64ct::{Base64, Encoding};
use iothub_conformance_suite::Request;

use super::{
    generated::Generated,
    tables::digests::{
        BASE64_DIGITS, DIGESTS, HASHED_LENGTHS, HASHED_TEXTS, HEADER_TEMPLATES, HEADERS,
        NOT_BASE64, NOT_HEXADECIMAL, ODD_HEADERS, WRONG_HEADER_SIZES, WRONG_LENGTHS, ZEROS,
    },
    turn::Turn,
};
use crate::rng::Rng;

/// The number of bytes at and above which a text is sent only as a digest and not also as a header.
const LONGEST_AS_HEADER: usize = 80;

fn made(request: Request, class: &str, requirement: &'static str) -> Generated {
    Generated { request, class: class.to_owned(), requirement, valid: None }
}

fn hash(data: Vec<u8>) -> Generated {
    made(Request::Md5Digest { data }, "digest", "HTTP-4")
}

fn encode(md5sum: String) -> Generated {
    made(Request::ContentMd5Encode { md5sum }, "header", "HTTP-2")
}

fn decode(content_md5: String) -> Generated {
    made(Request::ContentMd5Decode { content_md5 }, "read-header", "HTTP-2")
}

/// Returns every enumerated request about digests once, in random order.
pub(super) fn enumerated(rng: &mut Rng) -> Vec<Generated> {
    let mut all = Vec::new();
    hashed(&mut all, rng);
    for text in spellings() {
        // The requests contain the text without JSON escapes.
        if let Ok(md5sum) = serde_json::from_str::<String>(&format!("\"{text}\"")) {
            all.push(encode(md5sum.clone()));
            if md5sum.len() < LONGEST_AS_HEADER {
                all.push(decode(md5sum));
            }
        }
    }
    for byte in (0..=255_u8).step_by(5).chain([0x3e, 0x3f, 0xfb, 0xbf, 0xf8]) {
        let digest: Vec<u8> = (0..16_u8).map(|at| byte.wrapping_add(at.wrapping_mul(37))).collect();
        all.push(encode(digest.iter().map(|byte| format!("{byte:02x}")).collect()));
        all.push(encode(format!("{byte:02x}").repeat(16)));
        all.push(decode(Base64::encode_string(&digest)));
        all.push(decode(Base64::encode_string(&[byte; 16])));
    }
    headers(&mut all);
    rng.shuffle(&mut all);
    all
}

/// Adds requests for the digests of three kinds of data: data of critical lengths, single bytes and
/// texts.
fn hashed(all: &mut Vec<Generated>, rng: &mut Rng) {
    for length in (0..=130).chain(HASHED_LENGTHS.iter().copied()) {
        let byte = u8::try_from(rng.below(256)).unwrap_or_default();
        all.push(hash((0..length).map(|at| byte.wrapping_add(u32::to_le_bytes(at)[0])).collect()));
    }
    all.extend((0..=255_u8).step_by(2).map(|byte| hash(vec![byte])));
    all.extend(HASHED_TEXTS.iter().map(|text| hash(text.as_bytes().to_vec())));
}

/// Returns valid and invalid digests, each as the content of a JSON string.
pub(super) fn spellings() -> Vec<String> {
    /// The positions of the first, a middle and the last digit.
    const PLACES: [usize; 3] = [0, 15, 31];
    let with = |digit: &str, at: usize| format!("{}{digit}{}", &ZEROS[..at], &ZEROS[at + 1..]);
    let mut all: Vec<String> = DIGESTS.iter().map(|&digest| digest.to_owned()).collect();
    for &length in WRONG_LENGTHS {
        all.extend(["0", "f"].map(|digit| digit.repeat(length)));
    }
    for wrong in NOT_HEXADECIMAL {
        all.extend(PLACES.map(|at| with(wrong, at)));
    }
    all.extend(["A", "B", "C", "D", "E", "F"].map(|upper| with(upper, 9)));
    all
}

/// Adds values of `Content-MD5`: each Base64 digit and some other characters at the beginning, in
/// the middle and at the end, and variants of whole headers.
fn headers(all: &mut Vec<Generated>) {
    const A21: &str = "AAAAAAAAAAAAAAAAAAAAA";
    for digit in BASE64_DIGITS.chars().chain(NOT_BASE64.chars()) {
        all.push(decode(format!("{A21}{digit}==")));
        all.push(decode(format!("{digit}{A21}==")));
        all.push(decode(format!("AAAAAAAAAA{digit}AAAAAAAAAAA==")));
    }
    for header in HEADERS {
        all.extend(HEADER_TEMPLATES.iter().map(|template| decode(filled(template, header))));
        all.push(decode((*header).to_owned()));
    }
    for &size in WRONG_HEADER_SIZES {
        all.extend([0, 0xff].map(|byte| decode(Base64::encode_string(&vec![byte; size]))));
    }
    // This header encodes the digits of a digest instead of its bytes.
    all.push(decode(Base64::encode_string(b"d41d8cd98f00b204e9800998ecf8427e")));
    all.push(decode(Base64::encode_string(ZEROS.as_bytes())));
    all.push(decode("d41d8cd98f00b204e9800998ecf8427e".to_owned()));
    all.extend(ODD_HEADERS.iter().map(|&header| decode(header.to_owned())));
}

/// Returns `template`, one of the [`HEADER_TEMPLATES`], with the header inserted.
fn filled(template: &str, header: &str) -> String {
    let bare = header.trim_end_matches('=');
    let mut filled = template
        .replace("<header>", header)
        .replace("<bare>", bare)
        .replace("<url-safe>", &header.replace('+', "-").replace('/', "_"))
        .replace("<lower>", &header.to_lowercase())
        .replace("<upper>", &header.to_uppercase())
        .replace("<blank-for-11th>", &header.replacen(&bare[10..11], " ", 1));
    for at in [1, 4, 12, 20] {
        filled = filled
            .replace(&format!("<to-{at}>"), &header[..at])
            .replace(&format!("<from-{at}>"), &header[at..]);
    }
    filled
}

/// Returns the request for this turn from `enumerated`, or a random request about digests if there
/// is none.
pub(super) fn make(enumerated: &[Generated], turn: Turn, rng: &mut Rng) -> Generated {
    if let Some(made) = turn.of(enumerated) {
        return made.clone();
    }
    let bytes = |length: usize, rng: &mut Rng| -> Vec<u8> {
        (0..length).map(|_| rng.bits().to_le_bytes()[0]).collect()
    };
    match rng.below(4) {
        0 | 1 => {
            let length = rng.below(*rng.clone().pick(&[8, 70, 300, 5000]));
            hash(bytes(length, rng))
        }
        2 => encode(bytes(16, rng).iter().map(|byte| format!("{byte:02x}")).collect()),
        _ => {
            let mut header = Base64::encode_string(&bytes(16, rng)).into_bytes();
            if rng.one_in(2) {
                let at = rng.below(header.len());
                header[at] = *rng.pick(b"AQgwBZ09+/-_= =\n");
            }
            decode(String::from_utf8_lossy(&header).into_owned())
        }
    }
}
