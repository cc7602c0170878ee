//! Quantities: `500m`, `1Gi`, `1e3`.

/// Parses a quantity to a number.
///
/// Source: apimachinery resource.ParseQuantity.
pub fn parse(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text
        .char_indices()
        .find(|(_, c)| !c.is_ascii_digit() && !matches!(c, '.' | '+' | '-'))
        .map_or(text.len(), |(offset, _)| offset);
    let number: f64 = text.get(..end)?.parse().ok()?;
    let factor = match text.get(end..)? {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1024f64.powi(2),
        "Gi" => 1024f64.powi(3),
        "Ti" => 1024f64.powi(4),
        "Pi" => 1024f64.powi(5),
        "Ei" => 1024f64.powi(6),
        suffix => {
            let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            10f64.powi(exponent)
        }
    };
    Some(number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities() {
        for (text, value) in [
            ("1", Some(1.0)),
            ("500m", Some(0.5)),
            ("2Gi", Some(2147483648.0)),
            ("1.5k", Some(1500.0)),
            ("1e3", Some(1000.0)),
            ("5 Gi", None),
            ("5GB", None),
            ("", None),
            ("Gi", None),
        ] {
            assert_eq!(parse(text), value, "{text}");
        }
    }
}
