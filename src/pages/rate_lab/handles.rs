//! The elements of the drawing that react to pointer and keys: the window, samples, missed scrapes.

use web_sys::PointerEvent;
use yew::prelude::*;

use super::drawing::{DrawingProps, Held};
use super::geometry::{BOTTOM, HEIGHT, Scale, TOP};
use super::marks::px;
use go::Duration;
use protocol::lab::{LabAction, RangeMode};
use protocol::number::number;
use protocol::pages::rate_lab::{Dot, View as LabView};

type Grab = Callback<(PointerEvent, Held)>;

/// A key handler that turns a key into a change of the lab.
fn on_key(
    change: &Callback<LabAction>,
    action: impl Fn(&KeyboardEvent) -> Option<LabAction> + 'static,
) -> impl Fn(KeyboardEvent) + 'static {
    let change = change.clone();
    move |event: KeyboardEvent| {
        if let Some(action) = action(&event) {
            event.prevent_default();
            event.stop_propagation();
            change.emit(action);
        }
    }
}

fn slide(event: &KeyboardEvent) -> Option<LabAction> {
    let step = if event.shift_key() { 10_000 } else { 1_000 };
    Some(match event.key().as_str() {
        "ArrowLeft" | "ArrowDown" => LabAction::Slide(-step),
        "ArrowRight" | "ArrowUp" => LabAction::Slide(step),
        "PageDown" => LabAction::Slide(-15_000),
        "PageUp" => LabAction::Slide(15_000),
        "Home" => LabAction::Evaluate(0),
        "End" => LabAction::Evaluate(i64::MAX),
        "Insert" => LabAction::AddNow,
        _ => return None,
    })
}

fn widen(event: &KeyboardEvent, range: i64) -> Option<LabAction> {
    let by = match event.key().as_str() {
        "ArrowLeft" | "ArrowUp" => 1_000,
        "ArrowRight" | "ArrowDown" => -1_000,
        _ => return None,
    };
    Some(LabAction::Range(Duration(range + by)))
}

/// The window, with handles at its start and its end.
pub fn window(scale: Scale, view: &LabView, grab: &Grab, change: &Callback<LabAction>) -> Html {
    let lab = &view.query.lab;
    let (from, to) = (scale.x(view.start.max(0) as f64), scale.x(view.end as f64));
    let range = lab.range.millis();
    let hold = |what: Held| {
        let grab = grab.clone();
        move |event: PointerEvent| grab.emit((event, what))
    };
    let seconds = |millis: i64| number(millis as f64 / 1000.0);
    let [open, close] = match lab.mode {
        RangeMode::Closed => ['[', ']'],
        _ => ['(', ']'],
    };
    html! {
        <>
            <rect class="window" x={px(from)} y={px(TOP)} width={px((to - from).max(0.0))}
                height={px(HEIGHT - TOP - BOTTOM)} tabindex="0" role="slider" aria-label="Window"
                aria-valuemin="0" aria-valuemax={seconds(lab.length.millis())} aria-valuenow={seconds(view.end)}
                aria-valuetext={format!("{open}{} s, {} s{close}", seconds(view.start), seconds(view.end))}
                onpointerdown={hold(Held::Window(0))} onkeydown={on_key(change, slide)} />
            <text class="tag" x={px(((from + to) / 2.0).clamp(70.0, scale.width - 70.0))} y={px(TOP - 38.0)} text-anchor="middle">
                { format!("{open}t − {}, t{close}", lab.range) }
            </text>
            <rect class="edge" x={px(from - 5.0)} y={px(TOP)} width="10" height={px(HEIGHT - TOP - BOTTOM)}
                tabindex="0" role="slider" aria-label="Range of the window" aria-valuemin="1" aria-valuemax="3600"
                aria-valuenow={seconds(lab.range.millis())} aria-valuetext={lab.range.to_string()}
                onpointerdown={hold(Held::Start)} onkeydown={on_key(change, move |event| widen(event, range))} />
            <line class="start" x1={px(from)} x2={px(from)} y1={px(TOP - 30.0)} y2={px(HEIGHT - BOTTOM)} />
            <line class="now" x1={px(to)} x2={px(to)} y1={px(TOP - 30.0)} y2={px(HEIGHT - BOTTOM)} />
            <text class="tag t" x={px(to)} y={px(TOP - 38.0)} text-anchor="middle">
                { if to - from > 150.0 { "t" } else { "" } }
            </text>
        </>
    }
}

/// A missed scrape, which can be added.
pub fn missed(scale: Scale, one: &Dot, change: &Callback<LabAction>) -> Html {
    let id = one.id;
    let onclick = change.reform(move |_: MouseEvent| LabAction::Bring(id));
    let onkeydown = on_key(change, move |event| {
        matches!(event.key().as_str(), "Enter" | " " | "Insert").then_some(LabAction::Bring(id))
    });
    let (x, y) = (scale.x(one.at as f64), scale.y(one.value));
    let label = format!("Missed scrape at {} s; add it", number(one.at as f64 / 1000.0));
    html! {
        <g key={format!("missed{id}")} class="missed" tabindex="0" role="button" aria-label={label} {onclick} {onkeydown}>
            <circle class="hit" cx={px(x)} cy={px(y)} r="13" />
            <path d={format!("M{:.1} {:.1}l9 9m0-9l-9 9", x - 4.5, y - 4.5)} />
        </g>
    }
}

/// The action of a key on a sample.
fn nudge(event: &KeyboardEvent, dot: &Dot, unit: f64) -> Option<LabAction> {
    let id = dot.id;
    let (millis, units) = if event.shift_key() { (10_000, 10.0) } else { (1_000, 1.0) };
    let nudge = |by, value| LabAction::Nudge { id, by, value };
    Some(match event.key().as_str() {
        "ArrowLeft" => nudge(-millis, 0.0),
        "ArrowRight" => nudge(millis, 0.0),
        "ArrowUp" => nudge(0, unit * units),
        "ArrowDown" => nudge(0, -unit * units),
        "Delete" | "Backspace" => LabAction::Drop(id),
        "Insert" => LabAction::Add { at: dot.at + 5_000, value: dot.value },
        _ => return None,
    })
}

/// A sample.
pub fn sample(scale: Scale, dot: &Dot, view: &LabView, props: &DrawingProps, grab: &Grab) -> Html {
    let id = dot.id;
    let onkeydown = {
        let (unit, dot) = (scale.unit(), *dot);
        on_key(&props.change, move |event| nudge(event, &dot, unit))
    };
    let onpointerdown = {
        let grab = grab.clone();
        move |event: PointerEvent| grab.emit((event, Held::Dot(id)))
    };
    let onfocus = {
        let choose = props.choose.clone();
        move |_: FocusEvent| choose.emit(Some(id))
    };
    let unused = view.unused.contains(&dot.at);
    let class = classes!(
        "dot",
        dot.inside.then_some("inside"),
        dot.edited.then_some("edited"),
        unused.then_some("unused"),
        (props.chosen == Some(id)).then_some("chosen"),
    );
    let label = format!(
        "Sample at {} s with {}, {}{}",
        number(dot.at as f64 / 1000.0),
        number(dot.value),
        if dot.inside { "in the window" } else { "outside the window" },
        if unused { ", in no step's window" } else { "" },
    );
    let (x, y) = (scale.x(dot.at as f64), scale.y(dot.value));
    html! {
        <g key={id.to_string()} {class} tabindex="0" role="button" aria-label={label}
            {onpointerdown} {onkeydown} {onfocus}>
            <circle class="hit" cx={px(x)} cy={px(y)} r="13" />
            <circle class="mark" cx={px(x)} cy={px(y)} r="6" />
            if unused { <path class="cross" d={format!("M{:.1} {:.1}l8 8", x - 4.0, y - 4.0)} /> }
        </g>
    }
}
