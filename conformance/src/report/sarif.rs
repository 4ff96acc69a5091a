//! Writes SARIF 2.1.0 for code scanning.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde_json::{Value, json};

use super::mark::Mark;
use crate::{Level, Requirement, excerpt::printable};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A writer that writes each finding as soon as it arrives. The rules follow at the end because
/// they are unknown until then.
pub(crate) struct Sarif {
    file: Option<String>,
    /// The index and the requirement of each code.
    rules: BTreeMap<String, (usize, String)>,
    any: bool,
}

impl Sarif {
    /// Writes the beginning of a log about `file`, or about standard input if `file` is `None`.
    pub(crate) fn begin(file: Option<&str>, out: &mut dyn Write) -> io::Result<Self> {
        write!(out, "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{")?;
        write!(out, "\"columnKind\":\"unicodeCodePoints\",\"results\":[")?;
        Ok(Self { file: file.map(uri), rules: BTreeMap::new(), any: false })
    }

    pub(crate) fn add(&mut self, mark: &Mark, out: &mut dyn Write) -> io::Result<()> {
        let Mark { code, level, requirement, text, line, column, end_column } = mark;
        let next = self.rules.len();
        let (index, _) =
            self.rules.entry(code.clone()).or_insert_with(|| (next, requirement.clone()));
        let mut result = json!({
            "ruleId": code,
            "ruleIndex": index,
            "level": match level { Level::Must => "error", Level::Should => "warning" },
            "message": { "text": printable(text) },
            "properties": { "requirement": requirement },
        });
        if let Some(file) = &self.file {
            let mut region = json!({ "startLine": line });
            if let (Some(start), Some(end)) = (column, end_column) {
                region["startColumn"] = json!(start);
                region["endColumn"] = json!(end);
            }
            result["locations"] = json!([{
                "physicalLocation": { "artifactLocation": { "uri": file }, "region": region }
            }]);
        }
        out.write_all(if self.any { b",\n" } else { b"\n" })?;
        self.any = true;
        Ok(serde_json::to_writer(out, &result)?)
    }

    /// Writes the rest of the log, with the text of each rule.
    pub(crate) fn end(&self, requirements: &[Requirement], out: &mut dyn Write) -> io::Result<()> {
        let mut rules: Vec<_> = self.rules.iter().collect();
        rules.sort_by_key(|(_, (index, _))| *index);
        let rules: Vec<Value> = rules
            .into_iter()
            .map(|(code, (_, id))| {
                let known = requirements.iter().find(|requirement| requirement.id == *id);
                let text = known.map_or_else(|| code.clone(), |it| it.text.clone());
                json!({
                    "id": code,
                    "shortDescription": { "text": code },
                    "fullDescription": { "text": text },
                    "help": { "text": format!("{id}: {text}") },
                })
            })
            .collect();
        let tool = json!({ "driver": {
            "name": env!("CARGO_PKG_NAME"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        }});
        writeln!(out, "\n],\"tool\":{tool}}}]}}")
    }
}

/// Returns a path as a URI, which is relative if the path is relative.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => uri.push(byte.into()),
            byte if byte.is_ascii_alphanumeric() => uri.push(byte.into()),
            byte => uri += &format!("%{byte:02X}"),
        }
    }
    if uri.starts_with('/') { format!("file://{uri}") } else { uri }
}
