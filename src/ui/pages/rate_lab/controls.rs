//! What can be set in the lab: intervals, window, function, resets and missed scrapes.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::model::Duration;
use crate::simulation::lab::{Edit, Function, Lab};

/// Seconds.
const INTERVALS: [i64; 5] = [5, 10, 15, 30, 60];
const RANGES: [i64; 7] = [10, 15, 30, 45, 60, 90, 120];
const STEPS: [i64; 5] = [5, 15, 30, 60, 90];
const JITTERS: [i64; 5] = [0, 1, 2, 4, 7];

pub fn controls(lab: &Lab, change: &Callback<Lab>) -> Html {
    let function = {
        let (lab, change) = (lab.clone(), change.clone());
        move |event: Event| {
            let name = event.target_unchecked_into::<HtmlSelectElement>().value();
            let chosen = Function::ALL.into_iter().find(|one| one.name() == name);
            change.emit(Lab { function: chosen.unwrap_or(lab.function), ..lab.clone() });
        }
    };
    let at = {
        let (lab, change) = (lab.clone(), change.clone());
        move |event: InputEvent| {
            let value = event.target_unchecked_into::<HtmlInputElement>().value();
            if let Ok(seconds) = value.parse::<i64>() {
                change.emit(Lab { at: seconds * 1000, ..lab.clone() });
            }
        }
    };
    html! {
        <>
            <label class="slide">
                <span>{ format!("evaluated at t = {} s", lab.at / 1000) }</span>
                <input type="range" min="0" max={(lab.length.millis() / 1000).to_string()} step="1"
                    value={(lab.at / 1000).to_string()} oninput={at} />
            </label>
            <div class="row">
                <label class="field"><span>{ "Function" }</span>
                    <select onchange={function}>
                        { for Function::ALL.into_iter().map(|one| html! {
                            <option value={one.name()} selected={one == lab.function}>{ one.name() }</option>
                        }) }
                    </select>
                </label>
                { seconds("Window", &RANGES, lab.range, lab, change, |lab, value| lab.range = value) }
                { seconds("Scrape every", &INTERVALS, lab.scrape_interval, lab, change, |lab, value| lab.scrape_interval = value) }
                { seconds("Jitter", &JITTERS, lab.jitter, lab, change, |lab, value| lab.jitter = value) }
                { seconds("Step", &STEPS, lab.step, lab, change, |lab, value| lab.step = value) }
            </div>
            <div class="row">
                { button("Restart at t", lab, change, |lab| {
                    let at = lab.at;
                    lab.resets.push(at);
                }) }
                { button("Miss the last scrape", lab, change, miss) }
                { button("Add a sample at t", lab, change, |lab| {
                    let (at, value) = (lab.at, lab.exposed(lab.at));
                    lab.edits.push(Edit::Add { at, value });
                }) }
                { button("Undo changes", lab, change, |lab| {
                    lab.edits.clear();
                    lab.resets.clear();
                    lab.missed.clear();
                }) }
            </div>
        </>
    }
}

/// The last scrape before the evaluation that is still made.
fn miss(lab: &mut Lab) {
    let interval = lab.scrape_interval.millis().max(1);
    let last = (lab.at - lab.first_scrape).div_euclid(interval);
    let made = (0..=last).rev().filter_map(|number| u32::try_from(number).ok());
    if let Some(number) = made.into_iter().find(|number| !lab.missed.contains(number)) {
        lab.missed.push(number);
    }
}

fn button(
    title: &'static str,
    lab: &Lab,
    change: &Callback<Lab>,
    act: impl Fn(&mut Lab) + 'static,
) -> Html {
    let (lab, change) = (lab.clone(), change.clone());
    let onclick = move |_: MouseEvent| {
        let mut next = lab.clone();
        act(&mut next);
        change.emit(next);
    };
    html! { <button type="button" class="small" {onclick}>{ title }</button> }
}

fn seconds(
    title: &'static str,
    choices: &'static [i64],
    current: Duration,
    lab: &Lab,
    change: &Callback<Lab>,
    set: impl Fn(&mut Lab, Duration) + 'static,
) -> Html {
    let (lab, change) = (lab.clone(), change.clone());
    let onchange = move |event: Event| {
        let value = event.target_unchecked_into::<HtmlSelectElement>().value();
        if let Ok(value) = value.parse::<i64>() {
            let mut next = lab.clone();
            set(&mut next, Duration::from_secs(value));
            change.emit(next);
        }
    };
    let known = choices.iter().any(|choice| Duration::from_secs(*choice) == current);
    html! {
        <label class="field"><span>{ title }</span>
            <select {onchange}>
                if !known { <option selected=true>{ current.to_string() }</option> }
                { for choices.iter().map(|choice| {
                    let choice_is = Duration::from_secs(*choice);
                    html! { <option value={choice.to_string()} selected={choice_is == current}>{ choice_is.to_string() }</option> }
                }) }
            </select>
        </label>
    }
}
