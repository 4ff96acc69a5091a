//! The list of permitted clients, from the `serve --credentials` file.

use std::{collections::HashMap, fmt, sync::Arc};

use iothub_resource::{DeviceName, Direction, ProductId, Topic};

use super::{
    filter::{covers, is_filter},
    packet::{Connect, Version},
    reason::{v3, v5},
};
use crate::{
    credentials::{DeviceSecret, now},
    record::Device,
};

/// The users with their passwords and permissions, and the devices with their secrets.
#[derive(Default)]
pub struct AccessList {
    passwords: HashMap<String, Vec<u8>>,
    /// The permissions of users with `allow` lines, by user name.
    allowed: HashMap<String, Arc<Allowed>>,
    /// The devices, by client id.
    devices: HashMap<String, ListedDevice>,
}

struct ListedDevice {
    device: Device,
    secret: DeviceSecret,
    /// The line number, starting at 1.
    line: usize,
}

/// The filters in the `allow` lines of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allowed {
    publish: Vec<String>,
    subscribe: Vec<String>,
}

/// The permissions of a client: all topics, its own topics, or the filters in `allow` lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rights {
    All,
    /// The client may publish on its own up topic and subscribe to its own down topic.
    Device(Device),
    Allowed(Arc<Allowed>),
}

impl Rights {
    pub(super) fn may_publish(&self, topic: &str) -> bool {
        self.may(topic, Direction::Up, |allowed| &allowed.publish)
    }

    pub(super) fn may_subscribe(&self, filter: &str) -> bool {
        self.may(filter, Direction::Down, |allowed| &allowed.subscribe)
    }

    fn may(&self, topic: &str, own: Direction, given: fn(&Allowed) -> &Vec<String>) -> bool {
        match self {
            Self::All => true,
            Self::Device((product_id, device_name)) => {
                Topic::parse(topic) == Ok(Topic::new(own, *product_id, *device_name))
            }
            Self::Allowed(allowed) => given(allowed).iter().any(|wide| covers(wide, topic)),
        }
    }
}

/// The error for an invalid line in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadLine {
    /// The line number, starting at 1.
    pub line: usize,
    /// The fault in the line, and what to write instead.
    pub why: String,
}

/// The reason why the credentials file does not permit a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccessDenied {
    /// The list contains neither the user name with this password nor the device.
    Unknown,
    /// The user name belongs to a device with a different client id.
    ClientId,
    /// The client id belongs to a device, but the user name does not.
    DeviceClientId,
    /// The user name begins with the client id of a device, but its other parts are invalid.
    Username,
    /// The password is not an HMAC of the user name with the secret of the device.
    Signature,
    /// The user name has expired. The value is the expiry in seconds since 1970.
    Expired(u64),
}

impl AccessList {
    /// Parses a list. Skips blank lines and lines that begin with `#`. Any other line with a colon
    /// contains a user name and a password. A line without a colon contains a device or a
    /// permission of a user. Each line has only one meaning, because secrets contain no colon. In
    /// device names and topic filters, a colon is written as `%3A`.
    ///
    /// # Errors
    ///
    /// Returns an error if a line is invalid, or if an `allow` line names a user without a
    /// password.
    pub fn parse(text: &str) -> Result<Self, BadLine> {
        let mut list = Self::default();
        let mut users = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let bad = |why| BadLine { line: at + 1, why };
            if line.trim().is_empty() || line.trim_start().starts_with('#') {
                continue;
            }
            if let Some((username, password)) = line.split_once(':') {
                list.passwords.insert(username.to_owned(), password.as_bytes().to_vec());
            } else if let Some(words) = line.trim().strip_prefix("allow ") {
                users.push((list.allow(words).map_err(bad)?, at + 1));
            } else {
                list.add_device(line, at + 1).map_err(bad)?;
            }
        }
        let unknown = users.into_iter().find(|(user, _)| !list.passwords.contains_key(user));
        match unknown {
            Some((user, line)) => Err(BadLine {
                line,
                why: format!("the file has no line `{user}:PASSWORD` for this user"),
            }),
            None => Ok(list),
        }
    }

    /// Parses the words after `allow` and adds the permission. Returns the name of the user.
    fn allow(&mut self, words: &str) -> Result<String, String> {
        const WANTED: &str = "write `allow USERNAME publish FILTER` or `allow USERNAME subscribe \
                              FILTER`, for example `allow alice subscribe $resource/#`. In FILTER, \
                              write %3A for a colon";
        let mut parts = words.rsplitn(3, ' ');
        let (Some(filter), Some(access), Some(user)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(WANTED.to_owned());
        };
        let filter = filter.replace("%3A", ":");
        if !is_filter(&filter) {
            return Err(format!(
                "`{filter}` is not a topic filter: expected, for example, `$resource/#`"
            ));
        }
        let allowed = Arc::make_mut(self.allowed.entry(user.to_owned()).or_default());
        match access {
            "publish" => allowed.publish.push(filter),
            "subscribe" => allowed.subscribe.push(filter),
            _ => return Err(WANTED.to_owned()),
        }
        Ok(user.to_owned())
    }

    fn add_device(&mut self, line: &str, at: usize) -> Result<(), String> {
        const WANTED: &str = "for a user, write the MQTT user name and password as \
                              `USERNAME:PASSWORD`, for example `alice:secret`. For a device with \
                              the vendor's SDKs, write `device PRODUCT_ID/DEVICE_NAME SECRET`, for \
                              example `device ABCDEFGHIJ/device1 AAECAwQFBgcICQoLDA0ODw==`. SECRET \
                              is the Base64 text that the vendor's console shows for the device. \
                              In DEVICE_NAME, write %3A for a colon";
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["device", device, secret] = words[..] else { return Err(WANTED.to_owned()) };
        let Some((product_id, device_name)) = device.split_once('/') else {
            return Err(WANTED.to_owned());
        };
        let product_id = ProductId::new(product_id).map_err(|error| error.to_string())?;
        let device_name =
            DeviceName::new(&device_name.replace("%3A", ":")).map_err(|error| error.to_string())?;
        let secret = DeviceSecret::parse(secret)?;
        let client_id = format!("{product_id}{device_name}");
        if let Some(ListedDevice { line, .. }) = self.devices.get(&client_id) {
            return Err(format!("the device on line {line} has the same client id, {client_id}"));
        }
        let device = (product_id, device_name);
        self.devices.insert(client_id, ListedDevice { device, secret, line: at });
        Ok(())
    }

    /// Returns the permissions of a client that may connect now, or the reason why the client may
    /// not.
    pub(super) fn admits(&self, connect: &Connect) -> Result<Rights, AccessDenied> {
        let username = connect.username.as_deref().unwrap_or_default();
        let known = self.passwords.get(username);
        if known.is_some() && known == connect.password.as_ref() {
            return match self.allowed.get(username) {
                None => Ok(Rights::All),
                // Such a client would displace the device.
                Some(_) if self.devices.contains_key(&connect.client_id) => {
                    Err(AccessDenied::DeviceClientId)
                }
                Some(allowed) => Ok(Rights::Allowed(Arc::clone(allowed))),
            };
        }
        let (client_id, rest) = username.split_once(';').unwrap_or((username, ""));
        let Some(ListedDevice { device, secret, .. }) = self.devices.get(client_id) else {
            return Err(AccessDenied::Unknown);
        };
        if connect.client_id != client_id {
            return Err(AccessDenied::ClientId);
        }
        let mut parts = rest.split(';');
        let (Some(_), Some(_), Some(expiry), None) =
            (parts.next(), parts.next(), parts.next().and_then(seconds), parts.next())
        else {
            return Err(AccessDenied::Username);
        };
        if !secret.verifies(username, connect.password.as_deref().unwrap_or_default()) {
            return Err(AccessDenied::Signature);
        }
        if expiry <= now() {
            Err(AccessDenied::Expired(expiry))
        } else {
            Ok(Rights::Device(*device))
        }
    }
}

fn seconds(digits: &str) -> Option<u64> {
    digits.parse().ok().filter(|_| !digits.starts_with('+'))
}

impl fmt::Display for AccessDenied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str(
                "the credentials file has neither this user name with this password nor this \
                     device",
            ),
            Self::ClientId => f.write_str(
                "its client id is not that of the device in its user name: expected the product id \
                 and the device name, without a separator",
            ),
            Self::DeviceClientId => f.write_str(
                "its client id is that of a device in the credentials file, but it connects as a \
                user",
            ),
            Self::Username => f.write_str(
                "its user name is not that of a device: expected the client id, the application \
                 id, the connection id and the expiry in seconds since 1970, separated by \
                 semicolons",
            ),
            Self::Signature => f.write_str(
                "its password is not the HMAC of its user name with the secret of the device, in \
                 hexadecimal digits, followed by ;hmacsha256 or ;hmacsha1",
            ),
            Self::Expired(expiry) => {
                write!(
                    f,
                    "its user name has expired: it was valid until {expiry}, and the time is now \
                     {} (in seconds since 1970)",
                    now()
                )
            }
        }
    }
}

/// The reason why the endpoint refuses a CONNECT. `Display` writes a sentence about the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectRefusal {
    Version,
    ClientId,
    LongClientId,
    WillTopic,
    Credentials(AccessDenied),
}

impl ConnectRefusal {
    pub(crate) const fn code(self, version: Version) -> u8 {
        match (self, version) {
            (Self::Version, Version::V5) => v5::UNSUPPORTED_VERSION,
            (Self::ClientId | Self::LongClientId, Version::V5) => v5::CLIENT_ID_NOT_VALID,
            (Self::WillTopic, Version::V5) => v5::TOPIC_NOT_VALID,
            (Self::Credentials(_), Version::V5) => v5::BAD_CREDENTIALS,
            (Self::Version, _) => v3::UNACCEPTABLE_VERSION,
            (Self::ClientId | Self::LongClientId, _) => v3::CLIENT_ID_REJECTED,
            (Self::WillTopic, _) => v3::SERVER_UNAVAILABLE,
            (Self::Credentials(_), _) => v3::BAD_CREDENTIALS,
        }
    }
}

impl fmt::Display for ConnectRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version => f.write_str("it uses an unknown version of MQTT"),
            Self::ClientId => f.write_str("it requests a persistent session without a client id"),
            Self::LongClientId => f.write_str("its client id is longer than 1,024 bytes"),
            Self::WillTopic => f.write_str(
                "the topic of its will is empty, is too long, has a wildcard, or has too many \
                 levels",
            ),
            Self::Credentials(why) => why.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{credentials::Credentials, mqtt::Version};

    const FILE: &str = "# who may\n\nalice:se:cret\ndevice P1/a:b\ndevice P1/one AAECAw==\n  device \
                        P1/a%3Ab  BAUGBw==";

    fn signed(product_id: &str, device_name: &str, secret: &str, expiry: u64) -> Credentials {
        let (product_id, device_name) =
            (ProductId::new(product_id).unwrap(), DeviceName::new(device_name).unwrap());
        let secret = DeviceSecret::parse(secret).unwrap();
        Credentials::signed_as(product_id, device_name, &secret, "5AiF2", expiry)
    }

    fn admits(credentials: &Credentials) -> Result<Rights, AccessDenied> {
        admitted(FILE, credentials)
    }

    fn admitted(file: &str, credentials: &Credentials) -> Result<Rights, AccessDenied> {
        let Credentials { client_id, username, password } = credentials;
        let mut connect = Connect::new(Version::V3_1_1, client_id);
        connect.username.clone_from(username);
        connect.password = password.clone().map(String::into_bytes);
        let list = AccessList::parse(file).unwrap_or_else(|bad| panic!("{bad:?}"));
        list.admits(&connect)
    }

    fn plain(username: &str, password: &str) -> Credentials {
        let client_id = "any".to_owned();
        Credentials { client_id, username: Some(username.into()), password: Some(password.into()) }
    }

    #[test]
    fn who_is_let_in() {
        let later = now() + 24 * 3600;
        // The last line cannot be a device, because it contains a colon.
        for right in [
            plain("alice", "se:cret"),
            signed("P1", "one", "AAECAw==", later),
            signed("P1", "a:b", "BAUGBw==", u64::MAX),
            plain("device P1/a", "b"),
        ] {
            assert!(admits(&right).is_ok(), "{:?}", right.username);
        }
        let expired = now();
        let one = || signed("P1", "one", "AAECAw==", later);
        let username = |username: &str| Credentials { username: Some(username.into()), ..one() };
        for (wrong, why) in [
            (plain("alice", "secret"), AccessDenied::Unknown),
            (plain("", ""), AccessDenied::Unknown),
            (Credentials { username: None, password: None, ..one() }, AccessDenied::Unknown),
            (signed("P1", "two", "AAECAw==", later), AccessDenied::Unknown),
            (signed("P1", "one", "BAUGBw==", later), AccessDenied::Signature),
            (signed("P1", "one", "AAECAw==", expired), AccessDenied::Expired(expired)),
            (Credentials { password: None, ..one() }, AccessDenied::Signature),
            (Credentials { client_id: "P1a:b".into(), ..one() }, AccessDenied::ClientId),
            (Credentials { client_id: "P1/one".into(), ..one() }, AccessDenied::ClientId),
            (username("P1one"), AccessDenied::Username),
            (username("P1one;12010126;5AiF2"), AccessDenied::Username),
            (username("P1one;12010126;5AiF2;never"), AccessDenied::Username),
            (username("P1one;12010126;5AiF2;+4102444800"), AccessDenied::Username),
            (username("P1one;12010126;5AiF2;4102444800;"), AccessDenied::Username),
            (username("P1one;12010126;5AiF2;4102444800"), AccessDenied::Signature),
        ] {
            assert_eq!(admits(&wrong), Err(why), "{:?}", wrong.username);
        }
    }

    #[test]
    fn what_each_may_do() {
        let later = now() + 9;
        let file = "device P1/one AAECAw==\n  # a comment\nfree:x\nmy desk:y\nallow my desk \
                    publish $resource/up/service/+/a%3Ab\nallow my desk subscribe #";
        let (up, down) = ("$resource/up/service/P1/one", "$resource/down/service/P1/one");
        let colon = "$resource/up/service/P1/a:b";
        let wide = "$resource/down/service/P1/+";
        for (who, publishes, subscribes) in [
            (signed("P1", "one", "AAECAw==", later), vec![up], vec![down]),
            (plain("free", "x"), vec![up, down, colon, "t"], vec![up, down, wide, "#", "t"]),
            (plain("my desk", "y"), vec![colon], vec!["#", "t"]),
        ] {
            let rights = admitted(file, &who).unwrap();
            for topic in [up, down, colon, "t"] {
                assert_eq!(rights.may_publish(topic), publishes.contains(&topic), "{topic}");
            }
            for filter in [up, down, wide, "#", "t"] {
                assert_eq!(rights.may_subscribe(filter), subscribes.contains(&filter), "{filter}");
            }
        }
        let mut device = plain("my desk", "y");
        device.client_id = "P1one".to_owned();
        assert_eq!(admitted(file, &device), Err(AccessDenied::DeviceClientId));
    }

    #[test]
    fn lines_that_let_nobody_in() {
        for (text, line, part) in [
            ("alice", 1, "`USERNAME:PASSWORD`"),
            ("a:b\n\ndevice P1/one", 3, "write `device PRODUCT_ID/DEVICE_NAME SECRET`"),
            ("device P1/one AAECAw== more", 1, "write `device "),
            ("device P1 AAECAw==", 1, "write `device "),
            ("devices P1/one AAECAw==", 1, "write `device "),
            ("allow alice", 1, "write `allow "),
            ("alice:x\nallow alice read t", 2, "write `allow "),
            ("alice:x\nallow alice publish a/#/b", 2, "`a/#/b` is not a topic filter"),
            ("bob:x\nallow alice publish t", 2, "no line `alice:PASSWORD`"),
            ("device P-1/one AAECAw==", 1, "product id"),
            ("device P1/o.ne AAECAw==", 1, "device name"),
            ("device P1/ AAECAw==", 1, "device name"),
            ("device P1/one secret", 1, "Base64"),
            (
                "device P1/one AAECAw==\n#\ndevice P1o/ne AAECAw==",
                3,
                "line 1 has the same client id, P1one",
            ),
        ] {
            let bad = AccessList::parse(text).err().unwrap_or_else(|| panic!("{text}"));
            assert_eq!(bad.line, line, "{text}");
            assert!(bad.why.contains(part), "{text}: {}", bad.why);
        }
    }
}
