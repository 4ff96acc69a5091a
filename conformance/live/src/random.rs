//! Random bits from the operating system.

/// Returns 64 unpredictable bits.
///
/// # Panics
///
/// Panics if the operating system has no source of random numbers, because a signed URL must be
/// unpredictable.
pub(crate) fn bits() -> u64 {
    getrandom::u64()
        .unwrap_or_else(|error| panic!("the system has no source of random numbers: {error}"))
}
