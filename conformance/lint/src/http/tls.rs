//! Finds the host of a TLS connection in its ClientHello.

/// The maximum length of a ClientHello in bytes.
const LONGEST: usize = 1 << 14;

/// The bytes of a ClientHello, which may span several segments and records.
#[derive(Debug, Default)]
pub(crate) struct ClientHello {
    records: Vec<u8>,
}

/// The result of reading a ClientHello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hello {
    /// The ClientHello is incomplete.
    Wait,
    /// The ClientHello names this host, in lowercase.
    Host(String),
    /// The ClientHello names no host, or the bytes are not a ClientHello.
    NoHost,
}

impl ClientHello {
    /// Returns whether a connection begins with a ClientHello.
    pub(crate) fn begins_with(bytes: &[u8]) -> bool {
        matches!(bytes, [0x16, 3, 0..=4, _, _, 1, ..])
    }

    /// Returns the number of bytes of memory that the collected bytes take.
    pub(crate) const fn kept_bytes(&self) -> usize {
        self.records.capacity()
    }

    /// Processes the next bytes from the client. Returns [`Hello::Wait`] until the ClientHello is
    /// complete or too long.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Hello {
        self.records.extend_from_slice(bytes);
        match handshake(&self.records) {
            Some(message) => host(&message).map_or(Hello::NoHost, Hello::Host),
            None if self.records.len() > LONGEST => Hello::NoHost,
            None => Hello::Wait,
        }
    }
}

/// Returns the first handshake message without its type and length, or `None` if the message is
/// incomplete.
fn handshake(mut records: &[u8]) -> Option<Vec<u8>> {
    const HANDSHAKE: u8 = 0x16;
    let mut message = Vec::new();
    while let [HANDSHAKE, _, _, high, low, rest @ ..] = records {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        message.extend_from_slice(&rest[..length.min(rest.len())]);
        if let [_, high, middle, low, body @ ..] = &*message {
            let length = u32::from_be_bytes([0, *high, *middle, *low]) as usize;
            if body.len() >= length {
                return Some(body[..length].to_vec());
            }
        }
        records = rest.get(length..)?;
    }
    None
}

/// Returns the host in the extension `server_name` (RFC 6066), or `None` if it is missing.
fn host(hello: &[u8]) -> Option<String> {
    const SERVER_NAME: u16 = 0;
    const HOST_NAME: u8 = 0;
    /// The length in bytes of the version and the random value.
    const BEGIN: usize = 34;
    let mut rest = hello.get(BEGIN..)?;
    let _session = field(&mut rest, 1)?;
    let _cipher_suites = field(&mut rest, 2)?;
    let _compressions = field(&mut rest, 1)?;
    let mut extensions = field(&mut rest, 2)?;
    while let [high, low, after @ ..] = extensions {
        extensions = after;
        let mut names = field(&mut extensions, 2)?;
        if u16::from_be_bytes([*high, *low]) == SERVER_NAME {
            let mut names = field(&mut names, 2)?;
            let (&kind, after) = names.split_first()?;
            names = after;
            let name = std::str::from_utf8(field(&mut names, 2)?).ok()?;
            return (kind == HOST_NAME && !name.is_empty()).then(|| name.to_ascii_lowercase());
        }
    }
    None
}

/// Removes a field from the beginning of `rest` and returns its content. The field has a length
/// prefix of `length_bytes` bytes. Returns `None` if the field is incomplete.
fn field<'a>(rest: &mut &'a [u8], length_bytes: usize) -> Option<&'a [u8]> {
    let (length, after) = rest.split_at_checked(length_bytes)?;
    let length = length.iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
    let (field, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(field)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Returns a ClientHello in one record.
    pub(crate) fn hello(host: Option<&str>) -> Vec<u8> {
        fn short(bytes: &[u8]) -> Vec<u8> {
            [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat()
        }
        let name = host.map(|host| {
            let name = [&[0][..], &short(host.as_bytes())].concat();
            [&[0, 0][..], &short(&short(&name))].concat()
        });
        let extensions = [vec![0, 0x17, 0, 0], name.unwrap_or_default()].concat();
        let body = [&[3; 34][..], &[2, 7, 7], &[0, 2, 0x13, 1], &[1, 0], &short(&extensions)];
        let body = body.concat();
        let length = (body.len() as u32).to_be_bytes();
        let message = [&[1][..], &length[1..], &body].concat();
        [&[0x16, 3, 1][..], &short(&message)].concat()
    }

    #[test]
    fn hosts() {
        let bytes = hello(Some("Store.example"));
        assert!(ClientHello::begins_with(&bytes));
        for size in [1, 5, 6, 40, 1000] {
            let mut told = Vec::new();
            let mut reading = ClientHello::default();
            for part in bytes.chunks(size) {
                told.push(reading.take(part));
            }
            assert_eq!(told.pop(), Some(Hello::Host("store.example".to_owned())), "{size}");
            assert!(told.iter().all(|hello| *hello == Hello::Wait), "{size}");
        }
        assert_eq!(ClientHello::default().take(&hello(None)), Hello::NoHost);
        // The same ClientHello is in two records.
        let (head, tail) = bytes[5..].split_at(20);
        let record = |bytes: &[u8]| [&[0x16, 3, 1, 0, bytes.len() as u8][..], bytes].concat();
        let two = [record(head), record(tail)].concat();
        assert_eq!(ClientHello::default().take(&two), Hello::Host("store.example".to_owned()));
    }

    #[test]
    fn what_makes_no_sense() {
        let whole = hello(Some("h"));
        for at in 0..whole.len() {
            let mut garbled = whole.clone();
            garbled[at] ^= 0xFF;
            ClientHello::default().take(&garbled);
        }
        let mut endless = ClientHello::default();
        assert_eq!(endless.take(&[0x16, 3, 1, 0xFF, 0xFF, 1, 0xFF, 0xFF, 0xFF]), Hello::Wait);
        assert_eq!(endless.take(&vec![0; LONGEST]), Hello::NoHost);
        assert!(!ClientHello::begins_with(b"\x16\x03\x01\x00\x05\x02"));
    }
}
