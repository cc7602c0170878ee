//! What each mechanism found, and what relabelling made of it, step by step.

use yew::prelude::*;

use crate::session::pages::View;
use crate::ui::state::Shared;

#[derive(Properties, PartialEq)]
pub struct DiscoveryProps {
    pub view: Shared<View>,
}

#[component]
pub fn Discovery(props: &DiscoveryProps) -> Html {
    let View::Discovery(_view) = &*props.view else { return Html::default() };
    html! { <div class="empty"><h2>{ "Not there yet" }</h2></div> }
}
