//! Operations on messages, topics, digests and HTTP values. Each kind of operation has a feature
//! that enables it.

#[allow(unused_imports, reason = "each feature needs some of it")]
use core::{
    fmt::{self, Write as _},
    hint::black_box,
};

#[allow(unused_imports, reason = "each feature needs some of it")]
use iothub_resource as protocol;

/// A writer that discards all text.
#[cfg(any(feature = "digest", feature = "topic", feature = "http"))]
struct Sink;

#[cfg(any(feature = "digest", feature = "topic", feature = "http"))]
impl fmt::Write for Sink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        black_box(text);
        Ok(())
    }
}

#[cfg(feature = "decode")]
pub(crate) fn decode(payload: &[u8]) {
    use protocol::{Direction, Message, Profile};
    if let Ok(message) = Message::decode(Profile::Deployed, Direction::Down, payload) {
        #[cfg(feature = "encode")]
        black_box(message.encode(Profile::Deployed).is_ok());
        #[cfg(feature = "observe")]
        {
            let mut observer = protocol::session::Observer::new(Profile::Deployed);
            black_box(observer.observe(0, black_box(false), &message).is_ok());
            observer.observe_undecodable(Direction::Down, payload);
            black_box((observer.unanswered(), observer.memory()));
        }
        black_box(&message);
    }
    #[cfg(feature = "advice")]
    black_box(Message::decode_with_advice(
        black_box(Profile::Documented),
        black_box(Direction::Up),
        payload,
        |advice| drop(black_box(advice)),
    ))
    .ok();
}

#[cfg(feature = "digest")]
pub(crate) fn digest(payload: &[u8]) {
    use protocol::{ContentMd5, Md5Sum};
    let digest = Md5Sum::of(payload);
    black_box((digest, ContentMd5::from(digest)));
    #[cfg(feature = "panics")]
    if let Ok(text) = core::str::from_utf8(payload) {
        black_box((Md5Sum::from_hex(text), Md5Sum::from_hex_any_case(text))).0.ok();
        black_box(ContentMd5::from_base64(text)).ok();
        write!(Sink, "{digest} {}", ContentMd5::from(digest)).ok();
    }
}

#[cfg(feature = "topic")]
pub(crate) fn topic(payload: &[u8]) {
    if let Ok(text) = core::str::from_utf8(payload)
        && let Ok(topic) = text.parse::<protocol::Topic>()
    {
        write!(Sink, "{topic} {}", topic.reply()).ok();
    }
}

#[cfg(feature = "http")]
pub(crate) fn http(payload: &[u8]) {
    use protocol::{
        ByteRange, ContentRange, Md5Sum, Resource, ResourceName, ResourceSize, ResourceUrl,
    };
    let Ok(text) = core::str::from_utf8(payload) else { return };
    let (Ok(size), Ok(name)) = (ResourceSize::new(black_box(1)), ResourceName::new(text)) else {
        return;
    };
    let resource = Resource { size, name, md5sum: Md5Sum::of(payload) };
    black_box(protocol::check_upload_head(&resource, black_box(Some(1)), Some(text))).ok();
    black_box(protocol::check_upload_body(&resource, black_box(1), Md5Sum::of(text.as_bytes())))
        .ok();
    black_box(protocol::check_download(&resource, black_box(1), Md5Sum::of(text.as_bytes()))).ok();
    if let Ok(range) = text.parse::<ByteRange>() {
        write!(Sink, "{range} {:?}", range.clamp(size)).ok();
    }
    if let Ok(range) = text.parse::<ContentRange>() {
        write!(Sink, "{range}").ok();
    }
    if let Ok(url) = ResourceUrl::new(text) {
        black_box((url.host(), url.port(), url.is_https()));
    }
}
