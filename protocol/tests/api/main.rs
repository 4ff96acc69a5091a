//! Records the public API, item by item, so that a review shows every change to the API.
//!
//! `INSTA_UPDATE=always cargo test -p iothub-resource --test api` accepts a change. A breaking
//! change needs an entry in the changelog and a new version.

use std::{env, fs, path::Path, process::Command};

use public_api::{Builder, PublicApi};

/// The version of rustdoc's JSON format that `public-api` reads. It depends on the version of the
/// compiler.
const FORMAT: u64 = 57;

#[test]
fn the_public_api_is_as_recorded() {
    // `env!` would be wrong, because the test of a copied checkout may have been built in a
    // different folder.
    let package = env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the test");
    let this = env::current_exe().expect("it runs");
    let target = this.ancestors().nth(3).expect("it is in debug/deps").join("tmp/api");
    let documented = Command::new(env!("CARGO"))
        .args(["rustdoc", "--quiet", "--lib", "--all-features", "--target-dir"])
        .arg(&target)
        .args(["--", "-Z", "unstable-options", "--output-format", "json"])
        .current_dir(package)
        // This variable lets a stable compiler accept unstable options.
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove("RUSTDOCFLAGS")
        .output()
        .expect("cargo runs");
    assert!(documented.status.success(), "{}", String::from_utf8_lossy(&documented.stderr));
    let written = target.join("doc/iothub_resource.json");
    if format(&written) != Some(FORMAT) {
        println!(
            "skipped: needs a rustdoc that writes JSON of format {FORMAT}, as that of Rust 1.95"
        );
        return;
    }
    // Blanket implementations follow from the other implementations.
    let api = Builder::from_rustdoc_json(written).omit_blanket_impls(true).build();
    let api = listed(&api.expect("the format is right"));
    insta::assert_snapshot!("items", api);
}

fn format(json: &Path) -> Option<u64> {
    let text = fs::read_to_string(json).ok()?;
    let json: serde_json::Value = serde_json::from_str(&text).ok()?;
    json["format_version"].as_u64()
}

/// Returns the items that carry information. The result omits marker traits that follow from the
/// fields, and the methods of derived traits.
fn listed(api: &PublicApi) -> String {
    const MARKERS: [&str; 6] =
        ["Freeze", "RefUnwindSafe", "StructuralPartialEq", "UnsafeUnpin", "Unpin", "UnwindSafe"];
    const METHODS: [&str; 6] = ["clone", "cmp", "eq", "fmt", "hash", "partial_cmp"];
    let says_nothing = |item: &str| {
        MARKERS.iter().any(|marker| item.contains(&format!("::{marker} for ")))
            || METHODS.iter().any(|method| {
                item.starts_with("pub fn ")
                    && (item.contains(&format!("::{method}(&self"))
                        || item.contains(&format!("::{method}<__H")))
            })
    };
    api.items()
        .map(|item| format!("{item}\n"))
        .filter(|item| !says_nothing(item))
        .map(|item| item.replace("iothub_resource::", ""))
        .collect()
}
