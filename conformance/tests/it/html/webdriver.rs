//! Controls a browser with the WebDriver protocol.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::HANGS;

/// Chromium with a page. It ends when the value is dropped.
pub(super) struct Browser {
    session: String,
    driver: Child,
    /// The folder for all files that the browser writes.
    folder: TempDir,
}

/// The arguments of Chromium. Only the page itself uses the network, and no settings of a user are
/// read or changed.
const ARGUMENTS: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// Starts chromedriver, and returns the port that it listens on.
fn drive(folder: &TempDir) -> (Child, u16) {
    let log = folder.path().join("chromedriver.log");
    // chromedriver takes any free port of IPv4, and exits if the same port of IPv6 is in use.
    for _ in 0..3 {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .env("TMPDIR", folder.path())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("there is room"))
            .spawn()
            .expect("it is there");
        let stdout = driver.stdout.take().expect("it is a pipe");
        let port = BufReader::new(stdout).lines().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        match port {
            Some(port) => return (driver, port),
            None => drop(driver.wait()),
        }
    }
    panic!("chromedriver does not start: {}", fs::read_to_string(&log).unwrap_or_default());
}

impl Browser {
    /// Opens a page from a file; `None` without a browser.
    pub(super) fn open(page: &str, fragment: &str) -> Option<Self> {
        let is_there = |program: &str| {
            let mut version = Command::new(program);
            version.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
            version.status().is_ok_and(|status| status.success())
        };
        if !is_there("chromium") || !is_there("chromedriver") {
            println!("skipped: needs chromium");
            return None;
        }
        let folder = TempDir::new().expect("there is room for temporary files");
        let (driver, port) = drive(&folder);
        let session = format!("http://127.0.0.1:{port}/session");
        let mut browser = Self { session, driver, folder };
        browser.begin();
        browser.go(page, fragment);
        Some(browser)
    }

    fn begin(&mut self) {
        let profile = format!("--user-data-dir={}", self.folder.path().join("profile").display());
        let arguments: Vec<&str> = ARGUMENTS.into_iter().chain([&*profile]).collect();
        let started = self.post(
            "",
            &json!({"capabilities": {"alwaysMatch": {
                "browserName": "chrome",
                "goog:chromeOptions": {"args": arguments},
                "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            }}}),
        );
        let id = started["sessionId"].as_str().expect("a session has an id");
        self.session = format!("{}/{id}", self.session);
        // Leaves the initial page, which is irrelevant.
        self.post("/url", &json!({"url": "about:blank"}));
        self.complaints_and_requests();
    }

    /// Writes a page to a file and opens it.
    pub(super) fn go(&self, page: &str, fragment: &str) {
        let path = self.folder.path().join("page.html");
        std::fs::write(&path, page).expect("there is room");
        self.visit(&path, fragment);
    }

    fn visit(&self, path: &Path, fragment: &str) {
        self.post("/url", &json!({"url": "about:blank"}));
        self.post("/url", &json!({"url": format!("file://{}{fragment}", path.display())}));
    }

    /// Gives the window the width of a phone.
    pub(super) fn narrow(&self, width: u32) {
        let size = json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": true});
        self.post(
            "/goog/cdp/execute",
            &json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": size}),
        );
    }

    /// Returns the value of a JavaScript expression in the page.
    pub(super) fn value(&self, expression: &str) -> Value {
        self.post("/execute/sync", &json!({"script": format!("return {expression}"), "args": []}))
    }

    /// Returns the number of matching elements.
    pub(super) fn count(&self, selector: &str) -> u64 {
        self.value(&format!("document.querySelectorAll({}).length", json!(selector)))
            .as_u64()
            .expect("it is a number")
    }

    /// Returns the visible text of an element.
    pub(super) fn text(&self, selector: &str) -> String {
        let text = self.value(&format!("document.querySelector({}).innerText", json!(selector)));
        text.as_str().expect("it is a string").to_owned()
    }

    /// Clicks an element that is visible.
    pub(super) fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    /// Types into a field, or presses keys on an element.
    pub(super) fn press(&self, selector: &str, keys: &str) {
        let element = self.element(selector);
        self.post(&format!("/element/{element}/value"), &json!({"text": keys}));
    }

    fn element(&self, selector: &str) -> String {
        let found = self.post("/element", &json!({"using": "css selector", "value": selector}));
        let mut ids = found.as_object().expect("a reference is an object").values();
        ids.next().and_then(Value::as_str).expect("it has an id").to_owned()
    }

    /// Waits until a JavaScript expression is true.
    #[track_caller]
    pub(super) fn wait(&self, expression: &str) {
        let started = Instant::now();
        while self.value(&format!("Boolean({expression})")) != true {
            assert!(started.elapsed() < HANGS, "{expression}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Returns the messages on the console, and the requests for anything except the page itself.
    pub(super) fn complaints_and_requests(&self) -> (Vec<String>, Vec<String>) {
        let log = |kind: &str| {
            let entries = self.post("/se/log", &json!({"type": kind}));
            let entries = entries.as_array().expect("a log is an array").clone();
            entries.into_iter().map(|entry| entry["message"].as_str().unwrap_or("").to_owned())
        };
        let url = |message: String| {
            let event: Value = serde_json::from_str(&message).ok()?;
            let event = &event["message"];
            let is_request = event["method"] == "Network.requestWillBeSent";
            let url = event["params"]["request"]["url"].as_str().filter(|_| is_request)?;
            let is_local = ["data:", "about:"].iter().any(|start| url.starts_with(start));
            let is_page = url.starts_with("file://") && url.contains("/page.html");
            (!is_local && !is_page).then(|| url.to_owned())
        };
        (log("browser").collect(), log("performance").filter_map(url).collect())
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        let request = minreq::post(format!("{}{path}", self.session))
            .with_body(body.to_string())
            .with_timeout(HANGS.as_secs());
        let response = request.send().expect("chromedriver answers");
        let mut answer: Value = serde_json::from_slice(response.as_bytes()).expect("it is JSON");
        assert_eq!(response.status_code, 200, "{path} {body}: {answer}");
        answer["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = minreq::delete(&*self.session).with_timeout(HANGS.as_secs()).send();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
