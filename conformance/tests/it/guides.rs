//! Follows the guides word for word.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

use crate::{
    command::{self, binary},
    defects::{defects, has_python},
    live::serving::{file, serve_by_way_of},
};

/// Returns the blocks of code, each with its language and its text.
fn blocks(guide: &str) -> Vec<(&str, &str)> {
    let mut blocks = Vec::new();
    let mut rest = guide;
    while let Some((_, after)) = rest.split_once("\n```") {
        let (language, after) = after.split_once('\n').expect("a block has a first line");
        let (text, after) = after.split_once("```").expect("a block has an end");
        blocks.push((language, text));
        rest = after;
    }
    blocks
}

/// Returns the commands in a block, each with its expected output.
fn commands(block: &str) -> Vec<(&str, String)> {
    let mut commands: Vec<(&str, String)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command, String::new())),
            (None, Some((_, printed))) => {
                printed.push_str(line);
                printed.push('\n');
            }
            (None, None) => panic!("a block begins with a command: {block}"),
        }
    }
    commands
}

/// Each Python block is the content of `mine.py` from there on. Each command must print the output
/// that the guide shows.
#[test]
fn test_your_implementation() {
    if !has_python() {
        return;
    }
    let guide = include_str!("../../../docs/tutorials/first-adapter.md");
    let folder = TempDir::new().expect("there is room for temporary files");
    let program = binary();
    let programs = Path::new(program.get_program()).parent().expect("it lies in a folder");
    let path = format!(
        "{}:{}",
        programs.display(),
        std::env::var("PATH").expect("there are other programs, too")
    );
    let mut followed = 0;
    for (language, text) in blocks(guide) {
        if language == "python" {
            fs::write(folder.path().join("mine.py"), text).expect("there is room");
        }
        if language != "console" {
            continue;
        }
        for (command, printed) in commands(text) {
            if command.starts_with("cargo install ") {
                continue; // already built
            }
            let output = Command::new("sh")
                .args(["-c", command])
                .current_dir(folder.path())
                .env("PATH", &path)
                .output()
                .expect("there is a shell");
            // The output of a command without an expected output is not compared.
            let stdout = String::from_utf8_lossy(&output.stdout);
            let quiet = printed.is_empty();
            assert!(quiet || stdout == printed, "{command} printed\n{stdout}\nnot\n{printed}");
            let fails = i32::from(printed.contains("fail\n"));
            assert_eq!(output.status.code(), Some(fails), "{command}\n{stdout}");
            followed += 1;
        }
    }
    assert_eq!(followed, 8);
}

/// The first output in the README is the real output.
#[test]
fn the_first_screen() {
    let readme = include_str!("../../../README.md");
    let (_, first) = blocks(readme).into_iter().next().expect("a block");
    let [(command, shown)] = &commands(first)[..] else { panic!("one command: {first}") };
    let arguments = command.strip_prefix("cargo run --release -- ").expect("it is of cargo");
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut check = binary();
    check.current_dir(root).args(arguments.split(' '));
    assert_eq!(command::start(&mut check).end().stdout, *shown);
}

/// The README shows the real output of the first command, and other documents state the same number
/// of cases.
#[test]
fn the_number_of_cases() {
    let readme = include_str!("../../../README.md");
    let printed = command::run(["run"]).stdout;
    let mut texts = blocks(readme).into_iter().map(|(_, text)| text);
    let shown = texts.find_map(|text| text.strip_prefix("$ cargo run --release\n"));
    assert_eq!(shown, Some(&*printed));
    let count = iothub_conformance::Fixtures::embedded().cases.len();
    let count = format!("{},{:03}", count / 1000, count % 1000);
    let told = [
        ("README.md", readme),
        ("docs/release-notes/0.1.0.md", include_str!("../../../docs/release-notes/0.1.0.md")),
        (
            "docs/tutorials/first-adapter.md",
            include_str!("../../../docs/tutorials/first-adapter.md"),
        ),
    ];
    let stale: Vec<_> =
        told.iter().filter(|(_, text)| !text.contains(&count)).map(|(file, _)| file).collect();
    assert!(stale.is_empty(), "{stale:?} should tell of {count} cases");
}

/// The documents that count the scenarios count them as `--list` does.
#[test]
fn the_number_of_scenarios() {
    let count = |arguments: &[&str]| command::run(arguments).stdout.lines().count();
    let readme = include_str!("../../../README.md");
    let device = include_str!("../../../docs/how-to/test-a-device.md");
    let platform = include_str!("../../../docs/how-to/test-a-platform.md");
    let notes = include_str!("../../../docs/release-notes/0.1.0.md");
    let of_device = count(&["device", "--list"]);
    let with_tls = count(&["device", "--list", "--tls"]) - of_device;
    let of_platform = count(&["platform", "--list"]);
    let documented = ["--list", "--profile", "documented"];
    let of_pages = |command| count(&[&[command][..], &documented].concat());
    let (device_of_pages, platform_of_pages) = (of_pages("device"), of_pages("platform"));
    for (document, part) in [
        (readme, format!("{of_device} scenarios for devices")),
        (readme, format!("the {with_tls} additional scenarios with TLS")),
        (readme, format!("the {of_platform} scenarios for platforms")),
        (readme, format!("a live device in {of_device} scenarios")),
        (readme, format!("a live platform in {of_platform} scenarios")),
        (device, format!("runs {of_device} scenarios")),
        (device, format!("runs {with_tls} additional scenarios")),
        (device, format!("There are {device_of_pages} scenarios")),
        (platform, format!("runs {of_platform} scenarios")),
        (platform, format!("There are {platform_of_pages} scenarios")),
        (notes, format!("live platforms ({of_platform} scenarios)")),
    ] {
        let text = document.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(&part), "should say {part}: {:.60}", document);
    }
}

/// The README counts the planted defects and the fuzz targets as they are.
#[test]
fn the_figures_of_its_own_verification() {
    let readme = include_str!("../../../README.md");
    let how_sure = include_str!("../../../docs/explanation/how-sure.md");
    let defects = defects().len();
    for (document, defects) in [
        (readme, format!("[{defects} single defects]")),
        (how_sure, format!("plant {defects} defects")),
    ] {
        assert!(document.contains(&defects), "should say {defects}");
    }
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let targets = fs::read_dir(Path::new(root).join("fuzz/fuzz_targets")).expect("it is there");
    let targets = targets.count();
    for (document, targets) in [
        (readme, format!("The {targets} [fuzz targets]")),
        (how_sure, format!("{targets} fuzz targets")),
    ] {
        assert!(document.contains(&targets), "should say {targets}");
    }
}

/// The output in the first tutorial equals that of `serve` at its start, apart from ports and
/// digests.
#[test]
fn the_start_of_serve() {
    let guide = include_str!("../../../docs/tutorials/first-device.md");
    let shown = blocks(guide).into_iter().find_map(|(_, text)| {
        text.strip_prefix("$ iothub-conformance serve --store uploads --offer firmware.bin\n")
    });
    let constant = |line: &str| -> String {
        let varies = |word: &str| {
            word.trim_end_matches(',').len() == 32
                || word.starts_with("mqtt://")
                || word.starts_with("http://")
        };
        line.split_whitespace().filter(|word| !varies(word)).collect::<Vec<_>>().join(" ")
    };
    let shown: Vec<String> = shown.expect("the command").lines().map(constant).collect();
    let folder = TempDir::new().expect("there is room for temporary files");
    file(folder.path(), "firmware.bin", 120_000);
    let arguments = ["--store", "uploads", "--offer", "firmware.bin"];
    let serving = serve_by_way_of(&arguments, |command| {
        command.current_dir(folder.path());
    });
    let printed = serving.end();
    let printed: Vec<String> = printed[..shown.len()].iter().map(|line| constant(line)).collect();
    assert_eq!(shown, printed);
}
