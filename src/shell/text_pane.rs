//! The place where the editor lives. It is mounted once; its contents come by effects.

use wasm_bindgen::prelude::*;
use yew::prelude::*;

use crate::app::{Ask, AskWorker, Dispatch, EditorSlot, use_dispatch};
use crate::editor::Editor;
use crate::state::Action;
use text::FileId;

#[derive(Properties, PartialEq)]
pub struct TextPaneProps {
    pub editor: EditorSlot,
    pub mounted: Callback<()>,
    pub fix: Callback<(usize, usize)>,
    pub notes: bool,
}

#[component]
pub fn TextPane(props: &TextPaneProps) -> Html {
    let node = use_node_ref();
    let dispatch = use_dispatch();
    let ask = use_context::<AskWorker>();
    {
        let node = node.clone();
        let (slot, mounted, fix) = (props.editor.clone(), props.mounted.clone(), props.fix.clone());
        use_effect_with((), move |()| {
            let element = node.cast::<web_sys::Element>();
            let wired = element.zip(ask).map(|(element, ask)| {
                let wires = Wires::new(dispatch, ask, fix);
                let editor = Editor::new(&element, "Text of the file", &wires.object());
                *slot.0.borrow_mut() = Some(editor);
                mounted.emit(());
                wires
            });
            move || {
                if let Some(editor) = slot.0.borrow_mut().take() {
                    editor.destroy();
                }
                drop(wired);
            }
        });
    }
    let class = classes!("ed", (!props.notes).then_some("notes-off"));
    html! { <div ref={node} {class} id="editor" role="tabpanel" aria-label="Editor" /> }
}

type Asker = Closure<dyn FnMut(u32, u32, JsValue) -> JsValue>;

/// What the editor calls. Offsets that come in are UTF-16; the state turns them to bytes.
struct Wires {
    change: Closure<dyn FnMut(u32, String)>,
    cursor: Closure<dyn FnMut(u32, u32)>,
    complete: Asker,
    hover: Asker,
    fix: Closure<dyn FnMut(usize, usize)>,
}

impl Wires {
    fn new(dispatch: Dispatch, ask: AskWorker, fix: Callback<(usize, usize)>) -> Self {
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
                ask.promise(Ask::Complete { file: FileId(key), utf16 })
            })
        };
        let hover = Closure::new(move |key, utf16, _: JsValue| {
            ask.promise(Ask::Hover { file: FileId(key), utf16 })
        });
        let fix = Closure::new(move |diagnostic, index| fix.emit((diagnostic, index)));
        Self { change, cursor, complete, hover, fix }
    }

    /// The closures under the names by which the editor calls them.
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
            // A plain object takes every property.
            let _ = js_sys::Reflect::set(&object, &name.into(), function);
        }
        object.into()
    }
}
