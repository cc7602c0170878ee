//! The binding to the editor. Only this module converts between bytes and UTF-16 offsets.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::state::Document;
use protocol::{Annotations, Card, Completions, Grade, InlayHintKind};
use text::{Severity, Span};

#[wasm_bindgen(module = "/bundle/editor.js")]
extern "C" {
    pub type Editor;
    #[wasm_bindgen(constructor)]
    pub fn new(parent: &web_sys::Element, label: &str, on: &JsValue) -> Editor;
    #[wasm_bindgen(method)]
    pub fn open(this: &Editor, key: u32, text: &str);
    #[wasm_bindgen(method)]
    pub fn forget(this: &Editor, key: Option<u32>);
    #[wasm_bindgen(method)]
    pub fn annotate(this: &Editor, key: u32, json: &str, tokens: &[u32]);
    #[wasm_bindgen(method)]
    pub fn reveal(this: &Editor, from: u32, to: u32, focus: bool);
    #[wasm_bindgen(method)]
    pub fn spot(this: &Editor, from: Option<u32>, to: Option<u32>);
    #[wasm_bindgen(method, js_name = setReadOnly)]
    pub fn set_read_only(this: &Editor, on: bool);
    #[wasm_bindgen(method)]
    pub fn focus(this: &Editor);
    #[wasm_bindgen(method)]
    pub fn destroy(this: &Editor);

    pub type QueryInput;
    #[wasm_bindgen(constructor)]
    pub fn new(parent: &web_sys::Element, label: &str, hint: &str, on: &JsValue) -> QueryInput;
    #[wasm_bindgen(method)]
    pub fn set(this: &QueryInput, text: &str);
    #[wasm_bindgen(method, js_name = annotate)]
    pub fn annotate_query(this: &QueryInput, json: &str);
    #[wasm_bindgen(method, js_name = destroy)]
    pub fn destroy_query(this: &QueryInput);
}

#[derive(Serialize)]
struct EditorDiagnostic<'a> {
    /// The index in the annotations. The editor returns it with a fix.
    id: usize,
    from: u32,
    to: u32,
    severity: &'static str,
    /// The source of the diagnostic in a few words; empty outside of manifests.
    grade: &'static str,
    message: &'a str,
    body: Vec<&'a str>,
    fixes: Vec<&'a str>,
}

#[derive(Serialize)]
struct EditorNote<'a> {
    at: u32,
    text: &'a str,
    kind: &'static str,
}

#[derive(Serialize)]
struct EditorDefault<'a> {
    at: u32,
    lines: &'a [String],
    by: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
struct EditorAnnotations<'a> {
    diagnostics: Vec<EditorDiagnostic<'a>>,
    notes: Vec<EditorNote<'a>>,
    defaults: Vec<EditorDefault<'a>>,
    inner: Vec<(u32, u32)>,
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

fn note_kind(kind: InlayHintKind) -> &'static str {
    match kind {
        InlayHintKind::Meaning => "meaning",
        InlayHintKind::Consequence => "consequence",
        InlayHintKind::Problem => "error",
    }
}

/// Converts annotations for `Editor::annotate`.
pub fn annotations(document: &Document, annotations: &Annotations) -> (String, Vec<u32>) {
    let diagnostics = annotations
        .diagnostics
        .iter()
        .enumerate()
        .map(|(id, diagnostic)| {
            let (from, to) = document.utf16(diagnostic.location.span);
            EditorDiagnostic {
                id,
                from,
                to,
                severity: severity(diagnostic.severity),
                grade: annotations.grades.get(id).copied().flatten().map_or("", Grade::label),
                message: &diagnostic.message,
                body: diagnostic.help.iter().map(String::as_str).collect(),
                fixes: diagnostic.fixes.iter().map(|fix| fix.title.as_str()).collect(),
            }
        })
        .collect();
    let notes = annotations
        .inlay_hints
        .iter()
        .map(|note| EditorNote {
            at: document.index.utf16(note.at),
            text: &note.text,
            kind: note_kind(note.kind),
        })
        .collect();
    let defaults = annotations
        .defaults
        .iter()
        .map(|field| EditorDefault {
            at: document.index.utf16(field.at),
            lines: &field.lines,
            by: &field.by,
            why: &field.why,
        })
        .collect();
    let inner = annotations.embedded.iter().map(|span| document.utf16(*span)).collect();
    let tokens = annotations
        .semantic_tokens
        .iter()
        .flat_map(|token| {
            let (from, to) = document.utf16(token.span);
            [from, to, token.kind as u32]
        })
        .collect();
    let json = serde_json::to_string(&EditorAnnotations { diagnostics, notes, defaults, inner });
    (json.unwrap_or_default(), tokens)
}

/// Converts a hover card for `card.js`. `utf16` converts spans to offsets of the editor.
pub fn card(card: &Card, utf16: impl Fn(Span) -> (u32, u32)) -> String {
    let (from, to) = utf16(card.span);
    serde_json::json!({
        "from": from,
        "to": to,
        "title": card.title,
        "kind": card.kind,
        "body": card.body,
        "facts": card.facts,
        "code": card.code,
    })
    .to_string()
}

/// Converts completions for CodeMirror.
pub fn completions(found: &Completions, utf16: impl Fn(Span) -> (u32, u32)) -> String {
    let (from, to) = utf16(found.span);
    let options: Vec<_> = found
        .items
        .iter()
        .map(|item| {
            let insert = if item.insert.is_empty() { &item.label } else { &item.insert };
            let mut option = serde_json::json!({
                "label": item.label,
                "apply": insert,
                "detail": item.detail,
                "boost": item.rank,
            });
            if !item.doc.is_empty() {
                option["info"] = item.doc.as_str().into();
            }
            option
        })
        .collect();
    serde_json::json!({ "from": from, "to": to, "options": options, "open": true }).to_string()
}
