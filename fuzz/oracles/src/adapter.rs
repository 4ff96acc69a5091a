//! The lines of the adapter protocol: the runner reads or rejects any line from a testee, and our
//! adapter answers any line from a runner with one line.

use iothub_conformance_suite::{Accepted, Builtin, Op, implementation::wire, serve_adapter};
use serde_json::{Map, Value};

use crate::digest;

/// The id that the line must echo.
const ID: u64 = 7;
/// The maximum length of an error text in bytes. The text must be short, because a testee may print
/// thousands of lines of a megabyte each.
const LONGEST_COMPLAINT: usize = 1_000;

/// Reads the first byte as the operation of the request, and the rest as a line from the testee.
pub fn answer(bytes: &[u8]) {
    let Some((op, line)) = bytes.split_first() else { return };
    let op = Op::ALL[usize::from(*op) % Op::ALL.len()];
    let read = wire::read_answer(line, ID, op);
    assert_eq!(read.is_ok(), is_answer(line, op), "{op:?}: {read:?}");
    match read {
        Ok(reply) => {
            let line = wire::write_reply(&ID.to_string(), &reply);
            assert_eq!(line.iter().position(|&byte| byte == b'\n'), Some(line.len() - 1));
            // Missing advice has the same meaning as `null`.
            assert_eq!(wire::read_answer(&line, ID, op).as_ref(), Ok(&reply));
            if let Ok(Accepted::Payload(payload)) = &reply {
                assert!(payload.len() <= line.len());
            }
        }
        Err(complaint) => assert!(complaint.len() <= LONGEST_COMPLAINT, "{complaint}"),
    }
}

/// Returns whether the adapter protocol permits this line as an answer to the operation. This
/// function follows the documentation, not the code.
fn is_answer(line: &[u8], op: Op) -> bool {
    let Ok(Value::Object(answer)) = serde_json::from_slice(line) else { return false };
    if answer.get("id").and_then(Value::as_u64) != Some(ID) {
        return false;
    }
    let given = |key: &str| answer.get(key);
    match (given("ok"), given("err"), given("unsupported")) {
        (Some(Value::Object(ok)), None, None) => is_ok(ok, op),
        (None, Some(Value::Object(err)), None) => {
            let text_or_nothing =
                matches!(err.get("code"), None | Some(Value::Null | Value::String(_)));
            let is_index = |at: &Value| at.is_null() || at.as_u64().is_some();
            text_or_nothing && err.get("at").is_none_or(is_index)
        }
        (None, None, Some(unsupported)) => *unsupported == Value::Bool(true),
        _ => false,
    }
}

fn is_ok(ok: &Map<String, Value>, op: Op) -> bool {
    let text = |key: &str| ok.get(key).and_then(Value::as_str);
    match op {
        Op::Decode => ok.get("message").is_some_and(Value::is_object),
        Op::Encode => text("payload").and_then(digest::base64).is_some(),
        Op::TopicFormat => text("topic").is_some(),
        Op::TopicParse => {
            ["direction", "product_id", "device_name"].iter().all(|key| text(key).is_some())
        }
        Op::ContentMd5Encode => text("content_md5").is_some(),
        Op::Trace => match ok.get("advice") {
            None | Some(Value::Null) => true,
            Some(Value::Array(advice)) => advice.iter().all(is_advice),
            Some(_) => false,
        },
        _ => text("md5sum").is_some(),
    }
}

fn is_advice(advice: &Value) -> bool {
    advice.get("at").and_then(Value::as_u64).is_some()
        && advice.get("code").is_some_and(Value::is_string)
}

/// Runs our own adapter with any bytes as its standard input. The adapter must print one line of
/// JSON for every line of input.
pub fn requests(bytes: &[u8]) {
    let mut output = Vec::new();
    serve_adapter(&mut Builtin::default(), bytes, &mut output).expect("memory does not fail");
    let asked = bytes.split_inclusive(|&byte| byte == b'\n').count();
    let answered: Vec<&[u8]> = output.split_inclusive(|&byte| byte == b'\n').collect();
    assert_eq!(answered.len(), asked, "a line for every line");
    for line in answered {
        let answer: Value = serde_json::from_slice(line).expect("every answer is JSON");
        let kinds = ["ok", "err", "unsupported"].iter().filter(|kind| answer.get(kind).is_some());
        assert_eq!(kinds.count(), 1, "{answer}");
        assert!(matches!(answer["id"], Value::Number(_) | Value::Null), "{answer}");
    }
}
