//! One option of a list, chosen whenever the state says so: the attribute `selected` alone counts
//! only until somebody chooses by hand.

use wasm_bindgen::JsValue;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct ListOptionProps {
    pub value: AttrValue,
    pub selected: bool,
    /// What it says.
    pub children: Html,
}

#[component]
pub fn ListOption(props: &ListOptionProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(props.selected, move |selected| {
            if *selected && let Some(option) = node.get() {
                // An element of the page takes its own properties.
                let _ = js_sys::Reflect::set(&option, &"selected".into(), &JsValue::TRUE);
            }
        });
    }
    html! {
        <option ref={node} value={props.value.clone()} selected={props.selected}>{ props.children.clone() }</option>
    }
}
