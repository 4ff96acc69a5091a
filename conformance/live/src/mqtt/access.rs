//! The list of permitted clients: the file of `serve --credentials`.

use std::{collections::HashMap, fmt};

use iothub_resource::{DeviceName, ProductId};

use super::{
    packet::{Connect, Version},
    reason::{v3, v5},
};
use crate::credentials::{DeviceSecret, now};

/// User names with their passwords, and devices with their secrets.
#[derive(Default)]
pub struct AccessList {
    passwords: HashMap<String, Vec<u8>>,
    /// The devices by client id.
    devices: HashMap<String, ListedDevice>,
}

struct ListedDevice {
    secret: DeviceSecret,
    /// The number of the line, from 1.
    line: usize,
}

/// A line of the file is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadLine {
    /// The number of the line, from 1.
    pub line: usize,
    /// The fault in the line.
    pub why: String,
}

/// The reason why a client is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccessDenied {
    /// The list has neither its user name with this password nor its device.
    Unknown,
    /// The user name belongs to a device with another client id.
    ClientId,
    /// The user name begins like that of a device, but has another form.
    Username,
    /// The password is not an HMAC of the user name with the secret of the device.
    Signature,
    /// The user name expired at this second.
    Expired(u64),
}

impl AccessList {
    /// Parses a list. A line with a colon is a user name and a password; a line without one is a
    /// device. A secret has no colon, and a colon in the name of a device is written `%3A`, so the
    /// two forms are distinct.
    ///
    /// # Errors
    ///
    /// Returns the first invalid line.
    pub fn parse(text: &str) -> Result<Self, BadLine> {
        let mut list = Self::default();
        for (at, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some((username, password)) = line.split_once(':') {
                list.passwords.insert(username.to_owned(), password.as_bytes().to_vec());
            } else {
                list.add_device(line, at + 1).map_err(|why| BadLine { line: at + 1, why })?;
            }
        }
        Ok(list)
    }

    fn add_device(&mut self, line: &str, at: usize) -> Result<(), String> {
        const WANTED: &str = "write `USER NAME:PASSWORD`, or `device PRODUCT_ID/DEVICE_NAME \
                              SECRET` with the Base64 that the console shows, and %3A for a colon \
                              in the name";
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
            return Err(format!("its client id, {client_id}, is that of line {line}"));
        }
        self.devices.insert(client_id, ListedDevice { secret, line: at });
        Ok(())
    }

    /// Checks whether a client may connect now.
    pub(super) fn admits(&self, connect: &Connect) -> Result<(), AccessDenied> {
        let username = connect.username.as_deref().unwrap_or_default();
        let known = self.passwords.get(username);
        if known.is_some() && known == connect.password.as_ref() {
            return Ok(());
        }
        let (client_id, rest) = username.split_once(';').unwrap_or((username, ""));
        let Some(ListedDevice { secret, .. }) = self.devices.get(client_id) else {
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
        if expiry <= now() { Err(AccessDenied::Expired(expiry)) } else { Ok(()) }
    }
}

fn seconds(digits: &str) -> Option<u64> {
    digits.parse().ok().filter(|_| !digits.starts_with('+'))
}

impl fmt::Display for AccessDenied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => {
                f.write_str("its user name and password are not in the credentials file")
            }
            Self::ClientId => f.write_str(
                "its client id is not that of the device in its user name: product id and device \
                 name, with nothing between them",
            ),
            Self::Username => f.write_str(
                "its user name is not that of a device: client id, application id, connection id \
                 and expiry in seconds since 1970, with semicolons between them",
            ),
            Self::Signature => f.write_str(
                "its password is not the HMAC of its user name with the secret of the device, in \
                 hexadecimal digits, with ;hmacsha256 or ;hmacsha1 after them",
            ),
            Self::Expired(expiry) => {
                write!(
                    f,
                    "its user name has expired: it was valid until {expiry}, now is {}",
                    now()
                )
            }
        }
    }
}

/// The reason why a client is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectRefusal {
    Version,
    ClientId,
    Credentials(AccessDenied),
}

impl ConnectRefusal {
    pub(crate) const fn code(self, version: Version) -> u8 {
        match (self, version) {
            (Self::Version, Version::V5) => v5::UNSUPPORTED_VERSION,
            (Self::ClientId, Version::V5) => v5::CLIENT_ID_NOT_VALID,
            (Self::Credentials(_), Version::V5) => v5::BAD_CREDENTIALS,
            (Self::Version, _) => v3::UNACCEPTABLE_VERSION,
            (Self::ClientId, _) => v3::CLIENT_ID_REJECTED,
            (Self::Credentials(_), _) => v3::BAD_CREDENTIALS,
        }
    }
}

impl fmt::Display for ConnectRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version => f.write_str("it speaks no version of MQTT that is known"),
            Self::ClientId => f.write_str("it wants a lasting session without a client id"),
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

    fn admits(credentials: &Credentials) -> Result<(), AccessDenied> {
        let Credentials { client_id, username, password } = credentials;
        let mut connect = Connect::new(Version::V3_1_1, client_id);
        connect.username.clone_from(username);
        connect.password = password.clone().map(String::into_bytes);
        let list = AccessList::parse(FILE).unwrap_or_else(|bad| panic!("{bad:?}"));
        list.admits(&connect)
    }

    fn plain(username: &str, password: &str) -> Credentials {
        let client_id = "any".to_owned();
        Credentials { client_id, username: Some(username.into()), password: Some(password.into()) }
    }

    #[test]
    fn who_is_let_in() {
        let later = now() + 24 * 3600;
        // The last one cannot be a device, since it has a colon.
        for right in [
            plain("alice", "se:cret"),
            signed("P1", "one", "AAECAw==", later),
            signed("P1", "a:b", "BAUGBw==", u64::MAX),
            plain("device P1/a", "b"),
        ] {
            assert_eq!(admits(&right), Ok(()), "{:?}", right.username);
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
    fn lines_that_let_nobody_in() {
        for (text, line, part) in [
            ("alice", 1, "write `USER NAME:PASSWORD`, or `device PRODUCT_ID/DEVICE_NAME SECRET`"),
            ("a:b\n\ndevice P1/one", 3, "write `"),
            ("device P1/one AAECAw== more", 1, "write `"),
            ("device P1 AAECAw==", 1, "write `"),
            ("devices P1/one AAECAw==", 1, "write `"),
            ("device P-1/one AAECAw==", 1, "product id"),
            ("device P1/o.ne AAECAw==", 1, "device name"),
            ("device P1/ AAECAw==", 1, "device name"),
            ("device P1/one secret", 1, "Base64"),
            ("device P1/one AAECAw==\n#\ndevice P1o/ne AAECAw==", 3, "P1one, is that of line 1"),
        ] {
            let bad = AccessList::parse(text).err().unwrap_or_else(|| panic!("{text}"));
            assert_eq!(bad.line, line, "{text}");
            assert!(bad.why.contains(part), "{text}: {}", bad.why);
        }
    }
}
