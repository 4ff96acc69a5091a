//! An adapter around the protocol crate. The adapter uses no code of the suite, so a mutant of the
//! crate cannot change the code that judges the answers.

use std::io::{self, BufRead, Write};

use base64ct::{Base64, Encoding};
use iothub_resource::{
    ContentMd5, DeviceName, Direction, Md5Sum, Message, ProductId, Profile, Topic,
    session::Observer,
};
use serde_json::{Value, json, value::RawValue};

/// The reason why a request is rejected: the code and, for a trace, the index of the event.
type Refused = (&'static str, Option<usize>);

fn main() -> io::Result<()> {
    let (input, mut output) = (io::stdin().lock(), io::stdout().lock());
    for line in input.lines() {
        let line = line?;
        let request: Value = serde_json::from_str(&line)?;
        let answer = if request["op"] == "hello" {
            Ok(json!({"name": "mutant", "version": "0"}))
        } else {
            answer(&request, &line)
        };
        let id = &request["id"];
        let answer = match answer {
            Ok(ok) => json!({"id": id, "ok": ok}),
            Err((code, None)) => json!({"id": id, "err": {"code": code}}),
            Err((code, Some(at))) => json!({"id": id, "err": {"code": code, "at": at}}),
        };
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}

fn answer(request: &Value, line: &str) -> Result<Value, Refused> {
    let text = |key: &str| request[key].as_str().unwrap_or_default();
    let bytes = |key: &str| Base64::decode_vec(text(key)).unwrap_or_default();
    let refused = |code: &'static str| (code, None);
    let profile = profile(text("profile"));
    Ok(match text("op") {
        "decode" => {
            let payload = bytes("payload");
            let message = Message::decode(profile, direction(text("direction")), &payload)
                .map_err(|error| refused(error.code().as_str()))?;
            json!({"message": message})
        }
        "encode" => {
            let raw = raw(line, "message").ok_or(refused("invalid-json"))?;
            let message = Message::from_json(profile, raw.get())
                .map_err(|error| refused(error.code().as_str()))?;
            let payload =
                message.encode(profile).map_err(|error| refused(error.code().as_str()))?;
            json!({"payload": Base64::encode_string(&payload)})
        }
        "topic_format" => {
            let invalid = |_| refused("invalid-topic");
            let product_id = ProductId::new(text("product_id")).map_err(invalid)?;
            let device_name = DeviceName::new(text("device_name")).map_err(invalid)?;
            json!({"topic": Topic::new(direction(text("direction")), product_id, device_name)})
        }
        "topic_parse" => {
            let topic = Topic::parse(text("topic")).map_err(|_| refused("invalid-topic"))?;
            let Topic { direction, product_id, device_name } = topic;
            json!({"direction": direction, "product_id": product_id, "device_name": device_name})
        }
        "md5_digest" => json!({"md5sum": Md5Sum::of(&bytes("data"))}),
        "content_md5_encode" => {
            let md5sum = Md5Sum::from_hex(text("md5sum")).map_err(|_| refused("invalid-md5sum"))?;
            json!({"content_md5": ContentMd5::from(md5sum)})
        }
        "content_md5_decode" => {
            let content_md5 = ContentMd5::from_base64(text("content_md5"))
                .map_err(|_| refused("invalid-content-md5"))?;
            json!({"md5sum": Md5Sum::from(content_md5)})
        }
        _ => trace(profile, line)?,
    })
}

fn trace(profile: Profile, line: &str) -> Result<Value, Refused> {
    let events = raw(line, "events").ok_or(("invalid-json", None))?;
    let events: Vec<&RawValue> = serde_json::from_str(events.get()).unwrap_or_default();
    let mut observer = Observer::new(profile);
    let mut advice = Vec::new();
    for (at, event) in events.into_iter().enumerate() {
        let refused = |code: &'static str| (code, Some(at));
        let fields: Value = serde_json::from_str(event.get()).unwrap_or_default();
        let message = raw(event.get(), "message").ok_or(refused("invalid-json"))?;
        let message = Message::from_json(profile, message.get())
            .map_err(|error| refused(error.code().as_str()))?;
        if message.message_type().direction()
            != direction(fields["direction"].as_str().unwrap_or_default())
        {
            return Err(refused("wrong-direction"));
        }
        let dup = fields["dup"] == true;
        let told = observer
            .observe(at, dup, &message)
            .map_err(|finding| refused(finding.kind.as_str()))?;
        advice.extend(told.map(|advice| (advice.at, advice.kind.as_str())));
    }
    advice.extend(observer.unanswered().iter().map(|advice| (advice.at, advice.kind.as_str())));
    advice.sort_unstable();
    let advice: Vec<Value> =
        advice.into_iter().map(|(at, code)| json!({"at": at, "code": code})).collect();
    Ok(json!({"advice": advice}))
}

/// Returns the JSON text of the value of a key, or `None` if the text is not an object or does not
/// have the key.
fn raw<'l>(object: &'l str, key: &str) -> Option<&'l RawValue> {
    let members: std::collections::BTreeMap<String, &RawValue> =
        serde_json::from_str(object).ok()?;
    members.get(key).copied()
}

fn profile(word: &str) -> Profile {
    if word == "deployed" { Profile::Deployed } else { Profile::Documented }
}

fn direction(word: &str) -> Direction {
    if word == "down" { Direction::Down } else { Direction::Up }
}
