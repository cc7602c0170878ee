//! The exposition line by line, and an explanation of the selected line.

use web_sys::{HtmlElement, KeyboardEvent};
use yew::prelude::*;

use super::{Act, Query, head, with};
use crate::pages::discovery::step;
use crate::state::Action;
use crate::widgets::inline_code::inline_code;
use crate::widgets::source_link::SourceLink;
use protocol::pages::metrics::{Fate, LineDetails, LineKind, SampleDetails, View};

/// Scrolls a line into view.
pub(super) fn keep_in_view(list: &HtmlElement, line: u32) {
    let Some(row) = list
        .query_selector(&format!("#line-{line}"))
        .ok()
        .flatten()
        .and_then(|row| wasm_bindgen::JsCast::dyn_into::<HtmlElement>(row).ok())
    else {
        return;
    };
    let (top, bottom) = (row.offset_top(), row.offset_top() + row.offset_height());
    let (from, height) = (list.scroll_top(), list.client_height());
    if top < from {
        list.set_scroll_top(top);
    } else if bottom > from + height {
        list.set_scroll_top(bottom - height);
    }
}

/// Returns the index of the line that a key moves to. None for other keys.
fn next_line(key: &str, at: Option<usize>, last: usize) -> Option<usize> {
    Some(match (key, at) {
        ("ArrowDown", None) | ("Home", _) => 0,
        ("ArrowDown", Some(at)) => (at + 1).min(last),
        ("ArrowUp", at) => at.unwrap_or_default().saturating_sub(1),
        ("PageDown", at) => (at.unwrap_or_default() + 15).min(last),
        ("PageUp", at) => at.unwrap_or_default().saturating_sub(15),
        ("End", _) => last,
        _ => return None,
    })
}

pub(super) fn answer(view: &View, query: &Query, act: &Act, list: &NodeRef) -> Html {
    let numbers: Vec<u32> = view.lines.iter().map(|line| line.number).collect();
    let onkeydown = {
        let (act, query, numbers) = (act.clone(), query.clone(), numbers.clone());
        Callback::from(move |event: KeyboardEvent| {
            let at = query.line.and_then(|line| numbers.iter().position(|one| *one == line));
            if event.key() == "Escape" && at.is_some() {
                return act.emit(with(&query, |next| next.line = None));
            }
            let Some(next) = next_line(&event.key(), at, numbers.len().saturating_sub(1)) else {
                return;
            };
            event.prevent_default();
            if let Some(line) = numbers.get(next) {
                act.emit(with(&query, |next| next.line = Some(*line)));
            }
        })
    };
    let described = query.line.filter(|line| numbers.contains(line));
    html! {
        <>
            { head(view, query, act, "lines", html! {
                <span class="muted">{ format!("{}{}", view.content_type, if view.binary { " (binary, shown as text)" } else { "" }) }</span>
            }) }
            if let Some((line, error)) = &view.mistake {
                <div class="why"><span>{ format!("Prometheus cannot parse line {line}:") }</span><code>{ error }</code></div>
            }
            <div class="answer-wrap"><div class="answer-grid">
                <div class="exposition" role="listbox" tabindex="0" aria-label="Lines of the exposition" ref={list.clone()} {onkeydown}
                    aria-activedescendant={described.map(|line| format!("line-{line}"))}>
                    { for view.lines.iter().map(|line| {
                        let on = query.line == Some(line.number);
                        let action = with(query, |next| next.line = if on { None } else { Some(line.number) });
                        let act = act.clone();
                        let class = classes!(
                            "line",
                            matches!(line.kind, LineKind::Head).then_some("help"),
                            matches!(line.kind, LineKind::Mistake).then_some("mistake"),
                            line.found.then_some("found"),
                        );
                        html! {
                            <div key={line.number} role="option" id={format!("line-{}", line.number)} aria-selected={on.to_string()}
                                {class} onclick={move |_: MouseEvent| act.emit(action.clone())}>
                                <span class="at" aria-hidden="true">{ line.number }</span>
                                <span>{ line_text(&line.text, line.kind) }</span>
                            </div>
                        }
                    }) }
                </div>
                { match &view.details {
                    Some(found) => line_details(found, act),
                    None => html! { <div class="line-details card"><div class="b"><p class="muted">{ "Select a line to see its explanation and the series that it is stored as." }</p></div></div> },
                } }
            </div></div>
        </>
    }
}

/// A line with its value highlighted.
fn line_text(line: &str, kind: LineKind) -> Html {
    let LineKind::Sample { value } = kind else { return html! { { line } } };
    let (name, value) = line.split_at_checked(value as usize).unwrap_or((line, ""));
    html! { <>{ name }<b>{ value }</b></> }
}

fn line_details(details: &LineDetails, act: &Act) -> Html {
    html! {
        <section class="line-details card" aria-label="Explanation of the line" aria-live="polite">
            <div class="h"><h3 class="mono">{ &details.title }</h3><span class="muted">{ &details.kind }</span>
                <span class="sp" /><span class="muted">{ format!("line {}", details.number) }</span></div>
            <div class="b">
                { for details.body.iter().map(|text| html! { <p>{ text }</p> }) }
                { for details.findings.iter().map(|(message, why)| html! {
                    <div class="plain found"><b>{ message }</b><p>{ inline_code(why) }</p></div>
                }) }
                if let Some(found) = &details.sample { { sample_details(found, act) } }
            </div>
        </section>
    }
}

fn labels(pairs: &[(String, String)]) -> Html {
    html! {
        { for pairs.iter().map(|(name, value)| html! {
            <span class="lb"><i>{ format!("{name}=") }</i>{ format!("\"{value}\"") }</span>
        }) }
    }
}

fn sample_details(sample: &SampleDetails, act: &Act) -> Html {
    let graph = sample.graph.clone().map(|query| {
        let act = act.clone();
        html! { <button type="button" class="small" onclick={move |_: MouseEvent| act.emit(Action::Graph(query.clone()))}>{ "Graph it" }</button> }
    });
    html! {
        <>
            if !sample.help.is_empty() { <p class="muted">{ format!("“{}”", sample.help) }</p> }
            if let Some(exemplar) = &sample.exemplar { <p>{ format!("Exemplar {exemplar}") }</p> }
            <div><h4>{ "With the target's labels" }</h4>{ labels(&sample.joined) }</div>
            { for sample.conflicts.iter().map(|text| html! { <p class="plain">{ text }</p> }) }
            if !sample.steps.is_empty() {
                <div><h4>{ "metric_relabel_configs" }</h4><ol class="steps">{ for sample.steps.iter().map(step) }</ol></div>
            }
            <div><h4>{ "Stored as" }</h4>{ fate(&sample.fate) }</div>
            if let Some((value, at)) = &sample.last {
                <p class="last">{ "Last stored: " }<code>{ value }</code><span class="muted">{ format!(" at {}", clock(*at)) }</span></p>
            }
            if let Some(graph) = graph { <div>{ graph }</div> }
        </>
    }
}

/// `00:01:15` since the start of simulated time.
fn clock(millis: u64) -> String {
    let seconds = millis / 1000;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{:03}", seconds % 60, millis % 1000)
}

pub(super) fn fate(fate: &Fate) -> Html {
    match fate {
        Fate::Stored { labels, .. } => html! { <code class="series">{ labels }</code> },
        Fate::Dropped { rule, location } => html! {
            <><span class="st">{ "DROPPED" }</span>{ " " }<SourceLink to={*location}>{ format!("by rule {rule} of metric_relabel_configs") }</SourceLink></>
        },
        Fate::Passed { why } => {
            html! { <><span class="st">{ "NOT STORED" }</span>{ " " }<span class="muted">{ why }</span></> }
        }
        Fate::Fails { error } => {
            html! { <><span class="st down">{ "FAILS THE SCRAPE" }</span>{ " " }<code>{ error }</code></> }
        }
    }
}
