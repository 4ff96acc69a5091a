//! Lists of known failures.

use std::{fs, path::Path};

use crate::{
    command::{self, Run, binary},
    folder::{Folder, topic},
};

/// The cases `good/1`, `good/2`, `bad/1`, `bad/2`, two of which the built-in implementation fails,
/// and a list of expectations.
struct Listed(Folder);

impl Listed {
    fn new(list: &str) -> Self {
        let wrong = |id: &str| {
            let mut case = topic(id, "a");
            case["result"]["topic"] = "another".into();
            case
        };
        let good = |id: &str| topic(id, "a");
        let cases = [wrong("bad/1"), wrong("bad/2"), good("good/1"), good("good/2")];
        let listed = Self(Folder::new(&cases));
        fs::write(listed.path().join("list.toml"), list).expect("there is room");
        listed
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, options: &[&str]) -> Run {
        let mut command = binary();
        command.current_dir(self.path());
        command.args(["run", "--fixtures", ".", "--expectations", "list.toml"]).args(options);
        command::start(&mut command).end()
    }

    fn list(&self) -> String {
        fs::read_to_string(self.path().join("list.toml")).expect("it is there")
    }

    #[track_caller]
    fn comes_to(&self, options: &[&str], status: i32, totals: &str) {
        let run = self.run(options);
        assert_eq!((run.status, run.totals()), (Some(status), totals), "{run:?}");
    }
}

fn entry(case: &str, more: &str) -> String {
    let kind = if more.contains("kind") { "" } else { "kind = \"bug\"\n" };
    format!("[[expect]]\ncase = \"{case}\"\n{kind}reason = \"known\"\n{more}\n")
}

#[test]
fn a_listed_case_may_fail() {
    for kind in ["bug", "wontfix", "unsupported", "flaky"] {
        let list = entry("bad/*", &format!("kind = \"{kind}\"\nlink = \"https://a/1\""));
        let listed = Listed::new(&list);
        listed.comes_to(&[], 0, "2 pass, 2 expected");
        listed.comes_to(&["--filter", "good"], 0, "2 pass");
    }
    Listed::new(&entry("bad/1", "")).comes_to(&[], 1, "2 pass, 1 fail, 1 expected");
}

#[test]
fn a_list_only_shrinks() {
    Listed::new(&entry("*", "")).comes_to(&[], 1, "2 expected, 2 unexpected-pass");
    Listed::new(&entry("*", "kind = \"flaky\"")).comes_to(&[], 0, "2 pass, 2 expected");
    // The first matching entry decides.
    let both = entry("good/*", "kind = \"flaky\"") + &entry("*", "");
    Listed::new(&both).comes_to(&[], 0, "2 pass, 2 expected");
    let none = entry("bad/*", "") + &entry("none/*", "");
    Listed::new(&none).comes_to(&[], 1, "2 pass, 2 expected, 1 stale");
    // The entry matches a case, but the case is not selected.
    Listed::new(&entry("bad/*", "")).comes_to(&["--filter", "good"], 0, "2 pass");
    let expired = entry("bad/*", "expires = 2020-01-01");
    Listed::new(&expired).comes_to(&[], 1, "2 pass, 2 fail, 1 stale");
    let fresh = entry("bad/*", "expires = 9999-12-31");
    Listed::new(&fresh).comes_to(&[], 0, "2 pass, 2 expected");
    let run = Listed::new(&(expired + &entry("none", ""))).run(&[]);
    insta::assert_snapshot!("stale", run.stdout);
}

#[test]
fn what_is_wrong_with_a_list_is_said() {
    for (list, words) in [
        ("[[expect]]\ncase = \"a\"\nkind = \"bug\"\n", "missing field `reason`"),
        ("[[expect]]\ncase = \"a\"\nkind = \"bug\"\nreason = \" \"", "`reason` is empty"),
        (&entry("a", "kind = \"odd\""), "unknown variant `odd`"),
        (&entry("a", "expires = \"2020-01-01\""), "expected a TOML datetime"),
        (
            &entry("a", "expires = 2020-01-01T00:00:00"),
            "must be a date without a time, for example 2027-06-30",
        ),
        (
            &entry("a", "expires = 12:00:00"),
            "must be a date without a time, for example 2027-06-30",
        ),
        (&entry("a[", ""), "`case` is not a valid glob"),
        (&entry("a", "until = 1"), "unknown field `until`"),
        ("[[expected]]", "unknown field `expected`"),
        ("{", "TOML parse error at line 1"),
    ] {
        for options in [&[][..], &["--bless"]] {
            let listed = Listed::new(list);
            let run = listed.run(options);
            assert!(run.stderr.contains(words), "{list}: {}", run.stderr);
            assert_eq!((run.status, &*run.stdout), (Some(2), ""), "{list}");
            assert_eq!(listed.list(), list, "it is as it was");
        }
    }
    let listed = Listed::new("");
    fs::remove_file(listed.path().join("list.toml")).expect("it is there");
    assert!(listed.run(&[]).stderr.contains("list.toml: No such file"));
}

#[test]
fn blessing_makes_the_list_agree() {
    let listed = Listed::new("");
    fs::remove_file(listed.path().join("list.toml")).expect("it is there");
    listed.comes_to(&["--bless"], 0, "2 pass, 2 expected");
    listed.comes_to(&[], 0, "2 pass, 2 expected");

    let list = "# Ours.\n\n".to_owned()
        + &entry("bad/1", "# kept")
        + "# Too much.\n"
        + &entry("*/2", "kind = \"wontfix\" # never")
        + &entry("none", "")
        + &entry("bad/*", "expires = 2020-01-01\nlink = \"https://a/1\"");
    let listed = Listed::new(&list);
    listed.comes_to(&["--bless"], 0, "2 pass, 2 expected");
    insta::assert_snapshot!("blessed", listed.list());
    let before = listed.list();
    let run = listed.run(&["--bless"]);
    assert!(run.stderr.contains("list.toml: 0 added, 0 removed"), "{run:?}");
    assert_eq!(listed.list(), before);
}

/// A later run reads the list, even if it is empty.
#[test]
fn blessing_makes_a_list_of_nothing() {
    let listed = Listed::new("");
    fs::remove_file(listed.path().join("list.toml")).expect("it is there");
    listed.comes_to(&["--bless", "--filter", "good"], 0, "2 pass");
    assert_eq!(listed.list(), "");
    listed.comes_to(&["--filter", "good"], 0, "2 pass");
}

/// Entries for cases outside of the filter stay.
#[test]
fn blessing_a_part_leaves_the_rest() {
    let list = entry("bad/*", "") + &entry("good/1", "");
    let listed = Listed::new(&list);
    listed.comes_to(&["--bless", "--filter", "bad"], 0, "2 expected");
    assert_eq!(listed.list(), list);
    listed.comes_to(&["--bless", "--filter", "good/1"], 0, "1 pass");
    assert_eq!(listed.list(), entry("bad/*", ""));
}
