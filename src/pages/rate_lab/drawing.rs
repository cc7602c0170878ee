//! The lab as a drawing: samples that can be moved by pointer and by keys, the window, what was
//! stretched and what was added back. The tables below say the same in numbers.

use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};
use yew::prelude::*;

use super::geometry::{BOTTOM, HEIGHT, Scale, TOP};
use crate::state::Shared;
use go::Duration;
use protocol::View;
use protocol::lab::LabAction;
use protocol::number::number;
use protocol::pages::rate_lab::{CounterReset, Dot, VariantRow, View as LabView};

/// The narrowest and widest drawing, in its own units.
const NARROW: f64 = 340.0;
const WIDE: f64 = 1100.0;

#[derive(Properties, PartialEq)]
pub struct DrawingProps {
    pub view: Shared<View>,
    pub change: Callback<LabAction>,
    /// The sample that the buttons below are for.
    #[prop_or_default]
    pub chosen: Option<u32>,
    #[prop_or_default]
    pub choose: Callback<Option<u32>>,
}

/// What the pointer holds.
#[derive(Clone, Copy, PartialEq)]
enum Held {
    Dot(u32),
    /// The window, so far from its end.
    Window(i64),
    /// The window's start.
    Start,
}

#[component]
pub fn Drawing(props: &DrawingProps) -> Html {
    let svg = use_node_ref();
    let held = use_mut_ref(|| None::<Held>);
    // A captured pointer tells the drawing of its double-click, not the sample under it.
    let pressed = use_mut_ref(|| None::<Held>);
    let width = use_width(&svg);
    let View::RateLab(view) = &*props.view else { return Html::default() };
    let scale = Scale::of(view, width);
    let place = {
        let svg = svg.clone();
        move |x: i32, y: i32| {
            let rect = svg.cast::<Element>()?.get_bounding_client_rect();
            let unit = scale.width / rect.width().max(1.0);
            let (x, y) = ((f64::from(x) - rect.left()) * unit, (f64::from(y) - rect.top()) * unit);
            Some(scale.under(x, y))
        }
    };
    let onpointermove = {
        let (held, change, place) = (held.clone(), props.change.clone(), place.clone());
        let end = view.end;
        move |event: PointerEvent| {
            let Some(what) = *held.borrow() else { return };
            let Some((at, value)) = place(event.client_x(), event.client_y()) else { return };
            change.emit(match what {
                Held::Dot(id) => LabAction::Move { id, at, value },
                Held::Window(off) => LabAction::Evaluate(at + off),
                Held::Start => LabAction::Range(Duration(((end - at) / 1000).max(1) * 1000)),
            });
        }
    };
    let release = {
        let held = held.clone();
        move |_: PointerEvent| *held.borrow_mut() = None
    };
    let grab = {
        let (held, svg, place) = (held.clone(), svg.clone(), place.clone());
        let pressed = pressed.clone();
        let (end, choose) = (view.end, props.choose.clone());
        Callback::from(move |(event, what): (PointerEvent, Held)| {
            event.prevent_default();
            event.stop_propagation();
            let what = match (what, place(event.client_x(), event.client_y())) {
                (Held::Window(_), Some((at, _))) => Held::Window(end - at),
                (what, _) => what,
            };
            if let Held::Dot(id) = what {
                choose.emit(Some(id));
            }
            *held.borrow_mut() = Some(what);
            *pressed.borrow_mut() = Some(what);
            if let Some(svg) = svg.cast::<Element>() {
                // Without it a drag ends at the drawing's edge, and nothing worse.
                let _ = svg.set_pointer_capture(event.pointer_id());
            }
            focus(&event);
        })
    };
    let ondblclick = {
        let (change, pressed) = (props.change.clone(), pressed.clone());
        move |event: MouseEvent| {
            if let Some(Held::Dot(id)) = *pressed.borrow() {
                change.emit(LabAction::Drop(id));
            } else if let Some((at, value)) = place(event.client_x(), event.client_y()) {
                change.emit(LabAction::Add { at, value });
            }
        }
    };
    let onpointerdown = move |_: PointerEvent| *pressed.borrow_mut() = None;
    html! {
        <svg ref={svg} class="lab" viewBox={format!("0 0 {:.0} {HEIGHT}", scale.width)} role="group"
            aria-label="Samples over time, with the window that is evaluated"
            {onpointerdown} {onpointermove} onpointerup={release.clone()} onpointercancel={release} {ondblclick}>
            { axes(scale) }
            { window(scale, view, &grab, &props.change) }
            { truth(scale, view) }
            { lanes(scale, view) }
            <polyline class="line" points={points(scale, view.dots.iter().map(|dot| (dot.at as f64, dot.value)))} />
            { for view.resets.iter().map(|one| fall(scale, one)) }
            { lifted(scale, view) }
            { for overlays(view).map(|(place, one)| html! {
                <polyline class={classes!("overlay", format!("o{place}"))} points={points(scale, one.path.iter().copied())} />
            }) }
            { result(scale, view) }
            { for view.missed.iter().map(|one| missed(scale, one, &props.change)) }
            { for view.dots.iter().map(|dot| circle(scale, dot, view, props, &grab)) }
        </svg>
    }
}

/// The drawing's width on the screen, followed as it changes.
#[hook]
fn use_width(svg: &NodeRef) -> f64 {
    let width = use_state_eq(|| 720.0);
    let (svg, set) = (svg.clone(), width.setter());
    use_effect_with((), move |()| {
        let measure = move || {
            if let Some(svg) = svg.cast::<Element>() {
                let found = svg.get_bounding_client_rect().width();
                if found > 0.0 {
                    set.set(found.clamp(NARROW, WIDE).round());
                }
            }
        };
        measure();
        let listener = web_sys::window()
            .map(|window| gloo::events::EventListener::new(&window, "resize", move |_| measure()));
        move || drop(listener)
    });
    *width
}

fn focus(event: &PointerEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::SvgElement>().ok());
    if let Some(target) = target {
        // What cannot be focused is not.
        let _ = target.focus();
    }
}

/// What is drawn over the chosen function, with its place in the list.
pub(super) fn overlays(view: &LabView) -> impl Iterator<Item = (usize, &VariantRow)> {
    let lab = &view.asked.lab;
    view.variants.iter().enumerate().filter(|(_, one)| {
        let this = (one.function, one.mode);
        this != (lab.function, lab.mode) && lab.overlays.contains(&this)
    })
}

fn points(scale: Scale, all: impl Iterator<Item = (f64, f64)>) -> String {
    let places: Vec<String> =
        all.map(|(at, value)| format!("{:.1},{:.1}", scale.x(at), scale.y(value))).collect();
    places.join(" ")
}

fn px(value: f64) -> String {
    format!("{value:.1}")
}

fn axes(scale: Scale) -> Html {
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

/// The band, its start and its end.
fn window(
    scale: Scale,
    view: &LabView,
    grab: &Callback<(PointerEvent, Held)>,
    change: &Callback<LabAction>,
) -> Html {
    let lab = &view.asked.lab;
    let (from, to) = (scale.x(view.start.max(0) as f64), scale.x(view.end as f64));
    let slide = {
        let change = change.clone();
        move |event: KeyboardEvent| {
            let step = if event.shift_key() { 10_000 } else { 1_000 };
            let action = match event.key().as_str() {
                "ArrowLeft" | "ArrowDown" => LabAction::Slide(-step),
                "ArrowRight" | "ArrowUp" => LabAction::Slide(step),
                "PageDown" => LabAction::Slide(-15_000),
                "PageUp" => LabAction::Slide(15_000),
                "Home" => LabAction::Evaluate(0),
                "End" => LabAction::Evaluate(i64::MAX),
                "Insert" => LabAction::AddNow,
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            change.emit(action);
        }
    };
    let widen = {
        let (change, range) = (change.clone(), lab.range.millis());
        move |event: KeyboardEvent| {
            let by = match event.key().as_str() {
                "ArrowLeft" | "ArrowUp" => 1_000,
                "ArrowRight" | "ArrowDown" => -1_000,
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            change.emit(LabAction::Range(Duration(range + by)));
        }
    };
    let hold = |what: Held| {
        let grab = grab.clone();
        move |event: PointerEvent| grab.emit((event, what))
    };
    let seconds = |millis: i64| number(millis as f64 / 1000.0);
    let [open, close] = match lab.mode {
        protocol::lab::RangeMode::Closed => ['[', ']'],
        _ => ['(', ']'],
    };
    html! {
        <>
            <rect class="window" x={px(from)} y={px(TOP)} width={px((to - from).max(0.0))}
                height={px(HEIGHT - TOP - BOTTOM)} tabindex="0" role="slider" aria-label="Window"
                aria-valuemin="0" aria-valuemax={seconds(lab.length.millis())} aria-valuenow={seconds(view.end)}
                aria-valuetext={format!("{open}{} s, {} s{close}", seconds(view.start), seconds(view.end))}
                onpointerdown={hold(Held::Window(0))} onkeydown={slide} />
            <text class="tag" x={px(((from + to) / 2.0).clamp(70.0, scale.width - 70.0))} y={px(TOP - 38.0)} text-anchor="middle">
                { format!("{open}t − {}, t{close}", lab.range) }
            </text>
            <rect class="edge" x={px(from - 5.0)} y={px(TOP)} width="10" height={px(HEIGHT - TOP - BOTTOM)}
                tabindex="0" role="slider" aria-label="Range of the window" aria-valuemin="1" aria-valuemax="3600"
                aria-valuenow={seconds(lab.range.millis())} aria-valuetext={lab.range.to_string()}
                onpointerdown={hold(Held::Start)} onkeydown={widen} />
            <line class="start" x1={px(from)} x2={px(from)} y1={px(TOP - 30.0)} y2={px(HEIGHT - BOTTOM)} />
            <line class="now" x1={px(to)} x2={px(to)} y1={px(TOP - 30.0)} y2={px(HEIGHT - BOTTOM)} />
            <text class="tag t" x={px(to)} y={px(TOP - 38.0)} text-anchor="middle">
                { if to - from > 150.0 { "t" } else { "" } }
            </text>
        </>
    }
}

/// What the process exposed at every moment, and a tick for each event.
fn truth(scale: Scale, view: &LabView) -> Html {
    let mut steps: Vec<(f64, f64)> = Vec::new();
    for &(at, value) in &view.exposed {
        if let Some(&(_, before)) = steps.last() {
            steps.push((at as f64, before));
        }
        steps.push((at as f64, value));
    }
    if let Some(&(_, last)) = steps.last() {
        steps.push((view.asked.lab.length.millis() as f64, last));
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

/// Below the axis: the window of every step of a range query, in two lanes where they overlap.
fn lanes(scale: Scale, view: &LabView) -> Html {
    let lab = &view.asked.lab;
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

fn fall(scale: Scale, one: &CounterReset) -> Html {
    let (x1, y1) = (scale.x(one.from.0 as f64), scale.y(one.from.1));
    let (x2, y2) = (scale.x(one.to.0 as f64), scale.y(one.to.1));
    html! {
        <>
            <line class="fall" x1={px(x1)} y1={px(y1)} x2={px(x2)} y2={px(y2)} />
            <text class="tag fall-tag" x={px((x1 + x2) / 2.0 + 8.0)} y={px((y1 + y2) / 2.0 + 4.0)}>{ &one.text }</text>
        </>
    }
}

/// Where the samples behind a reset stand in the arithmetic.
fn lifted(scale: Scale, view: &LabView) -> Html {
    html! {
        { for view.corrected.iter().map(|(at, value)| html! {
            <circle class="lifted" cx={px(scale.x(*at as f64))} cy={px(scale.y(*value))} r="4" />
        }) }
    }
}

/// The chosen function as a line, how far it was stretched, and how much it rises.
fn result(scale: Scale, view: &LabView) -> Html {
    let path = &view.chosen.path;
    let (Some(first), Some(last)) = (path.first(), path.last()) else { return Html::default() };
    let at = |one: &(f64, f64)| (scale.x(one.0), scale.y(one.1));
    let segment = |class: &'static str, a: (f64, f64), b: (f64, f64)| {
        html! { <line {class} x1={px(a.0)} y1={px(a.1)} x2={px(b.0)} y2={px(b.1)} /> }
    };
    let (low, high) = (at(first), at(last));
    let risen = last.1 - first.1;
    let rise = format!("{}{}", if risen < 0.0 { "" } else { "+" }, number(risen));
    let label_left = high.0 > scale.width - 90.0;
    // A flat line runs through the samples, and so does the room before the drawing's end: what it
    // rises by is written below them there, or above.
    let through = label_left || (low.1 - high.1).abs() < 40.0;
    let label_y = match through {
        true if low.1.max(high.1) + 44.0 < scale.floor() => low.1.max(high.1) + 24.0,
        true => low.1.min(high.1) - 26.0,
        false => f64::midpoint(low.1, high.1),
    };
    // What is said of the window's end needs the place where there is none beside the window.
    let beside = scale.right() - scale.x(view.end as f64) > 74.0;
    let label_x = px(if label_left { high.0 - 8.0 } else { high.0 + 8.0 });
    let anchor = if label_left { "end" } else { "start" };
    html! {
        <>
            if let [a, b, c, d] = path.as_slice() {
                { segment("chosen-line", at(b), at(c)) }
                { segment("stretched", at(a), at(b)) }
                { segment("stretched", at(c), at(d)) }
            } else {
                { segment("chosen-line", low, high) }
            }
            if let Some(one) = &view.measure {
                <g class="measure">
                    <line x1={px(scale.x(one.from as f64))} x2={px(scale.x(one.to as f64))} y1={px(TOP - 14.0)} y2={px(TOP - 14.0)} />
                    if beside {
                        <text x={px(scale.x(f64::midpoint(one.from as f64, one.to as f64)))} y={px(TOP - 19.0)} text-anchor="middle">{ &one.average }</text>
                    } else if scale.x(view.end as f64) - scale.x(one.from as f64) > 190.0 {
                        <text x={px(scale.x(one.from as f64))} y={px(TOP - 19.0)}>{ &one.average }</text>
                    }
                </g>
            }
            { for view.stretch.iter().flatten().zip([true, false]).map(|(one, is_start)| {
                let (from, to) = (scale.x(one.from as f64), scale.x(one.to as f64));
                let edge = scale.x(if is_start { view.start } else { view.end } as f64);
                let y = TOP - 14.0;
                // Beside the window; over it, in a row of its own, only where there is no room.
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
            }) }
            { for view.ends.iter().map(|(time, value)| {
                let (x, y) = (scale.x(*time as f64), scale.y(*value));
                html! { <path class="end" d={format!("M{x:.1} {:.1}l6 6-6 6-6-6z", y - 6.0)} /> }
            }) }
            <g class="rise">
                <line class="base" x1={px(low.0)} x2={px(high.0)} y1={px(low.1)} y2={px(low.1)} />
                <line x1={px(high.0)} x2={px(high.0)} y1={px(low.1)} y2={px(high.1)} />
                <text x={label_x.clone()} y={px(label_y)} text-anchor={anchor}>{ rise }</text>
                if let Some(one) = &view.measure {
                    <text class="factor" x={label_x} y={px(label_y + 15.0)} text-anchor={anchor}>{ &one.factor }</text>
                }
            </g>
        </>
    }
}

/// A scrape that was not made; it can be made after all.
fn missed(scale: Scale, one: &Dot, change: &Callback<LabAction>) -> Html {
    let id = one.id;
    let onclick = change.reform(move |_: MouseEvent| LabAction::Bring(id));
    let onkeydown = {
        let change = change.clone();
        move |event: KeyboardEvent| {
            if matches!(event.key().as_str(), "Enter" | " " | "Insert") {
                event.prevent_default();
                event.stop_propagation();
                change.emit(LabAction::Bring(id));
            }
        }
    };
    let (x, y) = (scale.x(one.at as f64), scale.y(one.value));
    let label = format!("Missed scrape at {} s; make it", number(one.at as f64 / 1000.0));
    html! {
        <g key={format!("missed{id}")} class="missed" tabindex="0" role="button" aria-label={label} {onclick} {onkeydown}>
            <circle class="hit" cx={px(x)} cy={px(y)} r="13" />
            <path d={format!("M{:.1} {:.1}l9 9m0-9l-9 9", x - 4.5, y - 4.5)} />
        </g>
    }
}

fn circle(
    scale: Scale,
    dot: &Dot,
    view: &LabView,
    props: &DrawingProps,
    grab: &Callback<(PointerEvent, Held)>,
) -> Html {
    let id = dot.id;
    let onkeydown = {
        let (change, unit, at) = (props.change.clone(), scale.unit(), dot.at);
        let value = dot.value;
        move |event: KeyboardEvent| {
            let (millis, units) = if event.shift_key() { (10_000, 10.0) } else { (1_000, 1.0) };
            let nudge = |by, value| LabAction::Nudge { id, by, value };
            let action = match event.key().as_str() {
                "ArrowLeft" => nudge(-millis, 0.0),
                "ArrowRight" => nudge(millis, 0.0),
                "ArrowUp" => nudge(0, unit * units),
                "ArrowDown" => nudge(0, -unit * units),
                "Delete" | "Backspace" => LabAction::Drop(id),
                "Insert" => LabAction::Add { at: at + 5_000, value },
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            change.emit(action);
        }
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
