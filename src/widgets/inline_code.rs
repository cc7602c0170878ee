//! Text with inline code between backticks.

use yew::prelude::*;

/// Renders text between backticks as code. There is no other markup.
pub fn inline_code(text: &str) -> Html {
    text.split('`')
        .enumerate()
        .map(|(number, part)| match number % 2 {
            0 => html! { { part } },
            _ => html! { <code>{ part }</code> },
        })
        .collect()
}
