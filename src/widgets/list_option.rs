//! An option whose selection follows the state. The attribute `selected` has no effect after a
//! manual selection.

use wasm_bindgen::JsValue;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct ListOptionProps {
    pub value: AttrValue,
    pub selected: bool,
    /// The text of the option.
    pub children: Html,
}

#[component]
pub fn ListOption(props: &ListOptionProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(props.selected, move |selected| {
            if *selected && let Some(option) = node.get() {
                // Setting a property of an element cannot fail.
                let _ = js_sys::Reflect::set(&option, &"selected".into(), &JsValue::TRUE);
            }
        });
    }
    html! {
        <option ref={node} value={props.value.clone()} selected={props.selected}>{ props.children.clone() }</option>
    }
}
