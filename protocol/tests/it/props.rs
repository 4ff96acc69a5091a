//! What holds for all messages, topics, digests and traces.

mod reference;

use std::borrow::Cow;

use iothub_resource::{
    ContentMd5, DecodeError, DeviceName, Direction, EncodeError, ErrorKind, MAX_PAYLOAD, Md5Hasher,
    Md5Sum, Message, Percent, ProductId, Profile, Progress, ProgressReport, ProgressResponse,
    Resource, ResourceName, ResourceSize, ResourceTask, ResourceUrl, ResultCode, State, Topic,
};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};

use crate::samples::ALL;

fn profile() -> impl Strategy<Value = Profile> {
    select(&Profile::ALL[..])
}

fn size() -> impl Strategy<Value = ResourceSize> {
    let size =
        prop_oneof![0..10_u64, 0..=ResourceSize::MAX.bytes(), Just(ResourceSize::MAX.bytes())];
    size.prop_map(|bytes| ResourceSize::new(bytes).unwrap())
}

fn name() -> impl Strategy<Value = ResourceName<'static>> {
    prop_oneof!["[a-z/\\\\.\" ]{1,8}", "\\PC{1,80}"]
        .prop_filter_map("VAL-2", |name| ResourceName::new(name).ok())
}

fn url() -> impl Strategy<Value = ResourceUrl<'static>> {
    "(http|https|HTTP|hTTps)://[!-~]{1,30}([/?#][!-~]{0,1100})?"
        .prop_filter_map("VAL-4", |url| ResourceUrl::new(url).ok())
}

fn resource() -> impl Strategy<Value = Resource<'static>> {
    (size(), name(), any::<[u8; 16]>()).prop_map(|(size, name, md5sum)| Resource {
        size,
        name,
        md5sum: Md5Sum::from_bytes(md5sum),
    })
}

fn response() -> impl Strategy<Value = ProgressResponse<'static>> {
    let code = prop_oneof![-5..2_i32, any::<i32>()];
    let text =
        prop_oneof![".{0,10}", "[\\x00-\\x1f\"\\\\/\u{7f}\u{2028}🦀]{0,10}", "x{16300,16400}"];
    (code, text).prop_map(|(code, text)| ProgressResponse {
        result_code: ResultCode(code),
        result_msg: Cow::Owned(text),
    })
}

fn state() -> impl Strategy<Value = State> {
    let percent = (0..=100_u8).prop_map(|percent| Percent::new(percent).unwrap());
    let maybe = prop::option::of(percent.clone());
    prop_oneof![
        percent.prop_map(State::Running),
        maybe.clone().prop_map(State::Done),
        maybe.prop_map(State::Fail),
    ]
}

fn message() -> impl Strategy<Value = Message<'static>> {
    let task = || (resource(), url()).prop_map(|(resource, url)| ResourceTask::new(resource, url));
    let report = || {
        (name(), state(), response()).prop_map(|(name, state, response)| {
            let ProgressResponse { result_code, result_msg } = response;
            ProgressReport { name, progress: Progress { state, result_code, result_msg } }
        })
    };
    prop_oneof![
        resource().prop_map(Message::CreateUploadTask),
        task().prop_map(Message::CreateUploadTaskRsp),
        report().prop_map(Message::ReportUploadProgress),
        response().prop_map(Message::ReportUploadProgressRsp),
        Just(Message::GetDownloadTask),
        task().prop_map(Message::GetDownloadTaskRsp),
        report().prop_map(Message::ReportDownloadProgress),
        response().prop_map(Message::ReportDownloadProgressRsp),
        task().prop_map(Message::Download),
    ]
}

/// Reads bytes in every way, and checks what must hold for any of them.
fn read_any(bytes: &[u8]) -> Result<(), TestCaseError> {
    for profile in Profile::ALL {
        for direction in Direction::ALL {
            let mut advice = 0;
            let decoded = Message::decode(profile, direction, bytes);
            let advised =
                Message::decode_with_advice(profile, direction, bytes, &mut |_| advice += 1);
            prop_assert_eq!(&advised, &decoded);
            match decoded {
                Ok(message) => {
                    prop_assert_eq!(message.message_type().direction(), direction);
                    let written = message.encode(profile).unwrap();
                    let again = Message::decode(profile, direction, &written);
                    prop_assert_eq!(again.as_ref(), Ok(&message));
                    prop_assert_eq!(again.unwrap().encode(profile).unwrap(), written);
                    let json = std::str::from_utf8(bytes).unwrap();
                    prop_assert_eq!(Message::from_json(profile, json), Ok(message));
                }
                Err(error) => {
                    prop_assert_eq!(advice, 0);
                    check_error(bytes, &error)?;
                }
            }
        }
    }
    Ok(())
}

fn check_error(bytes: &[u8], error: &DecodeError) -> Result<(), TestCaseError> {
    let position = error.position();
    let before = String::from_utf8_lossy(&bytes[..position.offset]);
    let line = before.rsplit('\n').next().unwrap();
    prop_assert_eq!(position.line, before.matches('\n').count() + 1);
    if std::str::from_utf8(bytes).is_ok_and(|text| text.is_char_boundary(position.offset)) {
        prop_assert_eq!(position.column, line.chars().count() + 1);
    }
    let json: Result<serde_json::Value, _> = serde_json::from_slice(bytes);
    match error.kind() {
        ErrorKind::InvalidJson(_) | ErrorKind::NotUtf8 => prop_assert!(json.is_err()),
        ErrorKind::PayloadTooLarge { length } => prop_assert_eq!(*length, bytes.len()),
        ErrorKind::NotAnObject { .. } => prop_assert!(!json.is_ok_and(|json| json.is_object())),
        _ => prop_assert_eq!(bytes.trim_ascii_start().first(), Some(&b'{')),
    }
    prop_assert!(error.code().as_str().is_ascii());
    let said = error.to_string();
    prop_assert!(said.starts_with(|first: char| first == '`' || first.is_ascii_lowercase()));
    prop_assert!(!said.ends_with('.'));
    Ok(())
}

#[derive(Clone, Debug)]
enum Edit {
    Set(Index, u8),
    Insert(Index, u8),
    Remove(Index, usize),
    Repeat(Index, usize, Index),
    Cut(Index),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let byte = || prop_oneof![3 => select(&b"{}[]\",:\\/u0159-+.eE tfn\n\r\t\0\x7f\xff"[..]), 1 => any::<u8>()];
    let edit = prop_oneof![
        3 => (any::<Index>(), byte()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        3 => (any::<Index>(), byte()).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        2 => (any::<Index>(), 1..20_usize).prop_map(|(at, count)| Edit::Remove(at, count)),
        1 => (any::<Index>(), 1..60_usize, any::<Index>())
            .prop_map(|(from, count, to)| Edit::Repeat(from, count, to)),
        1 => any::<Index>().prop_map(Edit::Cut),
    ];
    vec(edit, 0..4)
}

fn apply(bytes: &mut Vec<u8>, edit: &Edit) {
    let end = bytes.len();
    if end == 0 {
        return;
    }
    match edit {
        Edit::Set(at, byte) => bytes[at.index(end)] = *byte,
        Edit::Insert(at, byte) => bytes.insert(at.index(end + 1), *byte),
        Edit::Remove(at, count) => {
            let at = at.index(end);
            bytes.drain(at..end.min(at + count));
        }
        Edit::Repeat(from, count, to) => {
            let from = from.index(end);
            let piece = bytes[from..end.min(from + count)].to_vec();
            let to = to.index(end + 1);
            bytes.splice(to..to, piece);
        }
        Edit::Cut(at) => bytes.truncate(at.index(end)),
    }
}

/// Written out from the rules, not from the code.
fn is_topic(text: &str) -> bool {
    let levels: Vec<&str> = text.split('/').collect();
    let [root, direction, service, product_id, device_name] = levels[..] else { return false };
    let product = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let device = format!("{product}:_-");
    root == "$resource"
        && ["up", "down"].contains(&direction)
        && service == "service"
        && (1..=10).contains(&product_id.chars().count())
        && product_id.chars().all(|letter| product.contains(letter))
        && (1..=48).contains(&device_name.chars().count())
        && device_name.chars().all(|letter| device.contains(letter))
}

fn is_digest(text: &str, upper_too: bool) -> bool {
    let digits = if upper_too { "0123456789abcdefABCDEF" } else { "0123456789abcdef" };
    text.chars().count() == 32 && text.chars().all(|digit| digits.contains(digit))
}

/// 22 characters of the alphabet and `==`; of the last character only the two highest bits count.
fn base64_bytes(text: &str) -> Option<Vec<u8>> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.strip_suffix("==")?;
    let mut bits = String::new();
    for digit in digits.chars() {
        bits += &format!("{:06b}", alphabet.find(digit)?);
    }
    let (used, unused) = bits.split_at_checked(128)?;
    let bytes = used.as_bytes().chunks(8);
    (unused == "0000").then(|| {
        bytes
            .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
            .collect()
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        read_any(&bytes)?;
    }

    #[test]
    fn any_json_like_text_is_read_or_refused(text in "[\\{\\}\\[\\]:,\"\\\\ \n\tu0-9a-f\\-.eé]{0,40}") {
        read_any(text.as_bytes())?;
    }

    #[test]
    fn edited_messages_are_read_or_refused(payload in select(&ALL[..]), edits in edits()) {
        let mut bytes = payload.as_bytes().to_vec();
        edits.iter().for_each(|edit| apply(&mut bytes, edit));
        read_any(&bytes)?;
    }

    #[test]
    fn valid_messages_are_read_as_they_were_written(message in message(), profile in profile()) {
        match (message.encode(profile), message.check(profile)) {
            (Ok(payload), checked) => {
                prop_assert_eq!(checked, Ok(()));
                prop_assert!(payload.len() <= MAX_PAYLOAD);
                let direction = message.message_type().direction();
                let read = Message::decode(profile, direction, &payload);
                prop_assert_eq!(read.as_ref(), Ok(&message));
                prop_assert_eq!(read.unwrap().into_owned().encode(profile).unwrap(), payload);
            }
            (Err(EncodeError::PayloadTooLarge), checked) => {
                prop_assert_eq!(checked, Ok(()));
                let json = serde_json::to_string(&message).unwrap();
                prop_assert!(json.len() > MAX_PAYLOAD);
                prop_assert_eq!(Message::from_json(profile, &json), Ok(message));
            }
            (Err(error), checked) => {
                prop_assert_eq!(checked, Err(error));
                prop_assert_eq!(profile, Profile::Documented);
                let json = serde_json::to_string(&message).unwrap();
                let refused = Message::from_json(profile, &json).unwrap_err();
                prop_assert_eq!(refused.code(), error.code());
            }
        }
    }

    #[test]
    fn topics_are_read_as_they_were_written(
        up: bool, product_id in "[A-Za-z0-9]{1,10}", device_name in "[A-Za-z0-9:_-]{1,48}",
    ) {
        let direction = if up { Direction::Up } else { Direction::Down };
        let product_id = ProductId::new(&product_id).unwrap();
        let device_name = DeviceName::new(&device_name).unwrap();
        let topic = Topic::new(direction, product_id, device_name);
        prop_assert!(is_topic(&topic.to_string()));
        prop_assert_eq!(Topic::parse(&topic.to_string()), Ok(topic));
        prop_assert_ne!(topic.reply(), topic);
    }

    #[test]
    fn topics_are_those_of_a_naive_matcher(
        root in "(\\$resource){4}|\\$?[a-z]{0,3}|.?\\$resource.?",
        direction in "up|down|up|down|[a-z+]{0,4}",
        service in "service|service|service|[a-z]{0,8}|service/",
        product_id in "[A-Za-z0-9]{0,12}|.{0,3}",
        device_name in "[A-Za-z0-9:_-]{0,50}|.{0,3}",
    ) {
        let root = if root.len() > 30 { "$resource".to_owned() } else { root };
        let text = format!("{root}/{direction}/{service}/{product_id}/{device_name}");
        prop_assert_eq!(Topic::parse(&text).is_ok(), is_topic(&text), "{}", text);
    }

    #[test]
    fn digests_are_those_of_a_naive_reader(
        text in "[0-9a-f]{32}|[0-9a-fA-F]{32}|[0-9a-f]{30,34}|[0-9a-f]{31}[.]|[0-9a-g*é]{30,33}",
    ) {
        prop_assert_eq!(Md5Sum::from_hex(&text).is_ok(), is_digest(&text, false));
        prop_assert_eq!(Md5Sum::from_hex_any_case(&text).is_ok(), is_digest(&text, true));
        if let Ok(md5sum) = Md5Sum::from_hex_any_case(&text) {
            prop_assert_eq!(md5sum.to_string(), text.to_lowercase());
        }
    }

    #[test]
    fn content_md5_is_that_of_a_naive_reader(
        text in "[A-Za-z0-9+/]{21}[AQgw]==|[A-Za-z0-9+/]{22}==|[A-Za-z0-9+/_-]{20,24}={0,3}|.{24}",
    ) {
        let bytes = ContentMd5::from_base64(&text).ok().map(|digest| digest.as_bytes().to_vec());
        prop_assert_eq!(bytes, base64_bytes(&text), "{}", text);
        if let Ok(digest) = text.parse::<ContentMd5>() {
            prop_assert_eq!(digest.to_string(), text);
        }
    }

    #[test]
    fn digests_of_all_bytes_survive_their_spellings(bytes: [u8; 16]) {
        let md5sum = Md5Sum::from_bytes(bytes);
        let spelt: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        prop_assert_eq!(md5sum.to_string(), &*spelt);
        prop_assert_eq!(Md5Sum::from_hex(&spelt), Ok(md5sum));
        let content_md5 = ContentMd5::from(md5sum);
        prop_assert_eq!(base64_bytes(&content_md5.to_string()), Some(bytes.to_vec()));
        prop_assert_eq!(ContentMd5::from_base64(&content_md5.to_string()), Ok(content_md5));
    }

    #[test]
    fn pieces_have_the_digest_of_the_whole(pieces in vec(vec(any::<u8>(), 0..150), 0..6)) {
        let mut hasher = Md5Hasher::new();
        pieces.iter().for_each(|piece| hasher.update(piece));
        prop_assert_eq!(hasher.finish(), Md5Sum::of(&pieces.concat()));
    }
}
