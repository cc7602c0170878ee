//! Numbers as pages print them.

/// Prints a number with at most four significant digits and a minus sign (U+2212).
pub fn number(value: f64) -> String {
    if value < 0.0 {
        return format!("−{}", number(-value));
    }
    // There is one zero.
    let value = value + 0.0;
    if value == value.round() && value.abs() < 1e9 {
        return format!("{value}");
    }
    let digits = (3 - value.abs().log10().floor() as i32).clamp(0, 9) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (2.0, "2"),
            (-1.5, "−1.5"),
            (1.23456, "1.235"),
            (0.000_123_456, "0.0001235"),
            (123_456.7, "123457"),
            (f64::INFINITY, "inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
