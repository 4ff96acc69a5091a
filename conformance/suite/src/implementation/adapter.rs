//! The adapter's side of the adapter protocol, for implementations in Rust.

use std::io::{self, BufRead, BufReader, Read, Write};

use super::{
    Implementation,
    wire::{self, Asked},
};

/// Reads request lines from `input` and writes the answers to `output` in order until the input
/// ends.
///
/// The function collects answers while more requests are ready, and writes the answers before it
/// waits for input. A batch of requests is therefore fast, and a single request gets its answer
/// promptly.
///
/// # Errors
///
/// Returns an error if the input cannot be read or the output cannot be written.
pub fn serve_adapter(
    implementation: &mut dyn Implementation,
    input: impl Read,
    mut output: impl Write,
) -> io::Result<()> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let mut answers = Vec::new();
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        answers.extend(answer(implementation, &line));
        line.clear();
        if !input.buffer().contains(&b'\n') {
            output.write_all(&answers)?;
            output.flush()?;
            answers.clear();
        }
    }
    Ok(())
}

fn answer(implementation: &mut dyn Implementation, line: &[u8]) -> Vec<u8> {
    let Ok(line) = std::str::from_utf8(line) else {
        return wire::write_senseless("null", "the line is not UTF-8");
    };
    match wire::read_request(line) {
        (id, Asked::Hello) => wire::write_hello_answer(id, &implementation.about()),
        (id, Asked::Request(request)) => wire::write_reply(id, &implementation.answer(&request)),
        (id, Asked::Unsupported) => wire::write_reply(id, &Err(super::NotAccepted::Unsupported)),
        (id, Asked::Senseless(why)) => wire::write_senseless(id, &why),
    }
}
