//! Random bits of the operating system.

/// 64 bits that nobody can guess.
///
/// # Panics
///
/// Where the operating system has no source of randomness: a signed URL must not be guessable.
pub(crate) fn bits() -> u64 {
    getrandom::u64().unwrap_or_else(|error| panic!("no random numbers: {error}"))
}
