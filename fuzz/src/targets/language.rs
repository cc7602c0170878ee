//! Languages: PromQL, regular expressions, templates, JSON, YAML, and offsets in texts.

use std::sync::OnceLock;

use go::template::{NoFunctions, Options, ParseOptions, Templates, Value};
use go::{Duration, Regex, json::syntax_error};
use promql::engine::{Engine, EngineOptions, QueryTime, TraceRequest};
use promql::promqltest::{Command, Script};
use promql::storage::Storage;
use promql::syntax::{MAX_QUERY_BYTES, ParserOptions, parse};
use text::{FileId, LineIndex};

use crate::input::{boundary, numbers, text};

/// What parses is printed so that it reads back the same.
pub fn promql_parse(data: &[u8]) {
    let Ok(ast) = parse(&text(data), &ParserOptions::ALL) else { return };
    let printed = ast.to_string();
    for text in [&printed, &ast.pretty(), &ast.pretty_within(10)] {
        // Indentation can make a text longer than what is read.
        if text.len() > MAX_QUERY_BYTES {
            continue;
        }
        let again = parse(text, &ParserOptions::ALL).expect("what is printed can be read");
        assert_eq!(again.to_string(), printed);
    }
}

const SERIES: &str = "
load 15s
  a_total{job=\"x\", instance=\"1\"} 0+3x20 1+2x19
  a_total{job=\"x\", instance=\"2\"} 5 _ 7 stale 9x5 NaN 3 Inf 4
  a_total{job=\"y\", instance=\"1\"} 1e300+1e300x20
  b{job=\"x\"} 1 -1 2 -2 0 0.5 -0
  h_bucket{le=\"0.1\"} 0+1x20
  h_bucket{le=\"1\"} 0+2x20
  h_bucket{le=\"+Inf\"} 0+3x20
  h {{schema:0 count:6 sum:9 buckets:[1 2 3]}}+{{schema:0 count:3 sum:4 buckets:[1 1 1]}}x20
  n {{schema:-53 count:3 sum:4 custom_values:[1 5] buckets:[1 1 1]}}x10
";

fn storage() -> &'static Storage {
    static STORAGE: OnceLock<Storage> = OnceLock::new();
    STORAGE.get_or_init(|| {
        let mut storage = Storage::unbounded();
        for command in Script::parse(SERIES).expect("the series are valid").commands {
            if let Command::Load(load) = command {
                load.store(&mut storage).expect("the series can be stored");
            }
        }
        storage
    })
}

/// Evaluating what parses ends within its limits, and its trace agrees with its result.
pub fn promql_engine(data: &[u8]) {
    let Ok(ast) = parse(&text(data), &ParserOptions::ALL) else { return };
    let engine = Engine::new(EngineOptions { max_samples: 50_000, ..EngineOptions::default() });
    let times = [
        QueryTime::Instant(200_000),
        QueryTime::Range { start: 0, end: 300_000, step: Duration::from_secs(20) },
    ];
    for time in times {
        let plain = engine.evaluate(storage(), &ast, time, None);
        let traced = engine.explain(storage(), &ast, time, None, TraceRequest::default());
        assert_eq!(plain.is_ok(), traced.is_ok());
        if let (Ok(plain), Ok((traced, _))) = (plain, traced) {
            assert_eq!(format!("{:?}", plain.value), format!("{:?}", traced.value));
        }
    }
}

/// The first line is an expression, the rest is a text. All ways to match agree.
pub fn regex(data: &[u8]) {
    let input = text(data);
    let (source, subject) = input.split_once('\n').unwrap_or((&input, ""));
    let anchored = Regex::new(source);
    let matcher = Regex::matcher(source);
    // A dot matches a line break only between the anchors.
    let free = Regex::unanchored(&format!("(?s:{source})"));
    let Ok(anchored) = anchored else { return };
    let matches = anchored.is_match(subject);
    let captures = anchored.captures(subject);
    assert_eq!(matches, captures.is_some(), "captures");
    if let Some(captures) = &captures {
        for span in captures.iter().flatten() {
            assert!(subject.get(span).is_some(), "a group on whole characters");
        }
        anchored.expand("$1 ${2}_$0 $$ ${name}", subject, captures, &mut String::new());
    }
    if let Ok(matcher) = matcher {
        assert_eq!(matches, matcher.is_match(subject), "a matcher of labels");
        for word in matcher.set_matches().unwrap_or_default().iter().take(50) {
            assert!(matcher.is_match(word), "{word:?}");
        }
        assert!(!matches || subject.starts_with(matcher.literal_prefix()), "the prefix");
        assert!(matches || !matcher.matches_everything(), "everything");
    }
    if let Ok(free) = free {
        assert!(!matches || free.is_match(subject), "unanchored");
        free.replace_all(subject, "<$1>");
    }
}

/// A text as a template over some values ends, and its trace gives the same text.
pub fn template(data: &[u8]) {
    let source = text(data);
    let mut templates = Templates::default();
    if templates.parse("t", &source, &NoFunctions, ParseOptions::default()).is_err() {
        return;
    }
    let list = Value::list([Value::Int(1), Value::string("a"), Value::Bool(true)].into());
    let entries = [
        ("A".into(), Value::string("text")),
        ("N".into(), Value::Int(i64::MIN)),
        ("F".into(), Value::Float(0.5)),
        ("L".into(), list),
        ("Nil".into(), Value::Nil),
    ];
    let mut options = Options::default();
    options.limits.steps = 20_000;
    options.limits.bytes = 1 << 20;
    let data = Value::map(entries.into());
    let plain = templates.execute("t", data.clone(), &NoFunctions, options);
    let traced = templates.execute_traced("t", data, &NoFunctions, options);
    match (plain, traced) {
        (Ok(plain), Ok((traced, pieces))) => {
            assert_eq!(plain, traced);
            let mut last = 0;
            for piece in pieces {
                assert!(piece.start >= last && traced.is_char_boundary(piece.start));
                last = piece.start;
            }
        }
        (plain, traced) => assert_eq!(plain.is_ok(), traced.is_ok()),
    }
}

/// Offsets in bytes and in UTF-16 agree with a count of the characters.
pub fn utf16(data: &[u8]) {
    let source = text(data);
    let index = LineIndex::new(&source);
    let (mut units, mut line, mut start) = (0, 0, 0);
    for (at, char) in source.char_indices().chain([(source.len(), ' ')]) {
        let offset = at as u32;
        assert_eq!(index.utf16(offset), units);
        assert_eq!(index.byte_of_utf16(units), offset);
        if char.len_utf16() == 2 {
            assert_eq!(index.byte_of_utf16(units + 1), offset, "the middle of a pair");
        }
        let position = index.line_col(offset);
        assert_eq!((position.line, position.col), (line, offset - start));
        assert_eq!(index.line_start(line), start);
        units += char.len_utf16() as u32;
        if char == '\n' {
            (line, start) = (line + 1, offset + 1);
        }
    }
    assert_eq!(index.lines(), line + 1);
    for beyond in [source.len() as u32 + 1, u32::MAX] {
        assert_eq!(index.line_col(beyond).line, line);
        index.utf16(beyond);
        index.byte_of_utf16(beyond);
    }
}

/// Go's decoder refuses what serde_json refuses, except for depth, and what is printed reads back.
pub fn json(data: &[u8]) {
    let source = text(data);
    let refused = syntax_error(&source);
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(&source) {
        assert_eq!(refused, None);
        for printed in [go::json::marshal(&value), go::json::marshal_indent(&value, "  ")] {
            assert_eq!(syntax_error(&printed), None, "{printed}");
            serde_json::from_str::<serde_json::Value>(&printed).expect("it is JSON");
        }
    }
    if let Ok(value) = kubernetes::object::parse_json(&source) {
        let printed = kubernetes::object::to_json(&value);
        let again = kubernetes::object::parse_json(&printed).expect("what is printed can be read");
        assert_eq!(kubernetes::object::to_json(&again), printed);
    }
    let body = yaml::parse(FileId(1), &source);
    let _ = discovery::http_targets(&body, "http://sd");
    let _ = import::bundle::Answers::parse(&source);
}

/// Returns true if two readings have the same trees and findings.
fn same(one: &yaml::Parsed, other: &yaml::Parsed) -> bool {
    format!("{one:?}") == format!("{other:?}")
}

/// A few edits, each followed: the tree is the one of a fresh reading.
pub fn yaml_incremental(data: &[u8]) {
    const PIECES: [&str; 16] = [
        "", "\n", " ", "  ", "- ", ": ", "a", "#", "'", "\"", "|\n", "&a ", "*a", "---\n", "\t",
        "é",
    ];
    let (numbers, rest) = numbers::<9>(data);
    let mut source = text(rest).into_owned();
    let mut parsed = yaml::parse(FileId(1), &source);
    for edit in numbers.chunks(3) {
        let [at, delete, insert] = edit else { continue };
        let start = boundary(&source, *at);
        let end = boundary(&source, (start + delete % 16).min(source.len())).max(start);
        source.replace_range(start..end, PIECES[insert % PIECES.len()]);
        parsed = yaml::parse_incremental(&parsed, &source);
        let fresh = yaml::parse(FileId(1), &source);
        assert!(same(&parsed, &fresh), "{source:?} after an edit at {start}");
    }
    for one in &parsed.diagnostics {
        assert!(source.get(one.location.span.range()).is_some(), "{}", one.code);
    }
}
