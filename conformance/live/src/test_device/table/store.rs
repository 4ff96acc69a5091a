//! What the object store answers.

use super::row::{Table, medium, usual};
use crate::test_device::scenario::{Expectation, Flow, Setup, StoreFault, TestFile};
use iothub_conformance_suite::Level;

pub(super) fn add(table: &mut Table) {
    upload(table);
    download(table);
}

fn upload(table: &mut Table) {
    const FLOW: Flow = Flow::Upload;
    let mut status = |id: &str, fault, expectation, title: &str, reason: &str| {
        let setup = Setup { store: vec![fault], expectation, ..usual() };
        table.add(FLOW, &format!("store/{id}"), "HTTP-1 SES-7", (title, reason), setup);
    };
    let success = "every status from 200 to 299 is a success";
    status("201", StoreFault::Status(201), Expectation::Done, "the store answers 201", success);
    status("204", StoreFault::Status(204), Expectation::Done, "the store answers 204", success);
    let redirect = "bytes go to the URL that was issued, and to no other";
    for code in [301, 302, 307] {
        let title = format!("the store answers {code} and points elsewhere");
        status(&code.to_string(), StoreFault::Redirect(code), Expectation::Fail, &title, redirect);
    }
    for code in [400, 403, 404, 500, 503] {
        let title = format!("the store answers {code}");
        let reason = "the bytes are not there, so it is not done";
        status(&code.to_string(), StoreFault::Status(code), Expectation::Fail, &title, reason);
    }
    let slow = "a slow store is no broken one, and `done` has to wait for it";
    status("slow", StoreFault::Slow, Expectation::Ends, "the store answers late", slow);
    let silent = "a device that waits for ever hangs";
    status("silent", StoreFault::Silent, Expectation::Fail, "the store never answers", silent);

    let broken = |store| Setup { store, expectation: Expectation::Fail, ..medium() };
    table.add(
        FLOW,
        "store/cut",
        "HTTP-1 SES-7",
        ("the connection breaks in the middle of the body", "half of the bytes is none"),
        broken(vec![StoreFault::Cut]),
    );
    table.add(
        FLOW,
        "store/refused-early",
        "HTTP-1 SES-7",
        ("403, before the body was read", "an answer may come before the end of the request"),
        broken(vec![StoreFault::Early(403)]),
    );
}

fn download(table: &mut Table) {
    const FLOW: Flow = Flow::Download;
    let mut row =
        |id: &str, requirements: &str, store: Vec<StoreFault>, expectation, about: (&str, &str)| {
            let setup = Setup { store, expectation, done_level: Level::Should, ..medium() };
            table.add(FLOW, &format!("store/{id}"), requirements, about, setup);
        };
    for code in [301, 302, 307] {
        let title = format!("the store answers {code}, and there is nothing where it points");
        let about = (&*title, "the resource did not come");
        row(
            &code.to_string(),
            "HTTP-5 SES-7",
            vec![StoreFault::Redirect(code)],
            Expectation::Fail,
            about,
        );
    }
    for code in [400, 403, 404, 500, 503] {
        let title = format!("the store answers {code}");
        let about = (&*title, "the text of an error is not the resource");
        row(
            &code.to_string(),
            "HTTP-5 SES-7",
            vec![StoreFault::Status(code)],
            Expectation::Fail,
            about,
        );
    }
    let once = ("503 once", "who tries again gets it; who does not says so");
    row(
        "503-once",
        "HTTP-5",
        vec![StoreFault::Status(503), StoreFault::None],
        Expectation::Ends,
        once,
    );
    let silent = ("the store never answers", "a device that waits for ever hangs");
    row("silent", "HTTP-5 SES-7", vec![StoreFault::Silent], Expectation::Fail, silent);
    let slow = ("the bytes come slowly", "`done` has to wait for the last one");
    row("slow", "HTTP-5", vec![StoreFault::Slow], Expectation::Ends, slow);
    let cut = ("every connection breaks half-way", "half of the bytes is none");
    row("cut-always", "HTTP-5 HTTP-6", vec![StoreFault::Cut], Expectation::Ends, cut);
    let cut = ("the connection breaks half-way, once", "the rest may be asked for with a range");
    row("cut", "HTTP-6 HTTP-5", vec![StoreFault::Cut, StoreFault::None], Expectation::Ends, cut);
    let ignored = (
        "the connection breaks half-way, and then the range is ignored",
        "status 200 brings everything, from the first byte on",
    );
    row(
        "range-ignored",
        "HTTP-6 HTTP-5",
        vec![StoreFault::Cut, StoreFault::IgnoresRange],
        Expectation::Ends,
        ignored,
    );
    let part = (
        "the connection breaks half-way, and then 206 brings another part than was asked for",
        "`Content-Range` says which part it is; behind the first half it makes no resource",
    );
    row(
        "other-part",
        "HTTP-6 HTTP-5",
        vec![StoreFault::Cut, StoreFault::OtherPart],
        Expectation::Ends,
        part,
    );
    let total = (
        "the connection breaks half-way, and then `Content-Range` names another size",
        "it is `size` and `md5sum` that count",
    );
    row(
        "other-total",
        "HTTP-6 HTTP-5",
        vec![StoreFault::Cut, StoreFault::OtherTotal],
        Expectation::Ends,
        total,
    );
    let long = ("`Content-Length` is more than what comes", "a body that ends early is cut");
    row("length-too-long", "HTTP-5", vec![StoreFault::LengthTooLong], Expectation::Ends, long);
    let short = ("`Content-Length` is less than the resource has", "it is `size` that counts");
    row("length-too-short", "HTTP-5", vec![StoreFault::LengthTooShort], Expectation::Ends, short);
    let surplus = ("more bytes than the resource has", "it is `size` that counts");
    row("too-many-bytes", "HTTP-5", vec![StoreFault::TooManyBytes], Expectation::Ends, surplus);
    let other = ("as many bytes, but others", "only the digest can tell");
    row("other-bytes", "HTTP-5 SES-7", vec![StoreFault::OtherBytes], Expectation::Fail, other);
    let chunked = ("`Transfer-Encoding: chunked`, without a length", "HTTP/1.1 allows it");
    row("chunked", "HTTP-5", vec![StoreFault::Chunked], Expectation::Done, chunked);

    let what = TestFile { other_digest: true, ..TestFile::new("zxc.bin", 12_000) };
    let setup = Setup { expectation: Expectation::Fail, ..Setup::well(what) };
    let about = ("`md5sum` is that of other bytes", "what does not match is not the resource");
    table.add(FLOW, "digest/other", "HTTP-5 VAL-3", about, setup);
}
