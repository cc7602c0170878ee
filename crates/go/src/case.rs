//! Upper and lower case as Go maps them: one character to one character.
//!
//! Go's `strings.ToUpper` and `strings.ToLower` use Unicode's simple mappings. Rust's own follow the
//! full ones, in which `ß` becomes `SS`.

/// Returns `text` in lower case. Source: strings `ToLower`.
pub fn lower(text: &str) -> String {
    text.chars().map(lower_char).collect()
}

/// Returns `text` in upper case. Source: strings `ToUpper`.
pub fn upper(text: &str) -> String {
    text.chars().map(upper_char).collect()
}

/// Returns `text` with the first letter of each word in title case. A word begins after anything
/// that is no letter, digit or underscore; beyond ASCII only blanks end one. Source: strings `Title`.
pub fn title(text: &str) -> String {
    let mut before = ' ';
    text.chars()
        .map(|c| {
            let begins = is_separator(std::mem::replace(&mut before, c));
            if begins { title_char(c) } else { c }
        })
        .collect()
}

fn is_separator(c: char) -> bool {
    match c {
        c if c.is_ascii() => !c.is_ascii_alphanumeric() && c != '_',
        c => !c.is_alphanumeric() && c.is_whitespace(),
    }
}

/// Returns a character in lower case. Source: unicode `ToLower`.
pub fn lower_char(c: char) -> char {
    let mut mapped = c.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(only), None) => only,
        // The one character whose full mapping is longer: İ, an i and a dot.
        (Some(first), _) => first,
        _ => c,
    }
}

/// Returns a character in upper case. Source: unicode `ToUpper`.
pub fn upper_char(c: char) -> char {
    let mut mapped = c.to_uppercase();
    if let (Some(only), None) = (mapped.next(), mapped.next()) {
        return only;
    }
    // Greek letters with an iota below have capitals of their own; the others have none.
    let code = u32::from(c);
    let capital = match code {
        0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7 => code + 8,
        0x1FB3 | 0x1FC3 | 0x1FF3 => code + 9,
        _ => code,
    };
    char::from_u32(capital).unwrap_or(c)
}

/// Title case differs from upper case for the digraphs alone.
fn title_char(c: char) -> char {
    match c {
        'Ǆ' | 'ǅ' | 'ǆ' => 'ǅ',
        'Ǉ' | 'ǈ' | 'ǉ' => 'ǈ',
        'Ǌ' | 'ǋ' | 'ǌ' => 'ǋ',
        'Ǳ' | 'ǲ' | 'ǳ' => 'ǲ',
        c => upper_char(c),
    }
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

    #[test]
    fn titles() {
        for (text, expected) in
            [("foo bar", "Foo Bar"), ("it's a_b 1a", "It'S A_b 1a"), ("éa—b ǆ", "Éa—b ǅ")]
        {
            assert_eq!(title(text), expected);
        }
    }
}
