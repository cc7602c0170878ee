//! Any text as a configuration: reading, checks, lints, the configuration in force, explanations
//! and completions do not panic, and what they point to lies on whole characters.

#![no_main]

use libfuzzer_sys::fuzz_target;
use prometheus::effective::effective;
use prometheus::explain::PrometheusHooks;
use prometheus::fields::root::ROOT;
use prometheus::{Mode, NoFiles, lints::lint, load};
use schema::{Dialect, Subject, Type, complete_at, explain_at, notes};
use text::{FileId, apply_edits};
use yaml::{Source, parse};

fuzz_target!(|input: (&str, u32)| {
    let (text, offset) = input;
    let file = FileId(1);
    let parsed = parse(file, text);
    let loaded = load(&parsed, &NoFiles, Mode::Server);
    let mut found = loaded.diagnostics.clone();
    found.extend(lint(&parsed, text, &loaded.config, &NoFiles));
    for one in &found {
        assert!(text.get(one.location.span.range()).is_some(), "{}", one.code);
        for fix in &one.fixes {
            assert!(apply_edits(text, file, &fix.edits).is_some(), "{}: {}", one.code, fix.title);
        }
    }
    let shown = effective(&parsed, &loaded.config);
    assert_eq!(shown.sources.len(), shown.text.lines().count());
    let mut offset = offset as usize % (text.len() + 1);
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let hooks = PrometheusHooks::new(&loaded.config);
    let ty = Type::Record(&ROOT);
    let Some(subject) = Subject::first(&parsed, ty, Dialect::Prometheus, &hooks) else { return };
    for note in notes(&subject) {
        assert!(text.get(note.span.range()).is_some());
    }
    explain_at(&subject, offset as u32);
    complete_at(&subject, &Source::whole(text), text, offset as u32);
});
