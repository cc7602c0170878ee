//! The arithmetic of `rate` and its sisters over samples one can change.

use yew::prelude::*;

use crate::session::pages::View;
use crate::ui::state::Shared;

#[derive(Properties, PartialEq)]
pub struct RateLabProps {
    pub view: Shared<View>,
}

#[component]
pub fn RateLab(props: &RateLabProps) -> Html {
    let View::RateLab(_view) = &*props.view else { return Html::default() };
    html! { <div class="empty"><h2>{ "Not there yet" }</h2></div> }
}
