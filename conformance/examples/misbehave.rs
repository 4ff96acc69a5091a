//! An adapter that misbehaves in one way, named by its first argument.
//!
//! It supports `topic_format` only, and otherwise works correctly. Ways that are listed under "at
//! the culprit" only affect the request whose device name is `culprit`. The tests in
//! `tests/it/hostile.rs` define how the runner must react to each way.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    process::{self, Command, Stdio},
    thread,
    time::Duration,
};

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let way = arguments.next().unwrap_or_default();
    let argument = arguments.next().unwrap_or_default();
    let number: usize = argument.parse().unwrap_or_default();
    let mut out = io::stdout().lock();

    // Before it reads anything.
    match way.as_str() {
        "die-at-start" => die("no reason to live"),
        "garbage" => say(&mut out, "hello, I am not an adapter\n")?,
        "nothing" => hang(),
        "close-output-at-start" => close(1),
        "endless-line" => loop {
            out.write_all(&[b'x'; 1 << 16])?;
        },
        "endless-lines" => loop {
            out.write_all(&b"xxxxxxx\n".repeat(1 << 13))?;
        },
        // From the second start on, the file exists.
        "hello-works-the-second-time" if fs::File::create_new(&argument).is_ok() => {
            die("the first time never works");
        }
        _ => {}
    }

    let mut held = String::new();
    let mut asked = 0;
    let mut input = BufReader::new(io::stdin());
    let mut line = String::new();
    while {
        line.clear();
        input.read_line(&mut line)? > 0
    } {
        let id = number_at(&line, "\"id\":");
        if line.contains("\"op\":\"hello\"") {
            let hello = match way.as_str() {
                "die-at-hello" => die("hello?"),
                "hang-at-hello" => hang(),
                "hello-null" => "null".to_owned(),
                "hello-empty" => r#"{"ok":{}}"#.to_owned(),
                "hello-wrong-types" => r#"{"ok":{"name":1,"version":[],"ops":{}}}"#.to_owned(),
                "hello-unsupported" => r#"{"unsupported":true}"#.to_owned(),
                "hello-refused" => r#"{"err":{"code":"go away"}}"#.to_owned(),
                "hello-escapes" => r#"{"ok":{"name":"\u001b[31mred","version":"\r1"}}"#.to_owned(),
                "says-topic-parse-only" => {
                    r#"{"ok":{"name":"misbehave","version":"1","ops":["topic_parse"]}}"#.to_owned()
                }
                _ => r#"{"ok":{"name":"misbehave","version":"1"}}"#.to_owned(),
            };
            say(&mut out, &with_id(&id, &hello))?;
            match way.as_str() {
                "read-nothing" => hang(),
                "answer-unasked" => {
                    let all = (2..2 + number)
                        .map(|id| with_id(&id.to_string(), r#"{"unsupported":true}"#));
                    say(&mut out, &all.collect::<String>())?;
                }
                _ => {}
            }
            continue;
        }

        asked += 1;
        let topic = format!(
            "$resource/{}/service/{}/{}",
            text_at(&line, "\"direction\":\""),
            text_at(&line, "\"product_id\":\""),
            text_at(&line, "\"device_name\":\""),
        );
        let right = with_id(&id, &format!("{{\"ok\":{{\"topic\":\"{topic}\"}}}}"));
        let at_culprit = line.contains("culprit");
        let answer = match way.as_str() {
            // At every request.
            "die-always" => die("not again"),
            "hang-always" => hang(),
            "garbage-always" if at_culprit => hang(),
            "garbage-always" => "garbage\n".to_owned(),
            "refuse-always" => with_id(&id, r#"{"err":{}}"#),
            "accept-always" => with_id(&id, r#"{"ok":{"topic":"$resource/up/service/P/d"}}"#),
            "answer-unasked" => continue,
            "unsupported-always" => with_id(&id, r#"{"unsupported":true}"#),
            "say-always" => with_id(&id, &argument),
            "flood-stderr" => {
                let flood = b"a flood of words\n".repeat(1 << 16);
                io::stderr().write_all(&flood)?;
                if at_culprit {
                    loop {
                        io::stderr().write_all(&flood)?;
                    }
                }
                right
            }
            "pad" => format!("{}{right}", " ".repeat(number)),
            "long-answers" => {
                let words = "\u{1}x".repeat(number / 2).replace('\u{1}', "\\u0007");
                with_id(&id, &format!("{{\"err\":{{\"detail\":\"{words}\"}}}}"))
            }

            // At the request with this number.
            "die-at-nth" if asked == number => die("that was one too many"),
            "lose-held-answers" => {
                held.push_str(&right);
                if at_culprit {
                    die("and nobody will ever know");
                }
                // It flushes before it waits for input.
                if input.buffer().contains(&b'\n') {
                    continue;
                }
                std::mem::take(&mut held)
            }
            "hold-answers" => {
                held.push_str(&right);
                if asked % number > 0 {
                    continue;
                }
                std::mem::take(&mut held)
            }

            // At the culprit.
            _ if !at_culprit => format!("{right}{held}"),
            "die" => die("\x1b[31mPanic\x1b[0m at the culprit"),
            "abort" => process::abort(),
            "exit-0" => process::exit(0),
            "hang" => hang(),
            "say" => with_id(&id, &argument),
            "say-raw" => format!("{argument}\n"),
            "nul" => "\0\0\0\n".to_owned(),
            "invalid-utf8" => {
                out.write_all(b"{\"id\":\xff}\n")?;
                String::new()
            }
            "no-id" => "{\"ok\":{}}\n".to_owned(),
            "wrong-id" => right.replacen(&id, "999999", 1),
            "string-id" => right.replacen(&id, &format!("\"{id}\""), 1),
            "previous-id" => {
                let previous = id.parse::<u64>().map_or(0, |id| id - 1);
                right.replacen(&id, &previous.to_string(), 1)
            }
            "out-of-order" => {
                held = right;
                continue;
            }
            "twice" => format!("{right}{right}"),
            "long-line" => {
                out.write_all(&b"x".repeat(3 << 20))?;
                out.flush()?;
                hang()
            }
            "endless-at" => loop {
                out.write_all(&[b'x'; 1 << 16])?;
            },
            "deep" => format!("{}{}\n", "[".repeat(100_000), "]".repeat(100_000)),
            "half-a-line" => {
                say(&mut out, &right[..right.len() / 2])?;
                die("in the middle of a word")
            }
            "no-line-end" => {
                say(&mut out, right.trim_end())?;
                die("right after the last word")
            }
            "close-input" => {
                say(&mut out, &right)?;
                close(0);
                hang()
            }
            "close-output" => {
                close(1);
                hang()
            }
            "leave-child" => {
                leave(Command::new("sleep").arg("3600"));
                die("the child lives")
            }
            "leave-child-and-go-on" => {
                leave(Command::new("sleep").arg("3600"));
                right
            }
            "leave-child-in-new-session" => {
                leave(Command::new("setsid").args(["sleep", "3600"]));
                die("the child is far away")
            }
            _ => right,
        };
        say(&mut out, &answer)?;
        held.clear();
    }
    match way.as_str() {
        "stay-after-input" => {
            if !argument.is_empty() {
                sign(&argument)?;
            }
            hang()
        }
        _ => Ok(()),
    }
}

fn say(out: &mut impl Write, text: &str) -> io::Result<()> {
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn die(last_words: &str) -> ! {
    eprintln!("{last_words}");
    process::exit(7)
}

fn hang() -> ! {
    loop {
        thread::sleep(Duration::from_secs(60));
    }
}

/// Starts a child that inherits the pipes of this program, and deliberately does not wait for it.
#[allow(clippy::zombie_processes, reason = "it is to be left behind")]
fn leave(command: &mut Command) {
    let Ok(child) = command.stdin(Stdio::inherit()).spawn() else { return };
    // `setsid` is done when it has replaced itself by the program that it starts.
    let command_line = format!("/proc/{}/cmdline", child.id());
    while fs::read(&command_line).is_ok_and(|line| !line.starts_with(b"sleep")) {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Adds the process id to a list, and reports whether an earlier process on the list has died.
fn sign(list: &str) -> io::Result<()> {
    let mut list = fs::File::options().create(true).read(true).append(true).open(list)?;
    let mut before = String::new();
    list.read_to_string(&mut before)?;
    let lives = |id: &str| {
        let status = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        status.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
    };
    let late = if before.lines().all(lives) { "" } else { "too late: " };
    list.write_all(format!("{late}{}\n", process::id()).as_bytes())
}

#[cfg(unix)]
fn close(descriptor: i32) {
    use std::os::fd::{FromRawFd, OwnedFd};
    // SAFETY: the program no longer uses the descriptor.
    drop(unsafe { OwnedFd::from_raw_fd(descriptor) });
}

#[cfg(not(unix))]
fn close(_: i32) {}

fn with_id(id: &str, answer: &str) -> String {
    match answer.strip_prefix('{') {
        Some(rest) => format!("{{\"id\":{id},{rest}\n"),
        None => format!("{answer}\n"),
    }
}

fn number_at(line: &str, key: &str) -> String {
    let rest = line.split_once(key).map_or("", |(_, rest)| rest);
    rest.chars().take_while(char::is_ascii_digit).collect()
}

fn text_at<'l>(line: &'l str, key: &str) -> &'l str {
    let rest = line.split_once(key).map_or("", |(_, rest)| rest);
    rest.split_once('"').map_or("", |(text, _)| text)
}
