//! The solution, as a diff and as instructions. Showing it solves nothing.

use yew::prelude::*;

use crate::widgets::inline_code::inline_code;
use lessons::lesson::ShownStep;

#[derive(Properties, PartialEq)]
pub struct SolutionProps {
    pub steps: Vec<ShownStep>,
}

#[component]
pub fn Solution(props: &SolutionProps) -> Html {
    let shown = use_state(|| false);
    let toggle = {
        let shown = shown.clone();
        move |_: MouseEvent| shown.set(!*shown)
    };
    html! {
        <div class="solution">
            <button type="button" class="small" aria-expanded={shown.to_string()} onclick={toggle}>
                { if *shown { "Hide the solution" } else { "Show the solution" } }
            </button>
            if *shown {
                { for props.steps.iter().map(step) }
                <p class="muted">{ "Make the change yourself; the goals tick when the system follows." }</p>
            }
        </div>
    }
}

fn step(step: &ShownStep) -> Html {
    match step {
        ShownStep::Text(text) => html! { <p>{ inline_code(text) }</p> },
        ShownStep::Diff(diff) => html! {
            <pre class="diff" tabindex="0" role="region" aria-label="Change">{ for diff.lines().map(line) }</pre>
        },
    }
}

fn line(line: &str) -> Html {
    let file = line.strip_prefix("--- ").or(line.strip_prefix("+++ "));
    match (file, line.get(..1)) {
        (Some(file), _) => html! { <span class="file">{ format!("{file}\n") }</span> },
        (None, _) if line == "@@" => html! { <span class="gap">{ "…\n" }</span> },
        (None, Some("+")) => html! { <ins>{ format!("{line}\n") }</ins> },
        (None, Some("-")) => html! { <del>{ format!("{line}\n") }</del> },
        (None, _) => html! { <span>{ format!("{line}\n") }</span> },
    }
}
