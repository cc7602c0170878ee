//! Chart: what the templates of a chart render, beside the template in the editor.

use yew::prelude::*;

use crate::state::Shared;
use crate::widgets::progressive_list::ProgressiveList;
use crate::widgets::source_link::SourceLink;
use protocol::View;
use protocol::pages::chart::{self, Change, ChangedLine, Line, LineKind, Rendered, Template};

/// The number of lines that are rendered at once.
const BLOCK: usize = 100;

#[derive(Properties, PartialEq)]
pub struct ChartProps {
    pub view: Shared<View>,
}

#[component]
pub fn Chart(props: &ChartProps) -> Html {
    let draw = use_memo(props.view.clone(), |view| {
        let view = view.clone();
        Callback::from(move |block: usize| {
            let View::Chart(view) = &*view else { return Html::default() };
            let lines = view.open.as_ref().map(|open| &*open.lines).unwrap_or_default();
            lines.chunks(BLOCK).nth(block).unwrap_or_default().iter().map(line).collect()
        })
    });
    let View::Chart(view) = &*props.view else { return Html::default() };
    if view.templates.is_empty() && view.name.is_empty() && view.failure.is_none() {
        return html! {
            <div class="empty">
                <h2>{ "Chart" }</h2>
                <p>{ "A folder with a Chart.yaml is a Helm chart. Its templates are rendered here." }</p>
            </div>
        };
    }
    html! {
        <>
            <div class="title">
                <h2>{ format!("Chart {} {}", view.name, view.version) }</h2>
                <span class="muted">
                    if view.is_absent {
                        { "not installed: rendered only" }
                    } else {
                        { "installed as with " }<code>{ &view.command }</code>
                    }
                </span>
            </div>
            if let Some((message, at)) = &view.failure {
                <section class="card failure" role="status" aria-labelledby="chart-failure">
                    <div class="h">
                        <h3 id="chart-failure">{ "Helm does not render the chart" }</h3>
                        <span class="sp" />
                        <SourceLink to={Some(*at)}>{ "Show the place" }</SourceLink>
                    </div>
                    <pre class="text" tabindex="0" aria-label="Message of Helm">{ format!("Error: {message}") }</pre>
                </section>
            }
            { changes(view) }
            if let Some(open) = &view.open {
                { rendered(open, &draw) }
            }
            { templates(view) }
            if !view.notes.trim().is_empty() {
                <section class="card" aria-labelledby="chart-notes">
                    <div class="h"><h3 id="chart-notes">{ "NOTES.txt" }</h3></div>
                    <pre class="text" tabindex="0" aria-label="Notes of the chart">{ &view.notes }</pre>
                </section>
            }
        </>
    }
}

/// The text that the open template renders.
fn rendered(open: &Rendered, draw: &Callback<usize, Html>) -> Html {
    let is_empty = open.lines.iter().all(|line| line.text.is_empty());
    html! {
        <section class="card" aria-labelledby="chart-rendered">
            <div class="h">
                <h3 id="chart-rendered">{ format!("{} renders", open.path) }</h3>
                if !is_empty {
                    <span class="muted">{ "Click a line to show where it comes from." }</span>
                }
            </div>
            if is_empty {
                <p class="b muted">{ "Nothing: no object is made of this template." }</p>
            } else {
                <ol class="rendered mono" aria-label="Rendered text">
                    <ProgressiveList blocks={open.lines.len().div_ceil(BLOCK)} draw={draw.clone()} />
                    if open.more > 0 {
                        <li class="muted">{ format!("and {} more lines", open.more) }</li>
                    }
                </ol>
            }
        </section>
    }
}

fn line(line: &Line) -> Html {
    let class = if line.verbatim { "verbatim" } else { "made" };
    html! {
        <li {class}>
            if line.text.is_empty() {
                <span class="bare">{ " " }</span>
            } else {
                <SourceLink to={line.at} class={classes!("text-link", "bare")}>{ &line.text }</SourceLink>
            }
            if let Some(file) = &line.file {
                <span class="from">{ file }</span>
            }
            { for line.values.iter().map(|(name, at)| html! {
                <SourceLink to={*at} class={classes!("text-link", "value")}>{ name }</SourceLink>
            }) }
        </li>
    }
}

fn templates(view: &chart::View) -> Html {
    let row = |template: &Template| {
        let objects = match template.objects.as_slice() {
            [] => "nothing".to_owned(),
            objects => objects.join(", "),
        };
        let current = template.is_open.then_some("true");
        html! {
            <tr key={template.path.clone()} aria-current={current}>
                <td class="mono"><SourceLink to={Some(template.at)}>{ &template.path }</SourceLink></td>
                <td>{ objects }</td>
            </tr>
        }
    };
    if view.templates.is_empty() {
        return Html::default();
    }
    html! {
        <section class="card" aria-labelledby="chart-templates">
            <div class="h">
                <h3 id="chart-templates">{ "Templates" }</h3>
                <span class="muted">{ "Open one to see what it renders." }</span>
            </div>
            <table class="templates">
                <thead><tr><th scope="col">{ "Template" }</th><th scope="col">{ "Objects" }</th></tr></thead>
                <tbody>{ for view.templates.iter().map(row) }</tbody>
            </table>
        </section>
    }
}

/// What the last change of the chart changed in the rendered text.
fn changes(view: &chart::View) -> Html {
    if view.changes.is_empty() {
        return Html::default();
    }
    let files = match view.changes.len() {
        1 => "in 1 rendered file".to_owned(),
        count => format!("in {count} rendered files"),
    };
    html! {
        <section class="card" aria-labelledby="chart-changes">
            <div class="h">
                <h3 id="chart-changes">{ "The last change of the chart" }</h3>
                <span class="muted">{ files }</span>
            </div>
            { for view.changes.iter().map(change) }
            if view.more_changes > 0 {
                <p class="b muted">{ format!("and {} more lines", view.more_changes) }</p>
            }
        </section>
    }
}

fn change(change: &Change) -> Html {
    html! {
        <div class="b diff" key={change.path.clone()}>
            <SourceLink to={change.at} class={classes!("text-link", "mono")}>{ &change.path }</SourceLink>
            <ol class="mono" tabindex="0" aria-label={format!("Differences of {}", change.path)}>
                { for change.lines.iter().map(changed_line) }
            </ol>
        </div>
    }
}

fn changed_line(line: &ChangedLine) -> Html {
    let (class, sign, word) = match line.kind {
        LineKind::Same => ("same", " ", ""),
        LineKind::Removed => ("removed", "−", "removed: "),
        LineKind::Added => ("added", "+", "added: "),
        LineKind::Gap => ("gap", "…", ""),
    };
    html! {
        <li {class}>
            <span class="sign" aria-hidden="true">{ sign }</span>
            if !word.is_empty() { <span class="visually-hidden">{ word }</span> }
            <span class="bare">{ &line.text }</span>
        </li>
    }
}
