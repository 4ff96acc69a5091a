//! Digests: of bytes, and as the header of an upload.

use base64ct::{Base64, Encoding};
use iothub_conformance_suite::Request;

use super::{generated::Generated, tables::words};
use crate::rng::Rng;

fn made(request: Request, class: &str, requirement: &'static str) -> Generated {
    Generated { request, class: class.to_owned(), requirement, valid: None }
}

fn hash(data: Vec<u8>) -> Generated {
    made(Request::Md5Digest { data }, "digest", "HTTP-4")
}

fn encode(md5sum: String) -> Generated {
    made(Request::ContentMd5Encode { md5sum }, "header", "HTTP-2")
}

fn decode(content_md5: String) -> Generated {
    made(Request::ContentMd5Decode { content_md5 }, "read-header", "HTTP-2")
}

pub(super) fn enumerated(rng: &mut Rng) -> Vec<Generated> {
    let mut all = Vec::new();
    for length in (0..=130).chain([
        183, 184, 191, 192, 255, 256, 257, 447, 448, 511, 512, 513, 1000, 1023, 1024, 1025, 2047,
        2048, 2049, 4095, 4096, 4097, 8191, 8192, 8193, 16384, 16385, 32768, 65535, 65536, 65537,
        70000,
    ]) {
        let byte = u8::try_from(rng.below(256)).unwrap_or_default();
        all.push(hash((0..length).map(|at| byte.wrapping_add(u32::to_le_bytes(at)[0])).collect()));
    }
    for byte in (0..=255_u8).step_by(2) {
        all.push(hash(vec![byte]));
    }
    for text in [
        "a",
        "abc",
        "zxc",
        " a",
        "a ",
        " ",
        "\n",
        "a\n",
        "\r\n",
        "a\r\nb",
        "a\nb",
        "\ta",
        "a\0b",
        "\0",
        "\0a",
        "\u{feff}a",
        "é",
        "中",
        "{}",
        "\"\"",
        "YQ==",
        "61",
        "0",
        "hello",
        "message digest",
        "a\u{1a}b",
        "\u{b}",
        "a\r",
        "\u{a0}",
        "\\n",
        "%20",
        "null",
    ] {
        all.push(hash(text.as_bytes().to_vec()));
    }
    for text in words::digests() {
        // What stands there in JSON; here it is the text itself.
        if let Ok(md5sum) = serde_json::from_str::<String>(&format!("\"{text}\"")) {
            all.push(encode(md5sum.clone()));
            if md5sum.len() < 80 {
                all.push(decode(md5sum));
            }
        }
    }
    for byte in (0..=255_u8).step_by(5).chain([0x3e, 0x3f, 0xfb, 0xbf, 0xf8]) {
        let digest: Vec<u8> = (0..16_u8).map(|at| byte.wrapping_add(at.wrapping_mul(37))).collect();
        all.push(encode(digest.iter().map(|byte| format!("{byte:02x}")).collect()));
        all.push(encode(format!("{byte:02x}").repeat(16)));
        all.push(decode(Base64::encode_string(&digest)));
        all.push(decode(Base64::encode_string(&[byte; 16])));
    }
    headers(&mut all);
    rng.shuffle(&mut all);
    all
}

fn headers(all: &mut Vec<Generated>) {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const A21: &str = "AAAAAAAAAAAAAAAAAAAAA";
    for digit in DIGITS.chars().chain("-_=*.,:@[`{!#$%&'()\" \t\n\0\u{7f}é中ſ".chars()) {
        all.push(decode(format!("{A21}{digit}==")));
        all.push(decode(format!("{digit}{A21}==")));
        all.push(decode(format!("AAAAAAAAAA{digit}AAAAAAAAAAA==")));
    }
    for header in [
        "1B2M2Y8AsgTpgAmY7PhCfg==",
        "AAAAAAAAAAAAAAAAAAAAAA==",
        "/////////////////////w==",
        "++++++++++++++++++++++==",
        "kAFQmDzST7DWlj99KOF/cg==",
    ] {
        let bare = header.trim_end_matches('=');
        for changed in [
            bare.to_owned(),
            format!("{bare}="),
            format!("{bare}==="),
            format!("{bare}===="),
            format!("{bare}= ="),
            format!("{bare} =="),
            format!("{bare}==\n"),
            format!("{bare}==\r\n"),
            format!("{bare}== "),
            format!(" {header}"),
            format!("\n{header}"),
            format!("\t{header}"),
            format!("{header}\t"),
            format!("{header}\0"),
            format!("{header}x"),
            format!("{header}A"),
            format!("x{header}"),
            format!("={bare}="),
            format!("=={bare}"),
            format!("{bare}=A"),
            format!("{bare}A="),
            format!("{bare}A"),
            format!("{bare}AA"),
            format!("{bare}%3D%3D"),
            format!("{bare}.."),
            format!("{bare}--"),
            format!("\"{header}\""),
            format!("<{header}>"),
            header.replace('+', "-").replace('/', "_"),
            header.to_lowercase(),
            header.to_uppercase(),
            header.replacen(&bare[10..11], " ", 1),
            format!("{}\n{}", &header[..12], &header[12..]),
            format!("{} {}", &header[..12], &header[12..]),
            format!("{}\r\n{}", &header[..4], &header[4..]),
            format!("{}={}", &header[..12], &header[12..]),
            format!("{}=={}", &header[..12], &header[12..]),
            format!("md5={header}"),
            format!("MD5 {header}"),
            format!("md5-{header}"),
            format!("{header},{header}"),
            format!("{header}{header}"),
            format!("{header}; q=1"),
            header[1..].to_owned(),
            header[4..].to_owned(),
            format!("AAAA{header}"),
            format!("{header}AAAA"),
            format!("{bare}=\u{ff1d}"),
            format!("\u{feff}{header}"),
            format!("{header}\u{a0}"),
            format!("{}=", &header[..20]),
            header[..20].to_owned(),
            format!("{}\0{}", &header[..12], &header[12..]),
        ] {
            all.push(decode(changed));
        }
        all.push(decode(header.to_owned()));
    }
    for bytes in [0, 1, 2, 3, 8, 12, 14, 15, 17, 18, 20, 24, 28, 32, 48, 64] {
        all.push(decode(Base64::encode_string(&vec![0; bytes])));
        all.push(decode(Base64::encode_string(&vec![0xff; bytes])));
    }
    all.push(decode(Base64::encode_string(b"d41d8cd98f00b204e9800998ecf8427e")));
    all.push(decode(Base64::encode_string(b"00000000000000000000000000000000")));
    all.push(decode("d41d8cd98f00b204e9800998ecf8427e".to_owned()));
    for word in ["", " ", "=", "==", "====", "A", "AA==", "null", "*"] {
        all.push(decode(word.to_owned()));
    }
}

pub(super) fn make(enumerated: &[Generated], turn: Option<usize>, rng: &mut Rng) -> Generated {
    if let Some(made) = turn.and_then(|turn| enumerated.get(turn)) {
        return made.clone();
    }
    let bytes = |length: usize, rng: &mut Rng| -> Vec<u8> {
        (0..length).map(|_| rng.bits().to_le_bytes()[0]).collect()
    };
    match rng.below(4) {
        0 | 1 => {
            let length = rng.below(*rng.clone().pick(&[8, 70, 300, 5000]));
            hash(bytes(length, rng))
        }
        2 => encode(bytes(16, rng).iter().map(|byte| format!("{byte:02x}")).collect()),
        _ => {
            let mut header = Base64::encode_string(&bytes(16, rng)).into_bytes();
            if rng.one_in(2) {
                let at = rng.below(header.len());
                header[at] = *rng.pick(b"AQgwBZ09+/-_= =\n");
            }
            decode(String::from_utf8_lossy(&header).into_owned())
        }
    }
}
