//! The two topics of a device (TOP-1 to TOP-5): `$resource/{up,down}/service/PRODUCT/DEVICE`.

use core::{borrow::Borrow, fmt, str::FromStr};

use arrayvec::ArrayString;
use serde::{Serialize, Serializer};

use crate::split::split_once;

/// The direction of a message: up from the device, or down from the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "there is no third direction")]
pub enum Direction {
    /// The direction from the device to the platform, on `$resource/up/service/…` (TOP-1).
    Up,
    /// The direction from the platform to the device, on `$resource/down/service/…` (TOP-2).
    Down,
}

impl Direction {
    /// Both directions, up first.
    pub const ALL: [Self; 2] = [Self::Up, Self::Down];

    /// Returns the second level of the topic: `up` or `down`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Direction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The topic of one device in one direction.
///
/// [`new`](Self::new) cannot fail, because the parts are valid. [`parse`](Self::parse) accepts only
/// the format that `Display` writes (TOP-5).
///
/// ```
/// use iothub_resource::{Direction, Topic};
///
/// let topic: Topic = "$resource/up/service/D95V6NB56B/deng4".parse()?;
/// assert_eq!(topic.direction, Direction::Up);
/// assert_eq!(topic.reply().to_string(), "$resource/down/service/D95V6NB56B/deng4");
/// # Ok::<(), iothub_resource::TopicError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_structs, reason = "a topic has these three variable parts")]
pub struct Topic {
    /// The second level: `up` or `down`.
    pub direction: Direction,
    /// The fourth level: the id of the product that the device belongs to.
    pub product_id: ProductId,
    /// The fifth level: the name of the device.
    pub device_name: DeviceName,
}

impl Topic {
    /// Creates a topic from its parts.
    #[must_use]
    pub const fn new(direction: Direction, product_id: ProductId, device_name: DeviceName) -> Self {
        Self { direction, product_id, device_name }
    }

    /// Reads a topic of five levels without wildcards, empty levels or additional characters.
    /// Topics are case-sensitive (TOP-5).
    ///
    /// # Errors
    ///
    /// Returns an error in these cases:
    ///
    /// - `$resource/up/service/P`, `$resource/up/service/P/d/x`: the topic does not have five
    ///   levels ([`TopicError::Shape`])
    /// - `$RESOURCE/up/service/P/d`, `$resource/sideways/service/P/d`: the topic is not one of the
    ///   two topics ([`TopicError::Shape`])
    /// - `$resource/up/service/PRODUCT_ID/d`: the product id is invalid ([`TopicError::ProductId`])
    /// - `$resource/up/service/P/+`: the device name is invalid ([`TopicError::DeviceName`])
    pub fn parse(topic: &str) -> Result<Self, TopicError> {
        let rest = topic.strip_prefix("$resource/").ok_or(TopicError::Shape)?;
        let (direction, rest) = if let Some(rest) = rest.strip_prefix("up/service/") {
            (Direction::Up, rest)
        } else if let Some(rest) = rest.strip_prefix("down/service/") {
            (Direction::Down, rest)
        } else {
            return Err(TopicError::Shape);
        };
        let (product_id, device_name) = split_once(rest, b'/').ok_or(TopicError::Shape)?;
        if device_name.bytes().any(|byte| byte == b'/') {
            return Err(TopicError::Shape);
        }
        Ok(Self::new(direction, ProductId::new(product_id)?, DeviceName::new(device_name)?))
    }

    /// Returns the other topic of the same device, on which the answers are published.
    #[must_use]
    pub const fn reply(self) -> Self {
        let direction = match self.direction {
            Direction::Up => Direction::Down,
            Direction::Down => Direction::Up,
        };
        Self { direction, ..self }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { direction, product_id, device_name } = self;
        write!(f, "$resource/{direction}/service/{product_id}/{device_name}")
    }
}

impl FromStr for Topic {
    type Err = TopicError;

    fn from_str(topic: &str) -> Result<Self, TopicError> {
        Self::parse(topic)
    }
}

impl Serialize for Topic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A product id: 1 to 10 ASCII letters or digits (TOP-3), for example `D95V6NB56B`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductId(ArrayString<10>);

/// A device name: 1 to 48 characters from `A-Z a-z 0-9 : _ -` (TOP-4), for example
/// `floor-3:camera_12`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceName(ArrayString<48>);

impl ProductId {
    /// Checks the form of a text and returns the text as a product id.
    ///
    /// # Errors
    ///
    /// Returns [`TopicError::ProductId`] if `id` is empty, has more than 10 characters, or contains
    /// a character other than ASCII letters and digits.
    pub fn new(id: &str) -> Result<Self, TopicError> {
        level(id, |byte| byte.is_ascii_alphanumeric()).map(Self).ok_or(TopicError::ProductId)
    }
}

impl DeviceName {
    /// Checks the form of a text and returns the text as a device name.
    ///
    /// # Errors
    ///
    /// Returns [`TopicError::DeviceName`] if `name` is empty, has more than 48 characters, or
    /// contains a character other than ASCII letters, digits, `:`, `_` and `-`.
    pub fn new(name: &str) -> Result<Self, TopicError> {
        level(name, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-'))
            .map(Self)
            .ok_or(TopicError::DeviceName)
    }
}

fn level<const LONGEST: usize>(
    text: &str,
    allowed: impl Fn(u8) -> bool,
) -> Option<ArrayString<LONGEST>> {
    if text.is_empty() || !text.bytes().all(allowed) {
        return None;
    }
    ArrayString::from(text).ok()
}

macro_rules! text_level {
    ($type:ident) => {
        impl $type {
            /// Returns the text of this topic level.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($type)).field(&self.as_str()).finish()
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        /// Lets you look up any text in a map whose keys have this type.
        impl Borrow<str> for $type {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }

        impl FromStr for $type {
            type Err = TopicError;

            fn from_str(text: &str) -> Result<Self, TopicError> {
                Self::new(text)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

text_level!(ProductId);
text_level!(DeviceName);

/// The reason why a text is not a valid topic, product id or device name (code `invalid-topic`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TopicError {
    /// The topic is neither `$resource/up/service/{product_id}/{device_name}` nor the same topic
    /// with `down` (TOP-5).
    Shape,
    /// The product id does not consist of 1 to 10 ASCII letters or digits (TOP-3).
    ProductId,
    /// The device name does not consist of 1 to 48 characters from `A-Z a-z 0-9 : _ -` (TOP-4).
    DeviceName,
}

impl TopicError {
    /// Returns the id of the requirement that the text violates, for example `TOP-5`.
    #[must_use]
    pub const fn requirement(self) -> &'static str {
        match self {
            Self::Shape => "TOP-5",
            Self::ProductId => "TOP-3",
            Self::DeviceName => "TOP-4",
        }
    }
}

impl fmt::Display for TopicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shape => {
                "a topic must be `$resource/up/service/{product_id}/{device_name}` or the same with `down`"
            }
            Self::ProductId => "a product id must have 1 to 10 ASCII letters or digits",
            Self::DeviceName => {
                "a device name must have 1 to 48 ASCII letters, digits, colons, underscores or hyphens"
            }
        })
    }
}

impl core::error::Error for TopicError {}
