//! Tests of MD5 digests in hexadecimal digits and in Base64 (VAL-3, HTTP-2).

use iothub_resource::{ContentMd5, Md5Hasher, Md5Sum, Md5SumError};

/// Data, the digest, and the Base64 of the digest. The vectors are those of RFC 1321, A.5, and
/// others with lengths at the boundaries of blocks.
const VECTORS: [(&str, &str, &str); 8] = [
    ("", "d41d8cd98f00b204e9800998ecf8427e", "1B2M2Y8AsgTpgAmY7PhCfg=="),
    ("a", "0cc175b9c0f1b6a831c399e269772661", "DMF1ucDxtqgxw5niaXcmYQ=="),
    ("abc", "900150983cd24fb0d6963f7d28e17f72", "kAFQmDzST7DWlj99KOF/cg=="),
    ("message digest", "f96b697d7cb7938d525a2f31aaf161d0", "+WtpfXy3k41SWi8xqvFh0A=="),
    ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b", "w/zT12GS5AB9+0lsymfhOw=="),
    (
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        "d174ab98d277d9f5a5611c2c9f419d9f",
        "0XSrmNJ32fWlYRwsn0Gdnw==",
    ),
    (
        "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
        "57edf4a22be3c955ac49da2e2107b67a",
        "V+30oivjyVWsSdouIQe2eg==",
    ),
    ("hello", "5d41402abc4b2a76b9719d911017c592", "XUFAKrxLKna5cZ2REBfFkg=="),
];

#[test]
fn known_digests_are_read_and_written() {
    for (data, hex, base64) in VECTORS {
        let md5sum = Md5Sum::of(data.as_bytes());
        assert_eq!(md5sum.to_string(), hex);
        assert_eq!(format!("{md5sum:?}"), format!("Md5Sum({hex})"));
        assert_eq!(serde_json::to_value(md5sum).unwrap(), hex);
        assert_eq!(Md5Sum::from_hex(hex), Ok(md5sum));
        assert_eq!(hex.parse(), Ok(md5sum));
        assert_eq!(Md5Sum::from_hex_any_case(hex), Ok(md5sum));
        assert_eq!(Md5Sum::from_hex_any_case(&hex.to_uppercase()), Ok(md5sum));
        assert_eq!(Md5Sum::from_bytes(*md5sum.as_bytes()), md5sum);

        let content_md5 = ContentMd5::from(md5sum);
        assert_eq!(content_md5.to_string(), base64);
        assert_eq!(format!("{content_md5:?}"), format!("ContentMd5({base64})"));
        assert_eq!(serde_json::to_value(content_md5).unwrap(), base64);
        assert_eq!(ContentMd5::from_base64(base64), Ok(content_md5));
        assert_eq!(base64.parse(), Ok(content_md5));
        assert_eq!(content_md5.as_bytes(), md5sum.as_bytes());
        assert_eq!(Md5Sum::from(content_md5), md5sum);
    }
}

#[test]
fn leading_zeros_are_kept() {
    let mut bytes = [0; 16];
    bytes[15] = 10;
    let md5sum = Md5Sum::from_bytes(bytes);
    assert_eq!(md5sum.to_string(), "0000000000000000000000000000000a");
    assert_eq!(serde_json::to_value(md5sum).unwrap(), "0000000000000000000000000000000a");
    assert_eq!(Md5Sum::from_hex("0000000000000000000000000000000a"), Ok(md5sum));
}

#[test]
fn a_digest_has_32_digits() {
    let upper = "D41D8CD98F00B204E9800998ECF8427E";
    assert_eq!(Md5Sum::from_hex(upper), Err(Md5SumError::Digit));
    assert!(Md5Sum::from_hex_any_case(upper).is_ok());
    for (text, error) in [
        ("", Md5SumError::Length),
        ("d41d8cd98f00b204e9800998ecf8427", Md5SumError::Length),
        ("d41d8cd98f00b204e9800998ecf8427e0", Md5SumError::Length),
        ("d41d8cd98f00b204e9800998ecf8427e\n", Md5SumError::Length),
        ("********************************", Md5SumError::Digit),
        ("d41d8cd98f00b204e9800998ecf8427g", Md5SumError::Digit),
        (" d41d8cd98f00b204e9800998ecf8427", Md5SumError::Digit),
        // These texts have 32 bytes but not 32 characters, or the reverse.
        ("d41d8cd98f00b204e9800998ecf842é", Md5SumError::Length),
        ("d41d8cd98f00b204e9800998ecf8427é", Md5SumError::Digit),
        ("１２３４５６７８１２３４５６７８１２３４５６７８１２３４５６７８", Md5SumError::Digit),
    ] {
        assert_eq!(Md5Sum::from_hex(text), Err(error), "{text:?}");
        assert_eq!(Md5Sum::from_hex_any_case(text), Err(error), "{text:?}");
        assert_eq!(text.parse::<Md5Sum>(), Err(error), "{text:?}");
    }
}

#[test]
fn content_md5_has_one_spelling() {
    for text in [
        "",
        "1B2M2Y8AsgTpgAmY7PhCfg",
        "1B2M2Y8AsgTpgAmY7PhCfg=",
        "1B2M2Y8AsgTpgAmY7PhCfg===",
        "1B2M2Y8AsgTpgAmY7PhCfh==",
        "-_2M2Y8AsgTpgAmY7PhCfg==",
        "ZDQxZDhjZDk4ZjAwYjIwNGU5ODAwOTk4ZWNmODQyN2U=",
        "1B2M2Y8AsgTpgAmY7PhCfgA=",
        "1B2M2Y8AsgTpgAmY7PhCfgAA",
        "1B2M2Y8AsgTpgAmY7PhCfgAAAA==",
        "1B2M2Y8AsgTpgAmY7PhC",
        "1B2M2Y8AsgTpgAmY7PhCfg==\n",
        " 1B2M2Y8AsgTpgAmY7PhCfg==",
        "1B2M2Y8AsgTp gAmY7PhCfg==",
        "========================",
        "d41d8cd98f00b204e9800998ecf8427e",
    ] {
        assert!(ContentMd5::from_base64(text).is_err(), "{text:?}");
        assert!(text.parse::<ContentMd5>().is_err(), "{text:?}");
    }
}

#[test]
fn a_hasher_takes_pieces() {
    let mut hasher = Md5Hasher::new();
    let nothing = hasher.clone();
    for piece in ["mess", "", "age d", "igest"] {
        hasher.update(piece.as_bytes());
    }
    let fork = hasher.clone();
    hasher.update(b"!");
    assert_eq!(hasher.finish(), Md5Sum::of(b"message digest!"));
    assert_eq!(fork.finish(), Md5Sum::of(b"message digest"));
    assert_eq!(nothing.finish(), Md5Sum::of(b""));
    assert_eq!(Md5Hasher::default().finish(), Md5Sum::of(b""));
    assert_eq!(format!("{:?}", Md5Hasher::new()), "Md5Hasher { .. }", "no state is shown");
}
