//! Valid digests and headers, and invalid ones that an implementation may accept.

/// The lengths of hashed data in bytes, in addition to all lengths up to 130. They are around
/// multiples of the MD5 block size and around the sizes of common buffers.
pub(crate) const HASHED_LENGTHS: &[u32] = &[
    183, 184, 191, 192, 255, 256, 257, 447, 448, 511, 512, 513, 1000, 1023, 1024, 1025, 2047, 2048,
    2049, 4095, 4096, 4097, 8191, 8192, 8193, 16384, 16385, 32768, 65535, 65536, 65537, 70000,
];

/// Texts to hash, such as line ends, white space, and text that an implementation may decode.
pub(crate) const HASHED_TEXTS: &[&str] = &[
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
];

/// An MD5 digest whose 32 digits are all 0.
pub(crate) const ZEROS: &str = "00000000000000000000000000000000";

/// Digests and similar texts, each as the content of a JSON string.
pub(crate) const DIGESTS: &[&str] = &[
    ZEROS,
    "900150983cd24fb0d6963f7d28e17f72",
    "ffffffffffffffffffffffffffffffff",
    "0123456789abcdef0123456789abcdef",
    "abcdefabcdefabcdefabcdefabcdefab",
    "d41d8cd98f00b204e9800998ecf8427e",
    "00000000000000000000000000000001",
    "0000000000000000000000000000000a",
    "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
    "0123456789ABCDEF0123456789ABCDEF",
    "900150983CD24FB0D6963F7D28E17F72",
    "A0000000000000000000000000000000",
    "0000000000000000000000000000000A",
    "00000000000000000000000000000aA0",
    "F0000000000000000000000000000000",
    "************",
    "********************************",
    "x",
    "",
    "0",
    "null",
    " 00000000000000000000000000000000",
    "00000000000000000000000000000000 ",
    " 0000000000000000000000000000000",
    "0000000000000000000000000000000 ",
    r"00000000000000000000000000000000\n",
    r"\n00000000000000000000000000000000",
    r"0000000000000000000000000000000\n",
    r"00000000000000000000000000000000\r\n",
    r"00000000000000000000000000000000\t",
    r"00000000000000000000000000000000\u0000",
    r"0000000000000000000000000000000\u0000",
    r"\u00300000000000000000000000000000000",
    r"0000000000000000000000000000000\u0061",
    "0x00000000000000000000000000000000",
    "0x000000000000000000000000000000",
    "0X000000000000000000000000000000",
    "+0000000000000000000000000000000",
    "-0000000000000000000000000000000",
    "0_000000000000000000000000000000",
    "0000000000000000_000000000000000",
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
    "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00",
    "00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00",
    "00000000-0000-0000-0000-000000000000",
    "{00000000-0000-0000-0000-000000000000}",
    "md5:00000000000000000000000000000000",
    "\\\"00000000000000000000000000000000\\\"",
    "AAAAAAAAAAAAAAAAAAAAAA==",
    "AAAAAAAAAAAAAAAAAAAAAA",
    "1B2M2Y8AsgTpgAmY7PhCfg==",
    "90015098 3cd24fb0 d6963f7d 28e17f72",
    "9001509-3cd24fb0d6963f7d28e17f72",
    "0000000000000000\\u000000000000000000",
];

/// Invalid lengths of a digest, in digits.
pub(crate) const WRONG_LENGTHS: &[usize] =
    &[1, 2, 8, 12, 15, 16, 24, 28, 30, 31, 33, 34, 36, 40, 48, 56, 63, 64, 65, 96, 128];

/// Characters that are not hexadecimal digits, each as the content of a JSON string.
pub(crate) const NOT_HEXADECIMAL: &[&str] = &[
    "g",
    "G",
    "h",
    "x",
    "z",
    "Z",
    "/",
    ":",
    "@",
    "`",
    "[",
    "~",
    "!",
    " ",
    "-",
    "+",
    "_",
    "*",
    ".",
    "o",
    "O",
    "l",
    "é",
    "０",
    "٠",
    "ａ",
    "А",
    "\u{1d7ce}",
    r"\u0000",
    r"\u0001",
    r"\t",
    r"\u007f",
    r"\\",
    r"\/",
    r#"\""#,
];

/// Valid values of `Content-MD5`.
pub(crate) const HEADERS: &[&str] = &[
    "1B2M2Y8AsgTpgAmY7PhCfg==",
    "AAAAAAAAAAAAAAAAAAAAAA==",
    "/////////////////////w==",
    "++++++++++++++++++++++==",
    "kAFQmDzST7DWlj99KOF/cg==",
];

/// Templates for changes to a valid header. `<header>` is the header, and `<bare>` is the header
/// without padding. `<to-N>` is the first N bytes of the header, and `<from-N>` is the rest.
/// `<url-safe>` is the header in the URL-safe alphabet. `<lower>` and `<upper>` are the header in
/// lowercase and uppercase. `<blank-for-11th>` is the header with a space in place of the first
/// character that equals the eleventh.
pub(crate) const HEADER_TEMPLATES: &[&str] = &[
    "<bare>",
    "<bare>=",
    "<bare>===",
    "<bare>====",
    "<bare>= =",
    "<bare> ==",
    "<bare>==\n",
    "<bare>==\r\n",
    "<bare>== ",
    " <header>",
    "\n<header>",
    "\t<header>",
    "<header>\t",
    "<header>\0",
    "<header>x",
    "<header>A",
    "x<header>",
    "=<bare>=",
    "==<bare>",
    "<bare>=A",
    "<bare>A=",
    "<bare>A",
    "<bare>AA",
    "<bare>%3D%3D",
    "<bare>..",
    "<bare>--",
    "\"<header>\"",
    "<<header>>",
    "<url-safe>",
    "<lower>",
    "<upper>",
    "<blank-for-11th>",
    "<to-12>\n<from-12>",
    "<to-12> <from-12>",
    "<to-4>\r\n<from-4>",
    "<to-12>=<from-12>",
    "<to-12>==<from-12>",
    "md5=<header>",
    "MD5 <header>",
    "md5-<header>",
    "<header>,<header>",
    "<header><header>",
    "<header>; q=1",
    "<from-1>",
    "<from-4>",
    "AAAA<header>",
    "<header>AAAA",
    "<bare>=\u{ff1d}",
    "\u{feff}<header>",
    "<header>\u{a0}",
    "<to-20>=",
    "<to-20>",
    "<to-12>\0<from-12>",
];

/// Headers that do not encode a digest.
pub(crate) const ODD_HEADERS: &[&str] = &["", " ", "=", "==", "====", "A", "AA==", "null", "*"];

/// The 64 digits of Base64, in the order of their values.
pub(crate) const BASE64_DIGITS: &str =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Characters that are not digits of Base64.
pub(crate) const NOT_BASE64: &str = "-_=*.,:@[`{!#$%&'()\" \t\n\0\u{7f}é中ſ";

/// Wrong lengths, in bytes, of the digest in a header.
pub(crate) const WRONG_HEADER_SIZES: &[usize] =
    &[0, 1, 2, 3, 8, 12, 14, 15, 17, 18, 20, 24, 28, 32, 48, 64];
