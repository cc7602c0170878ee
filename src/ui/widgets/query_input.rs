//! A field for a PromQL expression.

use wasm_bindgen::prelude::*;
use yew::prelude::*;

use crate::ui::app::{Ask, AskWorker};
use crate::ui::editor::QueryInput as Inner;

#[derive(Properties, PartialEq)]
pub struct QueryFieldProps {
    pub query: AttrValue,
    pub label: AttrValue,
    /// Enter was pressed; the whole text.
    pub run: Callback<String>,
}

/// Takes over `query` when it changes from outside; tells of the text when it is to be run.
#[component]
pub fn QueryField(props: &QueryFieldProps) -> Html {
    let node = use_node_ref();
    let ask = use_context::<AskWorker>();
    let field = use_mut_ref(|| None::<Mounted>);
    {
        let (node, field) = (node.clone(), field.clone());
        let (label, run, query) = (props.label.clone(), props.run.clone(), props.query.clone());
        use_effect_with((), move |()| {
            if let Some((element, ask)) = node.cast::<web_sys::Element>().zip(ask) {
                let wires = Wires::new(ask, run);
                let hint = "Expression (Enter runs it)";
                let inner = Inner::new(&element, &label, hint, &wires.object());
                inner.set(&query);
                *field.borrow_mut() = Some(Mounted { inner, _wires: wires });
            }
            move || drop(field.borrow_mut().take())
        });
    }
    use_effect_with(props.query.clone(), move |query| {
        if let Some(mounted) = &*field.borrow() {
            mounted.inner.set(query);
        }
    });
    html! { <div ref={node} class="expr" /> }
}

struct Mounted {
    inner: Inner,
    _wires: Wires,
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.inner.destroy_query();
    }
}

/// What the field calls; offsets are UTF-16 units.
struct Wires {
    change: Closure<dyn FnMut(String)>,
    run: Closure<dyn FnMut(String)>,
    complete: Closure<dyn FnMut(String, u32) -> JsValue>,
    hover: Closure<dyn FnMut(String, u32) -> JsValue>,
}

impl Wires {
    fn new(ask: AskWorker, run: Callback<String>) -> Self {
        let hover = {
            let ask = ask.clone();
            Closure::new(move |query, utf16| ask.promise(Ask::HoverQuery { query, utf16 }))
        };
        Self {
            change: Closure::new(|_| ()),
            run: Closure::new(move |query| run.emit(query)),
            complete: Closure::new(move |query, utf16| {
                ask.promise(Ask::CompleteQuery { query, utf16 })
            }),
            hover,
        }
    }

    fn object(&self) -> JsValue {
        let object = js_sys::Object::new();
        let entries: [(&str, &JsValue); 4] = [
            ("change", self.change.as_ref()),
            ("run", self.run.as_ref()),
            ("complete", self.complete.as_ref()),
            ("hover", self.hover.as_ref()),
        ];
        for (name, function) in entries {
            // A plain object takes every property.
            let _ = js_sys::Reflect::set(&object, &name.into(), function);
        }
        object.into()
    }
}
