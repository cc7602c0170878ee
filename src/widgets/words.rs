//! Running text with code between backticks.

use yew::prelude::*;

/// The text, with what stands between backticks set as code. Nothing else is markup.
pub fn words(text: &str) -> Html {
    text.split('`')
        .enumerate()
        .map(|(number, part)| match number % 2 {
            0 => html! { { part } },
            _ => html! { <code>{ part }</code> },
        })
        .collect()
}
