//! An input for one PromQL expression, with completion and hover cards.

use wasm_bindgen::prelude::*;
use yew::prelude::*;

use crate::app::{EditorQueries, EditorQuery};
use crate::editor::QueryInput as Binding;
use text::{LineIndex, Span};

#[derive(Properties, PartialEq)]
pub struct QueryInputProps {
    /// The text. Typed changes stay until another text is set.
    pub text: AttrValue,
    pub label: AttrValue,
    pub hint: AttrValue,
    /// An error in the text, with its span in bytes.
    #[prop_or_default]
    pub problem: Option<(Span, String)>,
    /// Called with the text when Enter is pressed.
    pub on_run: Callback<String>,
}

#[component]
pub fn QueryInput(props: &QueryInputProps) -> Html {
    let node = use_node_ref();
    let ask = use_context::<EditorQueries>();
    let mounted = use_mut_ref(|| None::<Mounted>);
    let run = use_mut_ref(|| props.on_run.clone());
    *run.borrow_mut() = props.on_run.clone();
    {
        let (node, mounted) = (node.clone(), mounted.clone());
        let (label, hint) = (props.label.clone(), props.hint.clone());
        use_effect_with((), move |()| {
            if let Some((element, ask)) = node.cast::<web_sys::Element>().zip(ask) {
                let run = move |text: String| {
                    let emit = run.borrow().clone();
                    emit.emit(text);
                };
                let callbacks = QueryInputCallbacks::new(run, ask);
                *mounted.borrow_mut() = Some(Mounted::new(&element, &label, &hint, callbacks));
            }
            move || drop(mounted.borrow_mut().take())
        });
    }
    {
        let mounted = mounted.clone();
        use_effect_with(props.text.clone(), move |text| {
            if let Some(mounted) = &*mounted.borrow() {
                mounted.inner.set(text);
            }
        });
    }
    use_effect_with((props.text.clone(), props.problem.clone()), move |(text, problem)| {
        if let Some(mounted) = &*mounted.borrow() {
            mounted.inner.annotate_query(&diagnostics(text, problem.as_ref()));
        }
    });
    html! { <div ref={node} class="query-input" /> }
}

fn diagnostics(text: &str, problem: Option<&(Span, String)>) -> String {
    let index = LineIndex::new(text);
    let list: Vec<_> = problem
        .iter()
        .map(|(span, message)| {
            serde_json::json!({
                "from": index.utf16(span.start),
                "to": index.utf16(span.end),
                "severity": "error",
                "message": message,
            })
        })
        .collect();
    serde_json::Value::from(list).to_string()
}

/// Callbacks of the input. Offsets are in UTF-16 units.
struct QueryInputCallbacks {
    change: Closure<dyn FnMut(String)>,
    run: Closure<dyn FnMut(String)>,
    complete: Closure<dyn FnMut(String, u32) -> JsValue>,
    hover: Closure<dyn FnMut(String, u32) -> JsValue>,
}

impl QueryInputCallbacks {
    fn new(run: impl FnMut(String) + 'static, ask: EditorQueries) -> Self {
        let complete = {
            let ask = ask.clone();
            Closure::new(move |query, utf16| {
                ask.promise(EditorQuery::CompleteQuery { query, utf16 })
            })
        };
        let hover =
            Closure::new(move |query, utf16| ask.promise(EditorQuery::HoverQuery { query, utf16 }));
        // An incomplete expression is not evaluated.
        Self { change: Closure::new(|_| {}), run: Closure::new(run), complete, hover }
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
            // Setting a property of a plain object cannot fail.
            let _ = js_sys::Reflect::set(&object, &name.into(), function);
        }
        object.into()
    }
}

struct Mounted {
    inner: Binding,
    _callbacks: QueryInputCallbacks,
}

impl Mounted {
    fn new(
        element: &web_sys::Element,
        label: &str,
        hint: &str,
        callbacks: QueryInputCallbacks,
    ) -> Self {
        Self {
            inner: Binding::new(element, label, hint, &callbacks.object()),
            _callbacks: callbacks,
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.inner.destroy_query();
    }
}
