//! There are no circular dependencies between files: two files never use each other, not even
//! through other files.
//!
//! The test follows every path in the sources to the file that defines the item. A file that only
//! declares child modules and re-exports their items does not use them. Code under `#[cfg(test)]`
//! is ignored.

mod circles;
mod names;
mod source;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use circles::Arrows;
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

type Packages = BTreeMap<String, BTreeSet<PathBuf>>;

/// Finds the packages below a folder, of any workspace, with the root file of each target.
fn packages(folder: &Path, found: &mut Packages) {
    if folder.join("Cargo.toml").is_file() {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(folder);
        let metadata: Value =
            serde_json::from_slice(&cargo.output().expect("cargo").stdout).expect("JSON");
        for package in metadata["packages"].as_array().expect("packages") {
            let targets = package["targets"].as_array().expect("targets").iter();
            let roots =
                targets.map(|target| PathBuf::from(target["src_path"].as_str().expect("a path")));
            found.insert(package["name"].as_str().expect("a name").to_owned(), roots.collect());
        }
    }
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let is_source = !["target", ".git"].iter().any(|other| *other == entry.file_name());
        if is_source && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            packages(&entry.path(), found);
        }
    }
}

/// Returns the uses between the files of a package, as paths below `root`.
fn arrows(root: &Path, targets: &BTreeSet<PathBuf>) -> Arrows {
    let mut arrows = Arrows::default();
    for target in targets {
        let modules = source::read(target);
        for (from, to, name) in names::uses(&modules) {
            let below = |file: &Path| file.strip_prefix(root).unwrap_or(file).to_owned();
            arrows.add(below(from), below(to), name);
        }
    }
    arrows
}

#[test]
fn files_do_not_use_each_other() {
    let root = Path::new(ROOT).canonicalize().expect("the repository");
    let (mut all, mut report) = (Packages::new(), String::new());
    packages(&root, &mut all);
    for expected in ["iothub-resource", "iothub-conformance", "iothub-oracles", "iothub-fuzz"] {
        assert!(all.contains_key(expected), "{expected} is not found");
    }
    for (name, targets) in &all {
        let arrows = arrows(&root, targets);
        let circles = arrows.circles();
        if !circles.is_empty() {
            report += &format!("{name}:\n{}", arrows.show(&circles));
        }
    }
    assert!(report.is_empty(), "files use each other\n{report}");
}

/// Returns the circles of a crate with these files, as `a.rs b.rs`.
fn planted(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    for (file, text) in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let circles = arrows(folder.path(), &[folder.path().join("lib.rs")].into()).circles();
    let show = |files: &BTreeSet<PathBuf>| {
        files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(" ")
    };
    circles.iter().map(show).collect()
}

#[test]
fn a_circle_of_siblings_is_found() {
    let lib = ("lib.rs", "mod a; mod b; mod c;");
    let a = ("a.rs", "use crate::b::B; pub struct A(B);");
    let to_a = "pub struct B; fn f(_: &super::a::A) {}";
    assert_eq!(planted(&[lib, a, ("b.rs", to_a), ("c.rs", "")]), ["a.rs b.rs"]);

    // A circle may lead through a third file, an inline module, a function's own import, or a
    // macro.
    let c = ("c.rs", "pub struct C; fn f() { use crate::a; a::A::default(); }");
    assert_eq!(
        planted(&[lib, a, ("b.rs", "pub struct B; use super::c::C;"), c]),
        ["a.rs b.rs c.rs"]
    );
    let inline = "pub struct B; mod inner { const IT: fn() = super::super::a::A::new; }";
    assert_eq!(planted(&[lib, a, ("b.rs", inline), ("c.rs", "")]), ["a.rs b.rs"]);
    let in_macro = "pub struct B; fn f() { println!(\"{}\", 1 + crate::a::A::new(..)) }";
    assert_eq!(planted(&[lib, a, ("b.rs", in_macro), ("c.rs", "")]), ["a.rs b.rs"]);
}

#[test]
fn a_circle_of_parent_and_child_is_found() {
    let child = ("x/child.rs", "pub struct Child; use super::Limit;");
    for (file, uses) in [
        ("x.rs", "use child::Child; fn f(_: Child) {}"),
        ("x/mod.rs", "pub use child::Child; fn f(_: Child) {}"),
        ("x/mod.rs", "fn f(_: self::child::Child) {}"),
        ("x/mod.rs", "use self::child::*; impl Limit { fn f() -> Child { Child } }"),
    ] {
        let parent = format!("mod child; pub struct Limit; {uses}");
        let circles = planted(&[("lib.rs", "mod x;"), (file, &parent), child]);
        assert_eq!(circles, [format!("x/child.rs {file}")], "{parent}");
    }
}

#[test]
fn a_circle_through_a_re_export_is_found() {
    let lib = ("lib.rs", "mod a; mod x; pub use x::Inner as Renamed;");
    let x = ("x/mod.rs", "mod inner; pub(crate) use self::inner::{Inner, other::*};");
    let inner = ("x/inner.rs", "pub mod other; pub struct Inner(crate::a::A);");
    let other = ("x/inner/other.rs", "pub struct Other;");
    let a = |text| planted(&[lib, x, inner, other, ("a.rs", text)]);
    assert_eq!(a("pub struct A; use crate::Renamed;"), ["a.rs x/inner.rs"]);
    assert_eq!(a("pub struct A; fn f() -> crate::x::Inner { todo!() }"), ["a.rs x/inner.rs"]);
    assert!(a("pub struct A; use crate::x::Other;").is_empty());
}

#[test]
fn other_uses_are_no_circle() {
    let lib = ("lib.rs", "mod a; mod b; pub use self::{a::A, b::B};");
    let a = ("a.rs", "use super::b::B; pub struct A(B);");
    assert!(planted(&[lib, a, ("b.rs", "pub struct B;")]).is_empty());
    // These names do not count: names from other crates, names in tests, and names of modules
    // alone.
    let b = "pub struct B; use a::A; use ::a::a; #[cfg(test)] mod tests { use crate::A; }";
    assert!(planted(&[lib, a, ("b.rs", b)]).is_empty());
    let module = "pub(in crate::a) struct B; #[allow(unused)] use crate::a;";
    assert!(planted(&[lib, a, ("b.rs", module)]).is_empty());
}
