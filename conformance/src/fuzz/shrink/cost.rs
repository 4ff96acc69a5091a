//! What is smaller than what.

use iothub_resource::{Direction, Profile};

use super::payload::text_of;
use crate::implementation::{Event, Request, wire};

/// Smaller is better: fewer bytes first; of as many, the usual profile and topic, the usual order
/// of keys, and plain letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::fuzz) struct Cost {
    pub(in crate::fuzz) length: usize,
    is_deployed: bool,
    is_down: bool,
    disorder: usize,
    oddness: usize,
}

pub(in crate::fuzz) fn cost(request: &Request) -> Cost {
    let mut disorder = 0;
    let mut is_down = false;
    let text = match request {
        Request::Decode { direction, .. } => {
            is_down = *direction == Direction::Down;
            disorder += usize::from(!is_in_order(text_of(request)));
            text_of(request).to_vec()
        }
        Request::Encode { .. } => {
            disorder += usize::from(!is_in_order(text_of(request)));
            text_of(request).to_vec()
        }
        Request::TopicFormat { direction, product_id, device_name } => {
            is_down = *direction == Direction::Down;
            format!("{product_id}\u{0}{device_name}").into_bytes()
        }
        Request::TopicParse { topic } => topic.clone().into_bytes(),
        Request::Md5Digest { data } => data.clone(),
        Request::ContentMd5Encode { md5sum } => md5sum.clone().into_bytes(),
        Request::ContentMd5Decode { content_md5 } => content_md5.clone().into_bytes(),
        Request::Trace { events, .. } => {
            let is_odd = |event: &&Event| !is_in_order(event.message.get().as_bytes());
            disorder += events.iter().filter(is_odd).count();
            events.iter().flat_map(wire::event_line).collect()
        }
    };
    Cost {
        length: text.len(),
        is_deployed: request.profile() == Some(Profile::Deployed),
        is_down,
        disorder,
        oddness: text.iter().map(|&byte| oddness(byte)).sum(),
    }
}

fn is_in_order(message: &[u8]) -> bool {
    message.starts_with(b"{\"type\"") || !message.windows(6).any(|key| key == b"\"type\"")
}

/// How far a byte is from those that nobody stumbles over.
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
