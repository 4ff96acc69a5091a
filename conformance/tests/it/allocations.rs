//! The protocol crate allocates no memory to decode a payload without escapes.

use std::hint::black_box;

use allocation_counter::measure;
use iothub_conformance::{Fixtures, Request};
use iothub_resource::{ContentMd5, DeviceName, Md5Sum, Message, ProductId, Topic};

/// Returns the number of allocations during a call.
fn allocations(what: impl FnOnce()) -> u64 {
    measure(what).count_total
}

/// Returns whether a payload is nested more deeply than any typical payload.
fn is_deep(payload: &[u8]) -> bool {
    payload.iter().filter(|&&byte| byte == b'[' || byte == b'{').count() > 64
}

#[test]
fn decoding_takes_none_and_neither_does_refusing() {
    let (mut accepted, mut refused) = (0, 0);
    for case in Fixtures::embedded().cases {
        let Request::Decode { profile, direction, payload } = &case.request else { continue };
        if payload.contains(&b'\\') || is_deep(payload) {
            continue;
        }
        let count = allocations(|| match Message::decode(*profile, *direction, payload) {
            Ok(_) => accepted += 1,
            Err(_) => refused += 1,
        });
        assert_eq!(count, 0, "{}", case.id);
    }
    assert!(accepted > 500 && refused > 1000, "{accepted}, {refused}");
}

#[test]
fn neither_do_topics_and_digests() {
    let mut asked = 0;
    for case in Fixtures::embedded().cases {
        let count = match &case.request {
            Request::TopicParse { topic } => allocations(|| {
                let _ = black_box(topic.parse::<Topic>());
            }),
            Request::TopicFormat { direction, product_id, device_name } => allocations(|| {
                if let (Ok(product_id), Ok(device_name)) =
                    (ProductId::new(product_id), DeviceName::new(device_name))
                {
                    use std::io::Write;
                    let topic = Topic::new(*direction, product_id, device_name);
                    let mut buffer = [0; 100];
                    write!(&mut buffer[..], "{topic}").expect("it has room");
                }
            }),
            Request::ContentMd5Decode { content_md5 } => allocations(|| {
                let _ = black_box(ContentMd5::from_base64(content_md5));
            }),
            Request::ContentMd5Encode { md5sum } => allocations(|| {
                let _ = black_box(Md5Sum::from_hex(md5sum).map(ContentMd5::from));
            }),
            Request::Md5Digest { data } => allocations(|| {
                let _ = black_box(Md5Sum::of(data));
            }),
            _ => continue,
        };
        asked += 1;
        assert_eq!(count, 0, "{}", case.id);
    }
    assert!(asked > 500, "{asked}");
}

/// The counter itself works.
#[test]
fn an_escape_takes_some() {
    let payload = br#"{"type":"create_upload_task","size":5,"name":"\u007axc","md5sum":"5d41402abc4b2a76b9719d911017c592"}"#;
    let count = allocations(|| {
        Message::decode(
            iothub_resource::Profile::Documented,
            iothub_resource::Direction::Up,
            payload,
        )
        .expect("it is valid");
    });
    assert!(count > 0);
}
