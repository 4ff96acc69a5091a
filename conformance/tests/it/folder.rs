//! A folder of fixtures, made for a test.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The folder is removed when the value is dropped.
pub(crate) struct Folder(TempDir);

impl Folder {
    /// Returns a folder with these cases. Tests give `id`, `op`, `input`, `result` and similar keys
    /// only.
    pub(crate) fn new(cases: &[Value]) -> Self {
        let folder = Self(TempDir::new().expect("there is room for temporary files"));
        let cases: Vec<Value> = cases.iter().map(whole).collect();
        folder.write(
            "manifest.json",
            json!({"format": 1, "version": "0.1.0", "cases": cases}).to_string(),
        );
        folder.write(
            "requirements.json",
            json!({"format": 1, "requirements": [requirement("TOP-1"), requirement("TOP-2")]})
                .to_string(),
        );
        folder
    }

    /// Returns a folder with `count` cases of `topic_format`. Those at the indices `culprits` have
    /// the device name `culprit`.
    pub(crate) fn of_topics(count: usize, culprits: &[usize]) -> Self {
        let case = |at| {
            let name = if culprits.contains(&at) { "culprit".to_owned() } else { format!("d{at}") };
            topic(&format!("topic/{at:04}"), &name)
        };
        Self::new(&(0..count).map(case).collect::<Vec<_>>())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path().join(file), content).expect("there is room for temporary files");
    }
}

/// Returns a case of `topic_format` that is accepted.
pub(crate) fn topic(id: &str, device_name: &str) -> Value {
    json!({
        "id": id,
        "op": "topic_format",
        "input": {"direction": "up", "product_id": "P", "device_name": device_name},
        "result": {"topic": format!("$resource/up/service/P/{device_name}")},
    })
}

fn whole(case: &Value) -> Value {
    let mut whole = json!({
        "requirements": ["TOP-1"],
        "level": "must",
        "title": "a case",
        "verdict": if case.get("code").is_some() { "reject" } else { "accept" },
        "reason": "It is so.",
        "source": "ruling",
        "since": "0.1.0",
    });
    for (key, value) in case.as_object().expect("a case is an object") {
        whole[key] = value.clone();
    }
    whole
}

fn requirement(id: &str) -> Value {
    json!({
        "id": id,
        "section": "Topics",
        "level": "must",
        "profiles": ["documented", "deployed"],
        "text": "It is so.",
        "source": "ruling",
        "source_detail": "ruling",
        "codes": [],
        "checked_by": "fixtures",
    })
}
