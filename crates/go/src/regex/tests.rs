use proptest::prelude::*;

use super::*;

fn groups(regex: &Regex, text: &str) -> Option<Vec<Option<String>>> {
    let captures = regex.captures(text)?;
    Some(captures.iter().map(|group| group.map(|group| text[group].to_owned())).collect())
}

#[test]
fn errors_are_quoted_with_and_without_anchors() {
    for (source, plain, message, span) in [
        ("x(y", "missing closing ): `x(y`", "missing closing ): `^(?s:x(y)$`", 0..3),
        ("web[0", "missing closing ]: `[0`", "missing closing ]: `[0)$`", 3..5),
        ("a|*b", "missing argument to repetition operator: `*`", "", 2..3),
        ("a|*?b", "missing argument to repetition operator: `*?`", "", 2..4),
        ("n+?+", "invalid nested repetition operator: `+?+`", "", 1..4),
        (r"\i", r"invalid escape sequence: `\i`", "", 0..2),
        (r"\p{Klingon}", r"invalid character class range: `\p{Klingon}`", "", 0..11),
        (r"[9-0]", "invalid character class range: `9-0`", "", 1..4),
        (r"(?=x)", "invalid or unsupported Perl syntax: `(?=`", "", 0..3),
        (r"(?i--s:x)", "invalid or unsupported Perl syntax: `(?i--`", "", 0..5),
        (r"(?<a-b>x)", "invalid named capture: `(?<a-b>`", "", 0..7),
        (r"x{1001,}", "invalid repeat count: `{1001,}`", "", 1..8),
        (r"(?:x{20}){60}", "invalid repeat count: `{60}`", "", 9..13),
        (r"\x{}", r"invalid escape sequence: `\x{}`", "", 0..4),
    ] {
        let error = Regex::new(source).unwrap_err();
        assert_eq!(error.plain, format!("error parsing regexp: {plain}"), "{source}");
        let message = if message.is_empty() { plain } else { message };
        assert_eq!(error.message, format!("error parsing regexp: {message}"), "{source}");
        assert_eq!(error.span, Span::new(span.start, span.end), "{source}");
    }
}

#[test]
fn a_matcher_must_parse_without_its_anchors() {
    assert!(Regex::new("a)|(b").unwrap().is_match("ab"), "`^(?s:a)` matches at the start");
    let error = Regex::matcher("a)|(b").unwrap_err();
    assert_eq!(error.message, "error parsing regexp: unexpected ): `a)|(b`");
    assert!(Regex::matcher(r"\Qa|b").unwrap().is_match("a|b"));
    assert_eq!(Regex::new(r"\Qa|b").unwrap_err().kind, ErrorKind::MissingParen);
    let error = Regex::matcher("\\").unwrap_err();
    assert_eq!(error.message, "error parsing regexp: trailing backslash at end of expression: ``");
    assert_eq!(
        Regex::new("\\").unwrap_err().plain,
        "error parsing regexp: missing closing ): `\\`"
    );
}

#[test]
fn go_and_the_engine_agree_on_what_differs() {
    for (source, matches, fails) in [
        (r"\d\w\s", &["1a\t"][..], &["٣a ", "1é ", "1a\u{0b}"][..]),
        (r"[\w&&x]+", &["a&x", "&&"], &["a|x"]),
        (r"[a--z]|x", &[], &[]),
        (r"[[:^digit:]x]", &["x", "é", "["], &["1"]),
        (r"[^[:space:]\d]", &["a"], &["1", "\u{0b}", " "]),
        (r"\Qa.b\E+", &["a.b", "a.bbb"], &["axb", "a.ba.b"]),
        (r"\052\x2b\x{2B}", &["*++"], &["*+"]),
        (r"x{,2}", &["x{,2}"], &["xx", ""]),
        (r"x{01}", &["x{01}"], &["x"]),
        (r"a(?i)*B", &["aaab", "b", "B"], &["Aab"]),
        (r"(?i:\x{212a})é", &["ké", "Ké", "\u{212a}é"], &["kÉ"]),
        (r"(?i)\W", &["é"], &["ſ", "\u{212a}", "k"]),
        (r"(?U)(a+?)(a*)", &["aaa"], &[]),
        (r"(?-s:.)x", &["ax"], &["\nx"]),
        (r"(?m:^a$)\n(?m)^b$", &["a\nb"], &["ab"]),
        (r"a$\n?", &["a"], &["a\n"]),
        (r"\bé", &[], &["é"]),
        (r"\Bé", &["é"], &[]),
        (r"[\x{d800}-\x{dfff}]?", &[""], &["\u{fffd}"]),
        (r"[^\x{d800}]", &["a", "é"], &[""]),
        (r"\pNx\PN", &["1xa"], &["axa"]),
        (r"[^\p{^L}]", &["é"], &["1"]),
        (r"(?:)*", &[""], &["a"]),
        (r"()|x", &["", "x"], &["xx"]),
    ] {
        let Ok(regex) = Regex::new(source) else {
            assert!(matches.is_empty(), "{source}");
            continue;
        };
        for text in matches {
            assert!(regex.is_match(text), "{source} should match {text:?}");
            assert!(regex.captures(text).is_some(), "{source} should match {text:?}");
        }
        for text in fails {
            assert!(!regex.is_match(text), "{source} should not match {text:?}");
            assert!(regex.captures(text).is_none(), "{source} should not match {text:?}");
        }
    }
}

#[test]
fn sets_of_strings_are_known() {
    for (source, strings) in [
        ("api", Some(&["api"][..])),
        ("", Some(&[""])),
        ("a|b|a", Some(&["a", "b"])),
        ("(?:web|db)-[0-2]", Some(&["web-0", "web-1", "web-2", "db-0", "db-1", "db-2"])),
        ("(a|b)?", Some(&["a", "b", ""])),
        ("^x$", Some(&["x"])),
        (r"10\.0\.0\.1:80", Some(&["10.0.0.1:80"])),
        ("(?i)9", Some(&["9"])),
        ("(?i)k", None),
        ("[^a]", None),
        ("a+", None),
        (r"\w\w", None),
        ("a.b", None),
    ] {
        let regex = Regex::matcher(source).unwrap();
        let found = regex.set_matches().map(|set| set.iter().map(|s| &**s).collect::<Vec<_>>());
        assert_eq!(found.as_deref(), strings, "{source}");
    }
    let many: Vec<String> = (0..5000).map(|i| format!("host-{i}")).collect();
    let regex = Regex::matcher(&many.join("|")).unwrap();
    assert_eq!(regex.set_matches().map(<[_]>::len), Some(5000));
    assert!(regex.is_match("host-4999") && !regex.is_match("host-5000"));
}

#[test]
fn prefixes_and_wildcards() {
    for (source, prefix, everything) in [
        ("node_.+", "node_", false),
        (".*", "", true),
        ("(.*)", "", true),
        (".+", "", false),
        ("up", "up", false),
        ("a.*b.+c", "a", false),
        ("(?-s:.*)", "", false),
    ] {
        let regex = Regex::new(source).unwrap();
        assert_eq!(regex.literal_prefix(), prefix, "{source}");
        assert_eq!(regex.matches_everything(), everything, "{source}");
    }
}

#[test]
fn groups_of_gaps() {
    for (source, text, expected) in [
        ("(.*)-(.*)", "a-b-c", vec!["a-b-c", "a-b", "c"]),
        ("(.+)(.+)", "héé", vec!["héé", "hé", "é"]),
        ("__meta_(.+)", "__meta_x", vec!["__meta_x", "x"]),
        ("((a).*)b", "axb", vec!["axb", "ax", "a"]),
        ("(.*)", "", vec!["", ""]),
        ("(.*);(.*);.*", "x;y;z;", vec!["x;y;z;", "x;y", "z"]),
    ] {
        let regex = Regex::new(source).unwrap();
        assert!(regex.0.engine.is_none(), "{source} needs no engine");
        let expected: Vec<Option<String>> = expected.into_iter().map(|s| Some(s.into())).collect();
        assert_eq!(groups(&regex, text), Some(expected), "{source}");
    }
}

#[test]
fn templates() {
    let regex = Regex::new("(?P<host>[a-z]+)(?::(?P<port>[0-9]+))?(?P<host>!)?").unwrap();
    let captures = regex.captures("db:5432").unwrap();
    for (template, expanded) in [
        ("$host", "db"),
        ("${host}:${port}", "db:5432"),
        ("$1$2", "db5432"),
        ("$1x", ""),
        ("${1}x", "dbx"),
        ("$$1", "$1"),
        ("$", "$"),
        ("${host", "${host"),
        ("$host-$4-$5", "db--"),
        ("$hosté", ""),
        ("$host☺", "db☺"),
        ("$00", ""),
        ("$99999999999999999999", ""),
    ] {
        let mut result = String::new();
        regex.expand(template, "db:5432", &captures, &mut result);
        assert_eq!(result, expanded, "{template}");
    }
    assert_eq!(regex.replace_all("db:5432", "${port}!"), "5432!");
    assert_eq!(regex.replace_all("?", "${port}!"), "?");
    assert_eq!(Regex::new("a)|(b").unwrap().replace_all("ab", "<$0$1>"), "<a><bb>");
}

/// The page ships without the feature `unicode-perl`. A dependency of the tests that turned it on
/// would hide patterns that do not compile there.
#[test]
fn tests_compile_the_features_that_ship() {
    for pattern in [r"\w", r"\s", r"\b"] {
        assert!(regex::Regex::new(pattern).is_err(), "{pattern}");
        assert!(Regex::unanchored(pattern).is_ok(), "{pattern}");
    }
}

#[test]
fn unanchored() {
    for (source, text, template, expected) in [
        (r"\w+@(\w+)", "to ann@example, bob@test", "<$1>", "to <example>, <test>"),
        (r"\s+", "a  b\tc", "-", "a-b-c"),
        (r"\bx", "x ax x", "y", "y ax y"),
        ("a*", "baaac", "x", "xbxcx"),
        ("^a|b$", "abab", "", "ba"),
        ("(?i)É", "éÉ", "$0$0", "ééÉÉ"),
        (".", "a\nb", "", "\n"),
        ("^abc$", "abc", "[$0]", "[abc]"),
        ("x", "abc", "y", "abc"),
    ] {
        let regex = Regex::unanchored(source).unwrap();
        assert_eq!(regex.replace_all(text, template), expected, "{source}");
        assert_eq!(regex.is_match(text), source != "x", "{source}");
    }
    let error = Regex::unanchored("[").unwrap_err();
    assert_eq!(error.message, "error parsing regexp: missing closing ]: `[`");
    assert!(!Regex::new("b").unwrap().is_match("abc"), "another mode is another regex");
}

#[test]
fn hostile_expressions_end_in_time_and_in_words() {
    let deep = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Regex::new(&deep(240)).is_ok());
    assert_eq!(Regex::new(&deep(900)).unwrap_err().kind, ErrorKind::TooLargeHere);
    let error = Regex::new(&deep(1001)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NestingDepth);
    let literal = "x".repeat(4000);
    assert_eq!(Regex::new(&format!("(?:{literal}){{1000}}")).unwrap_err().kind, ErrorKind::Large);
    let kind = Regex::new(r"[\pL\pN]{500}(?i:\pM{900})").unwrap_err().kind;
    assert_eq!(kind, ErrorKind::TooLargeHere);
    assert_eq!(Regex::new(&r"\pL".repeat(5000)).unwrap_err().kind, ErrorKind::TooLargeHere);
    for source in ["(".repeat(100_000), "[[:".repeat(50_000), "a|".repeat(100_000)] {
        let _ = Regex::new(&source);
    }
    assert!(Regex::new("(x*)*y").unwrap().captures(&"x".repeat(5000)).is_none());
}

const ALPHABET: &str = r"[ab01.^$|()\[\]{}*+?\\,:PpLQEdwsbiU<>n-]{0,14}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_panics(source in ALPHABET, text in "[ab01\n]{0,6}") {
        if let Ok(regex) = Regex::new(&source) {
            let captures = regex.captures(&text);
            prop_assert_eq!(captures.is_some(), regex.is_match(&text));
            if let Some(captures) = captures {
                prop_assert_eq!(captures.len(), regex.group_names().count());
            }
        }
        if let Ok(regex) = Regex::matcher(&source) {
            regex.is_match(&text);
        }
    }

    #[test]
    fn shapes_and_engine_agree(
        source in r"(a|b|\(|\)|\||\.\*|\.\+|\(\.\*\)|\?|-|\.\*\?|\[ab\]){0,7}",
        text in "[ab-]{0,7}",
    ) {
        let Ok(regex) = Regex::new(&source) else { return Ok(()) };
        let anchored = format!("{PREFIX}{source}{SUFFIX}");
        let node = syntax::parse(&anchored, false).map_err(|_| "parses").unwrap().node;
        let engine = regex::Regex::new(&print::print(&node)).unwrap();
        prop_assert_eq!(regex.is_match(&text), engine.is_match(&text));
        let expected: Option<Vec<_>> = engine
            .captures(&text)
            .map(|c| c.iter().map(|g| g.map(|g| g.range())).collect());
        let found: Option<Vec<_>> = regex.captures(&text).map(|c| c.iter().collect());
        prop_assert_eq!(found, expected);
    }
}
