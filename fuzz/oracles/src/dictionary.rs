//! Dictionaries: words that have a meaning for the code under test, in the format of libFuzzer and
//! AFL++.

use std::fmt::Write;

use iothub_resource::{Key, MessageType, ResourceSize, ResultCode};

/// A function that returns the words of one kind.
pub type Words = fn() -> Vec<Vec<u8>>;

/// Returns the text of a dictionary with the words of these kinds.
#[must_use]
pub fn file(kinds: &[Words]) -> Vec<u8> {
    let mut words: Vec<Vec<u8>> = kinds.iter().flat_map(|kind| kind()).collect();
    words.sort();
    words.dedup();
    let mut text = String::from("# Made by `cargo run -p iothub-oracles`.\n");
    for word in words {
        text.push('"');
        for byte in word {
            match byte {
                b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
                b' '..=b'~' => text.push(char::from(byte)),
                _ => {
                    let _ = write!(text, "\\x{byte:02x}");
                }
            }
        }
        text.push_str("\"\n");
    }
    text.into_bytes()
}

/// Returns the keys, types and states of messages, and a few digests and URLs.
#[must_use]
pub fn vocabulary() -> Vec<Vec<u8>> {
    let keys = Key::TOP.iter().chain(Key::IN_PROGRESS).map(|key| format!("\"{key}\":"));
    let types = MessageType::ALL.iter().map(|kind| format!("\"type\":\"{kind}\""));
    let states = ["uploading", "downloading", "done", "fail"].map(|state| format!("\"{state}\""));
    let digest = "d41d8cd98f00b204e9800998ecf8427e";
    let values = [digest.to_owned(), digest.to_uppercase()]
        .into_iter()
        .chain(["http://h", "https://h/", "HTTPS://u@h:80/?a#b"].map(str::to_owned))
        .map(|value| format!("\"{value}\""));
    keys.chain(types).chain(states).chain(values).map(String::into_bytes).collect()
}

/// Returns numbers at the bounds of their keys, and unusual spellings of numbers.
#[must_use]
pub fn numbers() -> Vec<Vec<u8>> {
    let largest = ResourceSize::MAX.bytes();
    let codes = [i64::from(i32::MIN), i64::from(i32::MAX)];
    let around = |number: i128| [number - 1, number, number + 1];
    let bounds = [0, 100, i128::from(largest), 1 << 63, 1 << 64]
        .into_iter()
        .chain(codes.map(i128::from))
        .chain([ResultCode::MD5SUM_NOT_MATCHED.0.into()]);
    let spelt = ["-0", "1.0", "1e2", "01", "+1", "1e999", "NaN"].map(str::to_owned);
    bounds
        .flat_map(around)
        .map(|number| number.to_string())
        .chain(spelt)
        .map(String::into_bytes)
        .collect()
}

/// Returns tokens of JSON, and texts that are nearly JSON.
#[must_use]
pub fn json() -> Vec<Vec<u8>> {
    let mut words: Vec<Vec<u8>> = [
        "null",
        "true",
        "false",
        "[]",
        "{}",
        "\"\"",
        ",",
        ":",
        "\\\"",
        "\\\\",
        "\\/",
        "\\b",
        "\\f",
        "\\n",
        "\\r",
        "\\t",
        "\\u0000",
        "\\u001f",
        "\\u007f",
        "\\ud83d\\ude00",
        "\\ud800",
        "\\udc00",
        "\u{FEFF}",
        "\u{7F}",
        "\u{A0}",
        "🦀",
        "//",
        "/*",
        "\r\n",
        "\t",
    ]
    .map(|word| word.as_bytes().to_vec())
    .to_vec();
    // These texts are not UTF-8: a stray byte, overlong forms, a surrogate, a character beyond
    // U+10FFFF, and an incomplete character.
    words.extend(
        [
            &b"\x80"[..],
            b"\xC0\xAF",
            b"\xE0\x80\x80",
            b"\xED\xA0\x80",
            b"\xF4\x90\x80\x80",
            b"\xE2\x82",
        ]
        .map(<[u8]>::to_vec),
    );
    words
}

/// Returns levels and separators of topics.
#[must_use]
pub fn topics() -> Vec<Vec<u8>> {
    [
        "$resource/",
        "up/",
        "down/",
        "service/",
        "$resource/up/service/",
        "$resource/down/service/",
        "+",
        "#",
        "//",
        ":",
        "_",
        "-",
    ]
    .map(|word| word.as_bytes().to_vec())
    .to_vec()
}

/// Returns digests in hexadecimal digits and in Base64.
#[must_use]
pub fn digests() -> Vec<Vec<u8>> {
    ["d41d8cd98f00b204e9800998ecf8427e", "1B2M2Y8AsgTpgAmY7PhCfg==", "==", "=", "+", "/", "-", "_"]
        .map(|word| word.as_bytes().to_vec())
        .to_vec()
}

/// Returns keys and values of the adapter protocol.
#[must_use]
pub fn adapter() -> Vec<Vec<u8>> {
    let ops = iothub_conformance_suite::Op::ALL.map(|op| format!("\"op\":\"{}\"", op.as_str()));
    let rest = [
        "\"id\":7",
        "\"ok\":{",
        "\"err\":{",
        "\"unsupported\":true",
        "\"code\":",
        "\"at\":",
        "\"detail\":",
        "\"advice\":[",
        "\"message\":{",
        "\"payload\":\"",
        "\"topic\":\"",
        "\"direction\":\"up\"",
        "\"direction\":\"down\"",
        "\"product_id\":\"",
        "\"device_name\":\"",
        "\"content_md5\":\"",
        "\"md5sum\":\"",
        "\"data\":\"",
        "\"events\":[",
        "\"profile\":\"deployed\"",
        "\"version\":1",
        "\"op\":\"hello\"",
        "\"dup\":true",
    ];
    ops.into_iter().chain(rest.map(str::to_owned)).map(String::into_bytes).collect()
}

/// Returns keys and values of text captures.
#[must_use]
pub fn captures() -> Vec<Vec<u8>> {
    [
        "\"topic\":\"$resource/up/service/P/d\"",
        "\"topic\":\"$resource/down/service/P/d\"",
        "$resource/up/service/P/d ",
        "$resource/down/service/P/d ",
        "\"payload\":",
        "\"payload_b64\":\"",
        "\"dup\":true",
        "\"qos\":1",
        "\"retain\":true",
        "\"time\":",
        "\"tst\":",
        "\"payloadlen\":",
        "7b2274797065223a",
        "https://h/SeCrEt",
        "https:\\/\\/h\\/",
        "\r\n",
        "\n",
    ]
    .map(|word| word.as_bytes().to_vec())
    .to_vec()
}

/// Returns headers of the two formats of packet captures, of IP, and of MQTT packets.
#[must_use]
pub fn packets() -> Vec<Vec<u8>> {
    [
        &b"\xd4\xc3\xb2\xa1\x02\0\x04\0"[..],
        b"\x0a\x0d\x0d\x0a",
        b"\x4d\x3c\x2b\x1a",
        b"\x06\0\0\0",
        b"\x10\x12\0\x06MQIsdp\x03",
        b"\x10\x10\0\x04MQTT\x04",
        b"\x10\x10\0\x04MQTT\x05",
        b"\x30",
        b"\x32",
        b"\x3a",
        b"\x82",
        b"\xe0\0",
        b"\x45\0",
        b"\x07\x5b",
        b"$resource/up/service/P/d",
        b"$resource/down/service/P/d",
    ]
    .map(<[u8]>::to_vec)
    .to_vec()
}

/// Returns parts of HTTP requests to the object store.
#[must_use]
pub fn requests() -> Vec<Vec<u8>> {
    [
        "PUT ",
        "GET ",
        "HEAD ",
        " HTTP/1.1\r\n",
        " HTTP/1.0\r\n",
        "{UP}",
        "{DOWN}",
        "Host: h\r\n",
        "Content-Length: ",
        "Content-MD5: XUFAKrxLKna5cZ2REBfFkg==\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Expect: 100-continue\r\n",
        "Connection: close\r\n",
        "Range: bytes=",
        "\r\n\r\n",
        "hello",
    ]
    .map(|word| word.as_bytes().to_vec())
    .to_vec()
}

/// Returns parts of HTTP headers and URLs.
#[must_use]
pub fn headers() -> Vec<Vec<u8>> {
    [
        "bytes=",
        "bytes ",
        "-",
        "/",
        "/*",
        "0-0",
        "9007199254740991",
        "9007199254740992",
        "18446744073709551616",
        "http://",
        "HTTPS://",
        "@",
        ":80",
        "?",
        "#",
    ]
    .map(|word| word.as_bytes().to_vec())
    .to_vec()
}
