//! What is smaller than what.

use iothub_resource::{Direction, Profile};

use crate::implementation::{Event, Request};

/// Smaller is better: fewer bytes first; of as many, the usual profile and topic, and plain
/// letters; so that there is one smallest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::fuzz) struct Cost {
    length: usize,
    is_deployed: bool,
    is_down: usize,
    oddness: usize,
    text: Vec<u8>,
}

impl Cost {
    pub(in crate::fuzz) const fn length(&self) -> usize {
        self.length
    }
}

pub(in crate::fuzz) fn cost(request: &Request) -> Cost {
    let is_deployed = request.profile() == Some(Profile::Deployed);
    let of = |text: Vec<u8>, is_down: usize| Cost {
        length: text.len(),
        is_deployed,
        is_down,
        oddness: text.iter().map(|&byte| oddness(byte)).sum(),
        text,
    };
    let down = |direction: Direction| usize::from(direction == Direction::Down);
    match request {
        Request::Decode { direction, payload, .. } => of(payload.clone(), down(*direction)),
        Request::Encode { message, .. } => of(message.get().as_bytes().to_vec(), 0),
        Request::TopicFormat { direction, product_id, device_name } => {
            of(format!("{product_id}\u{0}{device_name}").into_bytes(), down(*direction))
        }
        Request::TopicParse { topic } => of(topic.clone().into_bytes(), 0),
        Request::Md5Digest { data } => of(data.clone(), 0),
        Request::ContentMd5Encode { md5sum } => of(md5sum.clone().into_bytes(), 0),
        Request::ContentMd5Decode { content_md5 } => of(content_md5.clone().into_bytes(), 0),
        Request::Trace { events, .. } => {
            let text = events.iter().flat_map(|event| {
                let Event { direction, message, dup } = event;
                let dup = if *dup { ",\"dup\":true" } else { "" };
                format!("{{\"direction\":\"{direction}\",\"message\":{message}{dup}}},")
                    .into_bytes()
            });
            of(text.collect(), 0)
        }
    }
}

/// How far a byte is from those that nobody stumbles over.
const fn oddness(byte: u8) -> usize {
    match byte {
        b'0' | b'a' => 0,
        b'1' | b'b' => 1,
        b'2'..=b'9' | b'c'..=b'z' | b'"' | b':' | b',' | b'{' | b'}' | b'_' => 2,
        b'A'..=b'Z' | b'[' | b']' | b'/' => 3,
        b' '..=b'~' => 4,
        b'\n' | b'\t' | b'\r' => 5,
        0..=0x1f | 0x7f => 6,
        _ => 7,
    }
}
