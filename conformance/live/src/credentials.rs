//! The credentials of a device and their verification.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use iothub_resource::{DeviceName, ProductId};
use sha1::Sha1;
use sha2::Sha256;

use crate::random;

/// The application id that the vendor's documentation gives for device SDKs.
const SDK_APP_ID: &str = "12010126";
/// The time for which a signature is valid.
const VALID: Duration = Duration::from_secs(24 * 3600);

/// The credentials that a client sends in its CONNECT.
#[derive(Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "these three fields of a CONNECT identify a client")]
pub struct Credentials {
    /// The client id; for a device, the product id followed by the device name.
    pub client_id: String,
    /// The user name; `None` if the broker requires no user name.
    pub username: Option<String>,
    /// The password; `None` if the broker requires no password.
    pub password: Option<String>,
}

impl Credentials {
    /// Creates credentials for the vendor's authentication by device secret. The credentials are
    /// valid for a day.
    #[must_use]
    pub fn signed(product_id: ProductId, device_name: DeviceName, secret: &DeviceSecret) -> Self {
        let random = random::bits();
        let connection_id = format!("{:05x}", random & 0xF_FFFF);
        Self::signed_as(product_id, device_name, secret, &connection_id, now() + VALID.as_secs())
    }

    pub(crate) fn signed_as(
        product_id: ProductId,
        device_name: DeviceName,
        secret: &DeviceSecret,
        connection_id: &str,
        expiry: u64,
    ) -> Self {
        let client_id = format!("{product_id}{device_name}");
        let username = format!("{client_id};{SDK_APP_ID};{connection_id};{expiry}");
        let password = Some(secret.sign(&username));
        Self { client_id, username: Some(username), password }
    }
}

/// Returns the current time in seconds since 1970, the unit of the expiry in a user name.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// The secret key that a device and the platform share.
#[derive(Clone)]
pub struct DeviceSecret(Vec<u8>);

impl DeviceSecret {
    /// Parses a secret in Base64, as the vendor's console shows it.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is empty or not Base64.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        Base64::decode_vec(text.trim()).ok().filter(|key| !key.is_empty()).map(Self).ok_or(
            "invalid device secret: expected the Base64 text that the vendor's console shows, \
                 for example `AAECAwQFBgcICQoLDA0ODw==`",
        )
    }

    /// Returns the password for a user name.
    fn sign(&self, username: &str) -> String {
        let token = self.hmac::<Hmac<Sha256>>(username).finalize().into_bytes();
        let token: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{token};hmacsha256")
    }

    /// Returns whether a password is valid for the user name. A valid password is an HMAC of the
    /// user name in hexadecimal digits, followed by `;hmacsha256` or `;hmacsha1`.
    pub fn verifies(&self, username: &str, password: &[u8]) -> bool {
        let mut parts = password.splitn(2, |&byte| byte == b';');
        let Some(token) = parts.next().and_then(bytes_of_hex) else { return false };
        match parts.next() {
            Some(b"hmacsha256") => self.hmac::<Hmac<Sha256>>(username).verify_slice(&token).is_ok(),
            Some(b"hmacsha1") => self.hmac::<Hmac<Sha1>>(username).verify_slice(&token).is_ok(),
            _ => false,
        }
    }

    fn hmac<M: Mac + KeyInit>(&self, username: &str) -> M {
        let mut hmac = <M as KeyInit>::new_from_slice(&self.0)
            .unwrap_or_else(|_| unreachable!("an HMAC takes a key of any length"));
        hmac.update(username.as_bytes());
        hmac
    }
}

fn bytes_of_hex(digits: &[u8]) -> Option<Vec<u8>> {
    let value = |&digit: &u8| char::from(digit).to_digit(16);
    let pair = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(value(high)? << 4 | value(low)?).ok(),
        _ => None,
    };
    digits.chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "AAECAwQFBgcICQoLDA0ODw==";
    const USERNAME: &str = "L4WG9V9M2MTEST2;12010126;5AiF2;4102444800";

    /// No published example shows its whole secret, so the tokens were computed with Python:
    /// `hmac.new(base64.b64decode(secret), username.encode(), "sha256").hexdigest()`.
    #[test]
    fn a_signature() {
        let secret = DeviceSecret::parse(SECRET).unwrap();
        let (product_id, device_name) =
            (ProductId::new("L4WG9V9M2M").unwrap(), DeviceName::new("TEST2").unwrap());
        let credentials =
            Credentials::signed_as(product_id, device_name, &secret, "5AiF2", 4_102_444_800);
        assert_eq!(credentials.client_id, "L4WG9V9M2MTEST2");
        assert_eq!(credentials.username.as_deref(), Some(USERNAME));
        assert_eq!(
            credentials.password.as_deref(),
            Some("4c247acb57212135f7b6a449358c3510b1bc0ed528b27ec13d297662d9fa157a;hmacsha256")
        );
        for secret in ["", "no base64!", "AAEC AwQ="] {
            assert!(DeviceSecret::parse(secret).is_err(), "{secret}");
        }
    }

    #[test]
    fn signatures_are_verified() {
        let secret = DeviceSecret::parse(SECRET).unwrap();
        let sha256 = "4c247acb57212135f7b6a449358c3510b1bc0ed528b27ec13d297662d9fa157a";
        let sha1 = "0c3cfd57c0908260b63af4b13ef8393b6e535675";
        for right in [
            format!("{sha256};hmacsha256"),
            format!("{};hmacsha256", sha256.to_ascii_uppercase()),
            format!("{sha1};hmacsha1"),
        ] {
            assert!(secret.verifies(USERNAME, right.as_bytes()), "{right}");
            assert!(!secret.verifies(&USERNAME.replace("2;", "3;"), right.as_bytes()), "{right}");
        }
        for wrong in [
            String::new(),
            ";hmacsha256".to_owned(),
            sha256.to_owned(),
            format!("{sha256};"),
            format!("{sha256};hmacsha1"),
            format!("{sha1};hmacsha256"),
            format!("{sha256};hmacsha256;"),
            format!("{sha256};HMACSHA256"),
            format!("{};hmacsha256", &sha256[..62]),
            format!("{};hmacsha256", &sha256[..63]),
            format!("{sha256}00;hmacsha256"),
            format!("{};hmacsha256", sha256.replacen("4c", "+c", 1)),
            format!("{};hmacsha256", sha256.replacen("4c", "4d", 1)),
        ] {
            assert!(!secret.verifies(USERNAME, wrong.as_bytes()), "{wrong}");
        }
    }
}
