//! Scenarios about sizes, contents, names, spellings, and simultaneous downloads. Most scenarios
//! have no faults.

use super::row::{Insistence, Row, Table, response_of, usual};
use crate::test_device::scenario::{
    Content, Expectation, Flow, SecondDownload, SecondStart, Setup, Spelling, StoreFault,
    TaskResponse, TestFile,
};
use iothub_conformance_suite::Level;

/// The parts of a scenario that depend on the size of the resource.
struct SizeRow {
    id: &'static str,
    size: u64,
    title: &'static str,
}

const SIZES: &[SizeRow] = &[
    SizeRow { id: "usual", size: 12_000, title: "a resource of 12,000 bytes" },
    SizeRow { id: "one-byte", size: 1, title: "a resource of one byte" },
    SizeRow {
        id: "large",
        size: (2 << 20) + 1,
        title: "a resource of 2 MiB and one byte, which exceeds the buffers of the vendor's C SDK",
    },
];

/// The parts of a scenario that depend on the content of the resource.
struct ContentRow {
    id: &'static str,
    content: Content,
    title: &'static str,
    reason: &'static str,
}

const CONTENTS: &[ContentRow] = &[
    ContentRow {
        id: "lf",
        content: Content::Text,
        title: "a resource with lines of text that end with LF",
        reason: "A resource consists of bytes, even if its content is text.",
    },
    ContentRow {
        id: "crlf",
        content: Content::Crlf,
        title: "a resource with lines of text that end with CRLF",
        reason: "A device that treats the bytes as text may drop or add a byte in each line.",
    },
    ContentRow {
        id: "binary",
        content: Content::Binary,
        title: "a resource with bytes of every value, including zero",
        reason: "Firmware, images and archives are not text, and a zero byte does not end a file.",
    },
];

/// The parts of a scenario that depend on the name of the resource.
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
        title: "a name with a space and letters outside ASCII",
    },
    NameRow {
        id: "emoji",
        name: "😀.bin",
        insistence: Insistence::Must,
        title: "a name with a four-byte character",
    },
    NameRow {
        id: "one-letter",
        name: "z",
        insistence: Insistence::Must,
        title: "a name of one letter",
    },
    NameRow {
        id: "long",
        name: LONG_NAME,
        insistence: Insistence::Must,
        title: "a name of 63 bytes",
    },
    NameRow {
        id: "longer",
        name: LONGER_NAME,
        insistence: Insistence::Should,
        title: "a name of 200 bytes, which not every device can store",
    },
    NameRow {
        id: "quotes",
        name: "a\"b'c",
        insistence: Insistence::Advised,
        title: "a name with a single quote, and with a double quote, which must be escaped in JSON",
    },
    NameRow {
        id: "braces",
        name: "a}b{c],.txt",
        insistence: Insistence::Must,
        title: "a name with braces, which JSON also uses outside strings",
    },
    NameRow {
        id: "percent",
        name: "50%25.txt",
        insistence: Insistence::Must,
        title: "a name with text that looks like an escape in a URL",
    },
    NameRow {
        id: "json-words",
        name: "type",
        insistence: Insistence::Must,
        title: "the name `type`, which is also a key of messages",
    },
    NameRow {
        id: "dots",
        name: "a..b.tar.gz",
        insistence: Insistence::Must,
        title: "a name with several dots",
    },
];

const LONG_NAME: &str = "a-name-of-sixty-three-bytes-as-long-as-a-device-is-sure-to-keep";
const LONGER_NAME: &str = "a-name-of-two-hundred-bytes-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Names that only the platform can choose, because files cannot have such names.
const PATHS: &[NameRow] = &[
    NameRow { id: "dot-dot", name: "..", insistence: Insistence::Should, title: "the name `..`" },
    NameRow {
        id: "slash",
        name: "../elsewhere/x",
        insistence: Insistence::Should,
        title: "a name that is a path to a different folder",
    },
    NameRow {
        id: "absolute",
        name: "{elsewhere}/x",
        insistence: Insistence::Should,
        title: "a name that is an absolute path",
    },
    NameRow {
        id: "backslash",
        name: "..\\elsewhere\\x",
        insistence: Insistence::Should,
        title: "a name that is a path with backslashes",
    },
];

/// The parts of a scenario that depend on the spelling of the answer.
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
        title: "an answer with the keys in reverse order",
    },
    SpellingRow {
        id: "type-last",
        requirements: "ENC-7",
        spelling: Spelling::TypeLast,
        insistence: Insistence::Must,
        title: "an answer with `type` as the last key",
    },
    SpellingRow {
        id: "space-inside",
        requirements: "ENC-3",
        spelling: Spelling::SpaceInside,
        insistence: Insistence::Must,
        title: "an answer with white space between all tokens",
    },
    SpellingRow {
        id: "space-around",
        requirements: "ENC-3 ADV-2",
        spelling: Spelling::SpaceAround,
        insistence: Insistence::Advised,
        title: "an answer with white space around the object",
    },
    SpellingRow {
        id: "escaped-slashes",
        requirements: "ENC-8 ADV-3",
        spelling: Spelling::EscapedSlashes,
        insistence: Insistence::Advised,
        title: "an answer with `\\/` in the URL",
    },
    SpellingRow {
        id: "escaped-letters",
        requirements: "ENC-8 ADV-3",
        spelling: Spelling::EscapedLetters,
        insistence: Insistence::Advised,
        title: "an answer with `\\u` escapes in values",
    },
    SpellingRow {
        id: "escaped-keys",
        requirements: "ENC-8 ADV-3",
        spelling: Spelling::EscapedKeys,
        insistence: Insistence::Advised,
        title: "an answer with `\\u` escapes in all keys, including `type`",
    },
    SpellingRow {
        id: "unknown-key",
        requirements: "ENC-5",
        spelling: Spelling::UnknownKey,
        insistence: Insistence::Must,
        title: "an answer with a key that is not documented",
    },
    SpellingRow {
        id: "unknown-key-with-braces",
        requirements: "ENC-5",
        spelling: Spelling::UnknownKeyWithBraces,
        insistence: Insistence::Must,
        title: "an answer with a key that is not documented and whose value has braces inside \
                strings",
    },
    SpellingRow {
        id: "capital-digest",
        requirements: "VAL-3",
        spelling: Spelling::CapitalDigest,
        insistence: Insistence::Must,
        title: "an answer with an uppercase `md5sum`",
    },
    SpellingRow {
        id: "long",
        requirements: "ENC-1 ADV-1",
        spelling: Spelling::Long,
        insistence: Insistence::Advised,
        title: "an answer of more than 2,047 bytes, most of which are white space",
    },
];

pub(super) fn add(table: &mut Table) {
    for flow in [Flow::Upload, Flow::Download] {
        add_sizes(table, flow);
        add_contents(table, flow);
        add_names(table, flow);
        add_spellings(table, flow);
        add_pushed_meanwhile(table, flow);
    }
    add_extensions(table);
    add_paths(table);
    add_pushed(table);
}

/// Returns the requirements of a transfer without faults.
const fn transfer(flow: Flow) -> &'static str {
    match flow {
        Flow::Upload => "HTTP-1 HTTP-2 HTTP-3 HTTP-4 SES-3 SES-7",
        Flow::Download => "HTTP-5 HTTP-6 SES-5 SES-7",
    }
}

fn add_contents(table: &mut Table, flow: Flow) {
    for ContentRow { id, content, title, reason } in CONTENTS {
        let requirements = match flow {
            Flow::Upload => "HTTP-1 HTTP-3 HTTP-4",
            Flow::Download => "HTTP-5",
        };
        let row = Row { id: &format!("content/{id}"), requirements, title, reason };
        // The file has a whole number of lines, so that a text file ends with a line end.
        let file = TestFile { content: *content, ..TestFile::new("zxc", 12_032) };
        table.add(flow, row, Setup::well(file));
    }
}

fn add_sizes(table: &mut Table, flow: Flow) {
    for SizeRow { id, size, title } in SIZES {
        let id = &*format!("size/{id}");
        let row = Row {
            id,
            requirements: transfer(flow),
            title,
            reason: "Every device must be able to transfer a resource of this size.",
        };
        table.add(flow, row, Setup::well(TestFile::new("zxc.txt", *size)));
    }
    add_large(table, flow);
    let (requirements, insistence) = match flow {
        // No rule requires a device to upload every file.
        Flow::Upload => ("VAL-1 HTTP-1 HTTP-3", Insistence::Should),
        // The vendor's SDK treats a size of 0 as an error.
        Flow::Download => ("VAL-1 HTTP-6 ADV-4", Insistence::Advised),
    };
    let row = Row {
        id: "size/empty",
        requirements,
        title: "an empty resource",
        reason: "Zero is a valid size.",
    };
    let done_level = insistence.level(table);
    table.add(flow, row, Setup { done_level, ..Setup::well(TestFile::new("empty", 0)) });
}

/// Adds scenarios with resources that are too large for some 32-bit calculations.
fn add_large(table: &mut Table, flow: Flow) {
    let again = SecondStart::Other(TestFile::new("again.txt", 300));
    let row = Row {
        id: "size/50-mb",
        requirements: &format!("VAL-5 SES-8 {}", transfer(flow)),
        title: "a resource of 50,000,000 bytes, with pauses by the store that are long enough for a \
                report",
        reason: "100 times this size, as in a calculation of `percent`, does not fit in 32 bits.",
    };
    let setup = Setup {
        store: vec![StoreFault::Paced],
        second_start: again,
        done_level: Level::Should,
        ..Setup::well(TestFile::new("zxc.txt", 50_000_000))
    };
    table.add(flow, row, setup);
    // A device would have to read 3 GB before it could announce the upload.
    if flow == Flow::Upload {
        return;
    }
    let row = Row {
        id: "size/3-gb",
        requirements: "VAL-1 HTTP-6 SES-7",
        title: "a declared size of 3,000,000,000 bytes, with connections that break after 64 KiB",
        reason: "This size does not fit in 31 bits. The device may report a failure, but it must \
                 not request a part that does not exist.",
    };
    let file = TestFile { content: Content::Declared, ..TestFile::new("zxc.txt", 3_000_000_000) };
    let setup = Setup {
        store: vec![StoreFault::CutEarly],
        second_start: again,
        // A device may be unable to keep the file.
        expectation: Expectation::Free,
        ..Setup::well(file)
    };
    table.add(flow, row, setup);
}

fn add_names(table: &mut Table, flow: Flow) {
    for NameRow { id, name, insistence, title } in NAMES {
        let row = Row {
            id: &format!("name/{id}"),
            requirements: "VAL-2",
            title,
            reason: "A name may be any non-empty text without control characters.",
        };
        let done_level = insistence.level(table);
        table.add(flow, row, Setup { done_level, ..Setup::well(TestFile::new(name, 300)) });
    }
}

/// Adds a scenario with two files whose names differ only in their extension.
fn add_extensions(table: &mut Table) {
    let row = Row {
        id: "name/two-extensions",
        requirements: "SES-10 VAL-2",
        title: "a second start with a file whose name differs only in its extension",
        reason: "A device may choose the name, but a second file with the same name replaces the \
                 first file.",
    };
    let second_start = SecondStart::Other(TestFile::new("zxc.bin", 300));
    table.add(Flow::Upload, row, Setup { second_start, done_level: Level::Should, ..usual() });
}

fn add_paths(table: &mut Table) {
    for NameRow { id, name, insistence, title } in PATHS {
        let row = Row {
            id: &format!("name/{id}"),
            requirements: "VAL-2",
            title,
            reason: "A device that uses the name as a path may write to the wrong place.",
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
            reason: "A JSON writer may produce this spelling.",
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
        title: "a task that is pushed in a `download` message, whether or not the device sends a \
                query",
        reason: "The platform delivers downloads to deployed devices in this way.",
    };
    table.add(Flow::Download, row, pushed.clone());
    let row = Row {
        id: "retained",
        requirements: "MSG-9 SES-4",
        title: "a task in a `download` message that the broker has retained",
        reason: "A retained message has the same meaning as any other message.",
    };
    let response = TaskResponse::Pushed { retain: true };
    table.add(Flow::Download, row, Setup { response, done_level: Level::Should, ..usual() });
    let row = Row {
        id: "several/pushed-at-once",
        requirements: "MSG-9 SES-5",
        title: "two downloads that are pushed one directly after the other",
        reason: "Several tasks may be open at once. Their names distinguish the tasks.",
    };
    let second_download = SecondDownload::AtOnce;
    table.add(Flow::Download, row, Setup { second_download, done_level: Level::Should, ..pushed });
    let row = Row {
        id: "several/same-name",
        requirements: "SES-10 MSG-9 HTTP-5",
        title: "a second download with the same name and different content, pushed after the \
                transfer",
        reason: "A second delivery with the same name starts a new task, because the finished \
                 download was a different resource.",
    };
    let second_download = SecondDownload::Renewed;
    table.add(Flow::Download, row, Setup { second_download, ..usual() });
}

fn add_pushed_meanwhile(table: &mut Table, flow: Flow) {
    let row = Row {
        id: "several/pushed-meanwhile",
        requirements: "MSG-9 SES-10",
        title: "a second download that is pushed during the transfer",
        reason: "The platform may push a download at any time, and the tasks must not affect each \
                 other.",
    };
    // The transfer is slow, so that the push arrives during the transfer.
    let store = vec![StoreFault::Slow];
    let second_download = SecondDownload::Meanwhile;
    table.add(flow, row, Setup { second_download, store, ..usual() });
}
