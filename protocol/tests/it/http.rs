//! Tests of the rules about HTTP (HTTP-2 to HTTP-6).

use iothub_resource::{
    ByteRange, ByteRangeError, ContentMd5, ContentRange, ContentRangeError, DownloadFault, Md5Sum,
    ResourceSize, UploadFault, check_download, check_upload_body, check_upload_head,
};
use proptest::prelude::*;

use crate::session::{content_range, resource};

#[test]
fn a_range_is_read_in_one_spelling_only() {
    assert_eq!("bytes=0-0".parse(), ByteRange::new(0, 0));
    assert_eq!("bytes=7000-11999".parse(), ByteRange::new(7_000, 11_999));
    for text in [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-",
        "bytes=-5",
        "bytes=0-1,3-4",
        "bytes=0-01",
        "bytes=00-1",
        "bytes=+0-1",
        "bytes=0-+1",
        "bytes= 0-1",
        "bytes=0 - 1",
        "bytes=0-1 ",
        " bytes=0-1",
        "Bytes=0-1",
        "bytes:0-1",
        "0-1",
        "bytes=0--1",
        "bytes=0x0-1",
        "bytes=٠-١",
    ] {
        assert_eq!(text.parse::<ByteRange>(), Err(ByteRangeError::Syntax), "{text:?}");
    }
    assert_eq!("bytes=5-4".parse::<ByteRange>(), Err(ByteRangeError::Order));
    for text in [
        "bytes=0-9007199254740992",
        "bytes=0-18446744073709551615",
        "bytes=0-18446744073709551616",
        "bytes=99999999999999999999999-99999999999999999999999",
    ] {
        assert_eq!(text.parse::<ByteRange>(), Err(ByteRangeError::Bounds), "{text:?}");
    }
}

#[test]
fn the_rest_of_a_resource_ends_with_its_last_byte() {
    let size = ResourceSize::from(5);
    assert_eq!(ByteRange::rest_of(size, 0), ByteRange::new(0, 4).ok());
    assert_eq!(ByteRange::rest_of(size, 4), ByteRange::new(4, 4).ok());
    assert_eq!(ByteRange::rest_of(size, 5), None);
    assert_eq!(ByteRange::rest_of(size, u64::MAX), None);
    assert_eq!(ByteRange::rest_of(ResourceSize::ZERO, 0), None);
}

#[test]
fn the_range_of_the_vendors_sdk_is_clamped() -> Result<(), ByteRangeError> {
    let size = ResourceSize::from(12_000);
    let asked: ByteRange = "bytes=7000-12000".parse()?;
    assert!(!asked.is_within(size));
    assert_eq!(asked.clamp(size), Some(ByteRange::new(7_000, 11_999)?));
    assert_eq!(ByteRange::new(12_000, 12_000)?.clamp(size), None, "status 416");
    assert_eq!(asked.clamp(ResourceSize::ZERO), None);
    assert!(ByteRange::new(0, ResourceSize::MAX.bytes()).is_ok());
    Ok(())
}

proptest! {
    #[test]
    fn a_range_survives_its_spelling(first in 0..=ResourceSize::MAX.bytes(), more in 0..10_000_u64) {
        if let Ok(range) = ByteRange::new(first, first + more) {
            prop_assert_eq!(range.to_string().parse(), Ok(range));
            prop_assert_eq!(range.byte_count(), more + 1);
        }
    }

    #[test]
    fn the_rest_is_what_is_missing(size in 0..100_u32, received in 0..120_u64) {
        let size = ResourceSize::from(size);
        match ByteRange::rest_of(size, received) {
            Some(range) => {
                prop_assert!(range.is_within(size));
                prop_assert_eq!(received + range.byte_count(), size.bytes());
            }
            None => prop_assert!(received >= size.bytes()),
        }
    }
}

#[test]
fn an_upload_is_kept_when_all_of_it_agrees() {
    let body = b"hello";
    let resource = resource("zxc", body);
    let md5 = Md5Sum::of(body);
    let other = Md5Sum::of(b"other");
    let header = ContentMd5::from(md5).to_string();
    let header_of_other = ContentMd5::from(other).to_string();
    let check = |length, header: Option<&str>, body_len, body_md5| {
        check_upload_head(&resource, length, header)
            .and_then(|()| check_upload_body(&resource, body_len, body_md5))
    };

    assert_eq!(check(Some(5), Some(&header), 5, md5), Ok(()));
    for (checked, fault) in [
        (check(None, Some(&header), 5, md5), UploadFault::MissingContentLength),
        (check(Some(4), Some(&header), 5, md5), UploadFault::ContentLength),
        (check(Some(5), None, 5, md5), UploadFault::MissingContentMd5),
        (
            check(Some(5), Some("5d41402abc4b2a76b9719d911017c592"), 5, md5),
            UploadFault::InvalidContentMd5,
        ),
        (check(Some(5), Some(&header_of_other), 5, md5), UploadFault::ContentMd5),
        (check(Some(5), Some(&header_of_other), 5, other), UploadFault::ContentMd5),
        (check(Some(5), Some(&header), 4, md5), UploadFault::BodyLength),
        (check(Some(5), Some(&header), 5, other), UploadFault::BodyMd5),
    ] {
        assert_eq!(checked, Err(fault));
    }
}

#[test]
fn a_store_can_refuse_before_it_reads() {
    let resource = resource("zxc", b"hello");
    let missing = check_upload_head(&resource, None, None);
    assert_eq!(missing, Err(UploadFault::MissingContentLength));
    let header = ContentMd5::from(resource.md5sum).to_string();
    assert_eq!(check_upload_head(&resource, Some(5), Some(&header)), Ok(()));
}

#[test]
fn a_download_is_the_resource_when_size_and_md5_agree() {
    let (resource, other) = (resource("zxc", b"hello"), Md5Sum::of(b"other"));
    assert_eq!(check_download(&resource, 5, resource.md5sum), Ok(()));
    for (len, md5, fault) in [
        (4, resource.md5sum, DownloadFault::BodyLength),
        (6, other, DownloadFault::BodyLength),
        (5, other, DownloadFault::BodyMd5),
    ] {
        assert_eq!(check_download(&resource, len, md5), Err(fault));
    }
}

#[test]
fn a_content_range_is_read_in_one_spelling_only() {
    let range = content_range(7_000, 11_999, 12_000).unwrap();
    assert_eq!(range.to_string(), "bytes 7000-11999/12000");
    assert_eq!("bytes 7000-11999/12000".parse(), Ok(range));
    assert_eq!("bytes 0-0/1".parse().ok(), content_range(0, 0, 1));
    let error: ContentRangeError = "".parse::<ContentRange>().unwrap_err();
    for text in [
        "bytes",
        "bytes ",
        "bytes 0-4",
        "bytes 0-4/",
        "bytes=0-4/5",
        "Bytes 0-4/5",
        "bytes  0-4/5",
        "bytes 0-4/5 ",
        "bytes 0-4 /5",
        "bytes 0-4/+5",
        "bytes 0-04/5",
        "bytes 0-4/05",
        "bytes 0-4/5/5",
        "bytes 0-4/*",
        "bytes */5",
        "bytes 4-0/5",
        "bytes 0-5/5",
        "bytes 0-0/0",
        "bytes 0-4/9007199254740992",
        "bytes 0-4/18446744073709551616",
    ] {
        assert_eq!(text.parse::<ContentRange>(), Err(error), "{text:?}");
    }
    assert_eq!(
        error.to_string(),
        "a content range must be `bytes A-B/T` with plain decimal numbers, B below T",
    );
}

#[test]
fn faults_say_what_they_are_about() {
    let words: Vec<String> =
        UploadFault::ALL.iter().map(|fault| format!("{}: {fault}", fault.requirement())).collect();
    assert_eq!(
        words,
        [
            "HTTP-3: the upload has no `Content-Length`",
            "HTTP-3: `Content-Length` is not the size of the resource",
            "HTTP-2: the upload has no `Content-MD5`",
            "HTTP-2: `Content-MD5` is not 16 bytes in canonical Base64",
            "HTTP-4: `Content-MD5` is not the MD5 of the resource",
            "HTTP-3: the length of the body is not the size of the resource",
            "HTTP-4: the MD5 of the body is not that of the resource",
        ],
    );
    let words: Vec<String> = DownloadFault::ALL
        .iter()
        .map(|fault| format!("{}: {fault}", fault.requirement()))
        .collect();
    assert_eq!(
        words,
        [
            "HTTP-5: the length of the body is not the size of the resource",
            "HTTP-5: the MD5 of the body is not that of the resource",
        ],
    );
}
