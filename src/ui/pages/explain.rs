//! Explain: what the place under the cursor means and what follows from it here.

use yew::prelude::*;

use crate::session::pages::View;
use crate::ui::state::Shared;
use crate::ui::widgets::jump::Jump;

#[derive(Properties, PartialEq)]
pub struct ExplainProps {
    pub view: Shared<View>,
}

#[component]
pub fn Explain(props: &ExplainProps) -> Html {
    let View::Explain(view) = &*props.view else { return Html::default() };
    if view.title.is_empty() {
        return html! {
            <div class="empty">
                <h2>{ "Put the cursor on a line" }</h2>
                <p>{ "and this page says what it does, what holds when it is left out, and what follows from it in this system." }</p>
            </div>
        };
    }
    html! {
        <>
            <nav class="crumbs" aria-label="Path">
                { for view.path.iter().map(|crumb| html! {
                    <Jump to={Some(crumb.location)}>{ &crumb.label }</Jump>
                }) }
            </nav>
            <div class="title"><h2>{ &view.title }</h2><span class="mono muted">{ &view.kind }</span></div>
            { for view.doc.iter().map(|text| html! { <p class="answer">{ text }</p> }) }
        </>
    }
}
