//! A link from a result to the text behind it.

use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::Action;
use text::Location;

#[derive(Properties, PartialEq)]
pub struct JumpProps {
    pub to: Option<Location>,
    #[prop_or(classes!("jump"))]
    pub class: Classes,
    #[prop_or_default]
    pub title: Option<AttrValue>,
    pub children: Html,
}

/// Jumps when clicked, and marks the place in the open file while pointed at. Plain text where
/// there is no place.
#[component]
pub fn Jump(props: &JumpProps) -> Html {
    let dispatch = use_dispatch();
    let Some(to) = props.to else {
        // A label keeps its look; only what says "click me" goes.
        let class: Classes = props
            .class
            .to_string()
            .split(' ')
            .filter(|one| *one != "jump")
            .map(str::to_owned)
            .collect();
        return html! { <span {class} title={props.title.clone()}>{ props.children.clone() }</span> };
    };
    let act = |action: Action| {
        let dispatch = dispatch.clone();
        move || dispatch.emit(action.clone())
    };
    let jump = act(Action::Jump(to));
    let (point, leave) = (act(Action::Point(Some(to))), act(Action::Point(None)));
    html! {
        <button type="button" class={props.class.clone()} title={props.title.clone()}
            onclick={move |_: MouseEvent| jump()}
            onmouseenter={move |_: MouseEvent| point()}
            onmouseleave={move |_: MouseEvent| leave()}>
            { props.children.clone() }
        </button>
    }
}
