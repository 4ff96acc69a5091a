//! Seeds: an upload and a download without faults, with one fault, or with a few faults.

use iothub_resource::{Profile, Transfer};

use super::{Copied, Fault, Input, Item, StoreFault};
use crate::{
    seeds::Seed,
    session::{Delay, Said, What, bytes_of},
};

use Item::{Down, Download, Issue, Push, Store, Stray, Up, Upload};

const BOTH: [Item; 2] = [Upload(job(0, 2)), Download(job(1, 3))];

const LOST: Fault = Fault { lost: true, delay: Delay(0), copy: None };

const fn job(name: u8, body: u8) -> What {
    What { name, body, url: body }
}

const fn late(delay: u8) -> Fault {
    Fault { lost: false, delay: Delay(delay), copy: None }
}

const fn twice(dup: bool) -> Fault {
    Fault { lost: false, delay: Delay(5), copy: Some(Copied { later: Delay(100), dup }) }
}

const fn store(fault: StoreFault) -> Item {
    Store { fault, pace: Delay(200) }
}

const fn stray(said: Said) -> Item {
    Stray { at: Delay(30), said }
}

/// Returns all seeds, in both profiles.
#[must_use]
pub fn seeds() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for (name, items) in WRONG {
        for profile in Profile::ALL {
            let items = [&BOTH, *items].concat();
            let bytes = bytes_of(&Input { profile, items });
            seeds.push((format!("{name}-{profile}"), bytes));
        }
    }
    seeds
}

const WRONG: &[(&str, &[Item])] = &[
    ("nothing", &[]),
    ("slow-store", &[store(StoreFault::None), store(StoreFault::None)]),
    ("requests-lost", &[Up(LOST), Up(LOST)]),
    ("answers-lost", &[Down(LOST), Down(LOST)]),
    ("all-lost", &[Down(LOST); 24]),
    ("answers-late", &[Down(late(240)); 4]),
    ("answers-mixed-up", &[Down(late(150)), Down(late(0))]),
    ("answers-twice", &[Down(twice(false)); 8]),
    ("answers-redelivered", &[Down(twice(true)); 8]),
    ("requests-twice", &[Up(twice(false)); 8]),
    ("requests-redelivered", &[Up(twice(true)); 8]),
    ("refused", &[Issue(false)]),
    ("status", &[store(StoreFault::Status(403)), store(StoreFault::Status(500))]),
    ("broken", &[store(StoreFault::Break(4)), store(StoreFault::Break(4))]),
    ("cut", &[store(StoreFault::Cut(5)); 4]),
    ("corrupt", &[store(StoreFault::Corrupt(3)), store(StoreFault::Corrupt(3))]),
    ("longer", &[store(StoreFault::Longer), store(StoreFault::Longer)]),
    ("stalled", &[store(StoreFault::Stall(4)), store(StoreFault::Stall(4))]),
    ("early", &[store(StoreFault::Early), store(StoreFault::Early)]),
    (
        "wrong-place",
        &[store(StoreFault::Cut(5)), store(StoreFault::Cut(5)), store(StoreFault::WrongPlace)],
    ),
    ("pushed", &[Push { at: Delay(100), job: job(2, 2) }]),
    (
        "pushed-meanwhile",
        &[
            store(StoreFault::None),
            store(StoreFault::None),
            Push { at: Delay(161), job: job(1, 2) },
        ],
    ),
    (
        "strays",
        &[
            stray(Said::Issue(What { name: 0, body: 4, url: 0 })),
            stray(Said::Deliver(What { name: 1, body: 3, url: 2 })),
            stray(Said::Answer { transfer: Transfer::Upload, code: -1 }),
            stray(Said::Answer { transfer: Transfer::Download, code: 0 }),
        ],
    ),
];
