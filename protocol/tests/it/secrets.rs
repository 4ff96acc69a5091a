//! A URL contains a signature, so no text that may appear in a log contains a URL.

use iothub_resource::{Direction, Message, Profile, ResourceUrl, session::Observer};

use crate::samples::{
    CREATE, CREATE_RSP, DOWNLOAD, GET, GET_RSP, UPLOADING, direction, edited, read,
};

const SECRET: &str = "q-signature=0123456789abcdef";
const URL: &str = "https://user:q-signature=0123456789abcdef@store:8443/zxc?q-signature=0123456789abcdef#q-signature=0123456789abcdef";
const SAMPLE_URL: &str = "https://store/zxc?sign=a";

#[track_caller]
fn assert_silent(said: &str) {
    assert!(!said.contains("signature") && !said.contains("0123456789abcdef"), "{said}");
    assert!(!said.is_empty());
}

fn assert_errors_silent(payload: &[u8]) -> usize {
    let mut errors = 0;
    for profile in Profile::ALL {
        for direction in Direction::ALL {
            let advise = &mut |advice| {
                assert_silent(&format!("{advice} {advice:?}"));
            };
            match Message::decode_with_advice(profile, direction, payload, advise) {
                Ok(message) => assert_silent(&format!("{message:?}")),
                Err(error) => {
                    errors += 1;
                    assert_silent(&format!("{error} {error:?} {error:#?} {}", error.path()));
                    assert_silent(&format!("{:?} {}", error.kind(), error.code()));
                }
            }
        }
    }
    errors
}

#[test]
fn no_error_has_a_signature() {
    let url = format!("\"{URL}\"");
    let signed = edited(CREATE_RSP, SAMPLE_URL, URL);
    let payloads = [
        // The `url` is invalid.
        edited(CREATE_RSP, SAMPLE_URL, &URL.replace("https", "ftp")),
        edited(CREATE_RSP, SAMPLE_URL, &URL.replace("https://", "https:///")),
        edited(CREATE_RSP, SAMPLE_URL, &format!("{URL} ")),
        edited(CREATE_RSP, SAMPLE_URL, &format!(r"{URL}\ud800")),
        edited(GET_RSP, SAMPLE_URL, &format!("{URL}é")),
        edited(DOWNLOAD, SAMPLE_URL, SECRET),
        // The `url` is valid, and a different value has a fault.
        edited(&signed, "\"zxc\"", "null"),
        edited(&signed, "\"size\":5,", ""),
        signed.replace("}", &format!(",\"url\":{url}}}")),
        signed.replace("create_upload_task_rsp", "create_upload_task"),
        signed.replace("create_upload_task_rsp", "create_upload_tasks"),
        signed.replace("{", &format!("{{\"\\u0075rl\":{url},")),
        // A URL is a key, type, state, name, digest or number.
        edited(CREATE, "}", &format!(",{url}:1}}")),
        edited(CREATE, "}", &format!(",\"{SECRET}\":1}}")),
        edited(UPLOADING, "\"percent\"", &format!("{url}:1,\"percent\"")),
        edited(GET, "get_download_task", URL),
        edited(GET, "get_download_task", SECRET),
        edited(UPLOADING, "uploading\"", &format!("{URL}\"")),
        edited(UPLOADING, "uploading\"", &format!("{SECRET}\"")),
        edited(CREATE, "zxc", &format!("{URL}\\n")),
        edited(CREATE, "5d41402abc4b2a76b9719d911017c592", URL),
        edited(CREATE, "5,", &format!("{url},")),
        edited(UPLOADING, "89", &url),
        // The payload is not JSON, or not an object.
        format!("{signed}x"),
        signed.replace("}", ",}"),
        signed.replace("}", ""),
        signed.replace("\"}", ""),
        signed.replace("#q", "\n#q"),
        signed.replace("#q", "\\#q"),
        format!("\u{feff}{signed}"),
        format!("[{signed}]"),
        url.clone(),
        URL.to_owned(),
        format!("{{{URL}"),
        signed.clone() + &" ".repeat(16_384),
    ];
    for payload in payloads {
        assert_ne!(assert_errors_silent(payload.as_bytes()), 0, "{payload}");
    }
    let mut not_utf8 = signed.into_bytes();
    not_utf8.push(0xff);
    assert_eq!(assert_errors_silent(&not_utf8), 4);
}

#[test]
fn no_message_shows_a_signature() {
    for sample in [CREATE_RSP, GET_RSP, DOWNLOAD] {
        let payload = edited(sample, SAMPLE_URL, URL);
        let message = read(&payload);
        assert_silent(&format!("{message:?} {message:#?}"));
        let mut observer = Observer::new(Profile::Deployed);
        let judged = observer.observe(0, false, &message);
        assert_silent(&format!("{observer:?} {judged:?}"));

        let written = message.encode(Profile::Deployed).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), payload, "but the wire has it");
        assert_eq!(direction(sample), Direction::Down);
    }
    let url = ResourceUrl::new(URL).unwrap();
    assert_eq!(format!("{url:?}"), "ResourceUrl(https://store/…)");
    assert_eq!(format!("{:?}", ResourceUrl::new("HTTP://h?x").unwrap()), "ResourceUrl(http://h/…)");
    assert_eq!(url.as_str(), URL);
    for wrong in ["ftp://store/", "https:///", "https://store/ "] {
        let error = ResourceUrl::new(format!("{wrong}{SECRET}")).unwrap_err();
        assert_silent(&format!("{error} {error:?}"));
    }
}
