//! Compares requests by their cost, so that shrinking can prefer smaller requests.

use std::hash::{DefaultHasher, Hash, Hasher};

use iothub_conformance_suite::Request;
use iothub_resource::{Direction, Profile};

/// The cost of a request. A lower cost is better. Costs are compared first by the number of bytes,
/// and then by the profile, the direction, the order of keys and the characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cost {
    pub(crate) length: usize,
    is_deployed: bool,
    is_down: bool,
    disorder: usize,
    oddness: usize,
}

pub(crate) fn cost(request: &Request) -> Cost {
    /// The length in bytes of the line for an event, without its message.
    const EVENT: usize = r#"{"direction":"up","message":}"#.len() + 1;
    const DUP: usize = r#","dup":true"#.len();
    let (mut length, mut disorder, mut oddness_of_all) = (0, 0, 0);
    let mut add = |text: &[u8]| {
        length += text.len();
        oddness_of_all += text.iter().map(|&byte| oddness(byte)).sum::<usize>();
    };
    let mut is_down = false;
    match request {
        Request::Decode { direction, payload, .. } => {
            is_down = *direction == Direction::Down;
            disorder += usize::from(!is_in_order(payload));
            add(payload);
        }
        Request::Encode { message, .. } => {
            disorder += usize::from(!is_in_order(message.get().as_bytes()));
            add(message.get().as_bytes());
        }
        Request::TopicFormat { direction, product_id, device_name } => {
            is_down = *direction == Direction::Down;
            add(product_id.as_bytes());
            add(device_name.as_bytes());
        }
        Request::TopicParse { topic } => add(topic.as_bytes()),
        Request::Md5Digest { data } => add(data),
        Request::ContentMd5Encode { md5sum } => add(md5sum.as_bytes()),
        Request::ContentMd5Decode { content_md5 } => add(content_md5.as_bytes()),
        Request::Trace { events, .. } => {
            for event in events {
                disorder += usize::from(!is_in_order(event.message.get().as_bytes()));
                add(event.message.get().as_bytes());
            }
            length +=
                events.iter().map(|event| EVENT + if event.dup { DUP } else { 0 }).sum::<usize>();
        }
    }
    Cost {
        length,
        is_deployed: request.profile() == Some(Profile::Deployed),
        is_down,
        disorder,
        oddness: oddness_of_all,
    }
}

/// Returns a hash that identifies the request.
pub(super) fn identity(request: &Request) -> u64 {
    let mut hasher = DefaultHasher::new();
    (request.op(), request.profile().map(Profile::as_str)).hash(&mut hasher);
    match request {
        Request::Decode { direction, payload, .. } => {
            (direction.as_str(), payload).hash(&mut hasher)
        }
        Request::Encode { message, .. } => message.get().hash(&mut hasher),
        Request::TopicFormat { direction, product_id, device_name } => {
            (direction.as_str(), product_id, device_name).hash(&mut hasher);
        }
        Request::TopicParse { topic: text }
        | Request::ContentMd5Encode { md5sum: text }
        | Request::ContentMd5Decode { content_md5: text } => text.hash(&mut hasher),
        Request::Md5Digest { data } => data.hash(&mut hasher),
        Request::Trace { events, .. } => {
            for event in events {
                (event.direction.as_str(), event.message.get(), event.dup).hash(&mut hasher);
            }
        }
    }
    hasher.finish()
}

fn is_in_order(message: &[u8]) -> bool {
    message.starts_with(b"{\"type\"") || !message.windows(6).any(|key| key == b"\"type\"")
}

/// Returns a measure of how unusual a byte is. The result is lowest for plain characters, which no
/// implementation treats specially.
const fn oddness(byte: u8) -> usize {
    match byte {
        b'0' | b'a' | b' ' => 0,
        b'1' | b'b' | b'9' => 1,
        b'2'..=b'8' | b'c'..=b'z' | b'"' | b':' | b',' | b'{' | b'}' | b'_' => 2,
        b'A'..=b'Z' | b'[' | b']' | b'/' => 3,
        b'!'..=b'~' => 4,
        b'\n' | b'\t' | b'\r' => 5,
        0..=0x1f | 0x7f => 6,
        _ => 7,
    }
}
