//! Sessions: any operations in any order, against small models.
//!
//! An input is a few plain bytes an operation, one operation after the other, so that a change of
//! a byte changes one operation, and bytes can be made of operations as well ([`bytes_of`]).

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

/// What is read from plain bytes, front to back, and can be written to them again.
pub trait Written: for<'a> Arbitrary<'a> {
    /// Appends the bytes that it is read from.
    fn write(&self, bytes: &mut Vec<u8>);
}

/// Reads a whole input. Where bytes are missing, they are 0.
#[must_use]
pub fn read<T: Written>(bytes: &[u8]) -> T {
    T::arbitrary(&mut Unstructured::new(bytes)).expect("any bytes will do")
}

/// The bytes of an input: [`read`] makes the same of them.
#[must_use]
pub fn bytes_of<T: Written>(input: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    input.write(&mut bytes);
    bytes
}

/// Operations to the end of the bytes, but not more than these.
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

/// The last bit of a byte as a profile.
const fn profile(byte: u8) -> Profile {
    Profile::ALL[(byte & 1) as usize]
}

fn profile_byte(it: Profile) -> u8 {
    u8::from(it == profile(1))
}

fn byte(source: &mut Unstructured<'_>) -> arbitrary::Result<u8> {
    source.arbitrary()
}
