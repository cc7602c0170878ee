//! Named character classes: Perl's, POSIX's and Unicode's, as Go knows them.

use std::sync::OnceLock;

/// `\d`, `\s`, `\w`: ASCII alone. Negated by a capital letter.
pub(super) fn perl(letter: char) -> Option<(&'static [(char, char)], bool)> {
    let negated = letter.is_ascii_uppercase();
    let ranges: &[(char, char)] = match letter.to_ascii_lowercase() {
        'd' => DIGIT,
        's' => &[('\t', '\n'), ('\x0c', '\r'), (' ', ' ')],
        'w' => WORD,
        _ => return None,
    };
    Some((ranges, negated))
}

const DIGIT: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

const POSIX: [(&str, &[(char, char)]); 14] = [
    ("alnum", &[('0', '9'), ('A', 'Z'), ('a', 'z')]),
    ("alpha", &[('A', 'Z'), ('a', 'z')]),
    ("ascii", &[('\0', '\x7f')]),
    ("blank", &[('\t', '\t'), (' ', ' ')]),
    ("cntrl", &[('\0', '\x1f'), ('\x7f', '\x7f')]),
    ("digit", DIGIT),
    ("graph", &[('!', '~')]),
    ("lower", &[('a', 'z')]),
    ("print", &[(' ', '~')]),
    ("punct", &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
    ("space", &[('\t', '\r'), (' ', ' ')]),
    ("upper", &[('A', 'Z')]),
    ("word", WORD),
    ("xdigit", &[('0', '9'), ('A', 'F'), ('a', 'f')]),
];

/// Returns the class of a name between `[:` and `:]`; `^` negates it.
pub(super) fn posix(name: &str) -> Option<(&'static [(char, char)], bool)> {
    let (name, negated) = match name.strip_prefix('^') {
        Some(name) => (name, true),
        None => (name, false),
    };
    POSIX.iter().find(|(known, _)| *known == name).map(|(_, ranges)| (*ranges, negated))
}

/// General categories and their long names, from the Unicode Character Database.
const CATEGORIES: [(&str, &[&str]); 38] = [
    ("C", &["other"]),
    ("Cc", &["control", "cntrl"]),
    ("Cf", &["format"]),
    ("Cn", &["unassigned"]),
    ("Co", &["privateuse"]),
    ("Cs", &["surrogate"]),
    ("L", &["letter"]),
    ("LC", &["casedletter"]),
    ("Ll", &["lowercaseletter"]),
    ("Lm", &["modifierletter"]),
    ("Lo", &["otherletter"]),
    ("Lt", &["titlecaseletter"]),
    ("Lu", &["uppercaseletter"]),
    ("M", &["mark", "combiningmark"]),
    ("Mc", &["spacingmark"]),
    ("Me", &["enclosingmark"]),
    ("Mn", &["nonspacingmark"]),
    ("N", &["number"]),
    ("Nd", &["decimalnumber", "digit"]),
    ("Nl", &["letternumber"]),
    ("No", &["othernumber"]),
    ("P", &["punctuation", "punct"]),
    ("Pc", &["connectorpunctuation"]),
    ("Pd", &["dashpunctuation"]),
    ("Pe", &["closepunctuation"]),
    ("Pf", &["finalpunctuation"]),
    ("Pi", &["initialpunctuation"]),
    ("Po", &["otherpunctuation"]),
    ("Ps", &["openpunctuation"]),
    ("S", &["symbol"]),
    ("Sc", &["currencysymbol"]),
    ("Sk", &["modifiersymbol"]),
    ("Sm", &["mathsymbol"]),
    ("So", &["othersymbol"]),
    ("Z", &["separator"]),
    ("Zl", &["lineseparator"]),
    ("Zp", &["paragraphseparator"]),
    ("Zs", &["spaceseparator"]),
];

/// Scripts of Unicode 15.0, which Go 1.25 knows.
const SCRIPTS: &str = "Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum \
    Bassa_Vah Batak Bengali Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal \
    Carian Caucasian_Albanian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot \
    Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs \
    Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi \
    Gurmukhi Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited \
    Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li \
    Kharoshthi Khitan_Small_Script Khmer Khojki Khudawadi Lao Latin Lepcha Limbu Linear_A Linear_B \
    Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi \
    Medefaidrin Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi \
    Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari New_Tai_Lue Newa Nko Nushu \
    Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian Old_Permic \
    Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya \
    Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan \
    Saurashtra Sharada Shavian Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese \
    Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut Telugu \
    Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi \
    Zanabazar_Square";

/// A class of Unicode in the `regex` crate's notation, by the name that stands in `\p{…}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnicodeClass {
    Any,
    Ascii,
    Assigned,
    Category(&'static str),
    Script(&'static str),
}

/// Case, spaces, underscores and hyphens do not matter since Go 1.25.
///
/// Source: Go 1.25 release notes, regexp/syntax.
pub(super) fn unicode(name: &str) -> Option<UnicodeClass> {
    let loose: String = name
        .chars()
        .filter(|c| !matches!(c, ' ' | '_' | '-'))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    match loose.as_str() {
        "any" => return Some(UnicodeClass::Any),
        "ascii" => return Some(UnicodeClass::Ascii),
        "assigned" => return Some(UnicodeClass::Assigned),
        _ => {}
    }
    for (short, long) in CATEGORIES {
        if short.eq_ignore_ascii_case(&loose) || long.contains(&loose.as_str()) {
            return Some(UnicodeClass::Category(short));
        }
    }
    // Go looks scripts of several words up by a name that has lost its underscores, and so does not
    // find them; the exact name is taken here, as every other version of Go does.
    SCRIPTS
        .split(' ')
        .find(|script| *script == name || script.eq_ignore_ascii_case(&loose))
        .map(UnicodeClass::Script)
}

/// Returns true for letters (L) and decimal digits (Nd) of any script.
pub(crate) fn is_letter_or_digit(c: char) -> bool {
    static CLASS: OnceLock<Option<regex::Regex>> = OnceLock::new();
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    in_class(&CLASS, r"^[\p{L}\p{Nd}]$", c)
}

fn in_class(class: &OnceLock<Option<regex::Regex>>, pattern: &str, c: char) -> bool {
    let class = class.get_or_init(|| regex::Regex::new(pattern).ok());
    class.as_ref().is_some_and(|class| class.is_match(c.encode_utf8(&mut [0; 4])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unicode_class_is_known_to_the_engine() {
        for (short, _) in CATEGORIES {
            if short != "Cs" {
                assert!(regex::Regex::new(&format!(r"\p{{gc={short}}}")).is_ok(), "{short}");
            }
        }
        for script in SCRIPTS.split(' ') {
            assert!(regex::Regex::new(&format!(r"\p{{sc={script}}}")).is_ok(), "{script}");
        }
    }

    #[test]
    fn names_are_loose() {
        for (name, class) in [
            ("Lu", Some(UnicodeClass::Category("Lu"))),
            ("lu", Some(UnicodeClass::Category("Lu"))),
            ("lc", Some(UnicodeClass::Category("LC"))),
            ("Uppercase_Letter", Some(UnicodeClass::Category("Lu"))),
            ("uppercase letter", Some(UnicodeClass::Category("Lu"))),
            ("punct", Some(UnicodeClass::Category("P"))),
            ("greek", Some(UnicodeClass::Script("Greek"))),
            ("Old_Italic", Some(UnicodeClass::Script("Old_Italic"))),
            ("Grek", None),
            ("sc=Greek", None),
            ("", None),
        ] {
            assert_eq!(unicode(name), class, "{name}");
        }
    }

    #[test]
    fn letters_and_digits() {
        for (c, expected) in [('é', true), ('٣', true), ('☺', false), ('Ⅷ', false), ('ʰ', true)]
        {
            assert_eq!(is_letter_or_digit(c), expected, "{c}");
        }
    }
}
