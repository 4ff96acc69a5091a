//! Scenarios with uploads of every kind, and with related creates.

use crate::test_platform::{
    creates::{CreateSequence, CreateSpelling},
    hearing::AnswerNeed,
    scenario::{Row, Script},
};
use iothub_conformance_suite::Level;

pub(super) const UPLOADS: &[Row] = &[
    Row {
        id: "upload/small",
        requirements: &["MSG-2", "MSG-1", "SES-2", "VAL-4", "HTTP-1"],
        level: Level::Must,
        script: Script::Upload { name: "", size: 5, need: AnswerNeed::Must },
        title: "an upload of 5 bytes",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "The flow of the documentation, from the create to the last report.",
    },
    Row {
        id: "upload/one-byte",
        requirements: &["MSG-2", "VAL-1"],
        level: Level::Must,
        script: Script::Upload { name: "", size: 1, need: AnswerNeed::Must },
        title: "an upload of one byte",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "This is the smallest resource that is not empty.",
    },
    Row {
        id: "upload/large",
        requirements: &["MSG-2", "VAL-1", "HTTP-3"],
        level: Level::Must,
        script: Script::Upload { name: "", size: 1 << 20, need: AnswerNeed::Must },
        title: "an upload of 1 MiB",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "The resource is larger than a packet, a buffer and an MQTT message.",
    },
    Row {
        id: "upload/empty",
        requirements: &["MSG-2", "VAL-1"],
        level: Level::Should,
        script: Script::Upload { name: "", size: 0, need: AnswerNeed::Should },
        title: "an upload of nothing",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "Zero is a size (VAL-1). Deployed devices refuse it, so a platform may leave it unanswered, against SES-9.",
    },
    Row {
        id: "upload/announced-maximum",
        requirements: &["VAL-1", "SES-9"],
        level: Level::Must,
        script: Script::Announce,
        title: "a create of 2^53-1 bytes",
        expected: "an answer with its values, or none; and an upload that works afterwards",
        reason: "The size is legal. No platform has the space for it, and silence is the only refusal in the pages.",
    },
    Row {
        id: "name/one-letter",
        requirements: &["VAL-2", "SES-2"],
        level: Level::Must,
        script: Script::Upload { name: "a", size: 9, need: AnswerNeed::Must },
        title: "a name of one letter",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "The shortest name.",
    },
    Row {
        id: "name/63-bytes",
        requirements: &["VAL-2", "SES-2"],
        level: Level::Must,
        script: Script::Upload {
            name: "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
            size: 9,
            need: AnswerNeed::Must,
        },
        title: "a name of 63 bytes",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "This is the longest name that deployed devices keep.",
    },
    Row {
        id: "name/capitals",
        requirements: &["VAL-2", "SES-2"],
        level: Level::Must,
        script: Script::Upload { name: "LogFile.TXT", size: 9, need: AnswerNeed::Must },
        title: "a name with letters of both cases",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "`a` and `A` are two names.",
    },
    Row {
        id: "name/spaces-and-dots",
        requirements: &["VAL-2", "SES-2"],
        level: Level::Must,
        script: Script::Upload { name: " a b.c..tar.gz ", size: 9, need: AnswerNeed::Must },
        title: "a name with spaces and dots",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "A name is a string, and nothing is removed from it.",
    },
    Row {
        id: "name/quotes",
        requirements: &["VAL-2", "SES-2"],
        level: Level::Must,
        script: Script::Upload { name: "\"a\" 'b' {\"c\":1}", size: 9, need: AnswerNeed::Must },
        title: "a name with quotes and braces",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "JSON must escape quotes, and the answer must have the same name.",
    },
    Row {
        id: "name/percent",
        requirements: &["VAL-2", "SES-2"],
        level: Level::Must,
        script: Script::Upload { name: "100%25?a=b&c#d+e;f", size: 9, need: AnswerNeed::Must },
        title: "a name with characters that have a meaning in URLs",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "The platform may encode the name in the URL, but must repeat it unchanged.",
    },
    Row {
        id: "name/chinese",
        requirements: &["VAL-2", "SES-2"],
        level: Level::Must,
        script: Script::Upload { name: "固件-升级包.bin", size: 9, need: AnswerNeed::Must },
        title: "a name in Chinese",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "Names are UTF-8.",
    },
    Row {
        id: "name/emoji",
        requirements: &["VAL-2", "SES-2"],
        level: Level::Must,
        script: Script::Upload { name: "📦🚀", size: 9, need: AnswerNeed::Must },
        title: "a name of emoji",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "In UTF-8, each of these characters has four bytes; as JSON escapes, each needs \
        two.",
    },
    Row {
        id: "name/combining",
        requirements: &["VAL-2", "SES-2"],
        level: Level::Must,
        script: Script::Upload { name: "é", size: 9, need: AnswerNeed::Must },
        title: "a letter and its accent, apart",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "Names are compared by their code points, without normalisation.",
    },
    Row {
        id: "name/64-bytes",
        requirements: &["VAL-2", "SES-9"],
        level: Level::Should,
        script: Script::Upload {
            name: "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
            size: 9,
            need: AnswerNeed::Should,
        },
        title: "a name of 64 bytes",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "This is a valid name, but longer than deployed devices keep. Devices should not \
        use it, so a platform may leave it unanswered, against SES-9.",
    },
    Row {
        id: "name/255-bytes",
        requirements: &["VAL-2", "SES-9"],
        level: Level::Should,
        script: Script::Upload {
            name: "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
            size: 9,
            need: AnswerNeed::Should,
        },
        title: "a name of 255 bytes",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "This is a valid name, and the longest possible file name. Devices should not use \
        it, so a platform may leave it unanswered, against SES-9.",
    },
    Row {
        id: "name/slash",
        requirements: &["VAL-2", "SES-9"],
        level: Level::Should,
        script: Script::Upload { name: "a/b", size: 9, need: AnswerNeed::Should },
        title: "a name with a slash",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "This is a valid name, but not a file name. Devices should not use it, so a \
        platform may leave it unanswered, against SES-9.",
    },
    Row {
        id: "name/backslash",
        requirements: &["VAL-2", "SES-9"],
        level: Level::Should,
        script: Script::Upload { name: "a\\b", size: 9, need: AnswerNeed::Should },
        title: "a name with a backslash",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "This is a valid name, but not a file name on every system. Devices should not \
        use it, so a platform may leave it unanswered, against SES-9.",
    },
    Row {
        id: "name/dot-dot",
        requirements: &["VAL-2", "SES-9"],
        level: Level::Should,
        script: Script::Upload { name: "..", size: 9, need: AnswerNeed::Should },
        title: "the name `..`",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "This is a valid name. A device that uses it as a file name leaves its folder. \
        Devices should not use it, so a platform may leave it unanswered, against SES-9.",
    },
    Row {
        id: "name/path",
        requirements: &["VAL-2", "SES-9"],
        level: Level::Should,
        script: Script::Upload { name: "../../../tmp/probe", size: 9, need: AnswerNeed::Should },
        title: "a name that is a path out of a folder",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "This is a valid name. A device that uses it as a file name leaves its folder. \
        Devices should not use it, so a platform may leave it unanswered, against SES-9.",
    },
    Row {
        id: "spelling/key-order",
        requirements: &["ENC-7", "MSG-1"],
        level: Level::Must,
        script: Script::Spell(CreateSpelling::KeyOrder),
        title: "a create with `type` at its end",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "The order of keys is free.",
    },
    Row {
        id: "spelling/white-space",
        requirements: &["ENC-3", "MSG-1"],
        level: Level::Must,
        script: Script::Spell(CreateSpelling::WhiteSpace),
        title: "a create with white space wherever JSON permits it",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "White space around tokens, and before and after the message, has no meaning.",
    },
    Row {
        id: "spelling/escapes",
        requirements: &["ENC-8", "MSG-1"],
        level: Level::Must,
        script: Script::Spell(CreateSpelling::Escapes),
        title: "a create with escapes in keys and values",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "A string may be written with any escape of JSON, keys too.",
    },
    Row {
        id: "spelling/unknown-key",
        requirements: &["ENC-5", "MSG-1"],
        level: Level::Must,
        script: Script::Spell(CreateSpelling::UnknownKey),
        title: "a create with keys that are not documented",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "Deployed devices send additional keys, which are skipped, whatever their values \
        are.",
    },
    Row {
        id: "spelling/upper-digest",
        requirements: &["VAL-3", "MSG-1"],
        level: Level::Must,
        script: Script::Spell(CreateSpelling::UpperDigest),
        title: "a create whose digest is in upper case",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "A digest is a value: deployed devices may write it in either case.",
    },
    Row {
        id: "spelling/16384-bytes",
        requirements: &["ENC-1", "MSG-1"],
        level: Level::Must,
        script: Script::Spell(CreateSpelling::Longest),
        title: "a create of 16,384 bytes",
        expected: "a `create_upload_task_rsp` with its name, size and digest and a URL; the \
        upload and the reports are accepted",
        reason: "This is the longest permitted payload; most of it is white space.",
    },
    Row {
        id: "create/same-twice",
        requirements: &["SES-10", "SES-1"],
        level: Level::Must,
        script: Script::Several(CreateSequence::Same),
        title: "the same create twice",
        expected: "two answers",
        reason: "Each create is owed an answer of its own.",
    },
    Row {
        id: "create/one-name",
        requirements: &["SES-10", "SES-2"],
        level: Level::Must,
        script: Script::Several(CreateSequence::OneName),
        title: "three creates of one name, each of another size",
        expected: "an answer to each, with its size and digest",
        reason: "Each create is owed its own answer; the newest one is the task.",
    },
    Row {
        id: "create/dup",
        requirements: &["SES-1", "SES-11"],
        level: Level::Must,
        script: Script::Several(CreateSequence::Dup),
        title: "the same create twice, the second with DUP",
        expected: "one answer, or two where the broker does not pass DUP on",
        reason: "A redelivery changes nothing, but brokers do not pass the flag on to subscribers.",
    },
    Row {
        id: "create/after-end",
        requirements: &["SES-10"],
        level: Level::Must,
        script: Script::Several(CreateSequence::AfterEnd),
        title: "a name again after its upload has ended",
        expected: "a second upload that works",
        reason: "A create of a known name starts its task again.",
    },
    Row {
        id: "create/before-end",
        requirements: &["SES-10"],
        level: Level::Must,
        script: Script::Several(CreateSequence::BeforeEnd),
        title: "a name again during its upload",
        expected: "a second upload that works",
        reason: "A create of a known name starts its task again, in any state.",
    },
    Row {
        id: "create/many",
        requirements: &["SES-1", "SES-6"],
        level: Level::Must,
        script: Script::Several(CreateSequence::Many),
        title: "24 uploads at once",
        expected: "an answer to each create and to each report",
        reason: "Several tasks may be open at once; their names distinguish them.",
    },
    Row {
        id: "create/lost-answer",
        requirements: &["SES-10"],
        level: Level::Must,
        script: Script::Several(CreateSequence::LostAnswer),
        title: "a create whose answer is lost, and the same create again",
        expected: "the second one is answered, and the upload works",
        reason: "Devices lose their connection, and ask again.",
    },
    Row {
        id: "create/reconnect",
        requirements: &["SES-7", "VAL-7", "HTTP-1"],
        level: Level::Must,
        script: Script::Several(CreateSequence::Reconnect),
        title: "an upload whose device disconnects, and connects again, after it has the URL",
        expected: "the upload and its last report are accepted on the second connection",
        reason: "A task belongs to a device, by its topics, and not to a connection. Only a report ends it.",
    },
];
