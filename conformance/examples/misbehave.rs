//! An adapter that misbehaves in the way that its first argument names.
//!
//! The adapter supports only `topic_format` and otherwise works correctly. Many kinds of
//! misbehaviour affect only requests that contain the word `culprit`. The tests in
//! `tests/it/hostile.rs` define how the suite must react to each kind.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, StdoutLock, Write},
    mem,
    process::{self, Command, Stdio},
    thread,
    time::Duration,
};

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let way = arguments.next().unwrap_or_default();
    let argument = arguments.next().unwrap_or_default();
    let number = argument.parse().unwrap_or_default();
    let out = io::stdout().lock();
    let mut adapter = Adapter { way, argument, number, asked: 0, held: String::new(), out };

    adapter.before_reading()?;
    let mut input = BufReader::new(io::stdin());
    let mut line = String::new();
    while {
        line.clear();
        input.read_line(&mut line)? > 0
    } {
        let id = number_at(&line, "\"id\":");
        if line.contains("\"op\":\"hello\"") {
            adapter.greet(&id)?;
        } else {
            let is_last = !input.buffer().contains(&b'\n');
            let answer = adapter.answer(&line, id, is_last)?;
            say(&mut adapter.out, &answer)?;
        }
    }
    adapter.after_reading()
}

struct Adapter {
    way: String,
    argument: String,
    /// The second argument as a number, or 0 if it is not a number.
    number: usize,
    /// The number of requests so far, not counting `hello` requests.
    asked: usize,
    /// The answers that are sent later, each with its line end.
    held: String,
    out: StdoutLock<'static>,
}

struct Request {
    id: String,
    line: String,
    /// The line with the right answer.
    right: String,
    is_culprit: bool,
    /// Whether no further request is buffered. In this case, a well-behaved adapter flushes its
    /// answers.
    is_last: bool,
}

impl Adapter {
    fn before_reading(&mut self) -> io::Result<()> {
        match &*self.way {
            "die-at-start" => die("died at the start"),
            "garbage" => say(&mut self.out, "hello, I am not an adapter\n"),
            "nothing" => hang(),
            "close-output-at-start" => {
                close(1);
                Ok(())
            }
            "endless-line" => loop {
                self.out.write_all(&[b'x'; 1 << 16])?;
            },
            "endless-lines" => loop {
                self.out.write_all(&b"xxxxxxx\n".repeat(1 << 13))?;
            },
            // From the second start on, the file exists.
            "hello-works-the-second-time" if fs::File::create_new(&self.argument).is_ok() => {
                die("died at the first start");
            }
            _ => Ok(()),
        }
    }

    fn after_reading(&self) -> io::Result<()> {
        if self.way != "stay-after-input" {
            return Ok(());
        }
        if !self.argument.is_empty() {
            sign(&self.argument)?;
        }
        hang()
    }

    /// Answers `hello`, correctly or in the way that the first argument names.
    fn greet(&mut self, id: &str) -> io::Result<()> {
        let hello = match &*self.way {
            "die-at-hello" => die("died at hello"),
            "hang-at-hello" => hang(),
            "hello-null" => "null",
            "hello-empty" => r#"{"ok":{}}"#,
            "hello-wrong-types" => r#"{"ok":{"name":1,"version":[],"ops":{}}}"#,
            "hello-unsupported" => r#"{"unsupported":true}"#,
            "hello-refused" => r#"{"err":{"code":"go away"}}"#,
            "hello-escapes" => r#"{"ok":{"name":"\u001b[31mred","version":"\r1"}}"#,
            "hello-misspelt" => {
                r#"{"ok":{"name":"misbehave","version":"1","ops":["topic_formt"]}}"#
            }
            "hello-other-profile" => r#"{"ok":{"profiles":["strict"]}}"#,
            "hello-nothing" => r#"{"ok":{"name":"misbehave","version":"1","ops":[]}}"#,
            "says-topic-parse-only" => {
                r#"{"ok":{"name":"misbehave","version":"1","ops":["topic_parse"]}}"#
            }
            _ => r#"{"ok":{"name":"misbehave","version":"1"}}"#,
        };
        say(&mut self.out, &with_id(id, hello))?;
        match &*self.way {
            "read-nothing" => hang(),
            "answer-unasked" => {
                let all = (2..2 + self.number)
                    .map(|id| with_id(&id.to_string(), r#"{"unsupported":true}"#));
                say(&mut self.out, &all.collect::<String>())
            }
            _ => Ok(()),
        }
    }

    /// Returns the text to send for a request. The text is empty if no answer is sent.
    fn answer(&mut self, line: &str, id: String, is_last: bool) -> io::Result<String> {
        self.asked += 1;
        let topic = format!(
            "$resource/{}/service/{}/{}",
            text_at(line, "\"direction\":\""),
            text_at(line, "\"product_id\":\""),
            text_at(line, "\"device_name\":\""),
        );
        let right = with_id(&id, &format!("{{\"ok\":{{\"topic\":\"{topic}\"}}}}"));
        let is_culprit = line.contains("culprit");
        let request = Request { id, line: line.to_owned(), right, is_culprit, is_last };
        if let Some(answer) = self.at_every_request(&request)? {
            Ok(answer)
        } else if let Some(answer) = self.by_the_count(&request) {
            Ok(answer)
        } else if !request.is_culprit {
            Ok(format!("{}{}", request.right, mem::take(&mut self.held)))
        } else if let Some(answer) = self.wrong_answer(&request) {
            Ok(answer)
        } else {
            self.act_at_the_culprit(request)
        }
    }

    fn at_every_request(&self, request: &Request) -> io::Result<Option<String>> {
        let Request { id, right, is_culprit, .. } = request;
        Ok(Some(match &*self.way {
            "die-always" => die("died at every request"),
            "hang-always" => hang(),
            "garbage-always" if *is_culprit => hang(),
            "garbage-always" => "garbage\n".to_owned(),
            "refuse-always" => with_id(id, r#"{"err":{}}"#),
            "accept-always" => with_id(id, r#"{"ok":{"topic":"$resource/up/service/P/d"}}"#),
            "answer-unasked" => String::new(),
            "echo" => request.line.clone(),
            "fraction-id" => right.replacen(id, &format!("{id}.0"), 1),
            "blank-lines" => format!("\n{right}"),
            "unsupported-always" => with_id(id, r#"{"unsupported":true}"#),
            "say-always" => with_id(id, &self.argument),
            "flood-stderr" => {
                let flood = b"a flood of words\n".repeat(1 << 16);
                io::stderr().write_all(&flood)?;
                if *is_culprit {
                    loop {
                        io::stderr().write_all(&flood)?;
                    }
                }
                right.clone()
            }
            "pad" => format!("{}{right}", " ".repeat(self.number)),
            "long-answers" => {
                let words = "\u{1}x".repeat(self.number / 2).replace('\u{1}', "\\u0007");
                with_id(id, &format!("{{\"err\":{{\"detail\":\"{words}\"}}}}"))
            }
            _ => return Ok(None),
        }))
    }

    /// Returns the text to send, or `None` if this misbehaviour does not depend on earlier requests
    /// or does not affect this request.
    fn by_the_count(&mut self, request: &Request) -> Option<String> {
        match &*self.way {
            "die-at-nth" if self.asked == self.number => die("died at the counted request"),
            "lose-held-answers" => {
                self.held.push_str(&request.right);
                if request.is_culprit {
                    die("died with held answers");
                }
                Some(if request.is_last { mem::take(&mut self.held) } else { String::new() })
            }
            "hold-answers" => {
                self.held.push_str(&request.right);
                let is_due = self.asked.is_multiple_of(self.number);
                Some(if is_due { mem::take(&mut self.held) } else { String::new() })
            }
            _ => None,
        }
    }

    fn wrong_answer(&self, request: &Request) -> Option<String> {
        let Request { id, right, .. } = request;
        Some(match &*self.way {
            "say" => with_id(id, &self.argument),
            "say-raw" => format!("{}\n", self.argument),
            "nul" => "\0\0\0\n".to_owned(),
            "no-id" => "{\"ok\":{}}\n".to_owned(),
            "wrong-id" => right.replacen(id, "999999", 1),
            "string-id" => right.replacen(id, &format!("\"{id}\""), 1),
            "previous-id" => {
                let previous = id.parse::<u64>().map_or(0, |id| id - 1);
                right.replacen(id, &previous.to_string(), 1)
            }
            "twice" => format!("{right}{right}"),
            "deep" => format!("{}{}\n", "[".repeat(100_000), "]".repeat(100_000)),
            _ => return None,
        })
    }

    fn act_at_the_culprit(&mut self, Request { right, .. }: Request) -> io::Result<String> {
        match &*self.way {
            "die" => die("\x1b[31mPanic\x1b[0m at the culprit"),
            "abort" => process::abort(),
            "exit-0" => process::exit(0),
            "hang" => hang(),
            "invalid-utf8" => self.out.write_all(b"{\"id\":\xff}\n")?,
            "out-of-order" => self.held = right,
            "long-line" => {
                self.out.write_all(&b"x".repeat(3 << 20))?;
                self.out.flush()?;
                hang()
            }
            "endless-at" => loop {
                self.out.write_all(&[b'x'; 1 << 16])?;
            },
            "half-a-line" => {
                say(&mut self.out, &right[..right.len() / 2])?;
                die("died in the middle of a line")
            }
            "no-line-end" => {
                say(&mut self.out, right.trim_end())?;
                die("died before the line end")
            }
            "close-input" => {
                say(&mut self.out, &right)?;
                close(0);
                hang()
            }
            "close-output" => {
                close(1);
                hang()
            }
            "leave-child" => {
                leave(Command::new("sleep").arg("3600"));
                die("died, but its child still runs")
            }
            "leave-child-and-go-on" => {
                leave(Command::new("sleep").arg("3600"));
                return Ok(right);
            }
            "leave-child-in-new-session" => {
                leave(Command::new("setsid").args(["sleep", "3600"]));
                die("died, but its child is in a new session")
            }
            _ => return Ok(right),
        }
        Ok(String::new())
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

/// Starts a child that inherits the pipes of this program. Deliberately does not wait for the end
/// of the child.
#[allow(clippy::zombie_processes, reason = "the child must outlive this program")]
fn leave(command: &mut Command) {
    let Ok(child) = command.stdin(Stdio::inherit()).spawn() else { return };
    // `setsid` has finished when it has replaced itself with the program that it starts.
    let command_line = format!("/proc/{}/cmdline", child.id());
    while fs::read(&command_line).is_ok_and(|line| !line.starts_with(b"sleep")) {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Appends the id of this process to the file `list`. The line begins with `too late: ` if an
/// earlier process in the list has died.
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
    // SAFETY: the program does not use the descriptor after this call.
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
