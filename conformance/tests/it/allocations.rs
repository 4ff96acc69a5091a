//! The allocations of the protocol crate: decoding a payload without escapes needs none, and the
//! estimates of memory hold.

use std::hint::black_box;

use allocation_counter::measure;
use iothub_conformance::{Fixtures, Request};
use iothub_resource::{
    ContentMd5, DeviceName, Md5Sum, Message, ProductId, Profile, Resource, ResourceName,
    ResourceSize, ResourceUrl, Topic,
    session::{Observer, platform::Platform},
};

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

/// Returns an observer that has seen this many uploads, and the bytes that it has allocated.
/// Without `is_answered`, the platform answers nothing.
fn observer_of(uploads: usize, is_answered: bool) -> (Observer, usize) {
    const MD5: &str = "5d41402abc4b2a76b9719d911017c592";
    let profile = Profile::Deployed;
    let mut observer = Observer::new(profile);
    let mut at = 0;
    let info = measure(|| {
        for number in 0..uploads {
            let resource = format!(r#""size":5,"name":"log-{number}","md5sum":"{MD5}""#);
            let mut payloads = vec![format!(r#"{{"type":"create_upload_task",{resource}}}"#)];
            if is_answered {
                payloads.push(format!(
                    r#"{{"type":"create_upload_task_rsp",{resource},"url":"https://h/{number}"}}"#
                ));
                for percent in [0, 50] {
                    payloads.push(format!(
                        r#"{{"type":"report_upload_progress","name":"log-{number}","progress":{{"state":"uploading","percent":{percent},"result_code":0,"result_msg":""}}}}"#
                    ));
                    payloads.push(
                        r#"{"type":"report_upload_progress_rsp","result_code":0,"result_msg":""}"#
                            .to_owned(),
                    );
                }
            }
            for payload in &payloads {
                let message = Message::from_json(profile, payload).expect("it is valid");
                observer.observe(at, false, &message).expect("it is in its place");
                at += 1;
            }
        }
    });
    let bytes = usize::try_from(info.bytes_current).expect("more is allocated than freed");
    (observer, bytes)
}

/// `lint` and `serve` bound their memory by the estimate.
#[test]
fn an_observer_estimates_its_memory() {
    for is_answered in [true, false] {
        for uploads in [0, 1, 2, 11, 100, 1000] {
            let (observer, allocated) = observer_of(uploads, is_answered);
            let (estimate, bytes) = (observer.memory(), allocated + size_of::<Observer>());
            let what = format!("{uploads} uploads: {bytes} bytes, estimated {estimate}");
            assert!(bytes <= estimate && estimate <= 4096 + bytes * 2, "{what}");
        }
    }
}

/// The estimate of a platform includes the texts of the answers that it keeps.
#[test]
fn a_platform_estimates_its_memory() {
    let md5sum = Md5Sum::of(b"hello");
    for uploads in [0, 1, 2, 11, 100, 1000] {
        let mut platform = Platform::new(Profile::Deployed);
        let info = measure(|| {
            for number in 0..uploads {
                let name = ResourceName::new(format!("log-{number}")).expect("it is valid");
                let url = ResourceUrl::new(format!("https://h/{number}")).expect("it is valid");
                let size = ResourceSize::new(5).expect("it is valid");
                let resource = Resource { size, name, md5sum };
                let create = Message::CreateUploadTask(resource.clone());
                platform.handle_message(false, &create).expect("it is in its place");
                platform.url_issued(&resource, url).expect("it is owed");
                while platform.poll().is_some() || platform.poll_event().is_some() {}
            }
        });
        let allocated = usize::try_from(info.bytes_current).expect("more is allocated than freed");
        let (estimate, bytes) = (platform.memory(), allocated + size_of::<Platform>());
        let what = format!("{uploads} uploads: {bytes} bytes, estimated {estimate}");
        assert!(bytes <= estimate && estimate <= 6144 + bytes * 2, "{what}");
    }
}
