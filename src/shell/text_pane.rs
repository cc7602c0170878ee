//! The text editor. It is mounted once; effects change its contents.

use wasm_bindgen::prelude::*;
use yew::prelude::*;

use crate::app::{Dispatch, EditorQueries, EditorQuery, EditorSlot, use_dispatch};
use crate::editor::Editor;
use crate::state::Action;
use text::FileId;

#[derive(Properties, PartialEq)]
pub struct TextPaneProps {
    pub editor: EditorSlot,
    pub mounted: Callback<()>,
    pub fix: Callback<(usize, usize)>,
    pub notes: bool,
    pub read_only: bool,
}

#[component]
pub fn TextPane(props: &TextPaneProps) -> Html {
    let node = use_node_ref();
    let dispatch = use_dispatch();
    let ask = use_context::<EditorQueries>();
    {
        let node = node.clone();
        let (slot, mounted, fix) = (props.editor.clone(), props.mounted.clone(), props.fix.clone());
        use_effect_with((), move |()| {
            let element = node.cast::<web_sys::Element>();
            let callbacks = element.zip(ask).map(|(element, ask)| {
                let callbacks = EditorCallbacks::new(dispatch, ask, fix);
                let editor = Editor::new(&element, "Text of the file", &callbacks.object());
                *slot.0.borrow_mut() = Some(editor);
                mounted.emit(());
                callbacks
            });
            move || {
                if let Some(editor) = slot.0.borrow_mut().take() {
                    editor.destroy();
                }
                drop(callbacks);
            }
        });
    }
    {
        let slot = props.editor.clone();
        use_effect_with(props.read_only, move |read_only| {
            if let Some(editor) = &*slot.0.borrow() {
                editor.set_read_only(*read_only);
            }
        });
    }
    let class = classes!("ed", (!props.notes).then_some("notes-off"));
    html! { <div ref={node} {class} id="editor" role="tabpanel" aria-label="Editor" /> }
}

type Asker = Closure<dyn FnMut(u32, u32, JsValue) -> JsValue>;

/// Callbacks of the editor. Offsets are in UTF-16 units; the state converts them.
struct EditorCallbacks {
    change: Closure<dyn FnMut(u32, String)>,
    cursor: Closure<dyn FnMut(u32, u32)>,
    complete: Asker,
    hover: Asker,
    fix: Closure<dyn FnMut(usize, usize)>,
}

impl EditorCallbacks {
    fn new(dispatch: Dispatch, ask: EditorQueries, fix: Callback<(usize, usize)>) -> Self {
        let change = {
            let dispatch = dispatch.clone();
            Closure::new(move |key, text| {
                dispatch.emit(Action::Typed { file: FileId(key), text });
            })
        };
        let cursor = Closure::new(move |key, utf16| {
            dispatch.emit(Action::CursorMoved { file: FileId(key), utf16 });
        });
        let complete = {
            let ask = ask.clone();
            Closure::new(move |key, utf16, _: JsValue| {
                ask.promise(EditorQuery::Complete { file: FileId(key), utf16 })
            })
        };
        let hover = Closure::new(move |key, utf16, _: JsValue| {
            ask.promise(EditorQuery::Hover { file: FileId(key), utf16 })
        });
        let fix = Closure::new(move |diagnostic, index| fix.emit((diagnostic, index)));
        Self { change, cursor, complete, hover, fix }
    }

    /// Returns the closures as a JavaScript object.
    fn object(&self) -> JsValue {
        let object = js_sys::Object::new();
        let entries: [(&str, &JsValue); 5] = [
            ("change", self.change.as_ref()),
            ("cursor", self.cursor.as_ref()),
            ("complete", self.complete.as_ref()),
            ("hover", self.hover.as_ref()),
            ("fix", self.fix.as_ref()),
        ];
        for (name, function) in entries {
            // Setting a property of a plain object cannot fail.
            let _ = js_sys::Reflect::set(&object, &name.into(), function);
        }
        object.into()
    }
}
