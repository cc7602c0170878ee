//! Edits of every kind, each read again and held against the text read as a whole.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::{embedded, parse};
use text::FileId;

const FILE: FileId = FileId(3);

const CONFIG: &str = "# head
global:
  scrape_interval: 15s # often
scrape_configs:
- job_name: a
  static_configs:
  - targets: [x:1, 'y:2']
    labels: {team: web}
  # about rules
  relabel_configs:
    - source_labels: [__address__]
      regex: (.+):(.+)
    -   action: labeldrop
        regex: tmp_.*
    -
      action: drop
- job_name: b

  params:
    module:
      - |
        several
         lines
      - >-
        folded
        text
      - \"quoted
        over lines\"
# between
- job_name: ☺
  static_configs:
    - targets:
      - z:3
  honor_labels:
rule_files:
  - one.yml
  - two.yml
# end
";

const MANIFESTS: &str = "# head
apiVersion: v1
kind: Service
metadata: {name: a}
---
kind: Deployment
spec:
  template:
    containers:
      - name: web
        ports:
        - containerPort: 80
        - containerPort: 81
--- # with words
kind: ConfigMap
data:
  a.yml: |
    - job_name: c
      targets:
        - one
    - job_name: d

---
- 1
- - 2
  - 3
-
";

/// A configuration as a value of a ConfigMap.
fn within(inner: &str) -> String {
    let mut text = "kind: ConfigMap\ndata:\n  a: b\n  prometheus.yml: |\n".to_owned();
    for line in inner.lines() {
        let indent = if line.is_empty() { "" } else { "    " };
        text.push_str(&format!("{indent}{line}\n"));
    }
    text.push_str("  z: end\n");
    text
}

fn scalar(host: &Parsed) -> Option<&Node> {
    host.root()?.at(&["data", "prometheus.yml"]).filter(|node| node.text().is_some())
}

fn assert_same<T: std::fmt::Debug>(again: T, whole: T, text: &str) {
    let (again, whole) = (format!("{again:#?}"), format!("{whole:#?}"));
    // The message shows only the first difference.
    let lines = again.lines().zip(whole.lines()).enumerate();
    let first = lines.filter(|(_, (again, whole))| again != whole).take(5);
    let first: Vec<_> = first.collect();
    assert!(again == whole, "{first:#?} in {text:?}");
}

const PIECES: [&str; 38] = [
    "",
    "x",
    "xyz",
    "\n",
    " ",
    "  ",
    ":",
    ": ",
    "- ",
    "-",
    "\n- ",
    "\n    - q",
    "#",
    " # c",
    "'",
    "\"",
    "|",
    ">",
    "{",
    "}",
    "[",
    "]",
    "---\n",
    "\n---\n",
    "...\n",
    "&a ",
    "*a",
    "<<: ",
    "!!str ",
    "\t",
    "\r\n",
    "\u{0}",
    "é☺",
    "%",
    "\n  job_name: z\n",
    "? ",
    "~",
    "\n\n",
];

type Change = (prop::sample::Index, usize, usize, bool);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let one = (any::<prop::sample::Index>(), 0..6usize, 0..PIECES.len(), any::<bool>());
    prop::collection::vec(one, 1..8)
}

/// Takes some characters away and puts a piece there. Most changes only put one there, so that
/// most texts stay sound.
fn changed(text: &str, (at, length, piece, cuts): &Change) -> String {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let from = at.index(places.len());
    let to = if *cuts { (from + length).min(places.len() - 1) } else { from };
    format!("{}{}{}", &text[..places[from]], PIECES[*piece], &text[places[to]..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_text_read_again_is_the_text_read(start in 0..2usize, changes in changes()) {
        let mut text = [CONFIG, MANIFESTS][start].to_owned();
        let mut before = parse(FILE, &text);
        for change in &changes {
            let next = changed(&text, change);
            let again = parse_incremental(&before, &next);
            assert_same(&again, &parse(FILE, &next), &next);
            // From a sound text most changes can be followed; from a broken one, none.
            if again.plain || start == 1 {
                (text, before) = (next, again);
            }
        }
    }

    #[test]
    fn so_is_a_text_inside_another(changes in changes()) {
        let (mut text, mut host) = (within(CONFIG), parse(FILE, &within(CONFIG)));
        let mut before = scalar(&host).and_then(|node| embedded(FILE, &text, node));
        for change in &changes {
            let next = changed(&text, change);
            let next_host = parse_incremental(&host, &next);
            let Some(node) = scalar(&next_host) else { continue };
            let Some(known) = &before else { break };
            let again = embedded_incremental(known, &next, node);
            let whole = embedded(FILE, &next, node);
            assert_same(&again, &whole, &next);
            if next_host.plain {
                (text, host, before) = (next, next_host, again);
            }
        }
        prop_assert!(!text.is_empty());
    }
}

#[test]
fn what_an_edit_does_not_touch_is_shared_or_moved() {
    for (from, to) in [
        ("honor_labels:", "honor_labels: true"),
        ("several", "severalx"),
        ("z:3", "z:31"),
        ("# about", "# much about"),
        ("# between", "# b"),
        ("action: drop\n", "action: drop\n      regex: a\n"),
        ("two.yml", "2.yml"),
    ] {
        let before = parse(FILE, CONFIG);
        let text = CONFIG.replacen(from, to, 1);
        let source = Source::whole(&text);
        assert!(before.plain, "{:?}", before.diagnostics);
        let again = reuse(&before, &source).unwrap_or_else(|| panic!("{from} is not followed"));
        assert_same(&again, &parse(FILE, &text), &text);
        let first = |parsed: &Parsed| match parsed.root()?.get("global")?.kind.clone() {
            Kind::Mapping(mapping) => Some(Arc::as_ptr(&mapping)),
            _ => None,
        };
        assert_eq!(first(&before), first(&again), "what stands before is the same tree");
    }
}

#[test]
fn a_comment_moves_what_stands_behind_it() {
    let before = parse(FILE, CONFIG);
    for (from, to) in [("# head", "# head of the file"), ("# often", "# x"), ("# end", "# é")] {
        let text = CONFIG.replacen(from, to, 1);
        let source = Source::whole(&text);
        let edit = Edit::between(CONFIG, &text);
        let documents =
            edit.and_then(|edit| Incremental { before: &before, source: &source, edit }.comment());
        let expected = parse(FILE, &text).documents;
        assert_same(documents, Some(expected), &text);
    }
    let text = CONFIG.replacen("# often", "", 1);
    let source = Source::whole(&text);
    let edit = Edit::between(CONFIG, &text).unwrap_or_else(|| panic!("little has changed"));
    assert!(Incremental { before: &before, source: &source, edit }.comment().is_none());
}

#[test]
fn documents_are_followed_one_by_one() {
    let before = parse(FILE, MANIFESTS);
    for (from, to) in [("name: a", "name: ab"), ("kind: ConfigMap", "kind: Secret")] {
        let text = MANIFESTS.replacen(from, to, 1);
        let again = reuse(&before, &Source::whole(&text));
        let followed = from.starts_with("name");
        assert_eq!(again.is_some(), followed, "{from}: a marker with words is left alone");
        if let Some(again) = again {
            assert_same(&again, &parse(FILE, &text), &text);
        }
    }
}

#[test]
fn what_only_looks_like_a_border_of_documents_is_none() {
    for (text, from, to) in [
        (MANIFESTS.replacen("---\nk", "---#", 1), "Service", "Service&a "),
        (MANIFESTS.replacen("# head", "# head\n---\n", 1), "Service", "Sxervice"),
    ] {
        let before = parse(FILE, &text);
        let next = text.replacen(from, to, 1);
        assert_same(&parse_incremental(&before, &next), &parse(FILE, &next), &next);
    }
}

#[test]
fn what_ends_elsewhere_in_the_file_is_read_inside_another_text_too() {
    for (from, to) in [("# head\n", "# he\r\n"), ("- z:3", "- |3"), ("- z:3", "- |")] {
        let host = parse(FILE, &within(CONFIG));
        let before = scalar(&host).and_then(|node| embedded(FILE, &within(CONFIG), node)).unwrap();
        let next = within(CONFIG).replacen(from, to, 1);
        let next_host = parse(FILE, &next);
        let node = scalar(&next_host).unwrap();
        assert_same(
            &embedded_incremental(&before, &next, node),
            &embedded(FILE, &next, node),
            &next,
        );
    }
}

#[test]
fn what_could_reach_over_is_read_as_a_whole() {
    let before = parse(FILE, CONFIG);
    for (from, to) in [
        ("- job_name: b", "-job_name: b"),
        ("targets: [x:1", "targets: &a [x:1"),
        ("regex: tmp_.*", "regex: 'tmp_.*"),
        ("scrape_interval: 15s", "scrape_interval: 16s"),
    ] {
        let text = CONFIG.replacen(from, to, 1);
        assert!(reuse(&before, &Source::whole(&text)).is_none(), "{from}");
    }
}
