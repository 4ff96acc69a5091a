//! Sessions: any operations in any order, compared with small models.
//!
//! An input is a sequence of operations with a few bytes each. A changed byte therefore changes one
//! operation. [`bytes_of`] turns operations into bytes.

pub mod channel;
mod delay;
pub mod device;
pub mod observer;
pub mod platform;
mod said;

use arbitrary::{Arbitrary, Unstructured};
use iothub_resource::Profile;

pub use self::{
    delay::Delay,
    said::{Said, What},
};

/// An input that can be read from bytes and written as bytes.
pub trait Written: for<'a> Arbitrary<'a> {
    /// Appends the bytes from which the same input is read.
    fn write(&self, bytes: &mut Vec<u8>);
}

/// Returns the input that bytes stand for. Missing bytes are 0.
#[must_use]
pub fn read<T: Written>(bytes: &[u8]) -> T {
    T::arbitrary(&mut Unstructured::new(bytes)).expect("any bytes will do")
}

/// Returns the bytes of an input. [`read`] returns the same input for them.
#[must_use]
pub fn bytes_of<T: Written>(input: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    input.write(&mut bytes);
    bytes
}

/// Returns the operations up to the end of the bytes, but at most `most` operations.
fn list<'a, T: Arbitrary<'a>>(
    source: &mut Unstructured<'a>,
    most: usize,
) -> arbitrary::Result<Vec<T>> {
    let mut operations = Vec::new();
    while !source.is_empty() && operations.len() < most {
        operations.push(source.arbitrary()?);
    }
    Ok(operations)
}

/// Returns the profile that the lowest bit of a byte stands for.
const fn profile(byte: u8) -> Profile {
    Profile::ALL[(byte & 1) as usize]
}

fn profile_byte(it: Profile) -> u8 {
    u8::from(it == profile(1))
}

fn byte(source: &mut Unstructured<'_>) -> arbitrary::Result<u8> {
    source.arbitrary()
}
