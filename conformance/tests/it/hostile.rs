//! For any behaviour of a hostile adapter, the run ends with an outcome for each case, or with exit
//! status 3 if the program is not an adapter. It never hangs, crashes, exhausts the memory or
//! leaves a process running.
//!
//! The adapter is `examples/misbehave.rs`.

use std::{fs, path::PathBuf};

use serde_json::json;

use crate::{
    command::{self, Run},
    folder::{self, Folder},
};

/// A time limit in milliseconds that no real answer exceeds.
const NEVER: &str = "3600000";
/// A time limit that expires while other answers arrive.
const LATE: &str = "1000";
/// A time limit for an adapter that never answers.
const BRIEF: &str = "500";
/// The limit in KiB. For each adapter, the runner reads a line of 1 MiB, and keeps a few batches of
/// lines.
const MUCH_MEMORY: u64 = 100 << 10;

/// Returns the path of the example. `cargo test` builds the examples next to the folder of the
/// tests.
pub(crate) fn misbehave() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    let target = test.parent().and_then(|deps| deps.parent()).expect("it is in `deps`");
    let example = target.join("examples/misbehave");
    assert!(example.exists(), "with `--test it`, cargo leaves it out: cargo build --examples");
    example
}

/// Runs the cases of a folder against the adapter with this misbehaviour.
fn run(folder: &Folder, way: &[&str], options: &[&str]) -> Run {
    let run = run_unchecked(folder, way, options);
    assert_eq!(run.left_behind(), Vec::<String>::new(), "left behind by {way:?}");
    run
}

fn run_unchecked(folder: &Folder, way: &[&str], options: &[&str]) -> Run {
    let program = misbehave();
    let words = std::iter::once(program.to_str().expect("the path is UTF-8")).chain(way.to_vec());
    let testee: Vec<String> = words.map(|word| format!("'{word}'")).collect();
    run_testee(folder, &testee.join(" "), options)
}

fn run_testee(folder: &Folder, testee: &str, options: &[&str]) -> Run {
    let timeout = if options.contains(&"--timeout") { &[][..] } else { &["--timeout", NEVER] };
    let run = command::start(
        command::binary()
            .args(["run", "--all", "--testee", testee, "--fixtures"])
            .arg(folder.path())
            .args(timeout)
            .args(options),
    )
    .end();
    assert!(run.peak_memory < MUCH_MEMORY, "it took {} KiB", run.peak_memory);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    run
}

/// Checks a misbehaviour at the request in the middle: that case fails, and all other cases pass.
#[track_caller]
fn only_the_culprit(way: &[&str], options: &[&str], outcome: &str, detail: &str) {
    let run = run(&Folder::of_topics(40, &[20]), way, options);
    only_is_told(&run, "topic/0020", outcome, detail);
    assert_eq!(run.totals(), format!("39 pass, 1 {outcome}"));
    assert_eq!(run.status, Some(1));
}

#[track_caller]
fn only_is_told(run: &Run, id: &str, outcome: &str, detail: &str) {
    let told = run.told();
    assert_eq!(told.keys().collect::<Vec<_>>(), [id], "{}", run.stdout);
    assert_eq!(told[id].0, outcome, "{}", run.stdout);
    assert!(told[id].1.contains(detail), "{}", run.stdout);
}

/// Checks that the program is not accepted as an adapter.
#[track_caller]
fn no_adapter(way: &[&str], options: &[&str], reason: &str) {
    let run = run(&Folder::of_topics(3, &[]), way, options);
    assert!(run.stderr.contains("is not an adapter: ") && run.stderr.contains(reason), "{run:?}");
    assert_eq!((run.status, &*run.stdout), (Some(3), ""));
}

macro_rules! no_adapter {
    ($($test:ident($($way:expr),+ $(; $limit:expr)?) because $reason:literal;)+) => {$(
        #[test]
        fn $test() {
            no_adapter(&[$($way),+], &[$("--timeout", $limit)?], $reason);
        }
    )+};
}

no_adapter! {
    dies_at_start("die-at-start") because "exit status: 7\nits standard error ends:\ndied at the start";
    dies_at_hello("die-at-hello") because "died at hello";
    hangs_at_hello("hang-at-hello"; BRIEF) because "no answer within 500ms";
    garbage_for_hello("garbage") because "not valid JSON";
    prints_and_reads_nothing("nothing"; BRIEF) because "no answer within 500ms";
    closes_its_output_at_start("close-output-at-start") because "no answer";
    prints_a_line_without_end("endless-line") because "a line of more than 1 MiB";
    prints_lines_without_end("endless-lines") because "not valid JSON";
    hello_is_no_object("hello-null") because "not an object";
    hello_has_wrong_types("hello-wrong-types") because "`ok` of hello: invalid type";
    hello_is_unsupported("hello-unsupported") because "does not speak version 1";
    hello_is_refused("hello-refused") because "it rejects `hello`";
}

macro_rules! only_the_culprit {
    ($($test:ident($($way:expr),+ $(; $limit:expr)?) is $outcome:literal because $detail:literal;)+) => {$(
        #[test]
        fn $test() {
            only_the_culprit(&[$($way),+], &[$("--timeout", $limit)?], $outcome, $detail);
        }
    )+};
}

only_the_culprit! {
    dies("die") is "crashed" because "no answer; it ended with exit status: 7\nits standard error ends:\n\\u{1b}[31mPanic\\u{1b}[0m at the culprit";
    aborts("abort") is "crashed" because "signal: 6 (SIGABRT)";
    ends_in_the_middle("exit-0") is "crashed" because "it ended with exit status: 0";
    dies_with_answers_held_back("lose-held-answers") is "crashed" because "died with held answers";
    dies_in_the_middle_of_a_line("half-a-line") is "crashed" because "in the middle of a line; it ended with exit status: 7";
    closes_its_output("close-output") is "crashed" because "its output is closed, but the program has not ended";
    leaves_a_child_with_its_pipes("leave-child") is "crashed" because "died, but its child still runs";
    hangs("hang"; LATE) is "timed-out" because "no answer within 1s";
    prints_nul("nul") is "bad-answer" because "not valid JSON: expected value at line 1 column 1: \"\\0\\0\\0\"";
    prints_no_utf8("invalid-utf8") is "bad-answer" because "not valid JSON";
    prints_a_long_line("long-line") is "bad-answer" because "a line of more than 1 MiB";
    prints_without_end("endless-at") is "bad-answer" because "a line of more than 1 MiB";
    prints_deep_nesting("deep") is "bad-answer" because "recursion limit";
    prints_an_empty_line("say-raw", "") is "bad-answer" because "an empty line";
    prints_two_values("say-raw", "{} {}") is "bad-answer" because "not valid JSON";
    prints_an_array("say-raw", "[]") is "bad-answer" because "not an object";
    leaves_the_id_out("no-id") is "bad-answer" because "no id";
    answers_with_a_wrong_id("wrong-id") is "bad-answer" because "the id is 999999, not ";
    answers_with_a_string_for_id("string-id") is "bad-answer" because "the id is \"";
    answers_with_the_id_of_another("previous-id") is "bad-answer" because "the id is ";
    answers_out_of_order("out-of-order") is "bad-answer" because "the id is ";
    answers_nothing("say", r#"{"nothing":0}"#) is "bad-answer" because "expected exactly one of `ok`";
    answers_both("say", r#"{"ok":{"topic":"x"},"err":{}}"#) is "bad-answer" because "expected exactly one of `ok`";
    answers_ok_with_text("say", r#"{"ok":"yes"}"#) is "bad-answer" because "expected exactly one of `ok`";
    answers_err_with_text("say", r#"{"err":"no"}"#) is "bad-answer" because "expected exactly one of `ok`";
    answers_unsupported_with_false("say", r#"{"unsupported":false}"#) is "bad-answer" because "expected exactly one of `ok`";
    answers_with_a_number_for_code("say", r#"{"err":{"code":1}}"#) is "bad-answer" because "`err`: invalid type";
    answers_with_a_negative_index("say", r#"{"err":{"at":-1}}"#) is "bad-answer" because "`err`: invalid value";
    answers_another_operation("say", r#"{"ok":{"md5sum":"x"}}"#) is "bad-answer" because "`ok` of topic_format has no string `topic`";
    answers_wrongly("say", r#"{"ok":{"topic":"x"}}"#) is "fail" because "answered {\"topic\":\"x\"}, not {";
    refuses("say", r#"{"err":{}}"#) is "fail" because "valid, but rejected";
    refuses_in_many_words("say", r#"{"err":{"code":"c","detail":{"why":["\u001b"]}}}"#) is "fail" because "valid, but rejected: c: {\"why\":[\"\\u001b\"]}";
}

#[test]
fn there_is_no_such_program() {
    let folder = Folder::of_topics(3, &[]);
    for testee in ["/there/is/no/such/program", "/", "/dev/null"] {
        let run = run_testee(&folder, testee, &[]);
        assert!(run.stderr.contains("it cannot be started: "), "{run:?}");
        assert_eq!(run.status, Some(3));
    }
}

#[test]
fn hello_works_the_second_time() {
    let folder = Folder::of_topics(40, &[]);
    let marker = folder.path().join("second");
    let marker = marker.to_str().expect("the path is UTF-8");
    let run = run(&folder, &["hello-works-the-second-time", marker], &[]);
    assert_eq!((run.status, run.totals()), (Some(0), "40 pass"));
}

#[test]
fn hello_may_leave_everything_out() {
    let run = run(&Folder::of_topics(40, &[]), &["hello-empty"], &[]);
    assert_eq!((run.status, run.totals()), (Some(0), "40 pass"));
    assert!(run.stdout.contains("unnamed: 40 pass"));
}

#[test]
fn a_name_cannot_move_the_cursor() {
    let run = run(&Folder::of_topics(1, &[]), &["hello-escapes"], &[]);
    assert!(run.stdout.contains(r"\u{1b}[31mred \r1: 1 pass"), "{}", run.stdout);
}

#[test]
fn what_hello_leaves_out_is_not_asked() {
    let run = run(&Folder::of_topics(40, &[]), &["says-topic-parse-only"], &[]);
    assert_eq!((run.status, run.totals()), (Some(0), "40 unsupported"));
}

#[test]
fn an_answer_without_line_end_counts() {
    // The adapter has ended, which only the next case shows.
    let run = run(&Folder::of_topics(40, &[39]), &["no-line-end"], &[]);
    assert_eq!((run.status, run.totals()), (Some(0), "40 pass"));
}

#[test]
fn an_answer_too_many_is_taken_for_the_next() {
    let run = run(&Folder::of_topics(40, &[20]), &["twice"], &[]);
    only_is_told(&run, "topic/0021", "bad-answer", "the id is ");
    assert_eq!((run.status, run.totals()), (Some(1), "39 pass, 1 bad-answer"));
}

#[test]
fn answers_before_it_is_asked() {
    // A line counts as an answer as soon as there is a request, since it may be a fast answer.
    let options = ["--timeout", LATE];
    let run = run(&Folder::of_topics(40, &[]), &["answer-unasked", "39"], &options);
    only_is_told(&run, "topic/0039", "timed-out", "no answer within 1s");
    assert_eq!((run.status, run.totals()), (Some(1), "39 unsupported, 1 timed-out"));
}

#[test]
fn closes_its_input() {
    // The adapter has read all requests already, so it does not answer the next one.
    let run = run(&Folder::of_topics(40, &[20]), &["close-input"], &["--timeout", LATE]);
    only_is_told(&run, "topic/0021", "timed-out", "no answer within 1s");
    assert_eq!((run.status, run.totals()), (Some(1), "39 pass, 1 timed-out"));
}

#[test]
fn dies_at_the_tenth_request_each_time() {
    let run = run(&Folder::of_topics(40, &[]), &["die-at-nth", "10"], &[]);
    let told = run.told();
    assert!(told.contains_key("topic/0009"), "{}", run.stdout);
    assert!((3..=4).contains(&told.len()), "{}", run.stdout);
    for (outcome, detail) in told.values() {
        assert_eq!(outcome, "crashed");
        assert!(detail.contains("died at the counted request"), "{}", run.stdout);
    }
    assert_eq!(run.status, Some(1));
}

#[test]
fn holds_answers_back_until_there_are_many() {
    // Requests are sent ahead, so only the last ones stay unanswered.
    let options = ["--timeout", LATE];
    let run = run(&Folder::of_topics(38, &[]), &["hold-answers", "16"], &options);
    assert_eq!((run.status, run.totals()), (Some(1), "32 pass, 6 timed-out"));
}

#[test]
fn several_culprits_next_to_each_other() {
    for (way, limit) in
        [("die", NEVER), ("lose-held-answers", NEVER), ("hang", LATE), ("nul", NEVER)]
    {
        let folder = Folder::of_topics(40, &[7, 8, 9, 20, 39]);
        let run = run(&folder, &[way], &["--timeout", limit]);
        let told: Vec<_> = run.told().into_keys().collect();
        let culprits = ["topic/0007", "topic/0008", "topic/0009", "topic/0020", "topic/0039"];
        assert_eq!(told, culprits, "{way}: {}", run.stdout);
    }
}

#[test]
fn several_adapters_at_once() {
    for (way, limit, outcome) in
        [("lose-held-answers", NEVER, "crashed"), ("hang", LATE, "timed-out")]
    {
        let folder = Folder::of_topics(400, &[20, 21, 22, 133, 399]);
        let run = run(&folder, &[way], &["--jobs", "4", "--timeout", limit]);
        let told: Vec<_> = run.told().into_keys().collect();
        let culprits = ["topic/0020", "topic/0021", "topic/0022", "topic/0133", "topic/0399"];
        assert_eq!(told, culprits, "{way}: {}", run.stdout);
        assert_eq!((run.status, run.totals()), (Some(1), &*format!("395 pass, 5 {outcome}")));
    }
}

#[test]
fn misbehaves_all_the_time() {
    for (way, outcome) in [
        ("die-always", "crashed"),
        ("garbage-always", "bad-answer"),
        ("refuse-always", "fail"),
        ("accept-always", "fail"),
    ] {
        let run = run(&Folder::of_topics(40, &[]), &[way], &[]);
        assert_eq!((run.status, run.totals()), (Some(1), &*format!("40 {outcome}")));
    }
    let run = run(&Folder::of_topics(40, &[]), &["unsupported-always"], &[]);
    assert_eq!((run.status, run.totals()), (Some(0), "40 unsupported"));
}

#[test]
fn hangs_all_the_time() {
    // The run takes less than 40 times the time limit.
    for way in ["hang-always", "read-nothing"] {
        let run = run(&Folder::of_topics(40, &[]), &[way], &["--timeout", LATE]);
        assert_eq!((run.status, run.totals()), (Some(1), "40 timed-out"));
        const LESS: &str = ", the shorter limit after several time-outs";
        let told = run.told();
        let limits = ["1s".to_owned(), format!("100ms{LESS}"), format!("20ms{LESS}")];
        let counts = limits.map(|limit| {
            let detail = format!("no answer within {limit}\n");
            told.values().filter(|(_, own)| own.starts_with(&detail)).count()
        });
        let [full, less, least] = counts;
        assert!(full <= 3 && least >= 10, "{}", run.stdout);
        assert_eq!(full + less + least, 40, "{}", run.stdout);
    }
}

#[test]
fn floods_its_standard_error() {
    let run = run(&Folder::of_topics(40, &[]), &["flood-stderr"], &[]);
    assert_eq!((run.status, run.totals()), (Some(0), "40 pass"));
}

#[test]
fn leaves_a_child_and_goes_on() {
    let run = run(&Folder::of_topics(40, &[20]), &["leave-child-and-go-on"], &[]);
    assert_eq!((run.status, run.totals()), (Some(0), "40 pass"));
}

#[test]
fn leaves_a_child_in_a_new_session() {
    // Such a process is left running, since it may be a daemon. The runner must not wait for it.
    let run = run_unchecked(&Folder::of_topics(40, &[20]), &["leave-child-in-new-session"], &[]);
    only_is_told(&run, "topic/0020", "crashed", "died, but its child is in a new session");
    assert_eq!(run.totals(), "39 pass, 1 crashed");
    let left = run.left_behind();
    run.end_what_is_left();
    if cfg!(target_os = "linux") {
        // The adapter was started twice.
        assert_eq!(left, ["sleep\x003600\0"; 2]);
    }
}

#[test]
fn ignores_sigterm_and_the_end_of_its_input() {
    let program = misbehave();
    let folder = Folder::of_topics(40, &[]);
    let list = folder.path().join("list");
    let testee = format!(
        "sh -c \"trap '' TERM INT HUP; '{}' stay-after-input '{}'\"",
        program.display(),
        list.display()
    );
    let run = run_testee(&folder, &testee, &["--jobs", "4"]);
    assert_eq!((run.status, run.totals()), (Some(0), "40 pass"));
    assert_eq!(run.left_behind(), Vec::<String>::new());
    // The runner waits for all of them at once.
    if cfg!(target_os = "linux") {
        let list = fs::read_to_string(&list).expect("they are on it");
        assert!(list.lines().count() == 4 && !list.contains("too late"), "{list}");
    }
}

#[test]
fn a_line_may_have_a_mebibyte_and_no_more() {
    let folder = Folder::of_topics(1, &[]);
    let answer = r#"{"id":2,"ok":{"topic":"$resource/up/service/P/d0"}}"#;
    let room = (1 << 20) - answer.len();
    let longest = run(&folder, &["pad", &room.to_string()], &[]);
    assert_eq!((longest.status, longest.totals()), (Some(0), "1 pass"));
    let longer = run(&folder, &["pad", &(room + 1).to_string()], &[]);
    assert_eq!((longer.status, longer.totals()), (Some(1), "1 bad-answer"));
}

#[test]
fn long_requests_do_not_block() {
    // Each case exceeds the buffer of a pipe, in both directions.
    let case = |at| folder::topic(&format!("topic/{at}"), &"d".repeat(300 << 10));
    let run = run(&Folder::new(&(0..20).map(case).collect::<Vec<_>>()), &["none"], &[]);
    assert_eq!((run.status, run.totals()), (Some(0), "20 pass"));
}

#[test]
fn long_words_are_shortened() {
    let folder = Folder::of_topics(300, &[]);
    let run = run(&folder, &["long-answers", "50000"], &[]);
    assert_eq!((run.status, run.totals()), (Some(1), "300 fail"));
    assert!(run.stdout.len() < 300 * 60_000, "{} bytes", run.stdout.len());
}

#[test]
fn an_answer_of_the_wrong_shape_to_every_operation() {
    let hex = "d41d8cd98f00b204e9800998ecf8427e";
    let base64 = "1B2M2Y8AsgTpgAmY7PhCfg==";
    let query = json!({"type": "get_download_task"});
    let decode = json!({"direction": "up", "payload": "bytes"});
    let parts = json!({"direction": "up", "product_id": "P", "device_name": "d"});
    let topic = "$resource/up/service/P/d";
    let folder = Folder::new(&[
        json!({"id": "a/decode", "op": "decode", "profile": "documented", "input": decode, "result": {"message": query}}),
        json!({"id": "a/encode", "op": "encode", "profile": "documented", "input": {"message": query}, "result": {"message": query}}),
        json!({"id": "a/format", "op": "topic_format", "input": parts, "result": {"topic": topic}}),
        json!({"id": "a/parse", "op": "topic_parse", "input": {"topic": topic}, "result": parts}),
        json!({"id": "a/digest", "op": "md5_digest", "input": {"data": "bytes"}, "result": {"md5sum": hex}}),
        json!({"id": "a/to-base64", "op": "content_md5_encode", "input": {"md5sum": hex}, "result": {"content_md5": base64}}),
        json!({"id": "a/to-hex", "op": "content_md5_decode", "input": {"content_md5": base64}, "result": {"md5sum": hex}}),
        json!({"id": "a/trace", "op": "trace", "profile": "documented", "input": {"events": "bytes"}, "result": {"advice": []}}),
    ]);
    folder.write("bytes", "");
    for answer in [
        r#"{"ok":[]}"#,
        r#"{"ok":{"message":[],"payload":"?","topic":1,"advice":{}}}"#,
        r#"{"ok":{"message":null,"payload":null,"topic":null,"md5sum":null,"advice":[{}]}}"#,
        r#"{"ok":{"message":"","direction":"up","payload":{},"md5sum":[],"advice":[{"at":"0","code":1}]}}"#,
    ] {
        let run = run(&folder, &["say-always", answer], &[]);
        assert_eq!((run.status, run.totals()), (Some(1), "8 bad-answer"), "{answer}");
    }
    // An answer may have no advice.
    let run = run(&folder, &["say-always", r#"{"ok":{}}"#], &[]);
    assert_eq!((run.status, run.totals()), (Some(1), "1 pass, 7 bad-answer"));
}
