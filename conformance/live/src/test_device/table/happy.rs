//! Scenarios without faults: sizes, names, spellings, several downloads at once.

use super::row::{Row, Table, response_of, usual};
use crate::test_device::scenario::{
    Expectation, Flow, SecondDownload, Setup, Spelling, StoreFault, TaskResponse, TestFile,
};
use iothub_conformance_suite::Level;

/// The level of a finding if the transfer fails.
#[derive(Clone, Copy)]
enum Insistence {
    Must,
    Should,
    /// A SHOULD in the profile of deployed devices, which are known to fail here.
    Advised,
}

/// A size of the resource.
struct SizeRow {
    id: &'static str,
    size: usize,
    title: &'static str,
}

const SIZES: &[SizeRow] = &[
    SizeRow { id: "usual", size: 12_000, title: "12,000 bytes, as on the pages" },
    SizeRow { id: "one-byte", size: 1, title: "one byte" },
    SizeRow {
        id: "large",
        size: (2 << 20) + 1,
        title: "one byte more than 2 MiB: more than a buffer, or a segment of the SDK",
    },
];

/// A name of the resource.
struct NameRow {
    id: &'static str,
    name: &'static str,
    insistence: Insistence,
    title: &'static str,
}

const NAMES: &[NameRow] = &[
    NameRow {
        id: "chinese",
        name: "报告 1.txt",
        insistence: Insistence::Must,
        title: "letters beyond ASCII, and a space",
    },
    NameRow {
        id: "emoji",
        name: "😀.bin",
        insistence: Insistence::Must,
        title: "a character of four bytes",
    },
    NameRow { id: "one-letter", name: "z", insistence: Insistence::Must, title: "one letter" },
    NameRow { id: "long", name: LONG_NAME, insistence: Insistence::Must, title: "63 bytes" },
    NameRow {
        id: "longer",
        name: LONGER_NAME,
        insistence: Insistence::Should,
        title: "200 bytes: more than devices are sure to keep",
    },
    NameRow {
        id: "quotes",
        name: "a\"b'c",
        insistence: Insistence::Advised,
        title: "quotes, which JSON has to escape",
    },
    NameRow {
        id: "percent",
        name: "50%25.txt",
        insistence: Insistence::Must,
        title: "text that looks escaped, as in a URL",
    },
    NameRow {
        id: "json-words",
        name: "type",
        insistence: Insistence::Must,
        title: "a word of the vocabulary",
    },
    NameRow {
        id: "dots",
        name: "a..b.tar.gz",
        insistence: Insistence::Must,
        title: "several dots",
    },
];

const LONG_NAME: &str = "a-name-of-sixty-three-bytes-as-long-as-a-device-is-sure-to-keep";
const LONGER_NAME: &str = "a-name-of-two-hundred-bytes-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Only the platform can choose such names, since files cannot have them.
const PATHS: &[NameRow] = &[
    NameRow { id: "dot-dot", name: "..", insistence: Insistence::Should, title: "`..`" },
    NameRow {
        id: "slash",
        name: "../up/x",
        insistence: Insistence::Should,
        title: "a path that leads elsewhere",
    },
    NameRow {
        id: "absolute",
        name: "/tmp/iothub-x",
        insistence: Insistence::Should,
        title: "an absolute path",
    },
    NameRow {
        id: "backslash",
        name: "..\\x",
        insistence: Insistence::Should,
        title: "a path of another system",
    },
];

/// A spelling of the answer.
struct SpellingRow {
    id: &'static str,
    requirements: &'static str,
    spelling: Spelling,
    insistence: Insistence,
    title: &'static str,
}

const SPELLINGS: &[SpellingRow] = &[
    SpellingRow {
        id: "keys-reversed",
        requirements: "ENC-7",
        spelling: Spelling::KeysReversed,
        insistence: Insistence::Must,
        title: "the keys in the opposite order",
    },
    SpellingRow {
        id: "type-last",
        requirements: "ENC-7",
        spelling: Spelling::TypeLast,
        insistence: Insistence::Must,
        title: "`type` as the last key",
    },
    SpellingRow {
        id: "space-inside",
        requirements: "ENC-3",
        spelling: Spelling::SpaceInside,
        insistence: Insistence::Must,
        title: "white space between all tokens",
    },
    SpellingRow {
        id: "space-around",
        requirements: "ENC-3 ADV-2",
        spelling: Spelling::SpaceAround,
        insistence: Insistence::Advised,
        title: "white space around the object",
    },
    SpellingRow {
        id: "escaped-slashes",
        requirements: "ENC-8 ADV-3",
        spelling: Spelling::EscapedSlashes,
        insistence: Insistence::Advised,
        title: "`\\/` in the URL",
    },
    SpellingRow {
        id: "escaped-letters",
        requirements: "ENC-8 ADV-3",
        spelling: Spelling::EscapedLetters,
        insistence: Insistence::Advised,
        title: "`\\u` escapes in values",
    },
    SpellingRow {
        id: "escaped-keys",
        requirements: "ENC-8 ADV-3",
        spelling: Spelling::EscapedKeys,
        insistence: Insistence::Advised,
        title: "`\\u` escapes in keys and `type`",
    },
    SpellingRow {
        id: "unknown-key",
        requirements: "ENC-5",
        spelling: Spelling::UnknownKey,
        insistence: Insistence::Must,
        title: "a key that no message has",
    },
    SpellingRow {
        id: "long",
        requirements: "ENC-1 ADV-1",
        spelling: Spelling::Long,
        insistence: Insistence::Advised,
        title: "more than 2,047 bytes, most of them white space",
    },
];

pub(super) fn add(table: &mut Table) {
    for flow in [Flow::Upload, Flow::Download] {
        add_sizes(table, flow);
        add_names(table, flow);
        add_spellings(table, flow);
        add_pushed_meanwhile(table, flow);
    }
    add_paths(table);
    add_pushed(table);
}

fn add_sizes(table: &mut Table, flow: Flow) {
    let requirements = match flow {
        Flow::Upload => "HTTP-1 HTTP-2 HTTP-3 HTTP-4 SES-3 SES-7",
        Flow::Download => "HTTP-5 HTTP-6 SES-5 SES-7",
    };
    for SizeRow { id, size, title } in SIZES {
        let id = &*format!("size/{id}");
        let row = Row { id, requirements, title, reason: "what every device is for" };
        table.add(flow, row, Setup::well(TestFile::new("zxc.bin", *size)));
    }
    let (requirements, insistence) = match flow {
        // No rule obliges a device to upload any file.
        Flow::Upload => ("VAL-1 HTTP-1 HTTP-3", Insistence::Should),
        // The vendor's SDK treats a size of 0 as an error.
        Flow::Download => ("VAL-1 HTTP-6 ADV-4", Insistence::Advised),
    };
    let row = Row {
        id: "size/empty",
        requirements,
        title: "an empty resource",
        reason: "zero is a size like any other",
    };
    let done_level = insistence.level(table);
    table.add(flow, row, Setup { done_level, ..Setup::well(TestFile::new("empty", 0)) });
}

fn add_names(table: &mut Table, flow: Flow) {
    for NameRow { id, name, insistence, title } in NAMES {
        let row = Row {
            id: &format!("name/{id}"),
            requirements: "VAL-2",
            title,
            reason: "a name is any text without control characters",
        };
        let done_level = insistence.level(table);
        table.add(flow, row, Setup { done_level, ..Setup::well(TestFile::new(name, 300)) });
    }
}

fn add_paths(table: &mut Table) {
    for NameRow { id, name, insistence, title } in PATHS {
        let row = Row {
            id: &format!("name/{id}"),
            requirements: "VAL-2",
            title,
            reason: "a device that takes the name for a path writes where it should not",
        };
        let done_level = insistence.level(table);
        let setup = Setup::well(TestFile::new(name, 300));
        let setup = Setup { expectation: Expectation::Free, done_level, ..setup };
        table.add(Flow::Download, row, setup);
    }
}

fn add_spellings(table: &mut Table, flow: Flow) {
    for SpellingRow { id, requirements, spelling, insistence, title } in SPELLINGS {
        let row = Row {
            id: &format!("spelling/{id}"),
            requirements: &format!("{requirements} {}", response_of(flow)),
            title,
            reason: "a JSON writer may write it so",
        };
        let done_level = insistence.level(table);
        let response = TaskResponse::Spelt(*spelling);
        table.add(flow, row, Setup { response, done_level, ..usual() });
    }
}

fn add_pushed(table: &mut Table) {
    let pushed = Setup { response: TaskResponse::Pushed { retain: false }, ..usual() };
    let row = Row {
        id: "pushed",
        requirements: "MSG-9 SES-4",
        title: "the task is pushed with `download`, with or without a query",
        reason: "this is how the platform hands out downloads to deployed devices",
    };
    table.add(Flow::Download, row, pushed.clone());
    let row = Row {
        id: "retained",
        requirements: "MSG-9 SES-4",
        title: "the task is a `download` that the broker has retained",
        reason: "a retained message is a message like any other",
    };
    let response = TaskResponse::Pushed { retain: true };
    table.add(Flow::Download, row, Setup { response, done_level: Level::Should, ..usual() });
    let row = Row {
        id: "several/pushed-at-once",
        requirements: "MSG-9 SES-5",
        title: "two downloads are pushed, one right behind the other",
        reason: "several tasks may be open at once, and their names distinguish them",
    };
    let second_download = SecondDownload::AtOnce;
    table.add(Flow::Download, row, Setup { second_download, done_level: Level::Should, ..pushed });
    let row = Row {
        id: "several/same-name",
        requirements: "SES-10 MSG-9 HTTP-5",
        title: "when it is over, a download of the same name is pushed, with other content",
        reason: "a second delivery of a name starts it again: the finished download was another resource",
    };
    let second_download = SecondDownload::Renewed;
    table.add(Flow::Download, row, Setup { second_download, ..usual() });
}

fn add_pushed_meanwhile(table: &mut Table, flow: Flow) {
    let row = Row {
        id: "several/pushed-meanwhile",
        requirements: "MSG-9 SES-10",
        title: "another download is pushed while the transfer goes on",
        reason: "the platform does so; the tasks must not get into each other's way",
    };
    // A slow transfer, so that something can happen during it.
    let store = vec![StoreFault::Slow];
    let second_download = SecondDownload::Meanwhile;
    table.add(flow, row, Setup { second_download, store, ..usual() });
}

impl Insistence {
    const fn level(self, table: &Table) -> Level {
        match self {
            Self::Must => Level::Must,
            Self::Should => Level::Should,
            Self::Advised => table.advised(),
        }
    }
}
