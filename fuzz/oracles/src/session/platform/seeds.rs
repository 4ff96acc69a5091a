//! Seeds: successful transfers, and each rejection and violation.

use iothub_resource::{Percent, Profile, State, Transfer};

use super::{
    Input, Op,
    Op::{Issue, Offer, Poll, PollEvent, Push, Refuse},
    Place,
};
use crate::{
    seeds::Seed,
    session::{Said, What, bytes_of},
};

const MINE: What = What { name: 0, body: 2, url: 0 };
const CHANGED: What = What { body: 3, ..MINE };
const OTHER: What = What { name: 1, ..MINE };
const LONG: Place = Place { what: MINE, long: true };

const CREATE: Said = Said::Create(MINE);

const fn at(what: What) -> Place {
    Place { what, long: false }
}

const fn up(said: Said) -> Op {
    Op::Message { dup: false, said }
}

const fn again(said: Said) -> Op {
    Op::Message { dup: true, said }
}

const fn report(transfer: Transfer, what: What, state: State, code: i32) -> Said {
    Said::Report { transfer, name: what.name, state, code }
}

const fn running(percent: u8) -> State {
    match Percent::new(percent) {
        Ok(percent) => State::Running(percent),
        Err(_) => panic!("beyond 100"),
    }
}

const fn uploading(percent: u8, code: i32) -> Said {
    report(Transfer::Upload, MINE, running(percent), code)
}

const fn downloading(what: What, percent: u8, code: i32) -> Said {
    report(Transfer::Download, what, running(percent), code)
}

const fn done(transfer: Transfer) -> Said {
    report(transfer, MINE, State::Done(None), 0)
}

const fn fail(transfer: Transfer) -> Said {
    report(transfer, MINE, State::Fail(None), -1)
}

/// Returns all seeds, in both profiles.
#[must_use]
pub fn seeds() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for (name, ops) in SEQUENCES {
        for profile in Profile::ALL {
            // A seed with `Poll` performs its actions itself.
            let prompt = !ops.contains(&Poll);
            let bytes = bytes_of(&Input { profile, prompt, ops: ops.to_vec() });
            seeds.push((format!("{name}-{profile}"), bytes));
        }
    }
    seeds
}

const SEQUENCES: &[(&str, &[Op])] = &[
    (
        "upload",
        &[
            up(CREATE),
            Poll,
            Issue(at(MINE)),
            Poll,
            PollEvent,
            up(uploading(0, 0)),
            up(uploading(50, 0)),
            up(uploading(100, 0)),
            up(done(Transfer::Upload)),
        ],
    ),
    (
        "upload-failed",
        &[up(CREATE), Issue(at(MINE)), up(uploading(50, -1)), up(fail(Transfer::Upload))],
    ),
    (
        "upload-decreased",
        &[up(CREATE), Issue(at(MINE)), up(uploading(50, 0)), up(uploading(30, 0))],
    ),
    (
        "upload-refused",
        &[up(CREATE), Refuse(at(MINE)), Refuse(at(MINE)), Issue(at(MINE)), up(uploading(0, 0))],
    ),
    (
        "upload-unasked",
        &[Issue(at(MINE)), up(CREATE), Issue(at(CHANGED)), Issue(at(OTHER)), Issue(LONG)],
    ),
    (
        "upload-again",
        &[up(CREATE), again(CREATE), up(CREATE), Issue(at(MINE)), Issue(at(MINE)), Issue(at(MINE))],
    ),
    (
        "upload-anew",
        &[
            up(CREATE),
            Issue(at(MINE)),
            up(uploading(100, 0)),
            up(Said::Create(CHANGED)),
            up(uploading(0, 0)),
            Issue(at(CHANGED)),
            up(uploading(0, 0)),
        ],
    ),
    (
        "upload-two-creates",
        &[
            up(CREATE),
            up(Said::Create(CHANGED)),
            Issue(at(MINE)),
            up(uploading(0, 0)),
            Issue(at(CHANGED)),
            up(uploading(0, 0)),
        ],
    ),
    (
        "upload-older-refused",
        &[up(CREATE), up(CREATE), Refuse(at(MINE)), Issue(at(MINE)), up(uploading(0, 0))],
    ),
    ("upload-early-report", &[up(uploading(0, 0)), up(CREATE), up(uploading(0, 0))]),
    (
        "upload-late-report",
        &[
            up(CREATE),
            Issue(at(MINE)),
            up(uploading(1, -1)),
            up(uploading(2, -1)),
            up(uploading(1, -1)),
            again(uploading(2, -1)),
        ],
    ),
    (
        "download",
        &[
            Offer(at(MINE)),
            up(Said::Query),
            Poll,
            PollEvent,
            up(downloading(MINE, 0, 0)),
            up(downloading(MINE, 100, 0)),
            up(done(Transfer::Download)),
            Poll,
            Poll,
            PollEvent,
        ],
    ),
    (
        "download-nothing",
        &[
            up(Said::Query),
            Offer(at(MINE)),
            up(Said::Query),
            up(Said::Query),
            up(downloading(MINE, 0, 0)),
            up(Said::Query),
        ],
    ),
    (
        "download-two",
        &[
            Offer(at(MINE)),
            Offer(at(OTHER)),
            up(Said::Query),
            up(downloading(OTHER, 0, 0)),
            up(downloading(MINE, 0, 0)),
            up(Said::Query),
            up(downloading(OTHER, 0, 0)),
        ],
    ),
    (
        "download-replaced",
        &[
            Offer(at(MINE)),
            Offer(at(OTHER)),
            Offer(at(CHANGED)),
            up(Said::Query),
            up(downloading(MINE, 0, 0)),
            up(Said::Query),
        ],
    ),
    (
        "download-replaced-late",
        &[
            Offer(at(MINE)),
            up(Said::Query),
            Offer(at(CHANGED)),
            up(downloading(MINE, 0, 0)),
            up(Said::Query),
        ],
    ),
    (
        "download-failed",
        &[
            Offer(at(MINE)),
            up(Said::Query),
            up(downloading(MINE, 0, -1)),
            up(downloading(MINE, 0, -1)),
            up(fail(Transfer::Download)),
        ],
    ),
    (
        "download-pushed",
        &[
            Push(at(MINE)),
            up(downloading(MINE, 0, 0)),
            Push(at(MINE)),
            Push(LONG),
            up(downloading(MINE, 0, 0)),
        ],
    ),
    (
        "download-pushed-and-kept",
        &[Offer(at(MINE)), Push(at(MINE)), up(downloading(MINE, 0, 0)), up(Said::Query)],
    ),
    ("download-unknown", &[up(downloading(MINE, 0, 0)), Offer(LONG), up(Said::Query)]),
    (
        "wrong-direction",
        &[
            up(Said::Issue(MINE)),
            up(Said::Deliver(MINE)),
            up(Said::Push(MINE)),
            up(Said::Answer { transfer: Transfer::Upload, code: 0 }),
        ],
    ),
];
