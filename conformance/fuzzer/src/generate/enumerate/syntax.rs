//! What stands between the tokens and around them, and how long it all is.

use iothub_resource::Key;

use super::variation::Variation;
use crate::{
    generate::{
        edit::Edit,
        layout::{ByteOrder, ByteOrderMark, Encoding, Filler, Gap, Layout, TokenKind},
    },
    message_tree::Slot,
    rng::Rng,
};

pub(super) fn enumerate(variations: &mut Vec<Variation>, rng: &mut Rng) {
    spaces(variations);
    syntax(variations);
    lengths_in_all(variations, rng);
}

fn spaces(variations: &mut Vec<Variation>) {
    const VALID: [&str; 5] = [" ", "\t", "\n", "\r", " \r\n\t"];
    const WRONG: [&str; 42] = [
        "\u{b}", "\u{c}", "\0", "\u{1}", "\u{8}", "\u{1a}", "\u{1b}", "\u{1c}", "\u{1d}", "\u{1e}",
        "\u{1f}", "\u{7f}", "\u{85}", "\u{a0}", "\u{ad}", "\u{1680}", "\u{180e}", "\u{2000}",
        "\u{2003}", "\u{2009}", "\u{200a}", "\u{200b}", "\u{2028}", "\u{2029}", "\u{202f}",
        "\u{205f}", "\u{2060}", "\u{3000}", "\u{feff}", "/**/", "/* a */", "//\n", "//a\n", "#\n",
        "<!-- -->", "\\n", "\\", "/", "--\n", ";", "/*", "&nbsp;",
    ];
    for gap in Gap::ALL {
        for space in VALID {
            for _ in 0..2 {
                let edit = Edit::Layout(Layout::Gap(gap, space.as_bytes().to_vec()));
                variations
                    .push(Variation::new(edit, format!("space/{gap:?}"), "ENC-3").valid(true));
            }
        }
        for space in WRONG {
            let edit = Edit::Layout(Layout::Gap(gap, space.as_bytes().to_vec()));
            variations
                .push(Variation::new(edit, format!("no-space/{space:?}"), "ENC-3").valid(false));
        }
        for space in [&b"\x80"[..], b"\xa0", b"\xff", b"\xc2", b"\xef\xbb", b"\xfe\xff"] {
            let edit = Edit::Layout(Layout::Gap(gap, space.to_vec()));
            variations.push(Variation::new(edit, "not-utf8/gap", "ENC-2").valid(false));
        }
    }
    for fillings in
        [&VALID[..], &[" "], &["\n"], &["\t"], &["\r\n"], &["", " ", "  "], &["\n    ", " "]]
    {
        for _ in 0..4 {
            let edit = Edit::Layout(Layout::Gaps(leak(fillings)));
            variations.push(Variation::new(edit, "spaces", "ENC-3").valid(true));
        }
    }
}

/// The few lists of white space that there are.
fn leak(fillings: &[&'static str]) -> &'static [&'static str] {
    match fillings {
        [" "] => &[" "],
        ["\n"] => &["\n"],
        ["\t"] => &["\t"],
        ["\r\n"] => &["\r\n"],
        ["", " ", "  "] => &["", " ", "  "],
        ["\n    ", " "] => &["\n    ", " "],
        _ => &[" ", "\t", "\n", "\r", " \r\n\t"],
    }
}

fn syntax(variations: &mut Vec<Variation>) {
    let mut add = |class: String, layout: Layout| {
        let times = if matches!(layout, Layout::Whole(_) | Layout::Cut(_)) { 1 } else { 2 };
        let edit = Edit::Layout(layout);
        variations.extend(vec![Variation::new(edit, class, "ENC-3").valid(false); times]);
    };
    for mark in TokenKind::ALL {
        let instead: &[&str] = match mark {
            TokenKind::Open => &[
                "",
                "{{",
                "[",
                "(",
                "{,",
                "{}",
                "{:",
                "{\"\"",
                "<was>\"x\",",
                "<was>[],",
                "{{}",
                "<",
                "{0,",
            ],
            TokenKind::Colon => &[
                "", "=", "=>", "::", ",", ";", ":,", " ", ":=", ":0,", "\u{ff1a}", ":\"\":", "->",
                ".", ": :",
            ],
            TokenKind::Comma => &[
                "", " ", ",,", ";", ":", ",{},", ", ,", "\u{ff0c}", "}{", ",0,", ",\"x\",", "|",
                "\n", ",:", "},{", ",\"\":,", ",null,", ".", "],[",
            ],
            TokenKind::Close => &[
                "", "]", ")", ",}", "}}", ":}", ";}", ",,}", "}]", " ,}", "]}", "}\"", ", }",
                ",\n}", "\u{0}", ",\"\"}", ",\"x\":}", ",null}", ",\"x\"}", ",0}", ",:}", ",{}}",
                ",[]}", "}}}", "\n,\n}", ">",
            ],
            TokenKind::Key => &[
                "",
                "'<inside>'",
                "<inside>",
                "`<inside>`",
                "\"<inside>",
                "<inside>\"",
                "\u{201c}<inside>\u{201d}",
                "\\\"<inside>\\\"",
                "\"\"<inside>\"\"",
                "[<was>]",
                "(<was>)",
                "<was><was>",
                "<was> <was>",
                "<was>:<was>",
                "0",
                "null",
                "{}",
                "\"<inside>'",
                "+<was>",
                "\"<inside>\\\"",
                "<was>\"\"",
            ],
            TokenKind::Value => &[
                "",
                "(<was>)",
                "<was> <was>",
                "<was>,<was>",
                "<was>:<was>",
                "<was>x",
                "x<was>",
                "<was>;",
                "+<was>",
                "<was>]",
                "[<was>",
                "{<was>}",
                "<was>}",
                "{<was>",
                "<was>\"\"",
                "\"\"<was>",
                "\\<was>",
                "<was>0 0",
                "@<was>",
                "<was><was>,",
            ],
        };
        for instead in instead {
            add(format!("punctuation/{mark:?}/{instead}"), Layout::Token(mark, instead));
        }
    }
    for (before, after) in [
        ("", "{}"),
        ("", " {}"),
        ("", "\n{}"),
        ("{}", ""),
        ("{} ", ""),
        ("", "0"),
        ("", " 0"),
        ("", "\"\""),
        (" \"\"", ""),
        ("", "null"),
        ("", " null"),
        ("null ", ""),
        ("", "[]"),
        ("[]", ""),
        ("", "true"),
        ("", "x"),
        ("", " x"),
        ("x", ""),
        ("", ","),
        (",", ""),
        ("", ";"),
        ("", ",{}"),
        ("{},", ""),
        ("", "]"),
        ("[", ""),
        ("", "}"),
        ("{", ""),
        ("", ":"),
        ("", "\""),
        ("\"", ""),
        ("'", "'"),
        ("", "'"),
        ("(", ")"),
        ("\"", "\""),
        ("", "."),
        ("", "\\"),
        ("", "%"),
        ("[", "]"),
        ("[", ",{}]"),
        ("{\"a\":", "}"),
        ("{\"\":", "}"),
        ("{", "}"),
        ("[[", "]]"),
        ("callback(", ")"),
        ("callback(", ");"),
        (")]}',\n", ""),
        ("while(1);", ""),
        ("var a=", ""),
        ("a=", ""),
        ("data: ", ""),
        ("json:", ""),
        ("```json\n", "\n```"),
        ("<json>", "</json>"),
        ("\u{1e}", "\n"),
        ("\0", ""),
        ("", "\0"),
        ("", "\0\0\0\0"),
        ("", "\0x"),
        ("", "\0{}"),
        ("\u{feff}", ""),
        (" \u{feff}", ""),
        ("", "\u{feff}"),
        ("\u{feff}\u{feff}", ""),
        ("", "\u{1a}"),
        ("", "\u{4}"),
        ("\u{b}", ""),
        ("", "\u{c}"),
        ("//a\n", ""),
        ("/**/", ""),
        ("", "//a"),
        ("", "//a\n"),
        ("", "/**/"),
        ("", "/*"),
        ("#a\n", ""),
        ("", "#a"),
        ("", "#a\n"),
        ("---\n", ""),
        ("", "\n...\n"),
        ("%YAML 1.2\n---\n", ""),
        ("<!--a-->", ""),
        ("", "\r\n0"),
        ("", "\n\n\nx"),
        ("0", ""),
        ("0 ", ""),
        ("1{}", ""),
        ("\u{a0}", ""),
        ("", "\u{a0}"),
        ("", "\u{2028}"),
        ("\u{3000}", ""),
        ("", "\u{3000}"),
        ("", "\u{85}"),
        ("\u{7f}", ""),
        ("", "\u{7f}"),
        ("", "}{"),
        ("", "]]"),
        ("", "}}}}"),
        ("\u{200b}", ""),
        ("", "\u{200b}"),
        ("", "e"),
        ("", "E0"),
        ("-", ""),
        ("+", ""),
    ] {
        let layout = Layout::Around(before.as_bytes().to_vec(), after.as_bytes().to_vec());
        add(format!("around/{before}<was>{after}"), layout);
    }
    for (before, after) in [
        (&b"\xff\xfe"[..], &b""[..]),
        (b"\xfe\xff", b""),
        (b"\xff", b""),
        (b"", b"\xff"),
        (b"", b"\xc2"),
        (b"\xef\xbb", b""),
        (b"\x80", b""),
        (b"", b"\x80"),
        (b"\x1f\x8b", b""),
    ] {
        let layout = Layout::Around(before.to_vec(), after.to_vec());
        add("not-utf8/around".to_owned(), layout);
    }
    for whole in [
        "",
        " ",
        "\n",
        "\t",
        "\r\n",
        "{",
        "}",
        "{}",
        " {} ",
        "[]",
        "[{}]",
        "[",
        "]",
        "null",
        "true",
        "false",
        "0",
        "1",
        "-1",
        "1.5",
        "\"\"",
        "\"a\"",
        "\"",
        "'",
        "a",
        "type",
        "\"type\"",
        "get_download_task",
        "\"get_download_task\"",
        "{]",
        "[}",
        "{,}",
        "{:}",
        "{\"\"}",
        "{\"type\"}",
        "{\"type\":}",
        "{\"type\":\"",
        "{null}",
        "{1}",
        "{[]}",
        "{{}}",
        "\0",
        "\u{feff}",
        "\u{feff}{}",
        "nul",
        "NaN",
        "undefined",
        "//",
        "/**/",
        "#",
        "[1,2,3]",
        "[\"type\",\"get_download_task\"]",
        r#"[["type","get_download_task"]]"#,
        r#"["get_download_task"]"#,
        r#"[{"type":"get_download_task"}]"#,
        r#""{\"type\":\"get_download_task\"}""#,
        r#"{'type':'get_download_task'}"#,
        r#"{type:"get_download_task"}"#,
        r#"{type:get_download_task}"#,
        r#"{"type":get_download_task}"#,
        "type=get_download_task",
        "type: get_download_task",
        "<type>get_download_task</type>",
        r#"{"type":["get_download_task"]}"#,
        r#"{"type":{"get_download_task":{}}}"#,
        r#"{"get_download_task":{}}"#,
        r#"{"get_download_task":null}"#,
        r#"["create_upload_task",0,"a","00000000000000000000000000000000"]"#,
        r#"["report_upload_progress_rsp",0,""]"#,
        r#"[["type","report_upload_progress_rsp"],["result_code",0],["result_msg",""]]"#,
        r#"{"result_code":0,"result_msg":""}"#,
        r#"{"type":"get_download_task"} {"type":"get_download_task"}"#,
        "{\"type\":\"get_download_task\"}\n{\"type\":\"get_download_task\"}\n",
        r#"{"type":"get_download_task"}{"type":"get_download_task"}"#,
        r#"{"method":"get_download_task"}"#,
        r#"{"Type":"get_download_task"}"#,
        r#"{"type":null}"#,
        r#"{"x":0}"#,
        r#"{"":""}"#,
    ] {
        add(format!("whole/{whole}"), Layout::Whole(whole.as_bytes().to_vec()));
    }
    for depth in [1, 2, 10, 64, 100, 127, 128, 129, 200, 500, 1000, 1001, 2000, 8000, 16384] {
        add("whole-deep".to_owned(), Layout::Whole("[".repeat(depth).into_bytes()));
        add(
            "whole-deep".to_owned(),
            Layout::Whole(
                format!("{}{}", "[".repeat(depth / 2), "]".repeat(depth / 2)).into_bytes(),
            ),
        );
        add("whole-deep".to_owned(), Layout::Whole("{\"a\":".repeat(depth / 5).into_bytes()));
    }
    for encoding in [
        Encoding::Utf16(ByteOrder::Little, ByteOrderMark::Present),
        Encoding::Utf16(ByteOrder::Big, ByteOrderMark::Present),
        Encoding::Utf16(ByteOrder::Little, ByteOrderMark::Absent),
        Encoding::Utf16(ByteOrder::Big, ByteOrderMark::Absent),
        Encoding::Utf32(ByteOrder::Little, ByteOrderMark::Present),
        Encoding::Utf32(ByteOrder::Big, ByteOrderMark::Present),
        Encoding::Utf32(ByteOrder::Little, ByteOrderMark::Absent),
        Encoding::Utf32(ByteOrder::Big, ByteOrderMark::Absent),
        Encoding::Latin1,
        Encoding::Latin1,
    ] {
        for _ in 0..2 {
            add("encoding".to_owned(), Layout::Encoded(encoding));
        }
    }
    for count in 1..24 {
        add("cut".to_owned(), Layout::Cut(count));
    }
}

fn lengths_in_all(variations: &mut Vec<Variation>, rng: &mut Rng) {
    const LENGTHS: [usize; 30] = [
        256, 512, 1000, 1023, 1024, 1025, 2000, 2047, 2048, 2049, 4095, 4096, 4097, 8000, 8191,
        8192, 8193, 16000, 16382, 16383, 16384, 16385, 16386, 16400, 17000, 20000, 32768, 65535,
        65536, 65537,
    ];
    let fillers = [
        Filler::SpaceBefore,
        Filler::SpaceAfter,
        Filler::SpaceWithin,
        Filler::Unknown,
        Filler::Letters(Slot::Top(Key::Name)),
        Filler::Letters(Slot::Top(Key::ResultMsg)),
        Filler::Letters(Slot::Top(Key::Url)),
        Filler::Letters(Slot::InProgress(Key::ResultMsg)),
        Filler::Wide(Slot::Top(Key::Name), "é"),
        Filler::Wide(Slot::Top(Key::Name), "中"),
        Filler::Wide(Slot::Top(Key::ResultMsg), "\u{1f600}"),
        Filler::Wide(Slot::Top(Key::ResultMsg), "\\u0061"),
        Filler::Wide(Slot::Top(Key::ResultMsg), "\\n"),
        Filler::Wide(Slot::Top(Key::ResultMsg), "é"),
        Filler::Wide(Slot::Top(Key::ResultMsg), "\\\""),
    ];
    for length in LENGTHS {
        for filler in fillers {
            let edit = Edit::Layout(Layout::Length(length, filler));
            let is_bound = (16_383..=16_386).contains(&length);
            let count = if is_bound { 2 } else { usize::from(rng.one_in(2)) };
            let variation = Variation::new(edit, "payload-length", "ENC-1");
            variations.extend(vec![
                if length > 16_384 { variation.valid(false) } else { variation };
                count
            ]);
        }
    }
}
