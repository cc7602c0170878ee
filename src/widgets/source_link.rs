//! A link from a result to its source in the text.

use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::Action;
use text::{FileId, Location};

#[derive(Properties, PartialEq)]
pub struct SourceLinkProps {
    pub to: Option<Location>,
    #[prop_or(classes!("text-link"))]
    pub class: Classes,
    #[prop_or_default]
    pub title: Option<AttrValue>,
    pub children: Html,
}

/// Shows the source when clicked, and highlights it when pointed at. Without a location, plain
/// text.
#[component]
pub fn SourceLink(props: &SourceLinkProps) -> Html {
    let dispatch = use_dispatch();
    let Some(to) = props.to.filter(|to| to.file != FileId::OUTSIDE) else {
        // Without a location, the class of a link is removed.
        let class: Classes = props
            .class
            .to_string()
            .split(' ')
            .filter(|one| *one != "text-link")
            .map(str::to_owned)
            .collect();
        return html! { <span {class} title={props.title.clone()}>{ props.children.clone() }</span> };
    };
    let act = |action: Action| {
        let dispatch = dispatch.clone();
        move || dispatch.emit(action.clone())
    };
    let show = act(Action::ShowOrigin(to));
    let (point, leave) = (act(Action::Highlight(Some(to))), act(Action::Highlight(None)));
    html! {
        <button type="button" class={props.class.clone()} title={props.title.clone()}
            onclick={move |_: MouseEvent| show()}
            onmouseenter={move |_: MouseEvent| point()}
            onmouseleave={move |_: MouseEvent| leave()}>
            { props.children.clone() }
        </button>
    }
}
