//! Tests of the walk with a small table of our own.

use super::*;
use text::{Diagnostic, FileId, Location};
use yaml::{Node, Parsed, parse};

const FILE: FileId = FileId(3);

static ACTION: &[Allowed] = &[
    Allowed { value: "keep", doc: "Keeps what matches." },
    Allowed { value: "drop", doc: "Drops what matches." },
];

static RULE: Record = Record {
    name: "rule",
    go_type: "shop.plainRule",
    fields: &[
        Field {
            key: "action",
            ty: Type::Enum(ACTION),
            default: DefaultValue::Literal("keep"),
            ..FIELD
        },
        Field { key: "regex", ty: Type::Regex, ..FIELD },
        Field { key: "sources", ty: STRINGS, ..FIELD },
    ],
    ..RECORD
};

static TLS: Record = Record {
    name: "tls",
    go_type: "shop.plainTls",
    fields: &[Field { key: "insecure", ty: Type::Bool, default: DefaultValue::Zero, ..FIELD }],
    ..RECORD
};

static JOB: Record = Record {
    name: "job",
    go_type: "shop.plain",
    doc: "One job.",
    fields: &[
        Field {
            key: "name",
            ty: Type::String,
            required: true,
            missing: "name is empty",
            note: "the job is called {value}",
            doc: "What the job is called.",
            ..FIELD
        },
        Field {
            key: "every",
            ty: Type::Duration { zero: false },
            default: DefaultValue::Inherited("global.every"),
            note: "each {value}, says {who}",
            ..FIELD
        },
        Field { key: "rules", ty: Type::List(&Type::Record(&RULE)), ..FIELD },
        Field { key: "labels", ty: LABELS, ..FIELD },
        Field {
            key: "port",
            ty: Type::OneOf(&[Type::Int { min: 0, max: 9 }, Type::String]),
            ..FIELD
        },
        Field {
            key: "old",
            ty: Type::Bool,
            deprecated: Some(Deprecated {
                since: Version(2, 1),
                instead: "Use `every`.",
                moved: None,
            }),
            ..FIELD
        },
    ],
    inline: &[&TLS],
    check: Some(check_job),
    ..RECORD
};

fn check_job(cx: &mut CheckCx<'_>, node: &Node) {
    assert_eq!(cx.path.first(), Some(&PathSegment::Key("jobs".into())));
    if let Some(name) = node.get("name").filter(|name| name.text() == Some("")) {
        let at = Location::new(cx.file, node.entry("name").map_or(name.span, |entry| entry.span()));
        cx.diagnostics.push(Diagnostic::error("missing-field", at, "a job wants a name"));
    }
}

static ROOT: Record = Record {
    name: "root",
    go_type: "shop.Config",
    fields: &[
        Field { key: "global", ty: Type::Record(&GLOBAL), ..FIELD },
        Field { key: "jobs", ty: Type::List(&Type::Record(&JOB)), ..FIELD },
    ],
    ..RECORD
};

static GLOBAL: Record = Record {
    name: "global",
    go_type: "shop.plainGlobal",
    fields: &[
        Field {
            key: "every",
            ty: Type::Duration { zero: false },
            default: DefaultValue::Literal("1m"),
            ..FIELD
        },
        Field {
            key: "limit",
            ty: Type::Uint { max: u64::MAX },
            default: DefaultValue::Zero,
            ..FIELD
        },
    ],
    ..RECORD
};

struct Shop;

impl Hooks for Shop {
    fn placeholder(&self, _: &TypedNode<'_, '_>, name: &str) -> Option<String> {
        (name == "who").then(|| "the shop".to_owned())
    }

    fn suggest(&self, wanted: &CompletionRequest<'_>) -> Vec<Suggestion> {
        match wanted.field.map(|field| field.key) {
            Some("labels") => vec![Suggestion::new("zone", "a label")],
            _ => Vec::new(),
        }
    }
}

fn subject<'a>(parsed: &'a Parsed, hooks: &'a dyn Hooks) -> Subject<'a> {
    Subject::first(parsed, Type::Record(&ROOT), Dialect::Prometheus, hooks).unwrap()
}

/// Code, text below and message of each finding.
fn findings(text: &str) -> Vec<(String, String, String)> {
    let parsed = parse(FILE, text);
    let found = check(&subject(&parsed, &Shop));
    let shown = |one: &Diagnostic| one.location.span.slice(text).to_owned();
    found.iter().map(|one| (one.code.to_string(), shown(one), one.message.clone())).collect()
}

#[test]
fn findings_have_gos_words_and_their_place() {
    for (text, code, shown, message) in [
        (
            "globl:\n  every: 1s",
            "unknown-field",
            "globl",
            "field globl not found in type shop.Config",
        ),
        ("global:\n  every: 5", "invalid-duration", "5", "not a valid duration string: \"5\""),
        ("global:\n  limit: x", "wrong-type", "x", "cannot unmarshal !!str `x` into uint"),
        ("global: [1]", "wrong-type", "global", "cannot unmarshal !!seq into shop.plainGlobal"),
        (
            "global:\n  limit: 1\n  limit: 2",
            "duplicate-key",
            "limit",
            "field limit already set in type shop.plainGlobal",
        ),
        ("jobs:\n  - every: 5s", "missing-field", "every", "name is empty"),
        ("jobs:\n  - name: ''", "missing-field", "name: ''", "a job wants a name"),
        (
            "jobs:\n  - name: a\n    old: yes",
            "deprecated-field",
            "old",
            "`old` is deprecated since 2.1",
        ),
        (
            "jobs:\n  - name: a\n    insecure: 1",
            "wrong-type",
            "1",
            "cannot unmarshal !!int `1` into bool",
        ),
        (
            "jobs:\n  - name: a\n    rules:\n      - action: kep",
            "value-not-allowed",
            "kep",
            "`kep` is not allowed here",
        ),
        ("jobs:\n  - name: a\n    rules:\n      - regex: '('", "invalid-regex", "'('", ""),
        (
            "jobs:\n  - name: a\n    rules:\n      - sources: x",
            "wrong-type",
            "x",
            "cannot unmarshal !!str `x` into []string",
        ),
        (
            "jobs:\n  - name: a\n    labels: {b: 1, b: 2}",
            "duplicate-key",
            "b",
            "key \"b\" already set in map",
        ),
        (
            "jobs:\n  - name: a\n    labels: {'': x}",
            "invalid-label",
            "''",
            "\"\" is not a valid label name",
        ),
        ("jobs:\n  name: a", "wrong-type", "jobs", "cannot unmarshal !!map into []shop.plain"),
    ] {
        let found = findings(text);
        let [(found_code, found_shown, found_message)] = &found[..] else {
            panic!("{text:?}: {found:?}");
        };
        assert_eq!((found_code.as_str(), found_shown.as_str()), (code, shown), "{text:?}");
        assert!(found_message.contains(message), "{text:?}: {found_message}");
    }
}

#[test]
fn nothing_is_found_in_what_is_right() {
    for text in [
        "",
        "global:\njobs: []\n",
        "global: {every: 1h30m, limit: 0x10}\njobs:\n- name: 5\n  every:\n  port: http\n  labels: {a: yes}\n",
        "base: &b {x: 1}\n",
    ] {
        let found = findings(text);
        assert!(found.is_empty() || text.starts_with("base"), "{text:?}: {found:?}");
    }
}

#[test]
fn help_and_fixes() {
    for (text, help, fix) in [
        ("globl:\n", "Did you mean `global`?", Some("global")),
        ("every: 5s\n", "`every` is a field of `global`, one level deeper.", None),
        (
            "jobs:\n  - name: a\n    jobs: 1\n",
            "`jobs` is a field of root. Check the indentation.",
            None,
        ),
        ("jobs:\n  - name: a\n    rules: [{sources: x}]\n", "Write a list", Some("[x]")),
        ("global: {limit: '5'}\n", "A value in quotes", Some("5")),
    ] {
        let parsed = parse(FILE, text);
        let found = check(&subject(&parsed, &Shop));
        let one = found.first().unwrap();
        assert!(one.help.as_deref().unwrap_or_default().starts_with(help), "{one:?}");
        let put = one.fixes.first().map(|fix| fix.edits[0].text.as_str());
        assert_eq!(put, fix, "{text:?}");
        if let Some(fix) = one.fixes.first() {
            let mended = text::apply_edits(text, FILE, &fix.edits).unwrap();
            assert!(findings(&mended).is_empty(), "{mended:?}");
        }
    }
}

#[test]
fn guesses_are_not_judged() {
    let parsed = parse(FILE, "global:\n  every: 15s\n  lim\njobs: []\n");
    assert!(!parsed.diagnostics.is_empty());
    assert_eq!(check(&subject(&parsed, &Shop)), []);
}

#[test]
fn notes_tell_the_value_in_force() {
    let text =
        "global:\n  every: 30s\njobs:\n  - name: a\n    every: 5s\n  - name: b\n    every:\n";
    let parsed = parse(FILE, text);
    let notes = notes(&subject(&parsed, &Shop));
    let shown: Vec<&str> = notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(
        shown,
        [
            "the job is called a",
            "each 5s, says the shop",
            "the job is called b",
            "each 30s, says the shop"
        ]
    );
    assert_eq!(super::notes(&subject(&parsed, &NoHooks)).len(), 2, "without the hook's name");
}

#[test]
fn explanations_are_of_what_is_under_the_cursor() {
    let text = "global:\n  every: 30s\njobs:\n  - name: a\n    every:\n    rules:\n      - action: drop\n    what: 1\n";
    let parsed = parse(FILE, text);
    let subject = subject(&parsed, &Shop);
    let at = |needle: &str| explain_at(&subject, text.rfind(needle).unwrap() as u32).unwrap();
    let every = at("every:");
    assert_eq!(every.path, "jobs[0].every");
    assert_eq!(every.type_text, "duration");
    let effective = every.effective.clone().unwrap();
    assert_eq!(effective.value, "30s");
    assert_eq!(every.origin_text(&|_| 2).as_deref(), Some("from global.every, line 2"));
    let action = at("drop");
    assert_eq!((action.path.as_str(), action.allowed.len()), ("jobs[0].rules[0].action", 2));
    let trail: Vec<&str> = action.trail.iter().map(|(label, _)| label.as_str()).collect();
    assert_eq!(trail, ["jobs", "a", "rules", "drop", "action"]);
    let name = at("name");
    assert_eq!(name.doc, Description::Text("What the job is called."));
    assert!(name.required);
    assert!(!at("what").known);
    assert_eq!(at("jobs").type_text, "list of job");
}

#[test]
fn outline_shows_sections_and_items() {
    let text = "global:\n  every: 30s\njobs:\n  - name: a\n    labels: {x: y}\n  - name: b\n";
    let parsed = parse(FILE, text);
    let items = outline(&subject(&parsed, &Shop));
    let shown: Vec<String> =
        items.iter().map(|item| format!("{} {} {}", item.depth, item.title, item.detail)).collect();
    assert_eq!(shown, ["0 global ", "0 jobs ", "1 1 a", "2 labels ", "1 2 b"]);
}

/// Labels and insertions at the `^` of a text.
fn completions(marked: &str) -> Vec<(String, String)> {
    let offset = marked.find('^').unwrap();
    let text = marked.replacen('^', "", 1);
    let parsed = parse(FILE, &text);
    let found = complete_at(&subject(&parsed, &Shop), &parsed.source, &text, offset as u32);
    found.items.into_iter().map(|item| (item.label, item.insert)).collect()
}

#[test]
fn completions_know_what_is_missing() {
    let labels = |marked: &str| -> Vec<String> {
        completions(marked).into_iter().map(|(label, _)| label).collect()
    };
    assert_eq!(labels("^"), ["global", "jobs"]);
    assert_eq!(labels("global:\n  ^\n"), ["every", "limit"]);
    assert_eq!(labels("global:\n  every: 15s\n  li^\n"), ["limit"]);
    let job = labels("jobs:\n  - every: 5s\n    ^\n");
    assert_eq!(job, ["name", "rules", "labels", "port", "insecure", "old"]);
    assert_eq!(labels("jobs:\n  - rules:\n      - action: ^"), ["keep", "drop"]);
    assert_eq!(labels("jobs:\n  - rules: [{action: k^}]"), ["keep", "drop"]);
    assert_eq!(labels("jobs:\n  - insecure: ^"), ["true", "false"]);
    assert_eq!(labels("jobs:\n  - labels:\n      ^"), ["zone"]);
    assert_eq!(labels("global:\n  every: ^")[0], "1m");
    assert_eq!(labels("nothing:\n  ^"), Vec::<String>::new());
}

#[test]
fn completions_put_in_what_belongs_below() {
    let insert = |marked: &str, label: &str| {
        completions(marked).into_iter().find(|(found, _)| found == label).unwrap().1
    };
    assert_eq!(insert("^", "jobs"), "jobs:\n  - name: ");
    assert_eq!(insert("^", "global"), "global:\n  ");
    assert_eq!(insert("global:\n  ^", "every"), "every: 1m");
    assert_eq!(insert("jobs:\n  ^", "name"), "- name: ");
    assert_eq!(insert("jobs:\n  - name: a\n    ^", "rules"), "rules:\n      - ");
}

#[test]
fn completions_inside_a_block_scalar() {
    let host = "data:\n  shop.yml: |\n    global:\n      e\n    jobs: []\n";
    let outer = parse(FILE, host);
    let scalar = outer.root().unwrap().at(&["data", "shop.yml"]).unwrap();
    let inner = yaml::embedded(FILE, host, scalar).unwrap();
    let offset = host.find("      e").unwrap() as u32 + 7;
    let found = complete_at(&subject(&inner, &Shop), &inner.source, host, offset);
    assert_eq!(found.span.slice(host), "e");
    assert_eq!(found.items[0].insert, "every: 1m");
    let offset = host.find("    jobs").unwrap() as u32 + 4;
    let found = complete_at(&subject(&inner, &Shop), &inner.source, host, offset);
    let global = found.items.iter().find(|item| item.label == "global");
    assert!(global.is_none_or(|item| item.insert == "global:\n      "), "{global:?}");
}

#[test]
fn tables_may_inline_records() {
    let keys: Vec<&str> = JOB.all_fields().map(|field| field.key).collect();
    assert_eq!(keys, ["name", "every", "rules", "labels", "port", "old", "insecure"]);
}

proptest::proptest! {
    #[test]
    fn no_text_is_too_odd(
        text in "(global|jobs|name|every|rules|action|labels|port|[-:{}'\\[\\]#|>&*!, \n]|  |\n    |\n  - ){0,40}",
        at in 0u32..200,
    ) {
        let parsed = parse(FILE, &text);
        let subject = subject(&parsed, &Shop);
        for one in check(&subject) {
            proptest::prop_assert!(text.get(one.location.span.range()).is_some(), "{:?}", one);
        }
        notes(&subject);
        outline(&subject);
        explain_at(&subject, at);
        let found = complete_at(&subject, &parsed.source, &text, at.min(text.len() as u32));
        proptest::prop_assert!(text.get(found.span.range()).is_some(), "{:?}", found.span);
    }
}
