//! The behaviour of a page in Chromium. Without Chromium, these tests print a line and pass.

use iothub_conformance::Fixtures;

use super::{
    DECODE, PASSED, TRACE, failing, hostile, page, passing, shown, stored, total,
    webdriver::Browser,
};

const ROWS: &str = "#items > li > details";

#[track_caller]
fn assert_silent(browser: &Browser) {
    assert_eq!(browser.complaints_and_requests(), (Vec::new(), Vec::new()));
}

#[test]
fn what_a_page_asks_for_is_noticed() {
    let image = "<img src=\"file:///nowhere.png\"></header>";
    let forbidden = page(&[stored(&["lint", "bad.jsonl"])]).replace("</header>", image);
    let Some(browser) = Browser::open(&forbidden, "") else { return };
    let (complaints, _) = browser.complaints_and_requests();
    assert!(complaints.iter().any(|it| it.contains("Content Security Policy")), "{complaints:?}");
    browser.go(&forbidden.replace("img-src data:", "img-src file:"), "");
    let (_, requests) = browser.complaints_and_requests();
    assert_eq!(requests, ["file:///nowhere.png"]);
}

#[test]
fn a_run_is_filtered_and_its_cases_open() {
    let Some(browser) = Browser::open(&page(&[failing()]), "") else { return };
    assert_eq!(browser.count(ROWS), 2, "at first, what failed");
    assert_eq!(browser.text("#matches"), format!("2 of {} cases", shown(total())));

    browser.press("#query", "SES-7");
    assert_eq!(browser.count(ROWS), 1);
    assert_eq!(browser.value("location.hash"), "#query=SES-7");
    browser.click(".toggle.good");
    assert_eq!(browser.value("location.hash"), "#query=SES-7&show=all");
    let filtered = browser.count(ROWS);
    assert!(filtered > 50, "{filtered}");
    browser.press("#query", &"\u{e003}".repeat(5));
    assert_eq!(browser.count(ROWS), 200);
    browser.click("#more");
    assert_eq!(browser.count(ROWS), 400);
    browser.press("#query", "nothing has this");
    assert_eq!(browser.text("#items"), "No item matches the filter.");
    browser.click("a[data-section=Topics]");
    let cases = Fixtures::embedded().cases;
    let topics = cases.iter().filter(|case| case.main_requirement().starts_with("TOP-")).count();
    let matches = format!("{topics} of {} cases", shown(total()));
    browser.wait(&format!("document.querySelector('#matches').innerText == '{matches}'"));
    assert_silent(&browser);
}

#[test]
fn a_case_shows_its_bytes_and_its_conversation() {
    let Some(browser) = Browser::open(&page(&[failing()]), "") else { return };
    let decode = format!("[data-key='{DECODE}']");
    // The page also works with the keyboard.
    browser.press(&format!("{decode} summary"), " ");
    browser.wait(&format!("document.querySelector(\"{decode} mark\")"));
    assert_eq!(browser.text(&format!("{decode} mark")), "1.5");
    let shown = browser.text(&format!("{decode} .body"));
    for words in ["reject: not-an-object", "accepted, but must be rejected", "ENC-3", "MUST"] {
        assert!(shown.contains(words), "{shown}");
    }

    let trace = format!("[data-key='{TRACE}']");
    browser.click(&format!("{trace} summary"));
    browser.wait(&format!("document.querySelector(\"{trace} svg.sequence\")"));
    let svg = |what: &str| browser.count(&format!("{trace} svg.sequence {what}"));
    assert_eq!((svg("line.arrow"), svg("path.point"), svg("line.lane")), (7, 7, 3));
    assert_eq!((svg(".event.bad"), svg(".event.inferred")), (1, 1));
    let offending =
        browser.value(&format!("document.querySelector(\"{trace} .event.bad\").textContent"));
    assert!(offending.as_str().is_some_and(|text| text.contains("✗ after-end")), "{offending}");

    // The address names the open case.
    let fragment = browser.value("location.hash");
    let fragment = fragment.as_str().expect("it is a string");
    browser.go(&page(&[failing()]), fragment);
    browser.wait(&format!("document.querySelector(\"{trace}[open] svg.sequence\")"));
    // The address also names a case that the filter hides.
    browser.go(&page(&[failing()]), &format!("#open={PASSED}"));
    browser.wait(&format!("document.querySelector(\"[data-key='{PASSED}'][open] .body\")"));
    assert_eq!(browser.count(ROWS), 3);

    browser.narrow(360);
    let too_wide = "document.documentElement.scrollWidth > innerWidth";
    assert_eq!(browser.value(too_wide), false);
    assert_silent(&browser);
}

#[test]
fn findings_and_arrows_lead_to_each_other() {
    let lint = stored(&["lint", "bad.jsonl"]);
    let Some(browser) = Browser::open(&page(&[lint]), "") else { return };
    assert_eq!(browser.count(ROWS), 22);
    browser.wait("document.querySelector('#session-list svg.sequence')");
    assert!(browser.count("#session-list .event.bad") >= 8);
    assert!(browser.count("#session-list .event.mild") >= 3);

    browser.click("[data-key='finding-3'] summary");
    browser.wait("document.querySelector('[data-key=finding-3] [data-session]')");
    browser.click("[data-key='finding-3'] [data-session]");
    browser.wait("document.querySelector('.event.wanted')");
    let wanted = browser.value("document.querySelector('.event.wanted').textContent");
    assert!(wanted.as_str().is_some_and(|text| text.contains("progress-before-url")), "{wanted}");

    browser.click("#session-list .event[data-at='16'] a");
    browser.wait("document.querySelector('#items details[open] .id b').innerText == 'after-end'");
    browser.narrow(360);
    assert_eq!(browser.value("document.documentElement.scrollWidth > innerWidth"), false);
    assert_silent(&browser);
}

#[test]
fn a_matrix_folds_and_shows_differences_alone() {
    let results = [passing(), failing(), passing()];
    let Some(browser) = Browser::open(&page(&results), "") else { return };
    assert_eq!(browser.count("tbody.differ tr[data-row]"), 2);
    assert_eq!(browser.count("tbody.agree tr[data-row]"), 6);
    browser.click("tbody.differ button.fold");
    let opened = browser.text("tr.opened");
    assert!(
        opened.contains(DECODE) && opened.contains("accepted, but must be rejected"),
        "{opened}"
    );
    browser.click("tbody.differ button.fold");
    assert_eq!(browser.count("tr.opened"), 0);
    let agree = "document.querySelector('tbody.agree').offsetHeight > 0";
    assert_eq!(browser.value(agree), true);
    browser.click("#only-differing");
    assert_eq!(browser.value(agree), false);
    browser.narrow(360);
    assert_eq!(browser.value("document.documentElement.scrollWidth > innerWidth"), false);
    assert_silent(&browser);
}

#[test]
fn hostile_words_do_nothing() {
    let Some(browser) = Browser::open(&page(&[hostile()]), "") else { return };
    browser.value("document.querySelectorAll('details').forEach((it) => { it.open = true; })");
    browser.wait("document.querySelectorAll('svg.sequence').length == 2");
    assert_eq!(browser.count("img"), 0);
    assert_eq!(browser.value("typeof hacked"), "undefined");
    assert!(browser.text("h1").starts_with("</script><img"));
    browser.go(&page(&[hostile(), passing()]), "");
    browser.click("tbody.differ button.fold");
    assert_eq!((browser.count("img"), browser.count("tr.opened")), (0, 1));
    assert_silent(&browser);
}
