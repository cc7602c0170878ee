//! Metrics: the raw text that a target answers with.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::session::pages::{Question, View, metrics};
use crate::ui::app::use_dispatch;
use crate::ui::state::{Action, Shared};

#[derive(Properties, PartialEq)]
pub struct MetricsProps {
    pub view: Shared<View>,
}

#[component]
pub fn Metrics(props: &MetricsProps) -> Html {
    let dispatch = use_dispatch();
    let filter = use_state(String::new);
    let View::Metrics(view) = &*props.view else { return Html::default() };
    if view.urls.is_empty() {
        return html! {
            <div class="empty"><h2>{ "No target to ask" }</h2><p>{ "The configuration in force has no targets, or Prometheus does not run." }</p></div>
        };
    }
    let onchange = {
        let dispatch = dispatch.clone();
        move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                let question = metrics::Question { url: select.value() };
                dispatch.emit(Action::Ask(Question::Metrics(question)));
            }
        }
    };
    let oninput = {
        let filter = filter.clone();
        move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                filter.set(input.value());
            }
        }
    };
    html! {
        <>
            <div class="title">
                <h2>{ "Metrics as the target exposes them" }</h2>
                <span class="muted">{ &view.content_type }</span>
            </div>
            <div class="row">
                <label class="field grow">
                    <span>{ "GET" }</span>
                    <select class="mono" {onchange}>
                        { for view.urls.iter().map(|url| html! {
                            <option value={url.clone()} selected={*url == view.url}>{ url }</option>
                        }) }
                    </select>
                </label>
                <input type="search" placeholder="Filter lines…" aria-label="Filter lines" value={(*filter).clone()} {oninput} />
            </div>
            if let Some(error) = &view.error {
                <div class="why"><code>{ error }</code></div>
            } else {
                <pre class="text exposition" tabindex="0" aria-label="Answer of the target">
                    { for view.text.lines().filter(|line| line.contains(filter.as_str())).map(line) }
                    if view.cut {
                        <span class="help">{ "# cut here: the answer is longer\n" }</span>
                    }
                </pre>
            }
        </>
    }
}

/// A line with its value set apart; comments are quiet.
fn line(line: &str) -> Html {
    if line.starts_with('#') {
        return html! { <span class="help">{ line }{ "\n" }</span> };
    }
    let at = line.rfind("} ").map(|at| at + 1).or(line.find(' ')).unwrap_or(line.len());
    let (name, value) = line.split_at(at);
    html! { <span>{ name }<b>{ value }</b>{ "\n" }</span> }
}
