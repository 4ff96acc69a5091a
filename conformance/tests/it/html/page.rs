//! The content of a page.

use serde_json::{Value, json};

use super::{DECODE, HOSTILE, failing, hostile, page, passing, shown, stored, total};

/// Returns the page without its data and script, which a browser does not parse as HTML.
fn markup(page: &str) -> String {
    let mut parts = page.split("<script");
    let mut markup = parts.next().expect("there is something").to_owned();
    for part in parts {
        markup += part.split_once("</script>").expect("a script ends").1;
    }
    markup
}

/// Returns the page in the form in which a browser without scripts shows it.
fn without_scripts(page: &str) -> String {
    let (_, rest) = page.split_once("<noscript>").expect("there is something");
    slashes(rest.split_once("</noscript>").expect("it ends").0)
}

/// Returns a page with slashes escaped.
fn slashes(page: &str) -> String {
    page.replace("&#x2f;", "/")
}

fn data(page: &str) -> Value {
    let (_, rest) = page.split_once("id=\"data\">").expect("there is data");
    let (json, _) = rest.split_once("</script>").expect("it ends");
    serde_json::from_str(json).expect("it is JSON")
}

fn lint() -> Value {
    stored(&["lint", "bad.jsonl"])
}

#[test]
fn asks_nothing_of_the_network() {
    for page in [page(&[failing()]), page(&[lint()]), page(&[passing(), failing()]), page(&[])] {
        let markup = markup(&page);
        for link in [" src=", "url(", "@import", "<link rel=\"stylesheet", "http://", "https://"] {
            assert!(!markup.contains(link), "{link}");
        }
        let targets = markup.split(" href=\"").skip(1);
        assert!(targets.clone().all(|it| it.starts_with("data:,\"") || it.starts_with('#')));
        assert!(markup.contains("content=\"default-src 'none'; "));
        assert!(!markup.contains("unsafe-inline"));
    }
}

#[test]
fn hostile_words_stay_words() {
    for page in [page(&[hostile()]), page(&[hostile(), hostile()])] {
        for (piece, count) in [("<script", 2), ("</script", 2), ("<img", 0), ("<!--", 0)] {
            assert_eq!(page.matches(piece).count(), count, "{piece}");
        }
        let hidden = page.chars().find(|&c| c == '\u{2028}' || c == '\u{202e}' || c == '\u{1b}');
        assert_eq!(hidden, None);
        assert!(markup(&page).contains("\\u{202e}"), "shown as what they are");
    }
    let data = data(&page(&[hostile()]));
    let shown = "\\u{2028}\\u{202e}\\u{1b}[2J";
    let (plain, _) = HOSTILE.split_once('\u{2028}').expect("it has one");
    assert_eq!(data["cases"][0]["detail"], format!("{plain}{shown}"));
}

#[test]
fn a_full_run_can_be_sent_by_mail() {
    let page = page(&[passing()]);
    assert!(page.len() < 6 << 20, "{} bytes", page.len());
    assert_eq!(data(&page)["cases"].as_array().map(Vec::len), Some(total()));
}

#[test]
fn without_scripts_the_essence_is_there() {
    let run = page(&[failing()]);
    let markup = markup(&run);
    let passed = format!("<b>{}</b>", shown(total() - 2));
    for words in ["half done 2", &passed, "failed</strong>", "ENC-1 to ENC-9", "1 fail"] {
        assert!(markup.contains(words), "{words}");
    }
    let told = without_scripts(&run);
    assert_eq!(told.matches("<li>").count(), 2);
    assert!(told.contains(DECODE) && told.contains("accepted, but must be rejected"));

    let lint = page(&[lint()]);
    let told = without_scripts(&lint);
    assert_eq!(told.matches("<li>").count(), 22);
    assert!(told.contains("line 3: platform: unsolicited-response"), "{told}");

    let matrix = page(&[passing(), failing()]);
    let [differ, agree] = ["Results differ", "Results agree"].map(|part| matrix.find(part));
    assert!(differ.is_some() && differ < agree);
    assert!(slashes(&matrix).contains(DECODE), "alone in its row");
}

#[test]
fn what_is_not_whole_says_so() {
    let mut result = failing();
    for words in ["interrupted", "Strict:"] {
        assert!(!page(&[result.clone()]).contains(&format!("{words} ")), "{words}");
    }
    result["interrupted"] = true.into();
    result["strict"] = true.into();
    let whole = page(&[result]);
    assert!(whole.contains("The run was interrupted. ") && whole.contains("Strict: "));

    let mut result = lint();
    assert!(!page(&[result.clone()]).contains("This page lists only"));
    result["totals"]["must"] = json!(12345);
    let capped = page(&[result]);
    assert!(capped.contains("This page lists only the first 22 findings"));
    assert!(capped.contains("<b>12,345</b>"));
}

#[test]
fn many_failures_are_told_in_part() {
    let mut result = passing();
    for case in result["cases"].as_array_mut().expect("it has cases") {
        case["outcome"] = "fail".into();
    }
    let page = page(&[result]);
    assert!(without_scripts(&page).contains(&format!("… and {} more", shown(total() - 500))));
}

#[test]
fn the_least_that_a_result_has_is_enough() {
    let least = json!({"format": 1, "tool": {"name": "", "version": ""},
        "subject": {"name": "", "version": ""}, "command": "run", "totals": {}, "cases": []});
    let page = page(&[least]);
    assert!(page.contains("nameless") && page.contains("<b>0</b> cases"));
}
