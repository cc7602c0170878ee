//! A query, its value as table or graph, and how it came about.

use yew::prelude::*;

use crate::session::pages::View;
use crate::ui::state::Shared;

#[derive(Properties, PartialEq)]
pub struct QueryProps {
    pub view: Shared<View>,
}

#[component]
pub fn Query(props: &QueryProps) -> Html {
    let View::Query(_view) = &*props.view else { return Html::default() };
    html! { <div class="empty"><h2>{ "Not there yet" }</h2></div> }
}
