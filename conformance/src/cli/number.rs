//! Parses the numbers in options.

use std::ops::RangeInclusive;

/// Returns a parser for whole numbers in `range`, for use as a `value_parser`.
pub(super) fn within<T: TryFrom<u64>>(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| match range.end() {
            &u64::MAX => format!("expected a whole number of at least {}", range.start()),
            end => format!("expected a whole number from {} to {end}", range.start()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(within::<u16>(1..=256)("256"), Ok(256));
        assert_eq!(within::<u64>(0..=u64::MAX)("18446744073709551615"), Ok(u64::MAX));
        for text in ["0", "257", "-1", "1.0", "many", ""] {
            assert_eq!(
                within::<u16>(1..=256)(text),
                Err("expected a whole number from 1 to 256".to_owned()),
                "{text}"
            );
        }
        assert_eq!(
            within::<u64>(1..=u64::MAX)("0"),
            Err("expected a whole number of at least 1".to_owned())
        );
    }
}
