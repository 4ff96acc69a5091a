//! Exhaustive tests of small input spaces. They try every input of a kind instead of a sample. Each
//! test prints the number of inputs. `.ci/night` runs them with optimisations.

use iothub_oracles::{
    lenient,
    session::{
        Said, What, bytes_of,
        observer::{self, Event, Input},
    },
};
use iothub_resource::{ContentMd5, Direction, Md5Sum, Message, Percent, Profile, State, Transfer};

/// Calls `each` with every sequence of exactly `length` of the `pieces`, as indices.
fn sequences(pieces: usize, length: usize, mut each: impl FnMut(&[usize])) {
    let mut indices = vec![0; length];
    loop {
        each(&indices);
        let Some(at) = indices.iter().rposition(|index| index + 1 < pieces) else { return };
        indices[at] += 1;
        indices[at + 1..].fill(0);
    }
}

#[test]
fn sequences_are_complete() {
    let mut seen = std::collections::BTreeSet::new();
    sequences(5, 4, |indices| assert!(seen.insert(indices.to_vec())));
    assert_eq!(seen.len(), 5_usize.pow(4));
    let mut count = 0;
    sequences(7, 0, |_| count += 1);
    assert_eq!(count, 1);
}

/// The decoder must agree with the table of rules over plain JSON.
#[test]
#[ignore = "three million texts: minutes"]
fn exhaustive_texts_of_six_pieces() {
    const PIECES: [&str; 12] = [
        "{",
        "}",
        "\"type\"",
        "\"\\u0074ype\"",
        ":",
        "\"get_download_task\"",
        ",",
        " ",
        "\"x\"",
        "-0",
        "null",
        "[",
    ];
    let (mut count, mut accepted) = (0_u32, 0_u32);
    let mut text = String::new();
    for length in 0..=6 {
        sequences(PIECES.len(), length, |indices| {
            text.clear();
            text.extend(indices.iter().map(|index| PIECES[*index]));
            lenient::payload(text.as_bytes());
            count += 1;
            let decoded = Message::decode(Profile::Deployed, Direction::Up, text.as_bytes());
            accepted += u32::from(decoded.is_ok());
        });
    }
    println!("{count} texts of up to six of {} pieces, {accepted} accepted", PIECES.len());
    assert_eq!(count, (0..=6).map(|length| 12_u32.pow(length)).sum::<u32>());
    // The accepted payloads are `{ "type" : "get_download_task" }` with the key in two spellings,
    // each without spaces or with one space in one of six places.
    assert_eq!(accepted, 2 * (1 + 6));
}

/// The last four characters of a `Content-MD5` are canonical if and only if they end in `==` after
/// a character without unused bits.
#[test]
#[ignore = "eighteen million texts: a minute"]
fn exhaustive_last_quartets_of_base64() {
    const ALPHABET: &[u8; 65] =
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    let (mut count, mut accepted) = (0_u32, 0_u32);
    let mut text = *b"XUFAKrxLKna5cZ2REBfF....";
    sequences(ALPHABET.len(), 4, |indices| {
        for (place, index) in text[20..].iter_mut().zip(indices) {
            *place = ALPHABET[*index];
        }
        let expected = match *indices {
            [first, second, 64, 64] if first < 64 && second < 64 && second % 16 == 0 => {
                u8::try_from(first << 2 | second >> 4).ok()
            }
            _ => None,
        };
        let text = str::from_utf8(&text).expect("ASCII");
        let last = ContentMd5::from_base64(text).ok().map(|digest| digest.as_bytes()[15]);
        assert_eq!(last, expected, "{text}");
        count += 1;
        accepted += u32::from(expected.is_some());
    });
    println!("{count} last quartets of Base64, {accepted} accepted");
    assert_eq!((count, accepted), (65_u32.pow(4), 256));
}

/// The test puts every Unicode character in every place of an `md5sum`.
#[test]
#[ignore = "thirty-six million texts: a minute"]
fn exhaustive_digests_with_one_character_changed() {
    const DIGEST: &str = "5d41402abc4b2a76b9719d911017c592";
    let (mut count, mut lower, mut either) = (0_u32, 0_u32, 0_u32);
    let mut text = String::new();
    for place in 0..DIGEST.len() {
        for character in '\0'..=char::MAX {
            text.clear();
            text.push_str(&DIGEST[..place]);
            text.push(character);
            text.push_str(&DIGEST[place + 1..]);
            let is_lower = matches!(character, '0'..='9' | 'a'..='f');
            let is_hex = is_lower || matches!(character, 'A'..='F');
            assert_eq!(Md5Sum::from_hex(&text).is_ok(), is_lower, "{text}");
            let read = Md5Sum::from_hex_any_case(&text);
            assert_eq!(read.is_ok(), is_hex, "{text}");
            if let Ok(digest) = read {
                assert_eq!(digest.to_string(), text.to_ascii_lowercase());
            }
            count += 1;
            lower += u32::from(is_lower);
            either += u32::from(is_hex);
        }
    }
    println!("{count} digests of one changed character, {lower} accepted, {either} in either case");
    assert_eq!((count, lower, either), (32 * (0x11_0000 - 0x800), 32 * 16, 32 * 22));
}

/// The observer must agree with a slow model. Every shorter sequence is the beginning of one of
/// these sequences.
#[test]
#[ignore = "ten million sequences: minutes"]
fn exhaustive_sequences_of_six_session_events() {
    let what = |name| What { name, body: 1, url: 0 };
    let report = |transfer, name, percent| {
        let percent = Percent::new(percent).expect("it is one");
        Said::Report { transfer, name, state: State::Running(percent), code: 0 }
    };
    let final_report = Said::Report {
        transfer: Transfer::Download,
        name: 0,
        state: State::Done(Some(Percent::FULL)),
        code: -1,
    };
    let says = |said| Event::Said { dup: false, said };
    let events = [
        says(Said::Create(what(0))),
        says(Said::Create(what(1))),
        says(Said::Issue(what(0))),
        says(Said::Issue(what(1))),
        says(report(Transfer::Upload, 0, 100)),
        says(report(Transfer::Upload, 1, 50)),
        says(Said::Answer { transfer: Transfer::Upload, code: 0 }),
        says(Said::Query),
        says(Said::Deliver(what(0))),
        says(Said::Push(what(1))),
        says(final_report),
        says(Said::Answer { transfer: Transfer::Download, code: 0 }),
        Event::Again { dup: true, back: 1 },
    ];
    let mut count = 0_u32;
    for profile in Profile::ALL {
        let mut input = Input { profile, events: Vec::new() };
        sequences(events.len(), 6, |indices| {
            input.events.clear();
            input.events.extend(indices.iter().map(|index| events[*index]));
            observer::bytes(&bytes_of(&input));
            count += 1;
        });
    }
    println!("{count} sequences of six of {} session events", events.len());
    assert_eq!(count, 2 * 13_u32.pow(6));
}
