//! What the cluster holds after all controllers have run, and how its parts reach each other.

use yew::prelude::*;

use crate::session::pages::View;
use crate::ui::state::Shared;

#[derive(Properties, PartialEq)]
pub struct ClusterProps {
    pub view: Shared<View>,
}

#[component]
pub fn Cluster(props: &ClusterProps) -> Html {
    let View::Cluster(_view) = &*props.view else { return Html::default() };
    html! { <div class="empty"><h2>{ "Not there yet" }</h2></div> }
}
