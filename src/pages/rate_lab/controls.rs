//! Controls of the lab: intervals, window, function, resets and missed scrapes.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::marks::overlays;
use crate::widgets::list_option::ListOption;
use go::Duration;
use protocol::lab::{Function, Lab, LabAction, RangeMode};
use protocol::number::number;
use protocol::pages::rate_lab::View as LabView;

/// Seconds.
const INTERVALS: [i64; 5] = [5, 10, 15, 30, 60];
const RANGES: [i64; 7] = [10, 15, 30, 45, 60, 90, 120];
const STEPS: [i64; 5] = [5, 15, 30, 60, 90];
const JITTERS: [i64; 5] = [0, 1, 2, 4, 7];

/// The legend of the drawing.
pub fn legend(view: &LabView) -> Html {
    let stretched = view.stretch.is_some();
    html! {
        <p class="lab-legend">
            <span><i class="k inside" />{ "sample in the window" }</span>
            <span><i class="k outside" />{ "left out" }</span>
            if view.truth.is_some() { <span><i class="k truth" />{ "true value" }</span> }
            <span><i class="k chosen" />{ view.chosen.name.clone() }</span>
            { for overlays(view).map(|(place, one)| html! {
                <span><i class={classes!("k", "laid", format!("o{place}"))} />{ &one.name }</span>
            }) }
            if stretched { <span><i class="k stretched" />{ "extrapolation (to the edge if it is within 1.1 intervals)" }</span> }
            if !view.corrected.is_empty() { <span><i class="k lifted" />{ "corrected for resets" }</span> }
            if !view.missed.is_empty() { <span><i class="k missed">{ "×" }</i>{ "missed scrape (click to add it)" }</span> }
            <span><i class="k step" />{ "window of each step" }</span>
        </p>
    }
}

/// Buttons for the selected sample.
pub fn sample(view: &LabView, chosen: Option<u32>, change: &Callback<LabAction>) -> Html {
    let found = chosen.and_then(|id| view.dots.iter().find(|dot| dot.id == id));
    let Some(dot) = found else {
        return html! {
            <p class="muted lab-sample">{ "Drag a sample, the window or its left edge. Double-click to add or remove a sample. Keys: arrows, Delete, Insert." }</p>
        };
    };
    let id = dot.id;
    let nudge = |label: &'static str, text: &'static str, by: i64, value: f64| {
        let onclick = change.reform(move |_: MouseEvent| LabAction::Nudge { id, by, value });
        html! { <button type="button" class="small" aria-label={label} {onclick}>{ text }</button> }
    };
    let drop = change.reform(move |_: MouseEvent| LabAction::Drop(id));
    html! {
        <div class="row lab-sample">
            <span>{ format!("sample at {} s: ", number(dot.at as f64 / 1000.0)) }<b>{ number(dot.value) }</b></span>
            { nudge("Earlier", "←", -1_000, 0.0) }
            { nudge("Later", "→", 1_000, 0.0) }
            { nudge("More", "+1", 0, 1.0) }
            { nudge("Less", "−1", 0, -1.0) }
            <button type="button" class="small" onclick={drop}>{ "Drop" }</button>
        </div>
    }
}

pub fn controls(lab: &Lab, change: &Callback<LabAction>, reset: &Callback<MouseEvent>) -> Html {
    let at = {
        let change = change.clone();
        move |event: InputEvent| {
            let value = event.target_unchecked_into::<HtmlInputElement>().value();
            if let Ok(seconds) = value.parse::<i64>() {
                change.emit(LabAction::Evaluate(seconds * 1000));
            }
        }
    };
    let functions = Function::ALL
        .map(|one| (one.name(), one.name(), LabAction::Function(one), one == lab.function));
    let modes =
        RangeMode::ALL.map(|one| (one.id(), one.title(), LabAction::Mode(one), one == lab.mode));
    let unknown = lab.taken.as_ref().is_some_and(|taken| !taken.known);
    html! {
        <>
            <label class="slide">
                <span>{ format!("evaluated at t = {} s", number(lab.at as f64 / 1000.0)) }</span>
                <input type="range" min="0" max={(lab.length.millis() / 1000).to_string()} step="1"
                    value={(lab.at / 1000).to_string()} oninput={at} />
            </label>
            <div class="row">
                { choice("Function", &functions, change) }
                { choice("Window read", &modes, change) }
                { seconds("Range", &RANGES, lab.range, false, change, LabAction::Range) }
                { seconds("Step", &STEPS, lab.step, false, change, LabAction::Step) }
                { seconds("Scrape every", &INTERVALS, lab.scrape_interval, unknown, change, LabAction::ScrapeInterval) }
                { seconds("Jitter", &JITTERS, lab.jitter, unknown, change, LabAction::Jitter) }
            </div>
            <div class="row">
                { button("Add a sample at t", LabAction::AddNow, false, change) }
                { button("Skip the last scrape", LabAction::MissLast, false, change) }
                { button("Restart at t", LabAction::Restart, unknown, change) }
                <button type="button" class="small" onclick={reset}>{ "Start over" }</button>
            </div>
            if unknown {
                <p class="muted">{ "The true values of this series are not known, so that other scrapes cannot be simulated." }</p>
            }
        </>
    }
}

fn button(
    title: &'static str,
    action: LabAction,
    disabled: bool,
    change: &Callback<LabAction>,
) -> Html {
    let onclick = change.reform(move |_: MouseEvent| action);
    html! { <button type="button" class="small" {disabled} {onclick}>{ title }</button> }
}

/// A select of choices: value, title, action, selected.
fn choice(
    title: &'static str,
    all: &[(&'static str, &'static str, LabAction, bool)],
    change: &Callback<LabAction>,
) -> Html {
    let actions: Vec<(&str, LabAction)> = all.iter().map(|one| (one.0, one.2)).collect();
    let change = change.clone();
    let onchange = move |event: Event| {
        let value = event.target_unchecked_into::<HtmlSelectElement>().value();
        if let Some((_, action)) = actions.iter().find(|(id, _)| *id == value) {
            change.emit(*action);
        }
    };
    html! {
        <label class="field"><span>{ title }</span>
            <select {onchange}>
                { for all.iter().map(|(id, name, _, selected)| html! {
                    <ListOption value={*id} selected={*selected}>{ *name }</ListOption>
                }) }
            </select>
        </label>
    }
}

fn seconds(
    title: &'static str,
    choices: &'static [i64],
    current: Duration,
    disabled: bool,
    change: &Callback<LabAction>,
    action: fn(Duration) -> LabAction,
) -> Html {
    let change = change.clone();
    let onchange = move |event: Event| {
        let value = event.target_unchecked_into::<HtmlSelectElement>().value();
        if let Ok(value) = value.parse::<i64>() {
            change.emit(action(Duration::from_secs(value)));
        }
    };
    let known = choices.iter().any(|choice| Duration::from_secs(*choice) == current);
    html! {
        <label class="field"><span>{ title }</span>
            <select {onchange} {disabled}>
                if !known { <option selected=true>{ current.to_string() }</option> }
                { for choices.iter().map(|choice| {
                    let choice_is = Duration::from_secs(*choice);
                    html! { <ListOption value={choice.to_string()} selected={choice_is == current}>{ choice_is.to_string() }</ListOption> }
                }) }
            </select>
        </label>
    }
}
