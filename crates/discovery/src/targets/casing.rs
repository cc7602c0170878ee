//! Upper and lower case as in Go: each character maps to one character.
//!
//! Source: Go's `strings.ToUpper` and `strings.ToLower`, which use Unicode's simple mappings. Rust
//! uses the full mappings, where `ß` becomes `SS`.

/// `text` in lower case.
pub(super) fn lower(text: &str) -> String {
    text.chars().map(lower_char).collect()
}

/// `text` in upper case.
pub(super) fn upper(text: &str) -> String {
    text.chars().map(upper_char).collect()
}

fn lower_char(c: char) -> char {
    let mut mapped = c.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(only), None) => only,
        // Only İ has a longer full mapping: an i and a combining dot.
        (Some(first), _) => first,
        _ => c,
    }
}

fn upper_char(c: char) -> char {
    let mut mapped = c.to_uppercase();
    if let (Some(only), None) = (mapped.next(), mapped.next()) {
        return only;
    }
    // Greek letters with iota subscript have simple mappings; others do not.
    let code = u32::from(c);
    let capital = match code {
        0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7 => code + 8,
        0x1FB3 | 0x1FC3 | 0x1FF3 => code + 9,
        _ => code,
    };
    char::from_u32(capital).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_for_one() {
        for (text, in_upper, in_lower) in [
            ("aZ1-é", "AZ1-É", "az1-é"),
            ("ßẞ", "ßẞ", "ßß"),
            ("ŉǰﬁ", "ŉǰﬁ", "ŉǰﬁ"),
            ("İıi", "İII", "iıi"),
            ("ΣΑΣ", "ΣΑΣ", "σασ"),
            ("ᾳᾀᾈ", "ᾼᾈᾈ", "ᾳᾀᾀ"),
            ("ǆǅ", "ǄǄ", "ǆǆ"),
        ] {
            assert_eq!(upper(text), in_upper, "{text}");
            assert_eq!(lower(text), in_lower, "{text}");
        }
    }
}
