//! The binding to the editor: what Rust says of a text is drawn over the right characters, and what
//! is typed comes back.

use std::cell::RefCell;
use std::rc::Rc;

use playground::editor::{Editor, QueryInput, annotations};
use playground::state::Document;
use protocol::File;
use protocol::{Annotations, InlayHint, InlayHintKind};
use text::{Diagnostic, FileId, Location, Span};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{find, place, press, texts};

const FILE: FileId = FileId(7);
/// Before the key stand a character of two UTF-16 units and one of two bytes.
const TEXT: &str = "# 🎁é\nkey: valu\n";

/// Functions that keep what they are called with.
fn listener(names: &[&str], heard: &Rc<RefCell<Vec<String>>>) -> JsValue {
    let object = js_sys::Object::new();
    for name in names {
        let (heard, called) = (heard.clone(), (*name).to_owned());
        let keep =
            Closure::<dyn FnMut(JsValue, JsValue)>::new(move |one: JsValue, two: JsValue| {
                let said = [one, two].into_iter().filter_map(|value| value.as_string());
                heard.borrow_mut().push(format!("{called} {}", said.collect::<String>()));
            });
        js_sys::Reflect::set(&object, &(*name).into(), &keep.into_js_value()).unwrap();
    }
    object.into()
}

fn document() -> Document {
    Document::new(File { id: FILE, name: "a.yml".into(), text: TEXT.into() }, Default::default())
}

#[wasm_bindgen_test]
fn notes_and_mistakes_stand_where_the_bytes_say() {
    let place = place();
    let editor = Editor::new(&place, "Text", &listener(&[], &Rc::default()));
    let document = document();
    editor.open(FILE.0, TEXT);
    let start = TEXT.find("valu").unwrap() as u32;
    let value = Span::new(start, start + 4);
    let (json, tokens) = annotations(
        &document,
        &Annotations {
            file: FILE,
            diagnostics: vec![Diagnostic::error(
                "code",
                Location::new(FILE, value),
                "no <b>value</b>",
            )],
            inlay_hints: vec![InlayHint {
                at: start,
                text: "<i>what it does</i>".into(),
                kind: InlayHintKind::Meaning,
            }],
            ..Annotations::default()
        },
    );
    editor.annotate(FILE.0, &json, &tokens);
    assert_eq!(find(&place, ".cm-lintRange-error").text_content().as_deref(), Some("valu"));
    let note = find(&place, ".cm-note");
    assert_eq!(note.text_content().as_deref(), Some("<i>what it does</i>"), "text, never markup");
    assert!(
        note.closest(".cm-line").unwrap().unwrap().text_content().unwrap().starts_with("key: valu")
    );
    // Diagnostics of another document are not drawn over this one.
    editor.open(FILE.0 + 1, "other\n");
    editor.annotate(FILE.0, &json, &tokens);
    assert!(place.query_selector(".cm-note").unwrap().is_none());
    editor.destroy();
    assert!(place.query_selector(".cm-editor").unwrap().is_none());
}

#[wasm_bindgen_test]
fn a_text_from_the_program_is_no_edit_of_the_person() {
    let (place, heard) = (place(), Rc::default());
    let editor = Editor::new(&place, "Text", &listener(&["change", "cursor"], &heard));
    editor.open(FILE.0, "one\n");
    editor.open(FILE.0, "two\n");
    assert_eq!(texts(&place, ".cm-line"), ["two", ""]);
    assert!(!heard.borrow().iter().any(|said| said.starts_with("change")), "{:?}", heard.borrow());
    editor.destroy();
}

#[wasm_bindgen_test]
fn enter_runs_the_expression_as_it_stands() {
    let (place, heard) = (place(), Rc::default());
    let on = listener(&["change", "run", "complete", "hover"], &heard);
    let input = QueryInput::new(&place, "Expression", "hint", &on);
    input.set("up == 0");
    press(&find(&place, ".cm-content"), "Enter");
    assert_eq!(*heard.borrow(), ["run up == 0"]);
    input.destroy_query();
}
