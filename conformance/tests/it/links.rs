//! Every link between the documents has a target.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Finds all documents except generated and downloaded ones.
fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    const OTHERS: [&str; 6] = ["target", ".git", "src", "corpus", "artifacts", "seeds"];
    for entry in fs::read_dir(folder).expect("it is there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !OTHERS.iter().any(|other| path.ends_with(other)) {
                documents(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// Returns a document without its code blocks.
fn prose(document: &Path) -> Vec<String> {
    let text = fs::read_to_string(document).expect("it is there");
    let mut is_code = false;
    let mut prose = Vec::new();
    for line in text.lines() {
        is_code ^= line.starts_with("```");
        if !is_code {
            prose.push(line.to_owned());
        }
    }
    prose
}

/// Returns the anchors of the headings of a document, as GitHub generates them.
fn anchors(document: &Path) -> BTreeSet<String> {
    let headings = prose(document).into_iter().filter(|line| line.starts_with('#'));
    let anchor = |heading: String| {
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        heading.chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn lead_somewhere() {
    let mut all = Vec::new();
    documents(Path::new(ROOT), &mut all);
    let (mut links, mut dead) = (0, Vec::new());
    for document in &all {
        // A link may continue in the next line.
        let text = prose(document).join(" ");
        for after in text.split("](").skip(1) {
            let (link, _) = after.split_once(')').expect("a link ends");
            if link.contains("://") {
                continue;
            }
            links += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = document.parent().expect("it lies in a folder");
            let target = if file.is_empty() { document.clone() } else { folder.join(file) };
            let is_there =
                target.exists() && (anchor.is_empty() || anchors(&target).contains(anchor));
            if !is_there {
                dead.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(links > 200, "{links} links in {} documents", all.len());
    assert!(dead.is_empty(), "{dead:#?}");
}

/// The site has one page for every document.
#[test]
fn every_document_is_in_the_book() {
    let docs = Path::new(ROOT).join("docs");
    let summary = fs::read_to_string(docs.join("SUMMARY.md")).expect("it is there");
    let mut all = Vec::new();
    documents(&docs, &mut all);
    // mdbook builds nothing if it lists a document twice.
    let not_once: Vec<_> = all
        .iter()
        .map(|document| document.strip_prefix(&docs).expect("it is below docs"))
        .filter(|path| path.to_str() != Some("SUMMARY.md"))
        .filter(|path| summary.matches(&format!("]({})", path.display())).count() != 1)
        .collect();
    assert!(all.len() > 30, "{} documents", all.len());
    assert!(not_once.is_empty(), "not once in docs/SUMMARY.md: {not_once:?}");
}
