//! Reports of sanitizers in the output of a device.
#![cfg(unix)]

use std::{fs, path::Path};

use super::device_command::{device, text, trigger};

/// Returns the outcomes and codes of a scenario in which the device is a script.
fn judged(folder: &Path, scenario: &str, script: &str) -> (Option<i32>, String) {
    let path = folder.join("device.sh");
    fs::write(&path, script).unwrap();
    let trigger = format!("sh '{}'", path.display());
    let output = device(&["--trigger", &trigger, "--filter", scenario]);
    (output.status.code(), text(&output.stdout))
}

/// Returns the codes of the causes.
fn codes(output: &str) -> Vec<&str> {
    let causes = output.lines().filter_map(|line| line.split_once(": device error: "));
    causes.map(|(_, code)| code).collect()
}

/// The device transfers the file correctly, prints the report, and ends with status 0.
#[test]
fn each_format_is_a_finding_also_with_status_0() {
    let folder = tempfile::tempdir().unwrap();
    let reports = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/live/sanitizers");
    for (file, said) in [
        ("address", "AddressSanitizer: ==8849==ERROR: AddressSanitizer: heap-buffer-overflow"),
        ("undefined", "UndefinedBehaviorSanitizer: ubsan.c:3:55: runtime error: signed integer"),
        ("leak", "LeakSanitizer: ==8863==ERROR: LeakSanitizer: detected memory leaks"),
        ("valgrind", "Valgrind: ==8872== Invalid write of size 8"),
    ] {
        let report = reports.join(format!("{file}.txt"));
        let script = format!("{}\ncat '{}' >&2\nexit 0\n", trigger(""), report.display());
        let (status, output) = judged(folder.path(), "upload/size/usual", &script);
        assert_eq!(status, Some(1), "{file}: {output}");
        assert!(output.contains("1 scenario: device error: sanitizer\n"), "{file}: {output}");
        assert!(output.contains(said), "{file}: {output}");
        assert_eq!(codes(&output), ["sanitizer"], "{file}: {output}");
    }
}

/// The end of the output no longer contains the report, and the program ends because of the report.
#[test]
fn a_program_that_a_sanitizer_ends_has_one_finding() {
    let folder = tempfile::tempdir().unwrap();
    let report = "echo 'a.c:1:2: runtime error: division by zero' >&2\n";
    let flood = "yes 'INF|nothing happens' | head -c 100000\n";
    let address = "echo '==7==ERROR: AddressSanitizer: SEGV on unknown address 0x0' >&2; exit 1\n";
    let dies = trigger("--misbehave dies");
    for (script, said) in [
        (
            format!("{report}{flood}{dies}\nkill -FPE $$\n"),
            "UndefinedBehaviorSanitizer: a.c:1:2: runtime error: division by zero; its program",
        ),
        (
            format!("{report}{dies}\n{address}"),
            "UndefinedBehaviorSanitizer: a.c:1:2: runtime error: division by zero; its program",
        ),
        (
            format!("{dies}\n{address}"),
            "AddressSanitizer: SEGV on unknown address 0x0; its program has ended: exit status: 1",
        ),
    ] {
        let (status, output) = judged(folder.path(), "upload/store/503", &script);
        assert_eq!(status, Some(1), "{output}");
        assert!(output.contains(said), "{output}");
        assert_eq!(codes(&output), ["sanitizer"], "{output}");
    }
}
