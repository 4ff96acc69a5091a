//! All goes well: sizes, names, spellings.

use super::row::{Table, response_of, usual};
use crate::test_device::scenario::{
    Expectation, Flow, SecondDownload, Setup, Spelling, StoreFault, TaskResponse, TestFile,
};
use iothub_conformance_suite::Level;

pub(super) fn add(table: &mut Table) {
    for flow in [Flow::Upload, Flow::Download] {
        sizes(table, flow);
        names(table, flow);
        spellings(table, flow);
    }
    let pushed = Setup { response: TaskResponse::Pushed { retain: false }, ..usual() };
    table.add(
        Flow::Download,
        "pushed",
        "MSG-9 SES-4",
        (
            "the task is pushed with `download`, whether it was asked for or not",
            "this is how the platform hands out downloads to deployed devices",
        ),
        pushed.clone(),
    );
    table.add(
        Flow::Download,
        "retained",
        "MSG-9 SES-4",
        (
            "the task is a `download` that the broker has retained",
            "what was there before the device came is a message like any other",
        ),
        Setup {
            response: TaskResponse::Pushed { retain: true },
            done_level: Level::Should,
            ..pushed.clone()
        },
    );
    table.add(
        Flow::Download,
        "several/pushed-at-once",
        "MSG-9 SES-5",
        (
            "two downloads are pushed, one right behind the other",
            "several tasks may be open at once, and are told apart by name",
        ),
        Setup { second_download: SecondDownload::AtOnce, done_level: Level::Should, ..pushed },
    );
    table.add(
        Flow::Download,
        "several/same-name",
        "SES-10 MSG-9 HTTP-5",
        (
            "when it is over, a download of the same name is pushed, with other content",
            "a second delivery of a name starts it anew: what was done is another resource",
        ),
        Setup { second_download: SecondDownload::Renewed, ..usual() },
    );
    // Slow, so that there is a meanwhile.
    let second_download = Setup {
        second_download: SecondDownload::Meanwhile,
        store: vec![StoreFault::Slow],
        ..usual()
    };
    for flow in [Flow::Upload, Flow::Download] {
        table.add(
            flow,
            "several/pushed-meanwhile",
            "MSG-9 SES-10",
            (
                "another download is pushed while the transfer goes on",
                "the platform does so; the tasks must not get into each other's way",
            ),
            second_download.clone(),
        );
    }
}

fn sizes(table: &mut Table, flow: Flow) {
    let requirements = match flow {
        Flow::Upload => "HTTP-1 HTTP-2 HTTP-3 HTTP-4 SES-3 SES-7",
        Flow::Download => "HTTP-5 HTTP-6 SES-5 SES-7",
    };
    let reason = "what every device is for";
    for (id, size, title) in [
        ("size/usual", 12_000, "12,000 bytes, as on the pages"),
        ("size/one-byte", 1, "one byte"),
        (
            "size/large",
            (2 << 20) + 1,
            "one byte more than 2 MiB: more than a buffer, or a segment of the SDK",
        ),
    ] {
        let setup = Setup::well(TestFile::new("zxc.bin", size));
        table.add(flow, id, requirements, (title, reason), setup);
    }
    let empty = Setup::well(TestFile::new("empty", 0));
    let (requirements, done_level) = match flow {
        Flow::Upload => ("VAL-1 HTTP-1 HTTP-3", Level::Must),
        // The vendor's SDK takes a size of 0 for an error.
        Flow::Download => ("VAL-1 HTTP-6 ADV-4", table.advised()),
    };
    let about = ("an empty resource", "zero is a size like any other");
    table.add(flow, "size/empty", requirements, about, Setup { done_level, ..empty });
}

fn names(table: &mut Table, flow: Flow) {
    const LONG: &str = "a-name-of-sixty-three-bytes-as-long-as-a-device-is-sure-to-keep";
    const LONGER: &str = "a-name-of-two-hundred-bytes-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let should = Level::Should;
    let advised = table.advised();
    let names = [
        ("chinese", "报告 1.txt", Level::Must, "letters beyond ASCII, and a space"),
        ("emoji", "😀.bin", Level::Must, "a character of four bytes"),
        ("one-letter", "z", Level::Must, "one letter"),
        ("long", LONG, Level::Must, "63 bytes"),
        ("longer", LONGER, should, "200 bytes: more than devices are sure to keep"),
        ("quotes", "a\"b'c", advised, "quotes, which JSON has to escape"),
        ("percent", "50%25.txt", Level::Must, "what looks escaped, as in a URL"),
        ("json-words", "type", Level::Must, "a word of the vocabulary"),
        ("dots", "a..b.tar.gz", Level::Must, "several dots"),
    ];
    for (id, name, done_level, title) in names {
        let setup = Setup { done_level, ..Setup::well(TestFile::new(name, 300)) };
        let about = (title, "a name is any text without control characters");
        table.add(flow, &format!("name/{id}"), "VAL-2", about, setup);
    }
    // Only the platform chooses such names: a file has none.
    if flow == Flow::Download {
        for (id, name, title) in [
            ("dot-dot", "..", "`..`"),
            ("slash", "../up/x", "a path that leads elsewhere"),
            ("absolute", "/tmp/iothub-x", "an absolute path"),
            ("backslash", "..\\x", "a path of another system"),
        ] {
            let what = TestFile::new(name, 300);
            let setup =
                Setup { expectation: Expectation::Free, done_level: should, ..Setup::well(what) };
            let about =
                (title, "a device that takes the name for a path writes where it should not");
            table.add(flow, &format!("name/{id}"), "VAL-2", about, setup);
        }
    }
}

fn spellings(table: &mut Table, flow: Flow) {
    let must = Level::Must;
    let advised = table.advised();
    for (id, requirement, spelling, done_level, title) in [
        ("keys-reversed", "ENC-7", Spelling::KeysReversed, must, "the keys in the opposite order"),
        ("type-last", "ENC-7", Spelling::TypeLast, must, "`type` as the last key"),
        ("space-inside", "ENC-3", Spelling::SpaceInside, must, "white space between all tokens"),
        (
            "space-around",
            "ENC-3 ADV-2",
            Spelling::SpaceAround,
            advised,
            "white space around the object",
        ),
        ("escaped-slashes", "ENC-8 ADV-3", Spelling::EscapedSlashes, advised, "`\\/` in the URL"),
        (
            "escaped-letters",
            "ENC-8 ADV-3",
            Spelling::EscapedLetters,
            advised,
            "`\\u` escapes in values",
        ),
        (
            "escaped-keys",
            "ENC-8 ADV-3",
            Spelling::EscapedKeys,
            advised,
            "`\\u` escapes in keys and `type`",
        ),
        ("unknown-key", "ENC-5", Spelling::UnknownKey, must, "a key that no message has"),
        (
            "long",
            "ENC-1 ADV-1",
            Spelling::Long,
            advised,
            "more than 2,047 bytes, most of them white space",
        ),
    ] {
        let requirements = format!("{requirement} {}", response_of(flow));
        let setup = Setup { response: TaskResponse::Spelt(spelling), done_level, ..usual() };
        let about = (title, "a JSON writer may write it so");
        table.add(flow, &format!("spelling/{id}"), &requirements, about, setup);
    }
}
