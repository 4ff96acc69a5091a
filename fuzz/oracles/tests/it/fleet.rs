//! The builds of ClusterFuzzLite and OSS-Fuzz.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use iothub_oracles::TARGETS;

use crate::{fuzz, plants};

/// Both builds call the same script. The folder of the script is the same in both images.
#[test]
fn both_fleets_call_the_same_script() {
    for folder in ["../.clusterfuzzlite", "oss-fuzz"] {
        let read = |name: &str| fs::read_to_string(fuzz().join(folder).join(name)).expect(name);
        assert!(read("build.sh").contains("exec bash \"$SRC/iothub-resource/fuzz/build.sh\""));
        assert!(read("Dockerfile").contains("WORKDIR $SRC/iothub-resource"));
        assert!(read("project.yaml").contains("language: rust"));
    }
}

#[test]
#[ignore = "builds every fuzz target with a sanitizer: minutes"]
fn a_fleet_gets_all_that_it_needs() {
    if !plants::can_build() || !plants::has("zip", "-v") {
        return;
    }
    let src = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fleet");
    plants::copy(&fuzz().join(".."), &src.join("iothub-resource")).expect("it can be copied");
    let out = tempfile::TempDir::new().expect("there is room for temporary files");
    let built = Command::new("bash")
        .arg(src.join("iothub-resource/.clusterfuzzlite/build.sh"))
        .env("SRC", &src)
        .env("OUT", out.path())
        .env("FUZZING_ENGINE", "libfuzzer")
        .env("SANITIZER", "address")
        // The image has a nightly toolchain, which this variable replaces.
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("RUSTFLAGS")
        .output()
        .expect("bash is there");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));

    for target in TARGETS {
        let file = |name: String| out.path().join(name);
        let name = target.name;
        for needed in [
            name.to_owned(),
            format!("{name}_seed_corpus.zip"),
            format!("{name}.dict"),
            format!("{name}.options"),
        ] {
            let length = fs::metadata(file(needed.clone())).map(|found| found.len());
            assert!(length.is_ok_and(|length| length > 10), "$OUT has {needed}");
        }
        let seeds = fs::read(file(format!("{name}_seed_corpus.zip"))).expect("it is there");
        assert!(seeds.starts_with(b"PK"), "{name}_seed_corpus.zip is an archive");
    }
    let started = Command::new(out.path().join("decode_up"))
        .arg("-runs=1000")
        .arg(format!("-dict={}", out.path().join("decode_up.dict").display()))
        .current_dir(out.path())
        .stdin(Stdio::null())
        .output()
        .expect("it can be started");
    let said = String::from_utf8_lossy(&started.stderr).into_owned();
    assert!(started.status.success() && said.contains("Done 1000 runs"), "{said}");
}
