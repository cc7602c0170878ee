//! Tests of the whole way from text to tree.

use proptest::prelude::*;

use super::*;
use text::{FileId, Severity, Span};

const FILE: FileId = FileId(7);

/// A tree in one line: scalars as Rust strings, aliases with a star.
fn show(node: &Node) -> String {
    let star = if node.alias.is_some() { "*" } else { "" };
    match &node.kind {
        Kind::Scalar(scalar) if node.is_null() => {
            format!("{star}{}", if scalar.text.is_empty() { "-" } else { "~" })
        }
        Kind::Scalar(scalar) => format!("{star}{:?}", scalar.text),
        Kind::Sequence(sequence) => {
            let items: Vec<String> = sequence.items.iter().map(show).collect();
            format!("{star}[{}]", items.join(", "))
        }
        Kind::Mapping(mapping) => {
            let entries: Vec<String> = mapping
                .iter()
                .map(|entry| {
                    format!("{}: {}", show(&entry.key).replace('"', ""), show(&entry.value))
                })
                .collect();
            format!("{star}{{{}}}", entries.join(", "))
        }
    }
}

/// Every node, aliases not followed.
fn visit(node: &Node, seen: &mut dyn FnMut(&Node)) {
    seen(node);
    if node.alias.is_some() {
        return;
    }
    match &node.kind {
        Kind::Scalar(_) => {}
        Kind::Sequence(sequence) => sequence.items.iter().for_each(|item| visit(item, seen)),
        Kind::Mapping(mapping) => {
            for entry in &mapping.entries {
                visit(&entry.key, seen);
                visit(&entry.value, seen);
            }
        }
    }
}

fn check_spans(parsed: &Parsed, host: &str) {
    let fits = |span: Span| host.get(span.range()).is_some();
    for document in &parsed.documents {
        assert!(fits(document.span), "document {:?} in {host:?}", document.span);
        visit(&document.root, &mut |node| {
            assert!(fits(node.span) && fits(node.written_span()), "{node:?} in {host:?}");
        });
        for comment in &document.comments {
            assert!(comment.span.slice(host).starts_with('#'), "{comment:?} in {host:?}");
        }
    }
    for diagnostic in &parsed.diagnostics {
        assert!(fits(diagnostic.location.span), "{diagnostic:?} in {host:?}");
        for edit in diagnostic.fixes.iter().flat_map(|fix| &fix.edits) {
            assert!(fits(edit.location.span), "{diagnostic:?} in {host:?}");
        }
    }
    let errors = parsed.diagnostics.iter().any(|found| found.severity == Severity::Error);
    assert!(parsed.refusal.is_none() || errors, "{:?}", parsed.refusal);
}

fn read(text: &str) -> Parsed {
    let parsed = parse(FILE, text);
    check_spans(&parsed, text);
    parsed
}

#[test]
fn what_is_found_in_a_folded_text_stands_on_whole_characters() {
    let host = "k: >\n    ---\n    [\u{2028}|\n    ~, \u{feff}%YAML 1.1\n    \n    >-\n    é # c\\x4b:!!int ...\n    é~\n        \n    : |\n    , [? \u{fffd}---\n    , \n      15s\u{85}\n      𝄞\u{85}b:a: \u{fffd}{15s...\n    ? \n        𝄞\n    : %YAML 1.1\n    \"<<:  # c, \n        |\n    %YAML 1.1\n    &x \u{fffd}~15s\n";
    let outer = read(host);
    let inner = embedded(FILE, host, outer.root().unwrap().get("k").unwrap()).unwrap();
    check_spans(&inner, host);
    assert!(!inner.diagnostics.is_empty());
}

#[test]
fn values_stand_where_they_are_written() {
    let text = "# c\na: |\n  x\n   y\n\nb:\n- 1\n- \"q\"   # e\nc: {x: [1, 2], \"y\":3}\ne: &a !!str\n  f\ng: *a\nh:\n";
    let parsed = read(text);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let root = parsed.root().unwrap();
    assert_eq!(
        show(root),
        r#"{a: "x\n y\n", b: ["1", "q"], c: {x: ["1", "2"], y: "3"}, e: "f", g: *"f", h: -}"#
    );
    for (path, expected) in [
        (&["a"][..], "|\n  x\n   y\n"),
        (&["b"], "- 1\n- \"q\""),
        (&["b", "1"], "\"q\""),
        (&["c"], "{x: [1, 2], \"y\":3}"),
        (&["c", "x"], "[1, 2]"),
        (&["e"], "f"),
        (&["h"], ""),
    ] {
        let span = root.at(path).unwrap().span;
        // A list in dashes begins at its first item's text for the parser.
        let span = if path == ["b"] { Span::new(span.start - 2, span.end) } else { span };
        assert_eq!(span.slice(text), expected, "{path:?}");
    }
    assert_eq!(root.get("g").unwrap().written_span().slice(text), "*a");
    assert_eq!(root.get("g").unwrap().span.slice(text), "f");
    assert_eq!(root.get("e").unwrap().anchor.as_deref(), Some("a"));
    assert_eq!(root.get("h").unwrap().span, Span::at(text.len() as u32 - 1));
    let comments: Vec<&str> =
        parsed.documents[0].comments.iter().map(|comment| comment.span.slice(text)).collect();
    assert_eq!(comments, ["# c", "# e"]);
}

#[test]
fn documents_json_marks_and_line_ends() {
    for (text, expected) in [
        ("", &["-"][..]),
        ("# only a comment\n", &["-"]),
        ("a: 1\n---\n---\nb: 2\n...\n", &[r#"{a: "1"}"#, "-", r#"{b: "2"}"#]),
        ("{\"a\":1,\n \"b\":[true,null]}\n", &[r#"{a: "1", b: ["true", ~]}"#]),
        ("a: 1\r\nb:\r\n  - x\r\n  - |\r\n    y\r\n", &[r#"{a: "1", b: ["x", "y\n"]}"#]),
        ("\u{feff}a: 1\nb: 2\n", &[r#"{a: "1", b: "2"}"#]),
        ("x:\n  y: \"more\nlines\"\n  z: 1\n", &[r#"{x: {y: "more lines", z: "1"}}"#]),
        (
            "a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n",
            &[r#"{a: {p: "1", q: "2"}, b: {q: "3", p: "1"}}"#],
        ),
        (
            "a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc: {<<: [*x, *y]}\n",
            &[r#"{a: {p: "1"}, b: {p: "2", q: "2"}, c: {p: "1", q: "2"}}"#],
        ),
    ] {
        let parsed = read(text);
        let shown: Vec<String> =
            parsed.documents.iter().map(|document| show(&document.root)).collect();
        assert_eq!(shown, expected, "{text:?}");
        assert!(parsed.diagnostics.is_empty(), "{text:?}: {:?}", parsed.diagnostics);
        assert_eq!(parsed.refusal, None);
    }
}

/// Text, the tree that is understood, Go's refusal, and each finding as code and text below it.
type Broken = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

static BROKEN: &[Broken] = &[
    (
        "a:\n  x: 1\n  half\nb: 2\n",
        r#"{a: {x: "1", half: -}, b: "2"}"#,
        "line 4: could not find expected ':'",
        &[("yaml-missing-colon", "half")],
    ),
    (
        "a:\n  key:15s\n  b: 2\nc: 1\n",
        r#"{a: {key: "15s", b: "2"}, c: "1"}"#,
        "line 3: mapping values are not allowed in this context",
        &[("yaml-missing-space", ":")],
    ),
    (
        "a: one: two\nb: 1\n",
        r#"{a: "one: two", b: "1"}"#,
        "mapping values are not allowed in this context",
        &[("yaml-unexpected-colon", "one: two")],
    ),
    (
        "glob\n  b: 2\nc: 3\n",
        r#"{glob: {b: "2"}, c: "3"}"#,
        "line 2: mapping values are not allowed in this context",
        &[("yaml-missing-colon", "glob")],
    ),
    (
        "a: 1\n  b: 2\nc: 3\n",
        r#"{a: "1", c: "3"}"#,
        "line 2: mapping values are not allowed in this context",
        &[("yaml-unexpected-colon", "b: 2")],
    ),
    (
        "a:\n  x: \"abc\n  y: 2\nb: 3\n",
        r#"{a: {x: "abc", y: "2"}, b: "3"}"#,
        "line 5: found unexpected end of stream",
        &[("yaml-unclosed-quote", "\"abc")],
    ),
    (
        "a: [1, {x: 2\n",
        r#"{a: ["1", {x: "2"}]}"#,
        "line 1: did not find expected ',' or '}'",
        &[("yaml-unclosed-bracket", "[")],
    ),
    (
        "a: [\n  1,\n  2\nd: 4\n",
        r#"{a: ["1", "2"], d: "4"}"#,
        "line 3: did not find expected ',' or ']'",
        &[("yaml-unclosed-bracket", "[")],
    ),
    (
        "a: [1, 2]]\nb: 1\n",
        r#"{a: ["1", "2"], b: "1"}"#,
        "did not find expected key",
        &[("yaml-unclosed-bracket", "]")],
    ),
    (
        "a:\n\tb: 1\n\tc: 2\nd: 3\n",
        r#"{a: {b: "1", c: "2"}, d: "3"}"#,
        "line 2: found character that cannot start any token",
        &[("yaml-tab", "\t")],
    ),
    (
        "a:\n    b: 1\n  d: 2\n  e: 3\nf: 1\n",
        r#"{a: {b: "1", d: "2", e: "3"}, f: "1"}"#,
        "line 2: did not find expected key",
        &[("yaml-indentation", "d: 2")],
    ),
    (
        "a:\n  - x: 1\n   y: 2\n  - x: 3\n",
        r#"{a: [{x: "1", y: "2"}, {x: "3"}]}"#,
        "line 2: did not find expected '-' indicator",
        &[("yaml-indentation", "y: 2")],
    ),
    (
        "a: \"x\" y\nb: 1\n",
        r#"{a: "x", b: "1"}"#,
        "did not find expected key",
        &[("yaml-text-after-quote", "y")],
    ),
    (
        "a: x\n---\nb: [\n---\nc: 1\n",
        r#"{a: "x"}"#,
        "line 3: did not find expected ',' or ']'",
        &[("yaml-unclosed-bracket", "[")],
    ),
    (
        "a: *.yml\nb: &c.d 1\n",
        r#"{a: -, b: "1"}"#,
        "did not find expected alphabetic or numeric character",
        &[("yaml-anchor", "*.yml"), ("yaml-anchor", "&c.d")],
    ),
    (
        "a:\n- b: 1\n\tc: 2\n  d: 3\n\te: 4\nf: 5\n",
        r#"{a: [{b: "1", c: "2", d: "3", e: "4"}], f: "5"}"#,
        "line 3: found a tab character that violates indentation",
        &[("yaml-tab", "\t"), ("yaml-tab", "\t")],
    ),
    (
        "a:\n\t- b: 1\n\t  c:\n\t\t  d: 2\n",
        r#"{a: [{b: "1", c: {d: "2"}}]}"#,
        "line 2: found character that cannot start any token",
        &[("yaml-tab", "\t")],
    ),
    (
        "a: 1\n\t\nb:\n-\t2\nc: {\n\td: 3\n}\n",
        r#"{a: "1", b: ["2"], c: {d: "3"}}"#,
        "line 2: found a tab character that violates indentation",
        &[("yaml-tab", "\t"), ("yaml-tab", "\t")],
    ),
    (
        "# c\n%YAML 1.2\n---\na: 1\n",
        r#"{a: "1"}"#,
        "line 1: found incompatible YAML document",
        &[("yaml-syntax", "%YAML 1.2")],
    ),
    (
        "a: *none\nb: &x [*x]\nc: {<<: 1}\n",
        r#"{a: -, b: [-], c: {}}"#,
        "unknown anchor 'none' referenced",
        &[("yaml-anchor", "*none"), ("yaml-anchor", "*x"), ("yaml-anchor", "1")],
    ),
    (
        "a: 1\n: 2\nb: {: 3, c: [: 4]}\nd:\n  : {e: 5}\n?\n: 6\n",
        r#"{a: "1", b: {c: [{}]}, d: {}, -: "6"}"#,
        "line 1: did not find expected key",
        &[("yaml-syntax", ":"), ("yaml-syntax", ":"), ("yaml-syntax", ":"), ("yaml-syntax", ":")],
    ),
    (
        "a: b\0c\nd: \u{1}\n",
        r#"{a: "b c", d: -}"#,
        "control characters are not allowed",
        &[("yaml-control-character", "\0")],
    ),
];

#[test]
fn a_line_to_the_left_of_the_first_ends_the_document() {
    let text = "  a: 1\n  b: 2\nc: 3\n";
    let parsed = read(text);
    assert_eq!(show(parsed.root().unwrap()), r#"{a: "1", b: "2"}"#);
    assert_eq!(parsed.refusal, None, "Go reads one document and stops");
    let [found] = parsed.diagnostics.as_slice() else { panic!("{:?}", parsed.diagnostics) };
    assert_eq!((&*found.code, found.location.span.slice(text)), ("yaml-ends-early", "c: 3"));
}

#[test]
fn broken_text_is_understood_around_the_break() {
    for (text, tree, refusal, findings) in BROKEN {
        let parsed = read(text);
        assert_eq!(show(parsed.root().unwrap()), *tree, "{text:?}");
        let refused = format!("yaml: {refusal}");
        assert_eq!(parsed.refusal.as_deref(), Some(&*refused), "{text:?}");
        let found: Vec<(&str, &str)> = parsed
            .diagnostics
            .iter()
            .map(|found| (&*found.code, found.location.span.slice(text)))
            .collect();
        assert_eq!(found, *findings, "{text:?}");
        assert!(parsed.diagnostics[0].message.contains(&refused), "{:?}", parsed.diagnostics[0]);
    }
}

#[test]
fn fixes_mend() {
    for (text, _, _, findings) in BROKEN {
        let parsed = read(text);
        for fix in parsed.diagnostics.iter().flat_map(|found| &found.fixes) {
            let mended = text::apply_edits(text, FILE, &fix.edits).unwrap();
            let left = parse(FILE, &mended).diagnostics.len();
            assert!(left < findings.len() || text.contains('\t'), "{text:?} → {mended:?}");
        }
    }
}

#[test]
fn embedded_text_has_the_files_spans() {
    let bodies = [
        ("data:\n  p.yml: |\n    a:\n      b: 1\n\n      c: \"x y\"\n    é: {k: [v]}\n", "literal"),
        (
            "data:\n  p.yml: |2-\n    a:\n      b: 1\n\n      c: \"x y\"\n    é: {k: [v]}\n",
            "indicator",
        ),
        (
            "data:\r\n  p.yml: |\r\n    a:\r\n      b: 1\r\n      c: \"x y\"\r\n    é: {k: [v]}\r\n",
            "CRLF",
        ),
        ("data:\n  p.yml: \"a:\\n  b: 1\\n  c: \\\"x y\\\"\\n\\u00e9: {k: [v]}\"\n", "double"),
        ("data:\n  p.yml: 'a:\n\n    {b: 1, c: \"x y\"}\n\n    \n    é: {k: [v]}'\n", "single"),
        ("data:\n  p.yml: >\n    a:\n\n    \n    {b: 1, c: \"x y\"}\n", "folded"),
    ];
    for (text, style) in bodies {
        let host = read(text);
        let scalar = host.root().unwrap().at(&["data", "p.yml"]).unwrap();
        let inner = embedded(FILE, text, scalar).unwrap();
        check_spans(&inner, text);
        let mut words = 0;
        for root in inner.documents.iter().map(|document| &document.root) {
            visit(root, &mut |node| {
                if let Some(scalar) = node.as_scalar().filter(|scalar| scalar.text.len() == 1) {
                    assert_eq!(node.span.slice(text), &*scalar.text, "{style}");
                    words += 1;
                }
            });
        }
        assert!(words >= 4, "{style}: {}", show(inner.root().unwrap()));
        let c = inner.root().unwrap().at(&["a", "c"]);
        if let Some(c) = c {
            assert_eq!(c.span.slice(text).trim_matches(['\\', '"']), "x y", "{style}");
        }
    }
}

#[test]
fn embedded_offsets_lead_back() {
    let text = "k: |\n  ab\n\n   c\n  d\n";
    let host = read(text);
    let inner = embedded(FILE, text, host.root().unwrap().get("k").unwrap()).unwrap();
    assert_eq!(&*inner.source.text, "ab\n\n c\nd\n");
    for (at, _) in inner.source.text.char_indices() {
        let there = inner.source.to_host(at as u32);
        assert_eq!(inner.source.from_host(there), at as u32, "{at} → {there}");
        assert_eq!(text.as_bytes()[there as usize], inner.source.text.as_bytes()[at], "{at}");
    }
    assert_eq!(inner.source.indentation_at(text, 1), 2);
    assert_eq!(inner.source.from_host(0), 0, "before the block");
    assert_eq!(inner.source.from_host(99), 9, "behind it");
}

#[test]
fn embedded_mistakes_are_found_in_the_file() {
    let text = "data:\n  p.yml: |\n    a:\n      b:1\n      c: 2\n";
    let host = read(text);
    let inner = embedded(FILE, text, host.root().unwrap().at(&["data", "p.yml"]).unwrap()).unwrap();
    let found = &inner.diagnostics[0];
    assert_eq!(found.code, "yaml-missing-space");
    assert_eq!(
        found.location.span,
        Span::new(text.find(":1").unwrap() as u32, text.find(":1").unwrap() as u32 + 1)
    );
    assert_eq!(
        inner.refusal.as_deref(),
        Some("yaml: line 3: mapping values are not allowed in this context")
    );
}

#[test]
fn hostile_texts_give_a_finding_and_end() {
    let deep = |open: &str, close: &str, count: usize| open.repeat(count) + &close.repeat(count);
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{aliases}]\n");
    }
    let indented: String = (0..1500).map(|level| " ".repeat(level) + "a:\n").collect();
    let texts = [
        (deep("[", "]", 5000), "yaml-too-deep"),
        (deep("[", "", 50_000), "yaml-too-deep"),
        ("- ".repeat(5000) + "x", "yaml-too-deep"),
        (deep("{a: ", "}", 500), "yaml-too-deep"),
        (indented, "yaml-too-deep"),
        (bomb, "yaml-too-many-aliases"),
        ("x".repeat(MAX_BYTES + 1), "yaml-too-long"),
        ("\0".repeat(100_000), "yaml-control-character"),
        ("a: 1\nb\n".repeat(20_000), "yaml-missing-colon"),
        ("a: \"\n".repeat(50_000), "yaml-unclosed-quote"),
    ];
    for (text, code) in texts {
        let parsed = read(&text);
        let start: String = text.chars().take(20).collect();
        assert!(parsed.refusal.is_some() || code == "yaml-too-long", "{code}: {start}");
        let codes: Vec<&str> = parsed.diagnostics.iter().map(|found| &*found.code).collect();
        assert!(codes.contains(&code), "{code}: {codes:?}");
        assert!(codes.len() <= 1100, "{code}: {} findings", codes.len());
        for document in &parsed.documents {
            assert!(usize::from(document.root.height) <= MAX_DEPTH, "{code}");
            assert!(document.root.weight < 2_000_000, "{code}: {}", document.root.weight);
        }
    }
}

#[test]
fn a_stray_sign_before_the_first_key_costs_nothing() {
    for stray in ["}", "]", "]}", "\n}", "\t", "@", "]z", "}-"] {
        let parsed = read(&format!("{stray}{CONFIGURATION}"));
        let keys = parsed.root().map_or(0, |root| root.entries().count());
        let codes: Vec<&str> = parsed.diagnostics.iter().map(|found| &*found.code).collect();
        assert!(parsed.refusal.is_some() && keys >= 3, "{stray:?}: {keys} keys, {codes:?}");
        assert!(!codes.contains(&"yaml-ends-early"), "{stray:?}: {codes:?}");
    }
}

/// Pieces that YAML texts are made of, and what breaks them.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("a: "),
        Just("b:"),
        Just("\n"),
        Just("\n  "),
        Just("\n    "),
        Just("- "),
        Just("\t"),
        Just("\""),
        Just("'"),
        Just("["),
        Just("]"),
        Just("{"),
        Just("}"),
        Just(", "),
        Just("|\n"),
        Just(">-\n"),
        Just("&x "),
        Just("*x"),
        Just("<<: "),
        Just("!!int "),
        Just("#"),
        Just(" # c"),
        Just("é"),
        Just("𝄞"),
        Just("\u{feff}"),
        Just("\u{fffd}"),
        Just("\0"),
        Just("\r\n"),
        Just("---\n"),
        Just("...\n"),
        Just("? "),
        Just("\\"),
        Just("\\x4"),
        Just("%YAML 1.1\n"),
        Just("15s"),
        Just("\u{2028}"),
        Just("\u{85}"),
        Just("~"),
        Just("@"),
        Just(": "),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {


    #[test]
    fn no_text_is_too_odd(text in pieces()) {
        read(&text);
    }

    #[test]
    fn embedded_text_maps_into_the_file(text in pieces(), style in 0..4) {
        let clean: String = text.chars().filter(|&c| c != '\0').collect();
        let host = match style {
            0 => format!("k: |\n{}", clean.split('\n').map(|line| format!("  {line}\n")).collect::<String>()),
            1 => format!("k: {}", quoted(&clean)),
            2 => format!("k: '{}'", clean.replace('\'', "''")),
            _ => format!("k: >\n{}", clean.split('\n').map(|line| format!("    {line}\n")).collect::<String>()),
        };
        let parsed = read(&host);
        if let Some(scalar) = parsed.root().and_then(|root| root.get("k"))
            && let Some(mut inner) = embedded(FILE, &host, scalar)
        {
            // A repaired text differs from the text of the file.
            if !parsed.diagnostics.is_empty() {
                inner.documents.iter_mut().for_each(|document| document.comments.clear());
            }
            check_spans(&inner, &host);
        }
    }

    #[test]
    fn a_mutated_configuration_keeps_most_of_its_tree(
        at in 0usize..400, cut in 0usize..4, put in "[\\[\\]{}:'\" a-z\n\t-]{0,3}",
    ) {
        let mut text = CONFIGURATION.to_owned();
        let at = at % text.len();
        let end = (at + cut).min(text.len());
        text.replace_range(at..end, &put);
        let parsed = read(&text);
        let top = parsed.root().map_or(0, |root| root.entries().count());
        // Below an indented first line Go ignores everything, and so nothing is read.
        let ignored = parsed.diagnostics.iter().any(|found| found.code == "yaml-ends-early");
        prop_assert!(top >= 2 || ignored, "{top} of 4 keys left of {text}");
        prop_assert!(!ignored || text.trim_start_matches('\n').starts_with(' '), "{text}");
    }
}

const CONFIGURATION: &str = "\
global:
  scrape_interval: 15s
  external_labels:
    zone: 'b'
rule_files:
  - rules/*.yml
scrape_configs:
  - job_name: shop
    static_configs:
      - targets: [\"one:80\", two:81]
        labels: {team: web}
    relabel_configs:
      - source_labels: [__address__]
        regex: (.+):81
        action: keep
alerting:
  alertmanagers: []
";

/// Errors of libyaml, of which go-yaml is a translation, for brackets that close nothing.
#[test]
fn brackets_that_close_nothing_are_refused_in_the_words_of_go() {
    let (map, list) = ("expected ',' or '}'", "expected ',' or ']'");
    for (text, expected) in [
        ("a: [{n: x]\n", map),
        ("- [1]]\n", "expected '-' indicator"),
        ("[1]]\n", "expected <document start>"),
        ("a: ]\n", "expected node content"),
        ("a: [1 }\n", list),
        ("a: [ }\n", "expected node content"),
        ("a: { ]\n", "expected node content"),
        ("a: {b ]\n", map),
        ("a: {b: ]\n", "expected node content"),
        ("a: {b: 1, ]\n", "expected node content"),
        ("a: [1, }\n", "expected node content"),
        ("a: {b: [1, 2}\n", list),
        ("a: {b: 1}}\n", "expected key"),
        ("a: [b: 1}\n", list),
        ("a: [b: }\n", "expected node content"),
        ("a: {[1}\n", list),
    ] {
        let refusal = parse(FileId(0), text).refusal.unwrap_or_default();
        assert_eq!(refusal, format!("yaml: did not find {expected}"), "{text:?}");
    }
    for text in ["spec:\n  c: [{name: a, image: nginx]\n", "c: [{name: a,\n  image: nginx]\n"] {
        let refusal = parse(FileId(0), text).refusal;
        assert_eq!(refusal.as_deref(), Some("yaml: line 1: did not find expected ',' or '}'"));
    }
}

#[test]
fn a_block_scalar_without_lines_has_the_span_of_its_header() {
    for (text, expected) in [
        ("a: |\n  x\nb: |\n", "|\n"),
        ("a: |\n  x\nb: >-", ">-"),
        ("a: |\n  x\nb: | # c\n", "| # c\n"),
        ("a: |\n  x\nb: |\nc: d\n", "|\n"),
        ("a: |\n  x\nb: |\n  |\n", "|\n  |\n"),
    ] {
        let parsed = parse(FILE, text);
        let node = parsed.root().and_then(|root| root.get("b")).expect("it is there");
        assert_eq!(node.span.slice(text), expected, "{text:?}");
    }
}
