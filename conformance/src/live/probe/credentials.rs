//! Who the device says it is.

use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use iothub_resource::{DeviceName, ProductId};
use sha2::Sha256;

/// The application id that the vendor's documentation gives to device SDKs.
const SDK_APP_ID: &str = "12010126";
/// How long a signature is valid.
const VALID: Duration = Duration::from_secs(24 * 3600);

/// What a CONNECT carries.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) client_id: String,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
}

impl Credentials {
    /// Of the vendor's device authentication by secret, for a connection that begins now.
    pub(crate) fn signed(
        product_id: ProductId,
        device_name: DeviceName,
        secret: &str,
    ) -> Result<Self, &'static str> {
        let random = RandomState::new().hash_one(0);
        let connection_id = format!("{:05x}", random & 0xF_FFFF);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::signed_as(product_id, device_name, secret, &connection_id, (now + VALID).as_secs())
    }

    fn signed_as(
        product_id: ProductId,
        device_name: DeviceName,
        secret: &str,
        connection_id: &str,
        expiry: u64,
    ) -> Result<Self, &'static str> {
        let key = Base64::decode_vec(secret.trim())
            .ok()
            .filter(|key| !key.is_empty())
            .ok_or("a device secret is Base64, as the console shows it")?;
        let client_id = format!("{product_id}{device_name}");
        let username = format!("{client_id};{SDK_APP_ID};{connection_id};{expiry}");
        let mut hmac = Hmac::<Sha256>::new_from_slice(&key)
            .map_err(|_| "the device secret cannot be used as a key")?;
        hmac.update(username.as_bytes());
        let token: String =
            hmac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let password = Some(format!("{token};hmacsha256"));
        Ok(Self { client_id, username: Some(username), password })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No published example shows its secret in full, so the token was worked out with Python's
    /// `hmac.new(base64.b64decode(secret), username.encode(), "sha256").hexdigest()`.
    #[test]
    fn a_signature() {
        let signed = |secret| {
            let (product_id, device_name) =
                (ProductId::new("L4WG9V9M2M").unwrap(), DeviceName::new("TEST2").unwrap());
            Credentials::signed_as(product_id, device_name, secret, "5AiF2", 4_102_444_800)
        };
        let credentials = signed("AAECAwQFBgcICQoLDA0ODw==").unwrap();
        assert_eq!(credentials.client_id, "L4WG9V9M2MTEST2");
        assert_eq!(
            credentials.username.as_deref(),
            Some("L4WG9V9M2MTEST2;12010126;5AiF2;4102444800")
        );
        assert_eq!(
            credentials.password.as_deref(),
            Some("4c247acb57212135f7b6a449358c3510b1bc0ed528b27ec13d297662d9fa157a;hmacsha256")
        );
        for secret in ["", "no base64!", "AAEC AwQ="] {
            assert!(signed(secret).is_err(), "{secret}");
        }
    }
}
