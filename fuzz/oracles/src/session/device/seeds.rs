//! Seeds: successful transfers, and each possible fault.

use iothub_resource::{Profile, Transfer};

use super::input::{Begin, Input, Op, Part};
use crate::{
    seeds::Seed,
    session::{Delay, Said, What, bytes_of},
};

use Op::{Body, End, Failure, LocalFailure, Message, Pass, Poll, Response, Sent, Wait};

const MINE: What = What { name: 0, body: 2, url: 0 };

/// The same resource with a different URL.
const MOVED: What = What { url: 1, ..MINE };
/// A different resource with the same name.
const CHANGED: What = What { body: 3, ..MINE };
/// The same body with a different name.
const OTHER: What = What { name: 1, ..MINE };
const LIE: What = What { body: 4, ..MINE };
const EMPTY: What = What { body: 0, ..MINE };

/// A pause of one second, which is the report interval.
const SECOND: Op = Pass(Delay(162));

const UP_OK: Op = Message(Said::Answer { transfer: Transfer::Upload, code: 0 });
const UP_NO: Op = Message(Said::Answer { transfer: Transfer::Upload, code: -2 });
const DOWN_OK: Op = Message(Said::Answer { transfer: Transfer::Download, code: 0 });
const WHOLE: Op = Response { status: 200, part: Part::Unknown };
const REST: Op = Response { status: 206, part: Part::Asked };
const FORBIDDEN: Op = Response { status: 403, part: Part::Unknown };

const fn issue(what: What) -> Op {
    Message(Said::Issue(what))
}

const fn deliver(what: What) -> Op {
    Message(Said::Deliver(what))
}

const fn push(what: What) -> Op {
    Message(Said::Push(what))
}

const fn bytes(count: u8) -> Op {
    Body { count, wrong: false }
}

/// A task and its events.
struct Sequence {
    name: &'static str,
    begin: Begin,
    what: What,
    /// The operations before the exchange.
    before: &'static [Op],
    ops: &'static [Op],
}

/// Returns a sequence that begins after the URL was issued.
const fn upload(name: &'static str, ops: &'static [Op]) -> Sequence {
    const BEFORE: &[Op] = &[Poll, issue(MINE), Poll, Poll];
    Sequence { name, begin: Begin::Upload, what: MINE, before: BEFORE, ops }
}

/// Returns a sequence that begins after the task was delivered.
const fn download(name: &'static str, ops: &'static [Op]) -> Sequence {
    const BEFORE: &[Op] = &[Poll, deliver(MINE), Poll, Poll];
    Sequence { name, begin: Begin::Ask, what: MINE, before: BEFORE, ops }
}

/// Returns a sequence that has no operations before `ops`.
const fn sequence(name: &'static str, begin: Begin, what: What, ops: &'static [Op]) -> Sequence {
    Sequence { name, begin, what, before: &[], ops }
}

/// Returns all seeds, in both profiles.
#[must_use]
pub fn seeds() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for Sequence { name, begin, what, before, ops } in UPLOADS.iter().chain(DOWNLOADS) {
        for profile in Profile::ALL {
            let ops = [*before, *ops].concat();
            let input = Input { profile, begin: *begin, asks: 2, resumes: 1, what: *what, ops };
            seeds.push((format!("{name}-{profile}"), bytes_of(&input)));
        }
    }
    seeds
}

const UPLOADS: &[Sequence] = &[
    upload("upload", &[Sent(10), WHOLE, Poll, UP_OK, UP_OK]),
    upload(
        "upload-reports",
        &[Sent(5), SECOND, Poll, UP_OK, UP_OK, Sent(5), SECOND, Poll, WHOLE, Poll, UP_OK, UP_OK],
    ),
    upload("upload-refused", &[Sent(10), WHOLE, Poll, UP_OK, UP_NO]),
    upload("upload-too-short", &[Sent(9), WHOLE, Poll, Poll, UP_OK, UP_OK]),
    upload("upload-too-many", &[Sent(9), Sent(2), Sent(u64::MAX)]),
    upload("upload-status", &[Sent(10), FORBIDDEN, Poll, Wait]),
    upload("upload-broken", &[Sent(3), Failure, Poll, UP_OK, UP_OK]),
    upload("upload-idle", &[Sent(3), SECOND, Poll, Wait, Wait, Poll, Poll, Wait]),
    upload("upload-local", &[Sent(3), LocalFailure, Poll, Poll, UP_OK, UP_OK]),
    upload("upload-issued-again", &[issue(MOVED), issue(CHANGED), Sent(10), WHOLE, issue(MOVED)]),
    sequence(
        "upload-wrong-echo",
        Begin::Upload,
        MINE,
        &[Poll, issue(CHANGED), issue(OTHER), issue(LIE), Wait, Poll, issue(MINE)],
    ),
    sequence(
        "upload-unanswered",
        Begin::Upload,
        MINE,
        &[issue(MINE), Poll, Wait, Poll, Wait, issue(MINE)],
    ),
    sequence(
        "upload-answered-late",
        Begin::Upload,
        MINE,
        &[Poll, Wait, issue(MINE), Poll, Poll, Poll],
    ),
    sequence(
        "upload-empty",
        Begin::Upload,
        EMPTY,
        &[Poll, issue(EMPTY), Poll, Poll, SECOND, Poll, WHOLE, Poll],
    ),
];

const DOWNLOADS: &[Sequence] = &[
    download("download", &[WHOLE, bytes(10), End, Poll, DOWN_OK, DOWN_OK]),
    download(
        "download-reports",
        &[WHOLE, bytes(5), SECOND, Poll, bytes(5), SECOND, Poll, End, Poll],
    ),
    download("download-resumed", &[WHOLE, bytes(7), Failure, Poll, REST, bytes(3), End, Poll]),
    download("download-cut", &[WHOLE, bytes(4), End, Poll, REST, bytes(2), End, Poll]),
    download("download-begun-anew", &[WHOLE, bytes(7), Failure, Poll, WHOLE, bytes(10), End, Poll]),
    download(
        "download-wrong-range",
        &[
            WHOLE,
            bytes(7),
            Failure,
            Poll,
            Response { status: 206, part: Part::From { first: 6, longer: false } },
            Poll,
        ],
    ),
    download(
        "download-longer-range",
        &[
            WHOLE,
            bytes(7),
            Failure,
            Poll,
            Response { status: 206, part: Part::From { first: 7, longer: true } },
            Poll,
        ],
    ),
    download(
        "download-unknown-range",
        &[WHOLE, bytes(7), Failure, Poll, Response { status: 206, part: Part::Unknown }, Poll],
    ),
    download("download-wrong-bytes", &[WHOLE, Body { count: 10, wrong: true }, End, Poll, Poll]),
    download("download-too-long", &[WHOLE, bytes(8), bytes(3), Poll, Poll]),
    download("download-status", &[FORBIDDEN, Poll, Poll, Wait]),
    download("download-idle", &[WHOLE, bytes(2), Wait, Poll, Wait, Poll, Poll, Wait, Poll, Poll]),
    download("download-complete-and-broken", &[WHOLE, bytes(10), Failure, Poll]),
    download("download-local", &[WHOLE, bytes(2), LocalFailure, Poll, Poll]),
    download("download-moved", &[push(MOVED), WHOLE, bytes(7), Failure, Poll]),
    download(
        "download-changed",
        &[WHOLE, bytes(7), push(CHANGED), Poll, Poll, Poll, WHOLE, bytes(10), End, Poll],
    ),
    download(
        "download-others",
        &[push(OTHER), deliver(OTHER), deliver(MINE), deliver(CHANGED), UP_OK],
    ),
    sequence(
        "download-pushed",
        Begin::Wait,
        MINE,
        &[deliver(MINE), push(MINE), Poll, Poll, WHOLE, bytes(10), End, Poll],
    ),
    sequence("download-given-up", Begin::Wait, MINE, &[LocalFailure, push(MINE), DOWN_OK]),
    sequence(
        "download-unanswered",
        Begin::Ask,
        MINE,
        &[deliver(MINE), Poll, Wait, Poll, Wait, deliver(MINE)],
    ),
    sequence(
        "download-delivered",
        Begin::Delivered,
        LIE,
        &[Poll, Poll, WHOLE, bytes(11), End, Poll],
    ),
    sequence(
        "download-empty",
        Begin::Delivered,
        EMPTY,
        &[Poll, Poll, WHOLE, End, Poll, DOWN_OK, DOWN_OK],
    ),
];
