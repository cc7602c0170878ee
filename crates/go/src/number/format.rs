//! Floats as text, in the forms of Go's `strconv.FormatFloat`.

/// `'f'` with all digits needed: how the HTTP API and the exposition format write a value.
pub fn format_float(value: f64) -> String {
    special(value).map_or_else(|| value.to_string(), str::to_owned)
}

/// `'f'` with `decimals` digits after the point.
pub fn format_fixed(value: f64, decimals: usize) -> String {
    special(value).map_or_else(|| format!("{value:.decimals$}"), str::to_owned)
}

/// `'e'` with `decimals` digits after the point; the exponent has two digits at least.
pub fn format_exponent(value: f64, decimals: usize) -> String {
    if let Some(text) = special(value) {
        return text.to_owned();
    }
    with_go_exponent(&format!("{value:.decimals$e}"))
}

/// `'e'` with as few digits as needed.
pub fn format_exponent_shortest(value: f64) -> String {
    special(value).map_or_else(|| with_go_exponent(&format!("{value:e}")), str::to_owned)
}

/// `'g'`, which is also Go's `%v`: with an exponent below 1e-4 and from 1e6 on (or from 1 followed
/// by `precision` zeros on). `precision` limits the digits; `None` writes as few as needed.
pub fn format_general(value: f64, precision: Option<usize>) -> String {
    if let Some(text) = special(value) {
        return text.to_owned();
    }
    let scientific = match precision {
        None => format!("{value:e}"),
        Some(digits) => trim_zeros(&format!("{value:.*e}", digits.max(1) - 1)),
    };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let limit = match precision {
        None => SHORTEST_LIMIT,
        Some(most) if most > digits && digits as i32 > exponent => digits as i32,
        Some(most) => most.max(1) as i32,
    };
    if exponent < -4 || exponent >= limit {
        return with_go_exponent(&scientific);
    }
    let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
    format!("{value:.decimals$}")
}

/// `'x'`: `0x1.8p+01`. `precision` limits the hexadecimal digits after the point.
pub fn format_hex(value: f64, precision: Option<usize>) -> String {
    if let Some(text) = special(value) {
        return text.to_owned();
    }
    // The leading digit stands in bit 60.
    const ONE: u64 = 1 << 60;
    let (mantissa, mut exponent) = parts(value);
    let mut mantissa = mantissa << 8;
    while mantissa != 0 && mantissa & ONE == 0 {
        mantissa <<= 1;
        exponent -= 1;
    }
    if mantissa == 0 {
        exponent = 0;
    }
    if let Some(digits) = precision.filter(|digits| *digits < 15) {
        let kept = digits as u32 * 4;
        let extra = (mantissa << kept) & (ONE - 1);
        mantissa >>= 60 - kept;
        if extra | (mantissa & 1) > ONE >> 1 {
            mantissa += 1;
        }
        mantissa <<= 60 - kept;
        if mantissa & (ONE << 1) != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let fraction = format!("{:015x}", mantissa & (ONE - 1));
    let fraction = match precision {
        None => fraction.trim_end_matches('0').to_owned(),
        Some(digits) => format!("{fraction:0<digits$}").chars().take(digits).collect(),
    };
    let point = if fraction.is_empty() { "" } else { "." };
    let direction = if exponent < 0 { '-' } else { '+' };
    let exponent = exponent.abs();
    format!("{sign}0x{}{point}{fraction}p{direction}{exponent:02}", mantissa >> 60)
}

/// `'b'`: the mantissa as an integer, and the power of two: `4503599627370496p-52`.
pub fn format_binary(value: f64) -> String {
    if let Some(text) = special(value) {
        return text.to_owned();
    }
    let (mantissa, exponent) = parts(value);
    let sign = if value.is_sign_negative() { "-" } else { "" };
    format!("{sign}{mantissa}p{:+}", exponent - 52)
}

/// The mantissa as an integer of 53 bits, and the exponent of its first bit.
fn parts(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    match (bits >> 52) & 0x7ff {
        0 => (fraction, -1022),
        biased => (fraction | 1 << 52, biased as i32 - 1023),
    }
}

/// The shortest form is written with an exponent from this one on.
const SHORTEST_LIMIT: i32 = 6;

fn special(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value == f64::INFINITY {
        Some("+Inf")
    } else if value == f64::NEG_INFINITY {
        Some("-Inf")
    } else {
        None
    }
}

fn trim_zeros(scientific: &str) -> String {
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific.to_owned();
    };
    let mantissa = if mantissa.contains('.') {
        mantissa.trim_end_matches('0').trim_end_matches('.')
    } else {
        mantissa
    };
    format!("{mantissa}e{exponent}")
}

/// `1.5e7` becomes `1.5e+07`.
fn with_go_exponent(scientific: &str) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_go_writes_them() {
        for (value, f, g) in [
            (0.0, "0", "0"),
            (-0.0, "-0", "-0"),
            (1.0, "1", "1"),
            (100_000.0, "100000", "100000"),
            (1_000_000.0, "1000000", "1e+06"),
            (2_349_209.324, "2349209.324", "2.349209324e+06"),
            (0.0001, "0.0001", "0.0001"),
            (0.000_012_5, "0.0000125", "1.25e-05"),
            (1e21, "1000000000000000000000", "1e+21"),
            (1e-100, &format!("0.{}1", "0".repeat(99)), "1e-100"),
            (0.1 + 0.2, "0.30000000000000004", "0.30000000000000004"),
            (f64::INFINITY, "+Inf", "+Inf"),
            (f64::NEG_INFINITY, "-Inf", "-Inf"),
            (f64::NAN, "NaN", "NaN"),
        ] {
            assert_eq!(format_float(value), f);
            assert_eq!(format_general(value, None), g);
        }
    }

    #[test]
    fn in_powers_of_two() {
        for (value, precision, hex, binary) in [
            (1.0, None, "0x1p+00", "4503599627370496p-52"),
            (-3.5, None, "-0x1.cp+01", "-7881299347898368p-51"),
            (0.0, None, "0x0p+00", "0p-1074"),
            (f64::from_bits(1), None, "0x1p-1074", "1p-1074"),
            (1.999, Some(1), "0x1.0p+01", "9002695655113622p-52"),
            (3.5, Some(3), "0x1.c00p+01", "7881299347898368p-51"),
            (3.5, Some(0), "0x1p+02", "7881299347898368p-51"),
        ] {
            assert_eq!(format_hex(value, precision), hex);
            assert_eq!(format_binary(value), binary);
        }
    }

    #[test]
    fn with_a_precision() {
        for (value, digits, text) in [
            (1_234.567_8, 4, "1235"),
            (1.2345, 3, "1.23"),
            (1e6, 4, "1e+06"),
            (123_456.0, 4, "1.235e+05"),
            (0.5, 4, "0.5"),
            (100.0, 4, "100"),
        ] {
            assert_eq!(format_general(value, Some(digits)), text);
        }
        assert_eq!(format_fixed(1.005, 3), "1.005");
        assert_eq!(format_exponent(12345.0, 2), "1.23e+04");
    }
}
