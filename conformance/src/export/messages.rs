//! Describes the messages in JSON Schema 2020-12, from the tables of the decoder.

use iothub_resource::{Direction, Key, MAX_PAYLOAD, MessageType, Profile, ResourceSize, Transfer};
use serde_json::{Map, Value, json};

/// Returns the schema for the messages of a profile. `$defs` contains each message, and the
/// messages of each direction.
pub(super) fn schema(profile: Profile) -> Value {
    let types = || MessageType::ALL.iter().filter(move |kind| kind.is_in(profile));
    let mut definitions = Map::new();
    for kind in types() {
        definitions.insert(kind.to_string(), message(*kind, profile));
    }
    for direction in Direction::ALL {
        let of: Vec<Value> = types()
            .filter(|kind| kind.direction() == direction)
            .map(|kind| json!({ "$ref": format!("#/$defs/{kind}") }))
            .collect();
        definitions.insert(direction.to_string(), json!({ "oneOf": of }));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("Messages of IoT Hub resource management, profile {profile}"),
        "description": format!(
            "Every message on both topics. `$defs` contains each message, and `up` and `down` \
             contain the messages of one direction. The specification contains the rules that a \
             schema cannot express. A payload must be UTF-8 of at most {MAX_PAYLOAD} bytes (ENC-1, \
             ENC-2). No key may occur twice (ENC-4). An integer must not have a fraction, an \
             exponent or a minus sign before 0 (ENC-9)."
        ),
        "oneOf": [{ "$ref": "#/$defs/up" }, { "$ref": "#/$defs/down" }],
        "$defs": definitions,
    })
}

/// Returns the schema for one type of message.
pub(super) fn message(kind: MessageType, profile: Profile) -> Value {
    let transfer = match kind {
        MessageType::ReportDownloadProgress => Transfer::Download,
        _ => Transfer::Upload,
    };
    let mut properties = Map::new();
    properties.insert(Key::Type.to_string(), json!({ "const": kind.as_str() }));
    for key in kind.keys() {
        properties.insert(key.to_string(), value(*key, transfer, profile));
    }
    object(
        &format!("{} ({})", kind.as_str(), kind.requirement()),
        properties,
        [Key::Type].iter().chain(kind.keys()),
        profile,
    )
}

/// Returns the schema for an object with required keys. Other keys are permitted if the profile
/// skips them (ENC-5, ENC-6).
fn object<'k>(
    title: &str,
    properties: Map<String, Value>,
    required: impl Iterator<Item = &'k Key>,
    profile: Profile,
) -> Value {
    let required: Vec<&str> = required.map(|key| key.as_str()).collect();
    let mut object = json!({
        "title": title,
        "type": "object",
        "properties": properties,
        "required": required,
    });
    if profile == Profile::Documented {
        object["additionalProperties"] = json!(false);
    }
    object
}

fn value(key: Key, transfer: Transfer, profile: Profile) -> Value {
    match key {
        Key::Size => json!({
            "description": "The number of bytes (VAL-1).",
            "type": "integer", "minimum": 0, "maximum": ResourceSize::MAX.bytes(),
        }),
        Key::Name => json!({
            "description": "A non-empty string without control characters (VAL-2).",
            "type": "string", "minLength": 1, "pattern": r"^[^\u0000-\u001F\u007F]*$",
            "not": { "pattern": r"[\u0000-\u001F\u007F]" },
        }),
        Key::Md5sum => json!({
            "description": "The MD5 of the whole resource, in hexadecimal digits (VAL-3).",
            "type": "string",
            "minLength": 32, "maxLength": 32,
            "pattern": match profile {
                Profile::Documented => "^[0-9a-f]{32}$",
                Profile::Deployed => "^[0-9a-fA-F]{32}$",
            },
        }),
        Key::Url => json!({
            "description": "An http or https URL with a host, in visible ASCII characters (VAL-4).",
            "type": "string", "pattern": URL, "not": { "pattern": r"[^!-~]" },
        }),
        Key::Progress => progress(transfer, profile),
        Key::ResultCode => json!({
            "description": "The result code, where 0 means success (VAL-7).",
            "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX,
        }),
        Key::ResultMsg => json!({ "description": "Any text (VAL-8).", "type": "string" }),
        Key::Percent => json!({
            "description": "The progress in percent (VAL-5).",
            "type": "integer", "minimum": 0, "maximum": 100,
        }),
        Key::State => json!({
            "description": "The state of the transfer (VAL-6).",
            "enum": match profile {
                Profile::Documented => vec![transfer.running_word()],
                Profile::Deployed => vec![transfer.running_word(), "done", "fail"],
            },
        }),
        // The caller defines `type`, and there are no other keys.
        _ => json!(true),
    }
}

/// The pattern of URLs. The part before the last `@`, and a final colon with its digits, do not
/// count as part of the host. The host must not be empty.
const URL: &str = concat!(
    "^[hH][tT][tT][pP][sS]?://",
    r##"([!-"$-.0->@-~]*@)?"##,
    r##"([!-"$-.0-9;->A-~][!-"$-.0->A-~]*|:[0-9]*[!-"$-.:->A-~][!-"$-.0->A-~]*)"##,
    "([/?#][!-~]*)?$",
);

fn progress(transfer: Transfer, profile: Profile) -> Value {
    let properties: Map<String, Value> = Key::IN_PROGRESS
        .iter()
        .map(|key| (key.to_string(), value(*key, transfer, profile)))
        .collect();
    match profile {
        Profile::Documented => object("progress", properties, Key::IN_PROGRESS.iter(), profile),
        // A final report may omit `percent` (VAL-6).
        Profile::Deployed => {
            let required = Key::IN_PROGRESS.iter().filter(|key| **key != Key::Percent);
            let mut progress = object("progress", properties, required, profile);
            progress["anyOf"] = json!([
                { "properties": { "state": { "enum": ["done", "fail"] } } },
                { "required": ["percent"] },
            ]);
            progress
        }
    }
}

#[cfg(test)]
mod tests {
    use iothub_conformance_fuzzer::{GeneratedPayload, payloads};
    use iothub_resource::{Code, Message};
    use jsonschema::Validator;

    use super::*;
    use crate::{Fixtures, Request};

    struct Schemas(Vec<(Profile, Direction, Validator)>);

    impl Schemas {
        fn new() -> Self {
            let of = |profile, direction: Direction| {
                let mut schema = schema(profile);
                schema["oneOf"] = json!([{ "$ref": format!("#/$defs/{direction}") }]);
                let validator = jsonschema::validator_for(&schema).expect("it is a schema");
                (profile, direction, validator)
            };
            let all = Profile::ALL
                .into_iter()
                .flat_map(|profile| Direction::ALL.map(|direction| of(profile, direction)));
            Self(all.collect())
        }

        /// Asserts that the schema and the decoder agree about `payload`. Returns `false` if they
        /// cannot be compared for this payload.
        fn compare(&self, profile: Profile, direction: Direction, payload: &[u8]) -> bool {
            let decoded = Message::decode(profile, direction, payload);
            match decoded.as_ref().err().map(iothub_resource::DecodeError::code) {
                // A schema cannot express the rules about repeated keys and the encoding.
                Some(Code::DuplicateKey | Code::PayloadTooLarge | Code::NotUtf8) => return false,
                Some(Code::InvalidJson) => return false,
                _ => {}
            }
            // The parser of this test rejects deep nesting, and numbers that exceed a double.
            let Ok(value) = serde_json::from_slice::<Value>(payload) else { return false };
            // A schema accepts a number such as `1.0` as an integer.
            if decoded.is_err() && has_odd_integer(&value) {
                return false;
            }
            let (.., validator) = self
                .0
                .iter()
                .find(|(of, to, _)| (*of, *to) == (profile, direction))
                .expect("there is one for each");
            assert_eq!(
                validator.is_valid(&value),
                decoded.is_ok(),
                "{profile} {direction} {}: {decoded:?}",
                String::from_utf8_lossy(payload)
            );
            true
        }
    }

    /// Returns whether a value contains a whole number that is not written as an integer, such as
    /// `1.0`. A schema accepts such a number as an integer.
    fn has_odd_integer(value: &Value) -> bool {
        match value {
            Value::Number(number) => {
                number.as_f64().is_some_and(|value| number.is_f64() && value.fract() == 0.0)
            }
            Value::Array(values) => values.iter().any(has_odd_integer),
            Value::Object(members) => members.values().any(has_odd_integer),
            _ => false,
        }
    }

    #[test]
    fn agrees_with_the_decoder_on_every_fixture() {
        let schemas = Schemas::new();
        let mut compared = 0;
        for case in Fixtures::embedded().cases {
            if let Request::Decode { payload, .. } = &case.request {
                for profile in Profile::ALL {
                    for direction in Direction::ALL {
                        compared += usize::from(schemas.compare(profile, direction, payload));
                    }
                }
            }
        }
        assert!(compared > 5_000, "{compared}");
    }

    fn agrees_on_generated_payloads(count: usize) {
        let schemas = Schemas::new();
        let mut compared = 0;
        for GeneratedPayload { profile, direction, payload, .. } in payloads(7).take(count) {
            compared += usize::from(schemas.compare(profile, direction, &payload));
        }
        assert!(compared > count * 3 / 10, "{compared}");
    }

    #[test]
    fn agrees_with_the_decoder_on_generated_payloads() {
        agrees_on_generated_payloads(5_000);
    }

    #[test]
    #[ignore = "long: a hundred thousand payloads"]
    fn agrees_with_the_decoder_on_many_generated_payloads() {
        agrees_on_generated_payloads(100_000);
    }
}
