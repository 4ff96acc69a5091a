//! Inputs to begin with: what goes well, and each thing that is refused or breaks a rule.

use iothub_resource::{Profile, State, Transfer};

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

/// In both profiles.
#[must_use]
pub fn seeds() -> Vec<Seed> {
    let running = |percent: u8| State::Running(percent.try_into().expect("it is a percentage"));
    let long = Place { what: MINE, long: true };
    let create = Said::Create(MINE);
    let uploading = |percent, code| report(Transfer::Upload, MINE, running(percent), code);
    let downloading =
        |what, percent, code| report(Transfer::Download, what, running(percent), code);
    let done = |transfer| report(transfer, MINE, State::Done(None), 0);
    let fail = |transfer| report(transfer, MINE, State::Fail(None), -1);
    let query = Said::Query;
    let all: Vec<(&str, Vec<Op>)> = vec![
        (
            "upload",
            vec![
                up(create),
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
            vec![up(create), Issue(at(MINE)), up(uploading(50, -1)), up(fail(Transfer::Upload))],
        ),
        (
            "upload-decreased",
            vec![up(create), Issue(at(MINE)), up(uploading(50, 0)), up(uploading(30, 0))],
        ),
        (
            "upload-refused",
            vec![
                up(create),
                Refuse(at(MINE)),
                Refuse(at(MINE)),
                Issue(at(MINE)),
                up(uploading(0, 0)),
            ],
        ),
        (
            "upload-unasked",
            vec![Issue(at(MINE)), up(create), Issue(at(CHANGED)), Issue(at(OTHER)), Issue(long)],
        ),
        (
            "upload-again",
            vec![
                up(create),
                again(create),
                up(create),
                Issue(at(MINE)),
                Issue(at(MINE)),
                Issue(at(MINE)),
            ],
        ),
        (
            "upload-anew",
            vec![
                up(create),
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
            vec![
                up(create),
                up(Said::Create(CHANGED)),
                Issue(at(MINE)),
                up(uploading(0, 0)),
                Issue(at(CHANGED)),
                up(uploading(0, 0)),
            ],
        ),
        (
            "upload-older-refused",
            vec![up(create), up(create), Refuse(at(MINE)), Issue(at(MINE)), up(uploading(0, 0))],
        ),
        ("upload-early-report", vec![up(uploading(0, 0)), up(create), up(uploading(0, 0))]),
        (
            "upload-late-report",
            vec![
                up(create),
                Issue(at(MINE)),
                up(uploading(1, -1)),
                up(uploading(2, -1)),
                up(uploading(1, -1)),
                again(uploading(2, -1)),
            ],
        ),
        (
            "download",
            vec![
                Offer(at(MINE)),
                up(query),
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
            vec![
                up(query),
                Offer(at(MINE)),
                up(query),
                up(query),
                up(downloading(MINE, 0, 0)),
                up(query),
            ],
        ),
        (
            "download-two",
            vec![
                Offer(at(MINE)),
                Offer(at(OTHER)),
                up(query),
                up(downloading(OTHER, 0, 0)),
                up(downloading(MINE, 0, 0)),
                up(query),
                up(downloading(OTHER, 0, 0)),
            ],
        ),
        (
            "download-replaced",
            vec![
                Offer(at(MINE)),
                Offer(at(OTHER)),
                Offer(at(CHANGED)),
                up(query),
                up(downloading(MINE, 0, 0)),
                up(query),
            ],
        ),
        (
            "download-replaced-late",
            vec![
                Offer(at(MINE)),
                up(query),
                Offer(at(CHANGED)),
                up(downloading(MINE, 0, 0)),
                up(query),
            ],
        ),
        (
            "download-failed",
            vec![
                Offer(at(MINE)),
                up(query),
                up(downloading(MINE, 0, -1)),
                up(downloading(MINE, 0, -1)),
                up(fail(Transfer::Download)),
            ],
        ),
        (
            "download-pushed",
            vec![
                Push(at(MINE)),
                up(downloading(MINE, 0, 0)),
                Push(at(MINE)),
                Push(long),
                up(downloading(MINE, 0, 0)),
            ],
        ),
        (
            "download-pushed-and-kept",
            vec![Offer(at(MINE)), Push(at(MINE)), up(downloading(MINE, 0, 0)), up(query)],
        ),
        ("download-unknown", vec![up(downloading(MINE, 0, 0)), Offer(long), up(query)]),
        (
            "wrong-direction",
            vec![
                up(Said::Issue(MINE)),
                up(Said::Deliver(MINE)),
                up(Said::Push(MINE)),
                up(Said::Answer { transfer: Transfer::Upload, code: 0 }),
            ],
        ),
    ];
    let mut seeds = Vec::new();
    for (name, ops) in all {
        for profile in Profile::ALL {
            // Where the seed polls, it is left to it.
            let prompt = !ops.contains(&Poll);
            let bytes = bytes_of(&Input { profile, prompt, ops: ops.clone() });
            seeds.push((format!("{name}-{profile}"), bytes));
        }
    }
    seeds
}
