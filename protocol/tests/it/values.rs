//! Tests of the values in messages.

use std::{collections::BTreeMap, error::Error, fmt::Debug, hash::Hash};

use iothub_resource::{
    Advice, AdviceKind, ByteRange, ByteRangeError, Code, ContentMd5, ContentMd5Error, DecodeError,
    DeviceName, Direction, EncodeError, ErrorKind, Excerpt, JsonFault, JsonType, Key, Md5Hasher,
    Md5Sum, Md5SumError, Message, MessageType, NameError, OutOfRange, Path, Percent, Position,
    ProductId, Profile, Progress, ProgressReport, ProgressResponse, Resource, ResourceName,
    ResourceSize, ResourceTask, ResourceUrl, ResultCode, State, Topic, TopicError, Transfer,
    UnknownMessageType, UnknownProfile, UploadFault, UrlError,
    session::{
        Deliveries, End, Finding, FindingKind, Limits, Misplaced, Observer, TraceAdvice,
        TraceAdviceKind,
        device::{
            Answer, Download, DownloadAction, GetRequest, Handled, Outcome, Policy, PutRequest,
            Reason, Upload, UploadAction,
        },
        platform::{Platform, PlatformAction, PlatformEvent},
    },
};

use crate::{
    samples::{ALL, DOWNLOADING, UPLOADING_RSP, read},
    session::{resource, task},
};

#[test]
fn sizes_are_exact_in_every_json_reader() {
    let max = 9_007_199_254_740_991;
    assert_eq!(ResourceSize::MAX.bytes(), max);
    assert_eq!(ResourceSize::ZERO.bytes(), 0);
    assert_eq!(ResourceSize::default(), ResourceSize::ZERO);
    assert_eq!(ResourceSize::new(max), Ok(ResourceSize::MAX));
    assert_eq!(ResourceSize::try_from(max), Ok(ResourceSize::MAX));
    for bytes in [max + 1, u64::MAX] {
        assert_eq!(ResourceSize::new(bytes), Err(OutOfRange::Size));
        assert_eq!(ResourceSize::try_from(bytes), Err(OutOfRange::Size));
    }
    assert_eq!(ResourceSize::from(u32::MAX).bytes(), 4_294_967_295);
    assert_eq!(format!("[{:>4}]", ResourceSize::from(17)), "[  17]");
    assert_eq!(serde_json::to_string(&ResourceSize::MAX).unwrap(), "9007199254740991");
}

#[test]
fn percentages_end_at_100() {
    assert_eq!((Percent::ZERO.value(), Percent::FULL.value()), (0, 100));
    assert_eq!(Percent::default(), Percent::ZERO);
    for value in 0..=u8::MAX {
        let percent = Percent::new(value);
        assert_eq!(percent, Percent::try_from(value));
        assert_eq!(percent.map(Percent::value).ok(), (value <= 100).then_some(value));
    }
    assert_eq!(format!("[{:>4}]", Percent::FULL), "[ 100]");
    assert_eq!(serde_json::to_string(&Percent::FULL).unwrap(), "100");
    assert_eq!(OutOfRange::Percent.requirement(), "VAL-5");
}

#[test]
fn a_part_is_rounded_down() {
    let most = ResourceSize::MAX.bytes();
    for (part, whole, percent) in [
        (0, 0, 100),
        (5, 0, 100),
        (0, 1, 0),
        (1, 1, 100),
        (2, 1, 100),
        (1, 3, 33),
        (2, 3, 66),
        (999, 1_000, 99),
        (1_000, 1_000, 100),
        (most - 1, most, 99),
        (most, most, 100),
        (u64::MAX, most, 100),
        (u64::MAX, 1, 100),
        (1, most, 0),
    ] {
        let size = ResourceSize::new(whole).expect("a size");
        assert_eq!(Percent::of(part, size).value(), percent, "{part} of {whole}");
    }
}

#[test]
fn names_are_texts_without_control_characters() {
    for name in ["a", " ", "größe 文件 🦀.bin", "\u{80}\u{9f}", "a/b", "\u{feff}", "~"] {
        let valid = ResourceName::new(name).unwrap();
        assert_eq!(valid.as_str(), name);
        assert_eq!(valid.to_string(), name);
        assert_eq!(format!("{valid:>30}"), format!("{name:>30}"));
        assert_eq!(format!("{valid:?}"), format!("ResourceName({name:?})"));
        assert_eq!(serde_json::to_value(&valid).unwrap(), name);
        assert_eq!(ResourceName::new(name.to_owned()), Ok(valid.clone()));
        assert_eq!(valid.clone().into_owned(), valid);
    }
    assert_eq!(ResourceName::new(""), Err(NameError::Empty));
    for control in ('\0'..='\u{1f}').chain(['\u{7f}']) {
        for name in [format!("{control}"), format!("a{control}"), format!("{control}a")] {
            assert_eq!(ResourceName::new(name), Err(NameError::Control), "{control:?}");
        }
    }
    assert_eq!(ResourceName::ADVISED_LEN, 63);
}

#[test]
fn a_file_name_is_one_component_of_a_path() {
    for (name, expected) in [
        ("a", true),
        ("...", true),
        (".a", true),
        ("a.", true),
        (" ", true),
        (".", false),
        ("..", false),
        ("a/b", false),
        ("/", false),
        ("a\\b", false),
        ("\\", false),
    ] {
        assert_eq!(ResourceName::new(name).unwrap().is_file_name(), expected, "{name}");
    }
}

#[test]
fn urls_have_a_host_and_perhaps_a_port() {
    for (url, host, port, https) in [
        ("https://store/zxc?sign=a", "store", None, true),
        ("http://store", "store", None, false),
        ("HTTPS://Store", "Store", None, true),
        ("hTTp://store", "store", None, false),
        ("https://store:8443/", "store", Some("8443"), true),
        ("https://store:/", "store", None, true),
        ("https://store?a:1/b", "store", None, true),
        ("https://store#a@b:1", "store", None, true),
        ("https://user:80@store:81/a@b:82", "store", Some("81"), true),
        ("https://a@b@store", "store", None, true),
        ("https://[::1]:80/", "[::1]", Some("80"), true),
        ("https://[::1]", "[::1]", None, true),
        ("https://127.0.0.1:1", "127.0.0.1", Some("1"), true),
        ("https://127", "127", None, true),
        ("https://store:port/", "store:port", None, true),
        ("https://a:1:2/", "a:1", Some("2"), true),
        ("https://h/http://x", "h", None, true),
        ("https://h\\a", "h\\a", None, true),
    ] {
        let valid = ResourceUrl::new(url).unwrap();
        assert_eq!(valid.host(), host, "{url}");
        assert_eq!(valid.port(), port, "{url}");
        assert_eq!(valid.is_https(), https, "{url}");
        assert_eq!(valid.as_str(), url);
        assert_eq!(serde_json::to_value(&valid).unwrap(), url);
        assert_eq!(valid.clone().into_owned(), valid);
    }
    assert_eq!(ResourceUrl::ADVISED_LEN, 1_023);
}

#[test]
fn no_url_is_repaired() {
    for (url, error) in [
        ("", UrlError::Scheme),
        ("store/zxc", UrlError::Scheme),
        ("//store/zxc", UrlError::Scheme),
        ("ftp://store/", UrlError::Scheme),
        ("httpss://store/", UrlError::Scheme),
        ("xhttps://store/", UrlError::Scheme),
        ("https:/h", UrlError::Scheme),
        ("https:h", UrlError::Scheme),
        ("https//h", UrlError::Scheme),
        ("https", UrlError::Scheme),
        ("x/https://h", UrlError::Scheme),
        ("https://", UrlError::Host),
        ("https:///h", UrlError::Host),
        ("https://?h", UrlError::Host),
        ("https://#h", UrlError::Host),
        ("https://:443/", UrlError::Host),
        ("https://:/", UrlError::Host),
        ("https://user@/", UrlError::Host),
        ("https://user@:443/", UrlError::Host),
        ("https://store/a b", UrlError::Character),
        (" https://store/", UrlError::Character),
        ("https://store/\u{7f}", UrlError::Character),
        ("https://store/\n", UrlError::Character),
        ("https://höst/", UrlError::Character),
        (" ", UrlError::Character),
    ] {
        assert_eq!(ResourceUrl::new(url), Err(error), "{url:?}");
        assert_eq!(ResourceUrl::new(url.to_owned()), Err(error), "{url:?}");
    }
    let visible: String = ('!'..='~').collect();
    assert!(ResourceUrl::new(format!("http://h/{visible}")).is_ok());
}

#[test]
fn result_codes_have_the_texts_of_the_sdk() {
    for (code, text) in [
        (ResultCode::SUCCESS, Some("")),
        (ResultCode::TIME_OUT, Some("time_out")),
        (ResultCode::FILE_NOT_EXIST, Some("file_not_exist")),
        (ResultCode::SIGN_INVALID, Some("sign invalid")),
        (ResultCode::MD5SUM_NOT_MATCHED, Some("md5sum not matched")),
        (ResultCode(-5), None),
        (ResultCode::from(1), None),
        (ResultCode(i32::MIN), None),
    ] {
        assert_eq!(code.known_message(), text, "{code}");
        assert_eq!(code.is_success(), code.0 == 0);
        assert_eq!(format!("[{code:>3}]"), format!("[{:>3}]", code.0));
        assert_eq!(serde_json::to_value(code).unwrap(), code.0);
    }
    let known = [
        ResultCode::SUCCESS,
        ResultCode::TIME_OUT,
        ResultCode::FILE_NOT_EXIST,
        ResultCode::SIGN_INVALID,
        ResultCode::MD5SUM_NOT_MATCHED,
    ];
    assert_eq!(known.map(|code| code.0), [0, -1, -2, -3, -4]);
}

#[test]
fn structs_are_serialized_with_the_keys_of_the_wire() {
    let resource = resource("zxc", b"hello");
    let in_message = r#""size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592""#;
    assert_eq!(serde_json::to_string(&resource).unwrap(), format!("{{{in_message}}}"));
    let task = task("zxc", b"hello", "https://store/zxc");
    let with_url = format!(r#"{{{in_message},"url":"https://store/zxc"}}"#);
    assert_eq!(serde_json::to_string(&task).unwrap(), with_url);
    assert_eq!(task.resource(), resource);
    assert_eq!(task.clone().into_owned(), task);
    assert_eq!(resource.clone().into_owned(), resource);
    let ok = r#"{"result_code":0,"result_msg":"ok"}"#;
    assert_eq!(serde_json::to_string(&ProgressResponse::OK).unwrap(), ok);
    assert_eq!(read(UPLOADING_RSP), Message::ReportUploadProgressRsp(ProgressResponse::OK));
    let Message::ReportDownloadProgress(report) = read(DOWNLOADING) else { panic!() };
    assert_eq!(report.progress.clone().into_owned(), report.progress);
    assert_eq!(report.clone().into_owned(), report);
}

#[test]
fn values_go_in_and_out_of_plain_types() {
    assert_eq!(u64::from(ResourceSize::MAX), ResourceSize::MAX.bytes());
    assert_eq!(u8::from(Percent::FULL), 100);
    assert_eq!(i32::from(ResultCode::MD5SUM_NOT_MATCHED), -4);
    assert_eq!(ContentMd5::from_bytes([7; 16]).as_bytes(), &[7; 16]);

    let name = ResourceName::try_from("a").unwrap();
    assert_eq!(ResourceName::try_from("a".to_owned()), Ok(name.clone()));
    assert_eq!(ResourceName::try_from(""), Err(NameError::Empty));
    assert_eq!(ResourceName::try_from(String::new()), Err(NameError::Empty));
    let url = ResourceUrl::try_from("http://h").unwrap();
    assert_eq!(ResourceUrl::try_from("http://h".to_owned()), Ok(url.clone()));
    assert_eq!(ResourceUrl::try_from("h"), Err(UrlError::Scheme));
    assert_eq!(ResourceUrl::try_from(String::new()), Err(UrlError::Scheme));
    let device_name = DeviceName::new("d").unwrap();
    let texts = [name.as_ref(), url.as_ref(), device_name.as_ref()];
    assert_eq!(texts, ["a", "http://h", "d"]);

    assert_eq!(BTreeMap::from([(name, 1)]).get("a"), Some(&1));
    assert_eq!(BTreeMap::from([(device_name, 2)]).get("d"), Some(&2));
    assert_eq!(BTreeMap::from([(ProductId::new("P").unwrap(), 3)]).get("P"), Some(&3));

    assert_eq!(
        serde_json::to_value(Profile::ALL).unwrap().to_string(),
        r#"["documented","deployed"]"#
    );
    assert_eq!(serde_json::to_value(Direction::ALL).unwrap().to_string(), r#"["up","down"]"#);
}

#[test]
fn states_have_words() {
    let half = Percent::new(50).ok();
    for (state, up, down, percent) in [
        (State::Running(Percent::ZERO), "uploading", "downloading", Some(Percent::ZERO)),
        (State::Done(None), "done", "done", None),
        (State::Done(half), "done", "done", half),
        (State::Fail(half), "fail", "fail", half),
    ] {
        assert_eq!(state.as_str(Transfer::Upload), up);
        assert_eq!(state.as_str(Transfer::Download), down);
        assert_eq!(state.percent(), percent);
    }
}

#[test]
fn message_types_are_the_table_of_the_specification() {
    for (index, (message_type, payload)) in MessageType::ALL.iter().zip(ALL).enumerate() {
        let word = message_type.as_str();
        assert!(payload.starts_with(&format!(r#"{{"type":"{word}""#)));
        assert_eq!(word.parse(), Ok(*message_type));
        assert_eq!(message_type.to_string(), word);
        assert_eq!(format!("{message_type:>40}"), format!("{word:>40}"));
        assert_eq!(serde_json::to_value(message_type).unwrap(), word);
        assert_eq!(message_type.requirement(), format!("MSG-{}", index + 1));
        let answered = word.ends_with("_rsp") || word == "download";
        let direction = if answered { Direction::Down } else { Direction::Up };
        assert_eq!(message_type.direction(), direction);
        assert!(message_type.is_in(Profile::Deployed));
        assert_eq!(message_type.is_in(Profile::Documented), word != "download");
        let keys: Vec<String> =
            message_type.keys().iter().map(|key| format!("\"{key}\":")).collect();
        let mut rest = payload;
        for key in keys {
            rest = rest.split_once(&key).expect("in this order").1;
        }
    }
    for word in ["", "CREATE_UPLOAD_TASK", "create_upload_task ", "type"] {
        assert!(word.parse::<MessageType>().is_err());
    }
}

#[test]
fn keys_profiles_and_codes_have_names() {
    assert_eq!(
        Key::TOP.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(" "),
        "type size name md5sum url progress result_code result_msg",
    );
    assert_eq!(
        Key::IN_PROGRESS.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(" "),
        "state percent result_code result_msg",
    );
    assert_eq!(format!("[{:>5}]", Key::Url), "[  url]");
    assert_eq!(Path::Root.to_string(), "");
    assert_eq!(Path::Top(Key::Md5sum).to_string(), "md5sum");
    assert_eq!(Path::InProgress(Key::Percent).to_string(), "progress.percent");

    assert_eq!(Profile::ALL.map(Profile::as_str), ["documented", "deployed"]);
    assert_eq!(Profile::default(), Profile::Documented);
    for profile in Profile::ALL {
        assert_eq!(profile.to_string().parse(), Ok(profile));
        assert_eq!(format!("{profile:>12}"), format!("{:>12}", profile.as_str()));
    }
    assert!("Documented".parse::<Profile>().is_err());

    let names: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(
        names.join(" "),
        "payload-too-large not-utf8 invalid-json not-an-object duplicate-key unknown-field \
         missing-type missing-field wrong-type unknown-type wrong-direction out-of-range \
         invalid-name invalid-md5sum invalid-url invalid-state invalid-topic invalid-content-md5",
    );
    assert_eq!(format!("[{:>9}]", Code::NotUtf8), "[ not-utf8]");
    assert!(Code::ALL.is_sorted());
}

#[test]
fn types_can_go_anywhere() {
    fn thread<T: Send + Sync + Unpin + 'static>() {}
    fn value<T: Clone + Debug + Eq + Send + Sync + Unpin + 'static>() {}
    fn key<T: Clone + Debug + Ord + Hash + Send + Sync + Unpin + 'static>() {}
    fn error<T: Error + Clone + Eq + Send + Sync + Unpin + 'static>() {}

    macro_rules! each {
        ($check:ident: $($type:ty),+ $(,)?) => { $($check::<$type>();)+ };
    }
    each!(thread: Md5Hasher);
    each!(
        value: Observer, Limits, Deliveries, Platform, Upload, UploadAction, PutRequest, Policy, Download,
        DownloadAction, GetRequest, PlatformAction, PlatformEvent, Advice, AdviceKind, ErrorKind,
    );
    each!(
        key: Handled, Outcome, Answer, End, Code, Path, Position, Excerpt, JsonFault, JsonType,
        Message<'static>, MessageType, Key, Profile, Direction, Transfer, Topic, ProductId,
        DeviceName, Md5Sum, ContentMd5, ByteRange, Resource<'static>, ResourceTask<'static>,
        ResourceName<'static>, ResourceSize, ResourceUrl<'static>, Percent, State,
        Progress<'static>, ProgressReport<'static>, ResultCode, ProgressResponse<'static>,
        UploadFault, TraceAdvice, TraceAdviceKind, FindingKind,
    );
    each!(
        error: DecodeError, EncodeError, TopicError, UrlError, NameError, OutOfRange, Md5SumError,
        Finding, ContentMd5Error, ByteRangeError, UploadFault, Misplaced, Reason,
        UnknownProfile, UnknownMessageType,
    );
}
