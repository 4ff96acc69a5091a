//! Writes the requirements and the numbers of their cases as Markdown.

use std::fmt::Write as _;

use crate::{Case, Fixtures, Op, Requirement, Verdict};

/// Returns the page: a table for each section, with each requirement and the numbers of its cases.
pub(super) fn page(fixtures: &Fixtures) -> String {
    let Fixtures { version, cases, requirements, .. } = fixtures;
    let mut page = format!(
        "# Requirements and their fixtures

`iothub-conformance export` generates this page from version {version} of the fixtures, which has {} cases.
For example, `iothub-conformance explain ENC-4` lists the cases of ENC-4.

In the column of an operation, a cell contains the number of cases that must be accepted and the number of cases that must
be rejected, as `accept / reject`. A case that tests several requirements counts for each of them. Only a violation of a MUST
rule can cause a rejection. A violation of a SHOULD rule leads only to advice. The column *checked by*
names a part of the suite that checks the rule: the `fixtures`, `lint` (for captures), or `live` (the commands `device` and
`platform`).

In the rules, *the vendor* is Tencent Cloud. `docs/reference/specification.md` describes the profiles and the sources of the
rules.
",
        cases.len()
    );
    let mut section = "";
    for requirement in requirements {
        if requirement.section != section {
            section = &requirement.section;
            let of_section: Vec<&Requirement> =
                requirements.iter().filter(|it| it.section == section).collect();
            table(section, &of_section, cases, &mut page);
        }
    }
    page
}

fn table(section: &str, requirements: &[&Requirement], cases: &[Case], page: &mut String) {
    // The table has only the operations that the cases of the section use.
    let ops: Vec<Op> = Op::ALL
        .into_iter()
        .filter(|op| requirements.iter().any(|it| count(cases, *op, &it.id) != (0, 0)))
        .collect();
    let _ = write!(page, "\n## {section}\n\n| id | level | profiles | rule |");
    for op in &ops {
        let _ = write!(page, " `{}` |", op.as_str());
    }
    page.push_str(" checked by |\n| --- | --- | --- | --- |");
    for _ in &ops {
        page.push_str(" ---: |");
    }
    page.push_str(" --- |\n");
    for Requirement { id, level, profiles, text, checked_by, .. } in requirements {
        let level = level.to_string().to_uppercase();
        let profiles = match &profiles[..] {
            [one] => one,
            _ => "both",
        };
        // A vertical bar would end the cell of the table.
        let text = text.replace('|', "\\|");
        let _ = write!(page, "| {id} | {level} | {profiles} | {text} |");
        for op in &ops {
            match count(cases, *op, id) {
                (0, 0) => page.push_str(" |"),
                (accept, refuse) => {
                    let _ = write!(page, " {accept} / {refuse} |");
                }
            }
        }
        let _ = writeln!(page, " {checked_by} |");
    }
}

/// Returns how many cases of an operation for a requirement must be accepted, and how many must be
/// rejected.
fn count(cases: &[Case], op: Op, requirement: &str) -> (usize, usize) {
    let about = cases.iter().filter(|case| case.request.op() == op && case.is_about(requirement));
    about.fold((0, 0), |(accept, refuse), case| match case.verdict {
        Verdict::Accept(_) => (accept + 1, refuse),
        Verdict::Reject { .. } => (accept, refuse + 1),
    })
}
