//! Recording and alerting rules, their states, and their unit tests.

use yew::prelude::*;

use crate::session::pages::View;
use crate::ui::state::Shared;

#[derive(Properties, PartialEq)]
pub struct RulesProps {
    pub view: Shared<View>,
}

#[component]
pub fn Rules(props: &RulesProps) -> Html {
    let View::Rules(_view) = &*props.view else { return Html::default() };
    html! { <div class="empty"><h2>{ "Not there yet" }</h2></div> }
}
