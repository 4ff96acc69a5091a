//! Scenarios with faults of the object store.

use super::row::{Row, Table, medium, usual};
use crate::test_device::scenario::{Expectation, Flow, SecondStart, Setup, StoreFault, TestFile};
use iothub_conformance_suite::Level;

/// The parts of a scenario that depend on the responses of the store to the requests of one transfer.
struct StoreRow {
    id: &'static str,
    requirements: &'static str,
    /// The faults in the responses, in the order of the requests. The last fault applies to all
    /// further requests.
    faults: &'static [StoreFault],
    expectation: Expectation,
    title: &'static str,
    reason: &'static str,
}

const SUCCESS: &str = "Every status from 200 to 299 is a success.";
const FOR_EVER: &str = "A device must not wait forever.";
const SIZE_COUNTS: &str = "`size` determines when the resource is complete.";
/// The requirements of most uploads in this table.
const UPLOAD_RULES: &str = "HTTP-1 SES-7";

const UPLOADS: &[StoreRow] = &[
    StoreRow {
        id: "201",
        requirements: UPLOAD_RULES,
        faults: &[StoreFault::Status(201)],
        expectation: Expectation::Done,
        title: "a response with status 201",
        reason: SUCCESS,
    },
    StoreRow {
        id: "204",
        requirements: UPLOAD_RULES,
        faults: &[StoreFault::Status(204)],
        expectation: Expectation::Done,
        title: "a response with status 204",
        reason: SUCCESS,
    },
    StoreRow {
        id: "slow",
        requirements: UPLOAD_RULES,
        faults: &[StoreFault::Slow],
        expectation: Expectation::Ends,
        title: "a response that arrives late",
        reason: "A slow store is not faulty. A device must report success only after the response.",
    },
    StoreRow {
        id: "silent",
        requirements: UPLOAD_RULES,
        faults: &[StoreFault::Silent],
        expectation: Expectation::Fail,
        title: "no response from the store",
        reason: FOR_EVER,
    },
];

/// Scenarios with bodies that fill all buffers between the device and a store that does not read.
const SLOW_UPLOADS: &[StoreRow] = &[
    StoreRow {
        id: "reads-slowly",
        requirements: "HTTP-1 HTTP-4",
        faults: &[StoreFault::ReadsSlowly],
        expectation: Expectation::Done,
        title: "a store that reads the body slowly",
        reason: PARTIAL_WRITES,
    },
    StoreRow {
        id: "reads-bytes",
        requirements: "HTTP-1 HTTP-4",
        faults: &[StoreFault::ReadsBytes],
        expectation: Expectation::Done,
        title: "a store that at first reads the body one byte at a time",
        reason: PARTIAL_WRITES,
    },
    StoreRow {
        id: "reads-late",
        requirements: "HTTP-1 VAL-5",
        faults: &[StoreFault::ReadsLate],
        expectation: Expectation::Done,
        title: "a store that does not read the body for a while",
        reason: "`percent` is the percentage of the body that was sent. The body is larger than \
                 the buffers of the connection, so the device cannot have sent all of it before \
                 the store reads it.",
    },
    StoreRow {
        id: "accepted-early",
        requirements: UPLOAD_RULES,
        faults: &[StoreFault::Early(200)],
        expectation: Expectation::Fail,
        title: "status 200 and a closed connection before the body was read",
        reason: "Bytes that were not sent have not arrived, regardless of the status.",
    },
];

const PARTIAL_WRITES: &str = "On a slow link, a write may send only a part of its bytes.";

/// Scenarios with faults that require a longer body.
const LONGER_UPLOADS: &[StoreRow] = &[
    StoreRow {
        id: "cut",
        requirements: UPLOAD_RULES,
        faults: &[StoreFault::Cut],
        expectation: Expectation::Fail,
        title: "a connection that breaks in the middle of the body",
        reason: "The first half of the bytes is not the whole resource.",
    },
    StoreRow {
        id: "refused-early",
        requirements: UPLOAD_RULES,
        faults: &[StoreFault::Early(403)],
        expectation: Expectation::Fail,
        title: "status 403 before the body was read",
        reason: "A response may arrive before the end of the request.",
    },
];

const DOWNLOADS: &[StoreRow] = &[
    StoreRow {
        id: "503-once",
        requirements: "HTTP-5",
        faults: &[StoreFault::Status(503), StoreFault::None],
        expectation: Expectation::Ends,
        title: "one response with status 503",
        reason: "A device that tries again receives the bytes. A device that does not try again \
                 must report a failure.",
    },
    StoreRow {
        id: "silent",
        requirements: "HTTP-5 SES-7",
        faults: &[StoreFault::Silent],
        expectation: Expectation::Fail,
        title: "no response from the store",
        reason: FOR_EVER,
    },
    StoreRow {
        id: "slow",
        requirements: "HTTP-5",
        faults: &[StoreFault::Slow],
        expectation: Expectation::Ends,
        title: "bytes that arrive slowly",
        reason: "A device must report success only after the last byte.",
    },
    StoreRow {
        id: "cut-always",
        requirements: "HTTP-5 HTTP-6",
        faults: &[StoreFault::Cut],
        expectation: Expectation::Ends,
        title: "connections that always break halfway",
        reason: "The first half of the bytes is not the whole resource.",
    },
    StoreRow {
        id: "cut",
        requirements: "HTTP-6 HTTP-5",
        faults: &[StoreFault::Cut, StoreFault::None],
        expectation: Expectation::Ends,
        title: "one connection that breaks halfway",
        reason: "A device may request the rest with a range.",
    },
    StoreRow {
        id: "range-ignored",
        requirements: "HTTP-6 HTTP-5",
        faults: &[StoreFault::Cut, StoreFault::IgnoresRange],
        expectation: Expectation::Ends,
        title: "a connection that breaks halfway, and then a response that ignores the range",
        reason: "A response with status 200 contains all bytes, from the first byte on.",
    },
    StoreRow {
        id: "other-part",
        requirements: "HTTP-6 HTTP-5",
        faults: &[StoreFault::Cut, StoreFault::OtherPart],
        expectation: Expectation::Ends,
        title: "a connection that breaks halfway, and then a response with status 206 and a part \
                that was not requested",
        reason: "The part that `Content-Range` names does not continue the first half of the \
                 bytes.",
    },
    StoreRow {
        id: "other-total",
        requirements: "HTTP-6 HTTP-5",
        faults: &[StoreFault::Cut, StoreFault::OtherTotal],
        expectation: Expectation::Ends,
        title: "a connection that breaks halfway, and then a `Content-Range` with a different size",
        reason: "`size` and `md5sum` determine when the resource is complete.",
    },
    StoreRow {
        id: "length-too-long",
        requirements: "HTTP-5",
        faults: &[StoreFault::LengthTooLong],
        expectation: Expectation::Ends,
        title: "a `Content-Length` that exceeds the length of the body",
        reason: "A body that ends early is incomplete.",
    },
    StoreRow {
        id: "length-too-short",
        requirements: "HTTP-5",
        faults: &[StoreFault::LengthTooShort],
        expectation: Expectation::Ends,
        title: "a `Content-Length` that is less than the size of the resource",
        reason: SIZE_COUNTS,
    },
    StoreRow {
        id: "too-many-bytes",
        requirements: "HTTP-5",
        faults: &[StoreFault::TooManyBytes],
        expectation: Expectation::Ends,
        title: "a body with more bytes than the resource",
        reason: SIZE_COUNTS,
    },
    StoreRow {
        id: "other-bytes",
        requirements: "HTTP-5 SES-7",
        faults: &[StoreFault::OtherBytes],
        expectation: Expectation::Fail,
        title: "a body of the right length with different bytes",
        reason: "Only the digest reveals the difference.",
    },
    StoreRow {
        id: "chunked",
        requirements: "HTTP-5",
        faults: &[StoreFault::Chunked],
        expectation: Expectation::Done,
        title: "a body with `Transfer-Encoding: chunked` and without a length",
        reason: "HTTP/1.1 allows chunked bodies.",
    },
];

pub(super) fn add(table: &mut Table) {
    add_rows(table, Flow::Upload, UPLOADS, &usual());
    add_rows(table, Flow::Upload, LONGER_UPLOADS, &medium());
    let large = Setup {
        done_level: Level::Should,
        second_start: SecondStart::Other(TestFile::new("again.txt", 300)),
        ..Setup::well(TestFile::new("zxc.txt", MORE_THAN_BUFFERS))
    };
    add_rows(table, Flow::Upload, SLOW_UPLOADS, &large);
    add_rows(table, Flow::Download, DOWNLOADS, &downloads());
    add_refusals(table);
    add_cut_before_others(table);

    let file = TestFile { other_digest: true, ..TestFile::new("zxc.txt", 12_000) };
    let row = Row {
        id: "digest/other",
        requirements: "HTTP-5 VAL-3",
        title: "an `md5sum` that belongs to different bytes",
        reason: "Bytes with a different digest are not the resource.",
    };
    let setup = Setup { expectation: Expectation::Fail, ..Setup::well(file) };
    table.add(Flow::Download, row, setup);
}

/// A size in bytes that exceeds the buffers at both ends of a connection, so that a store that does
/// not read stops the upload.
const MORE_THAN_BUFFERS: u64 = (8 << 20) + 1;

/// Adds downloads that stay incomplete before the device receives a different resource.
fn add_cut_before_others(table: &mut Table) {
    // This size exceeds half of the first resource. Therefore, a device can mistake the stored half
    // for the beginning of this resource.
    let other = TestFile::new("other.txt", 150_001);
    let renewed = TestFile::new("zxc.txt", 150_001);
    for (id, file, what) in [
        ("cut-before-other", other, "a different resource"),
        ("cut-before-renewed", renewed, "a different resource with the same name"),
    ] {
        let row = Row {
            id: &format!("store/{id}"),
            requirements: "HTTP-5 HTTP-6 SES-10",
            title: &format!(
                "a connection that breaks halfway, a URL that is no longer valid, and {what} at \
                 the second start of the device"
            ),
            reason: "The stored part of one resource must not become a part of a different \
                     resource.",
        };
        let setup = Setup {
            store: vec![StoreFault::Cut, StoreFault::Gone],
            expectation: Expectation::Fail,
            second_start: SecondStart::Other(file),
            ..medium()
        };
        table.add(Flow::Download, row, setup);
    }
}

fn downloads() -> Setup {
    Setup { done_level: Level::Should, ..medium() }
}

fn add_rows(table: &mut Table, flow: Flow, rows: &[StoreRow], usual: &Setup) {
    for StoreRow { id, requirements, faults, expectation, title, reason } in rows {
        let id = &*format!("store/{id}");
        let setup = Setup { store: faults.to_vec(), expectation: *expectation, ..usual.clone() };
        table.add(flow, Row { id, requirements, title, reason }, setup);
    }
}

/// Adds redirections and errors that prevent a successful transfer.
fn add_refusals(table: &mut Table) {
    for code in [301, 302, 307] {
        let title = format!("status {code} with a redirection to a different URL");
        let reason = "A device must send the bytes only to the issued URL.";
        add_refusal(table, Flow::Upload, code, StoreFault::Redirect(code), &title, reason);
        let title = format!("status {code} with a redirection to a URL without a resource");
        let reason = "The resource did not arrive.";
        add_refusal(table, Flow::Download, code, StoreFault::Redirect(code), &title, reason);
    }
    for code in [400, 403, 404, 500, 503] {
        let title = format!("a response with status {code}");
        let reason = "The bytes did not arrive, so the transfer is not done.";
        add_refusal(table, Flow::Upload, code, StoreFault::Status(code), &title, reason);
        let reason = "The body of an error response is not the resource.";
        add_refusal(table, Flow::Download, code, StoreFault::Status(code), &title, reason);
    }
}

fn add_refusal(
    table: &mut Table,
    flow: Flow,
    code: u16,
    fault: StoreFault,
    title: &str,
    reason: &str,
) {
    let (requirements, setup) = match flow {
        Flow::Upload => (UPLOAD_RULES, usual()),
        Flow::Download => ("HTTP-5 SES-7", downloads()),
    };
    let setup = Setup { store: vec![fault], expectation: Expectation::Fail, ..setup };
    let id = &*format!("store/{code}");
    table.add(flow, Row { id, requirements, title, reason }, setup);
}
