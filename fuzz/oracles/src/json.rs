//! A JSON reader (RFC 8259) that is simple and correct rather than fast.
//!
//! It shares no code with `serde_json`, keeps repeated keys and the spelling of numbers, and reads
//! values of any depth without recursion.

/// A text, and the offset of the first byte that is not read yet.
pub(crate) struct Reader<'t> {
    text: &'t str,
    at: usize,
}

/// The members of an object in order. Each member has the key without escapes and the text of the
/// value. The key is `None` if it contains a lone surrogate.
pub(crate) type Members<'t> = Vec<(Option<String>, &'t str)>;

/// The error for a text that is not JSON.
#[derive(Debug)]
pub(crate) struct NotJson;

type Read<T> = Result<T, NotJson>;

/// Returns the one value of a text, without the white space around it.
pub(crate) fn value_of(text: &str) -> Read<&str> {
    let mut reader = Reader { text, at: 0 };
    reader.white_space();
    let value = reader.value()?;
    reader.white_space();
    if reader.at == text.len() { Ok(value) } else { Err(NotJson) }
}

/// Returns the members of a JSON object.
pub(crate) fn members(object: &str) -> Read<Members<'_>> {
    let mut reader = Reader { text: object, at: 0 };
    let mut members = Vec::new();
    reader.expect('{')?;
    reader.white_space();
    if reader.eat('}') {
        return Ok(members);
    }
    loop {
        reader.white_space();
        let key = reader.string()?;
        reader.white_space();
        reader.expect(':')?;
        reader.white_space();
        let value = reader.value()?;
        members.push((unescaped(key), value));
        reader.white_space();
        if !reader.eat(',') {
            reader.expect('}')?;
            return Ok(members);
        }
    }
}

/// Returns the text of a JSON string with its escapes decoded, or `None` if there is a lone
/// surrogate. `string` includes the quotes.
pub(crate) fn unescaped(string: &str) -> Option<String> {
    let inner = string.strip_prefix('"')?.strip_suffix('"')?;
    let mut units: Vec<u16> = Vec::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            units.extend(character.encode_utf16(&mut [0; 2]).iter());
            continue;
        }
        units.push(match characters.next()? {
            'b' => 0x8,
            't' => 0x9,
            'n' => 0xA,
            'f' => 0xC,
            'r' => 0xD,
            'u' => {
                let digits: String = characters.by_ref().take(4).collect();
                u16::from_str_radix(&digits, 16).ok()?
            }
            itself => u16::try_from(u32::from(itself)).ok()?,
        });
    }
    String::from_utf16(&units).ok()
}

impl<'t> Reader<'t> {
    fn next(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.next() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn expect(&mut self, wanted: char) -> Read<()> {
        if self.eat(wanted) { Ok(()) } else { Err(NotJson) }
    }

    fn white_space(&mut self) {
        while matches!(self.next(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    /// Returns the text of the value that is next. A stack of open brackets replaces recursion.
    fn value(&mut self) -> Read<&'t str> {
        let begin = self.at;
        let mut open = Vec::new();
        loop {
            // The reader is before a value.
            if self.eat('{') {
                self.white_space();
                if !self.eat('}') {
                    open.push('}');
                    self.key()?;
                    continue;
                }
            } else if self.eat('[') {
                self.white_space();
                if !self.eat(']') {
                    open.push(']');
                    continue;
                }
            } else {
                self.scalar()?;
            }
            // The reader is after a value, which may be the last one in its object or array.
            loop {
                let Some(close) = open.last().copied() else {
                    return Ok(&self.text[begin..self.at]);
                };
                self.white_space();
                if self.eat(',') {
                    self.white_space();
                    if close == '}' {
                        self.key()?;
                    }
                    break;
                }
                self.expect(close)?;
                open.pop();
            }
        }
    }

    fn key(&mut self) -> Read<()> {
        self.string()?;
        self.white_space();
        self.expect(':')?;
        self.white_space();
        Ok(())
    }

    fn scalar(&mut self) -> Read<()> {
        for word in ["null", "true", "false"] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(());
            }
        }
        if self.next() == Some('"') { self.string().map(drop) } else { self.number() }
    }

    fn string(&mut self) -> Read<&'t str> {
        let begin = self.at;
        self.expect('"')?;
        loop {
            match self.next().ok_or(NotJson)? {
                '"' => {
                    self.at += 1;
                    return Ok(&self.text[begin..self.at]);
                }
                '\0'..='\u{1F}' => return Err(NotJson),
                '\\' => {
                    self.at += 1;
                    if self.eat('u') {
                        for _ in 0..4 {
                            self.next().filter(char::is_ascii_hexdigit).ok_or(NotJson)?;
                            self.at += 1;
                        }
                    } else {
                        self.next().filter(|next| "\"\\/bfnrt".contains(*next)).ok_or(NotJson)?;
                        self.at += 1;
                    }
                }
                other => self.at += other.len_utf8(),
            }
        }
    }

    fn number(&mut self) -> Read<()> {
        self.eat('-');
        if !self.eat('0') {
            self.digits()?;
        }
        if self.eat('.') {
            self.digits()?;
        }
        if self.eat('e') || self.eat('E') {
            let _ = self.eat('+') || self.eat('-');
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Read<()> {
        let begin = self.at;
        while self.next().is_some_and(|next| next.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > begin { Ok(()) } else { Err(NotJson) }
    }
}
