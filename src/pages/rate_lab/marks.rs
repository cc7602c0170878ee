//! The marks of the drawing that do not react: axes, lines, labels.

use yew::prelude::*;

use super::geometry::{HEIGHT, Scale, TOP};
use protocol::number::number;
use protocol::pages::rate_lab::{CounterReset, Stretch, VariantRow, View as LabView};

/// Returns the variants that are drawn over the selected one, with their indexes.
pub fn overlays(view: &LabView) -> impl Iterator<Item = (usize, &VariantRow)> {
    let lab = &view.query.lab;
    view.variants.iter().enumerate().filter(|(_, one)| {
        let this = (one.function, one.mode);
        this != (lab.function, lab.mode) && lab.overlays.contains(&this)
    })
}

pub fn points(scale: Scale, all: impl Iterator<Item = (f64, f64)>) -> String {
    let places: Vec<String> =
        all.map(|(at, value)| format!("{:.1},{:.1}", scale.x(at), scale.y(value))).collect();
    places.join(" ")
}

pub fn px(value: f64) -> String {
    format!("{value:.1}")
}

pub fn axes(scale: Scale) -> Html {
    html! {
        <>
            { for scale.value_marks().into_iter().map(|value| {
                let y = scale.y(value);
                html! {
                    <>
                        <line class="grid" x1={px(scale.left())} x2={px(scale.right())} y1={px(y)} y2={px(y)} />
                        <text class="axis" x={px(scale.left() - 12.0)} y={px(y + 4.0)} text-anchor="end">{ number(value) }</text>
                    </>
                }
            }) }
            { for scale.time_marks().into_iter().map(|at| html! {
                <text class="axis" x={px(scale.x(at as f64))} y={px(HEIGHT - 8.0)} text-anchor="middle">
                    { format!("{} s", at / 1000) }
                </text>
            }) }
        </>
    }
}

/// The value that the process exposed over time, and a tick for each increment.
pub fn truth(scale: Scale, view: &LabView) -> Html {
    let mut steps: Vec<(f64, f64)> = Vec::new();
    for &(at, value) in &view.exposed {
        if let Some(&(_, before)) = steps.last() {
            steps.push((at as f64, before));
        }
        steps.push((at as f64, value));
    }
    if let Some(&(_, last)) = steps.last() {
        steps.push((view.query.lab.length.millis() as f64, last));
    }
    html! {
        <>
            <polyline class="exposed" points={points(scale, steps.into_iter())} />
            if view.exposed.len() < 120 {
                { for view.exposed.iter().skip(1).map(|(at, _)| {
                    let x = px(scale.x(*at as f64));
                    html! { <line class="event" x1={x.clone()} x2={x} y1={px(scale.floor())} y2={px(scale.floor() - 6.0)} /> }
                }) }
            }
        </>
    }
}

/// The window of every step of a range query, in two lanes below the axis.
pub fn lanes(scale: Scale, view: &LabView) -> Html {
    let lab = &view.query.lab;
    html! {
        { for view.steps.iter().enumerate().map(|(place, (at, value))| {
            let from = scale.x((at - lab.range.millis()).max(0) as f64);
            let to = scale.x(*at as f64);
            let y = scale.floor() + 12.0 + (place % 3) as f64 * 8.0;
            html! {
                <g class={classes!("step", (*at == view.end).then_some("chosen"))}>
                    <rect x={px(from)} y={px(y)} width={px((to - from).max(1.0))} height="5" rx="2.5" />
                    <circle cx={px(to)} cy={px(y + 2.5)} r="3.5" />
                    <title>{ format!("step at {} s: {value}", at / 1000) }</title>
                </g>
            }
        }) }
    }
}

pub fn fall(scale: Scale, one: &CounterReset) -> Html {
    let (x1, y1) = (scale.x(one.from.0 as f64), scale.y(one.from.1));
    let (x2, y2) = (scale.x(one.to.0 as f64), scale.y(one.to.1));
    html! {
        <>
            <line class="fall" x1={px(x1)} y1={px(y1)} x2={px(x2)} y2={px(y2)} />
            <text class="tag fall-tag" x={px((x1 + x2) / 2.0 + 8.0)} y={px((y1 + y2) / 2.0 + 4.0)}>{ &one.text }</text>
        </>
    }
}

/// The samples after a reset, as the computation raises them.
pub fn lifted(scale: Scale, view: &LabView) -> Html {
    html! {
        { for view.corrected.iter().map(|(at, value)| html! {
            <circle class="lifted" cx={px(scale.x(*at as f64))} cy={px(scale.y(*value))} r="4" />
        }) }
    }
}

/// The selected function as a line, with its extrapolation and its increase.
pub fn result(scale: Scale, view: &LabView) -> Html {
    let path = &view.chosen.path;
    let (Some(first), Some(last)) = (path.first(), path.last()) else { return Html::default() };
    let at = |one: &(f64, f64)| (scale.x(one.0), scale.y(one.1));
    let segment = |class: &'static str, a: (f64, f64), b: (f64, f64)| {
        html! { <line {class} x1={px(a.0)} y1={px(a.1)} x2={px(b.0)} y2={px(b.1)} /> }
    };
    html! {
        <>
            if let [a, b, c, d] = path.as_slice() {
                { segment("chosen-line", at(b), at(c)) }
                { segment("stretched", at(a), at(b)) }
                { segment("stretched", at(c), at(d)) }
            } else {
                { segment("chosen-line", at(first), at(last)) }
            }
            { average(scale, view) }
            { for view.stretch.iter().flatten().zip([true, false]).map(|(one, is_start)| gap(scale, view, one, is_start)) }
            { for view.ends.iter().map(|(time, value)| {
                let (x, y) = (scale.x(*time as f64), scale.y(*value));
                html! { <path class="end" d={format!("M{x:.1} {:.1}l6 6-6 6-6-6z", y - 6.0)} /> }
            }) }
            { increase(scale, view, last.1 - first.1, at(first), at(last)) }
        </>
    }
}

/// The average interval of the samples, above the window if there is space.
fn average(scale: Scale, view: &LabView) -> Html {
    let Some(one) = &view.measure else { return Html::default() };
    let (from, to, end) =
        (scale.x(one.from as f64), scale.x(one.to as f64), scale.x(view.end as f64));
    // The label of the end of the window takes the free side.
    let beside = scale.right() - end > 74.0;
    html! {
        <g class="measure">
            <line x1={px(from)} x2={px(to)} y1={px(TOP - 14.0)} y2={px(TOP - 14.0)} />
            if beside {
                <text x={px(f64::midpoint(from, to))} y={px(TOP - 19.0)} text-anchor="middle">{ &one.average }</text>
            } else if end - from > 190.0 {
                <text x={px(from)} y={px(TOP - 19.0)}>{ &one.average }</text>
            }
        </g>
    }
}

/// The extrapolation from the first or the last sample to the edge of the window.
fn gap(scale: Scale, view: &LabView, one: &Stretch, is_start: bool) -> Html {
    let (from, to) = (scale.x(one.from as f64), scale.x(one.to as f64));
    let edge = scale.x(if is_start { view.start } else { view.end } as f64);
    let y = TOP - 14.0;
    // Beside the window, or above it in a separate row if there is no space.
    let room = if is_start { edge - scale.left() > 40.0 } else { scale.right() - edge > 74.0 };
    let (x, text_y, anchor) = match (is_start, room) {
        (true, true) => (edge - 6.0, y + 4.0, "end"),
        (true, false) => (edge.max(from) + 6.0, y + 4.0, "start"),
        (false, true) => (edge + 6.0, y + 4.0, "start"),
        (false, false) => (edge - 6.0, y - 5.0, "end"),
    };
    html! {
        <g class="gap">
            <line x1={px(from)} x2={px(edge)} y1={px(y)} y2={px(y)} />
            <line class="reached" x1={px(from)} x2={px(to)} y1={px(y)} y2={px(y)} />
            <text x={px(x)} y={px(text_y)} text-anchor={anchor}>{ &one.text }</text>
        </g>
    }
}

/// The increase between two points of the drawing, with the factor of the extrapolation.
fn increase(scale: Scale, view: &LabView, risen: f64, low: (f64, f64), high: (f64, f64)) -> Html {
    let rise = format!("{}{}", if risen < 0.0 { "" } else { "+" }, number(risen));
    let label_left = high.0 > scale.width - 90.0;
    // The increase is written below a flat line that ends near the edge of the drawing, and above
    // it otherwise.
    let through = label_left || (low.1 - high.1).abs() < 40.0;
    let label_y = match through {
        true if low.1.max(high.1) + 44.0 < scale.floor() => low.1.max(high.1) + 24.0,
        true => low.1.min(high.1) - 26.0,
        false => f64::midpoint(low.1, high.1),
    };
    let label_x = px(if label_left { high.0 - 8.0 } else { high.0 + 8.0 });
    let anchor = if label_left { "end" } else { "start" };
    html! {
        <g class="rise">
            <line class="base" x1={px(low.0)} x2={px(high.0)} y1={px(low.1)} y2={px(low.1)} />
            <line x1={px(high.0)} x2={px(high.0)} y1={px(low.1)} y2={px(high.1)} />
            <text x={label_x.clone()} y={px(label_y)} text-anchor={anchor}>{ rise }</text>
            if let Some(one) = &view.measure {
                <text class="factor" x={label_x} y={px(label_y + 15.0)} text-anchor={anchor}>{ &one.factor }</text>
            }
        </g>
    }
}
