//! The raw text that a target answers with, and the samples that were taken from it.

use yew::prelude::*;

use crate::session::pages::View;
use crate::ui::state::Shared;

#[derive(Properties, PartialEq)]
pub struct MetricsProps {
    pub view: Shared<View>,
}

#[component]
pub fn Metrics(props: &MetricsProps) -> Html {
    let View::Metrics(_view) = &*props.view else { return Html::default() };
    html! { <div class="empty"><h2>{ "Not there yet" }</h2></div> }
}
