//! Every normative sentence of the specification has a case: `fixtures/sentences.json` names it.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use crate::{
    command::run,
    fixtures::{cases, folder, word},
};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn sentences() -> Vec<Value> {
    let text = fs::read_to_string(folder().join("sentences.json")).expect("it is there");
    match serde_json::from_str::<Value>(&text).expect("it is JSON")["sentences"].take() {
        Value::Array(sentences) => sentences,
        other => panic!("no sentences: {other}"),
    }
}

fn texts<'s>(sentence: &'s Value, key: &str) -> impl Iterator<Item = &'s str> {
    sentence[key].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Returns the rules of the specification: the requirement, and the text without its source, which
/// the sentences must make up.
fn rules(specification: &str) -> Vec<(String, String)> {
    let mut rules = Vec::new();
    let mut after_a_fault = false;
    for line in specification.lines() {
        after_a_fault |= line.starts_with("| the message at fault |");
        after_a_fault &= line.starts_with('|');
        let Some(row) = line.strip_prefix("| ").and_then(|row| row.strip_suffix(" |")) else {
            continue;
        };
        let cells: Vec<&str> = row.split(" | ").map(str::trim).collect();
        let id = cells[0].strip_suffix(" **D**").unwrap_or(cells[0]);
        let is_id = id.split_once('-').is_some_and(|(section, number)| {
            section.bytes().all(|letter| letter.is_ascii_uppercase())
                && number.parse::<u8>().is_ok()
        });
        if is_id {
            let last = match id {
                _ if id.starts_with("MSG-") => 3,
                // The finding names the one of the two that applies.
                "SES-3" => 2,
                _ => 1,
            };
            rules.push((id.to_owned(), cells[1..=last].join(" | ")));
        } else if after_a_fault && cells[0] != "the message at fault" && !id.starts_with("---") {
            rules.push(("SES-12".to_owned(), cells.join(" | ")));
        }
    }
    rules
}

/// Returns the rest of a rule without its sentences and the words that only join them.
fn left(rule: &str, sentences: &[&Value]) -> String {
    let mut texts: Vec<&str> = sentences.iter().map(|sentence| word(sentence, "text")).collect();
    texts.sort_unstable_by_key(|text| std::cmp::Reverse(text.len()));
    let mut rest = rule.to_owned();
    for text in texts {
        rest = rest.replacen(text, "\n", 1);
    }
    let joins = |part: &&str| {
        let part = part.trim_matches([' ', ',', ';', ':', '.', '|']);
        !matches!(part, "" | "and" | "**D**")
    };
    rest.lines().filter(joins).collect::<Vec<_>>().join(" … ")
}

/// Returns the texts without a sentence, and the sentences that are not in their rule.
fn flaws(specification: &str, sentences: &[Value]) -> Vec<String> {
    let mut of: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for sentence in sentences {
        of.entry(word(sentence, "requirement")).or_default().push(sentence);
    }
    let rules = rules(specification);
    let mut flaws = Vec::new();
    for (id, rule) in &rules {
        let rest = left(rule, of.get(id.as_str()).map_or(&[], Vec::as_slice));
        if !rest.is_empty() {
            flaws.push(format!("{id}: not the text of a sentence: {rest}"));
        }
    }
    for sentence in sentences {
        let (requirement, text) = (word(sentence, "requirement"), word(sentence, "text"));
        if !rules.iter().any(|(id, rule)| id == requirement && rule.contains(text)) {
            flaws.push(format!("{}: the specification does not say so", word(sentence, "id")));
        }
    }
    flaws
}

/// Returns whether a case has this id; `*` stands for any text within a part of it.
fn fits(pattern: &str, id: &str) -> bool {
    let parts = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
    let (patterns, ids) = (parts(pattern), parts(id));
    patterns.len() == ids.len() && patterns.iter().zip(&ids).all(|(part, id)| fits_part(part, id))
}

fn fits_part(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|text| {
            (0..=text.len()).any(|at| text.get(at..).is_some_and(|text| fits_part(tail, text)))
        }),
    }
}

/// Returns the proofs that a sentence names, but that do not exist.
fn missing(sentence: &Value, ids: &[String], scenarios: &str) -> Vec<String> {
    let mut missing = Vec::new();
    let id = word(sentence, "id");
    if ["cases", "scenarios", "tests"].iter().all(|key| texts(sentence, key).next().is_none()) {
        missing.push(format!("{id}: no case, scenario or test"));
    }
    for pattern in texts(sentence, "cases") {
        if !ids.iter().any(|id| fits(pattern, id)) {
            missing.push(format!("{id}: no case is {pattern}"));
        }
    }
    for requirement in texts(sentence, "scenarios") {
        let is_named = |line: &str| line.split(['\t', ' ', ',']).any(|part| part == requirement);
        if !scenarios.lines().any(is_named) {
            missing.push(format!("{id}: no scenario of a device is about {requirement}"));
        }
    }
    for place in texts(sentence, "tests") {
        let (file, what) = place.split_once(' ').unwrap_or((place, "#[test]"));
        let text = fs::read_to_string(root().join(file)).unwrap_or_default();
        if !text.contains(what) {
            missing.push(format!("{id}: {file} has no {what}"));
        }
    }
    missing
}

fn none(flaws: &[String]) {
    assert!(flaws.is_empty(), "{} flaws:\n{}", flaws.len(), flaws.join("\n"));
}

fn specification() -> String {
    fs::read_to_string(root().join("docs/reference/specification.md")).expect("it is there")
}

#[test]
fn the_sentences_are_the_specification() {
    let sentences = sentences();
    none(&flaws(&specification(), &sentences));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for sentence in &sentences {
        let requirement = word(sentence, "requirement");
        let count = counts.entry(requirement).or_default();
        *count += 1;
        assert_eq!(word(sentence, "id"), format!("{requirement}.{count}"), "numbered in order");
    }
}

#[test]
fn every_sentence_has_a_case() {
    let ids: Vec<String> = cases().iter().map(|case| word(case, "id").to_owned()).collect();
    let scenarios = run(["device", "--list", "--tls"]).stdout;
    let sentences = sentences();
    let missing: Vec<String> =
        sentences.iter().flat_map(|sentence| missing(sentence, &ids, &scenarios)).collect();
    let with_cases =
        sentences.iter().filter(|sentence| texts(sentence, "cases").next().is_some()).count();
    println!("{} sentences, {with_cases} of them with cases of the fixtures", sentences.len());
    none(&missing);
}

/// The two tests above can fail.
#[test]
fn a_sentence_without_a_case_is_found() {
    let sentences = sentences();
    let said = specification();
    let more = said.replacen("| TOP-3 | ", "| TOP-3 | it is never `X`; ", 1);
    assert_eq!(flaws(&more, &sentences), ["TOP-3: not the text of a sentence: it is never `X`; "]);
    let less = said.replacen("no wildcard, ", "", 1);
    let [flaw] = &flaws(&less, &sentences)[..] else { panic!("one flaw") };
    assert!(flaw.ends_with("the specification does not say so"), "{flaw}");

    let ids = ["decode/top-1/a/documented".to_owned()];
    let with = |key: &str, value: &str| serde_json::json!({"id": "TOP-1.1", key: [value]});
    let missing = |sentence: &Value| missing(sentence, &ids, "TOP-1 a scenario").len();
    assert_eq!(missing(&with("other", "")), 1);
    for (key, there, not_there) in [
        ("cases", "decode/top-1/*/*", "decode/top-1/*"),
        ("cases", "*/*-1/a/docu*", "*/*-2/a/docu*"),
        ("scenarios", "TOP-1", "TOP-2"),
        ("tests", "protocol/tests/it/decode.rs", "protocol/tests/it/no.rs"),
    ] {
        assert_eq!(missing(&with(key, there)), 0, "{there}");
        assert_eq!(missing(&with(key, not_there)), 1, "{not_there}");
    }
}
