//! The lab as a drawing: samples that can be moved by pointer and by keys, the window, what was
//! stretched and what was added back. The tables below say the same in numbers.

use web_sys::{Element, PointerEvent};
use yew::prelude::*;

use crate::session::pages::View;
use crate::session::pages::rate_lab::{Dot, View as LabView};
use crate::simulation::lab::{Edit, Lab, number};
use crate::ui::state::Shared;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 38.0;

#[derive(Properties, PartialEq)]
pub struct DrawingProps {
    pub view: Shared<View>,
    pub change: Callback<Lab>,
}

/// From times and values to places in the drawing.
#[derive(Clone, Copy, PartialEq)]
struct Scale {
    length: f64,
    low: f64,
    high: f64,
}

impl Scale {
    fn of(view: &LabView) -> Self {
        let values = view.dots.iter().map(|dot| dot.value);
        let high = values.clone().fold(1.0, f64::max);
        let low = values.fold(0.0, f64::min);
        Self { length: view.question.lab.length.millis().max(1) as f64, low, high: high * 1.08 }
    }

    fn x(self, at: i64) -> f64 {
        LEFT + at as f64 / self.length * (WIDTH - LEFT - RIGHT)
    }

    fn y(self, value: f64) -> f64 {
        let span = (self.high - self.low).max(f64::MIN_POSITIVE);
        HEIGHT - BOTTOM - (value - self.low) / span * (HEIGHT - TOP - BOTTOM)
    }

    /// The time and value under the pointer, to whole quarter seconds and whole events.
    fn under(self, event: &PointerEvent, svg: &Element) -> (i64, f64) {
        let rect = svg.get_bounding_client_rect();
        let scale = WIDTH / rect.width().max(1.0);
        let x = (f64::from(event.client_x()) - rect.left()) * scale;
        let y = (f64::from(event.client_y()) - rect.top()) * scale;
        let at = (x - LEFT) / (WIDTH - LEFT - RIGHT) * self.length;
        let value =
            self.low + (HEIGHT - BOTTOM - y) / (HEIGHT - TOP - BOTTOM) * (self.high - self.low);
        let at = (at.clamp(0.0, self.length) / 250.0).round() as i64 * 250;
        (at, value.round().max(0.0))
    }
}

/// What the pointer holds.
#[derive(Clone, Copy, PartialEq)]
enum Held {
    Dot(Dot),
    Window,
}

#[component]
pub fn Drawing(props: &DrawingProps) -> Html {
    let svg = use_node_ref();
    let held = use_state(|| None::<Held>);
    let View::RateLab(view) = &*props.view else { return Html::default() };
    let scale = Scale::of(view);
    let lab = &view.question.lab;
    let onpointermove = {
        let (held, svg, lab, change) =
            (held.clone(), svg.clone(), lab.clone(), props.change.clone());
        move |event: PointerEvent| {
            let (Some(what), Some(svg)) = (*held, svg.cast::<Element>()) else { return };
            let (at, value) = scale.under(&event, &svg);
            match what {
                Held::Window => change.emit(Lab { at, ..lab.clone() }),
                Held::Dot(dot) => {
                    change.emit(moved(&lab, dot, at, value));
                    held.set(Some(Held::Dot(Dot { at, value, edited: true, ..dot })));
                }
            }
        }
    };
    let release = {
        let held = held.clone();
        move |_: PointerEvent| held.set(None)
    };
    let grab = |what: Held| {
        let held = held.clone();
        Callback::from(move |event: PointerEvent| {
            event.prevent_default();
            event.stop_propagation();
            held.set(Some(what));
        })
    };
    let (from, to) = (scale.x(view.start.max(0)), scale.x(view.end));
    html! {
        <svg ref={svg} class="lab" viewBox={format!("0 0 {WIDTH} {HEIGHT}")} role="group"
            aria-label="Samples of the counter over time, with the window that is evaluated"
            {onpointermove} onpointerup={release.clone()} onpointerleave={release}>
            { axes(scale) }
            <rect class="window" x={from.to_string()} y={TOP.to_string()} width={(to - from).max(0.0).to_string()}
                height={(HEIGHT - TOP - BOTTOM).to_string()} onpointerdown={grab(Held::Window)} />
            <text class="tag" x={(from + 6.0).to_string()} y={(TOP - 8.0).to_string()}>
                { format!("window (t − {}, t]", lab.range) }
            </text>
            <line class="now" x1={to.to_string()} x2={to.to_string()} y1={(TOP - 4.0).to_string()} y2={(HEIGHT - BOTTOM).to_string()} />
            { for view.events.iter().map(|at| html! {
                <line class="event" x1={scale.x(*at).to_string()} x2={scale.x(*at).to_string()}
                    y1={(HEIGHT - BOTTOM).to_string()} y2={(HEIGHT - BOTTOM - 7.0).to_string()} />
            }) }
            <polyline class="line" points={points(scale, &view.dots)} />
            { stretched(scale, view) }
            { for view.resets.iter().map(|reset| fall(scale, view, reset)) }
            { for view.dots.iter().map(|dot| circle(scale, lab, dot, view, &grab(Held::Dot(*dot)), &props.change)) }
        </svg>
    }
}

/// The lab with a sample at another place. A sample that was moved before is moved once.
fn moved(lab: &Lab, dot: Dot, at: i64, value: f64) -> Lab {
    let mut next = lab.clone();
    let before = next.edits.iter_mut().find_map(|edit| match edit {
        Edit::Move { to, value, .. } | Edit::Add { at: to, value } if *to == dot.at => {
            Some((to, value))
        }
        _ => None,
    });
    match before {
        Some((place, old)) => (*place, *old) = (at, value),
        None => next.edits.push(Edit::Move { from: dot.at, to: at, value }),
    }
    next
}

fn dropped(lab: &Lab, dot: Dot) -> Lab {
    let mut next = lab.clone();
    next.edits.push(Edit::Drop { at: dot.at });
    next
}

fn points(scale: Scale, dots: &[Dot]) -> String {
    let places: Vec<String> = dots
        .iter()
        .map(|dot| format!("{:.1},{:.1}", scale.x(dot.at), scale.y(dot.value)))
        .collect();
    places.join(" ")
}

fn axes(scale: Scale) -> Html {
    let every = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0]
        .into_iter()
        .find(|step| (scale.high - scale.low) / step <= 6.0)
        .unwrap_or(5000.0);
    let count = ((scale.high - scale.low) / every).floor().clamp(0.0, 50.0) as i64;
    let seconds = (scale.length / 1000.0) as i64;
    html! {
        <>
            { for (0..=count).map(|k| {
                let value = scale.low + k as f64 * every;
                let y = scale.y(value);
                html! {
                    <>
                        <line class="grid" x1={LEFT.to_string()} x2={(WIDTH - RIGHT).to_string()} y1={y.to_string()} y2={y.to_string()} />
                        <text class="axis" x={(LEFT - 8.0).to_string()} y={(y + 4.0).to_string()} text-anchor="end">{ number(value) }</text>
                    </>
                }
            }) }
            { for (0..=seconds / 30).map(|k| html! {
                <text class="axis" x={scale.x(k * 30_000).to_string()} y={(HEIGHT - 14.0).to_string()} text-anchor="middle">
                    { format!("{}:{:02}", k / 2, k % 2 * 30) }
                </text>
            }) }
        </>
    }
}

/// The parts that nobody sampled.
fn stretched(scale: Scale, view: &LabView) -> Html {
    let Some((from, to)) = view.stretched else { return Html::default() };
    let inside: Vec<&Dot> = view.dots.iter().filter(|dot| dot.inside).collect();
    let (Some(first), Some(last)) = (inside.first(), inside.last()) else { return Html::default() };
    let slope = |a: &Dot, b: &Dot| {
        let span = (b.at - a.at) as f64;
        if span > 0.0 && b.value >= a.value { (b.value - a.value) / span } else { 0.0 }
    };
    let (start, end) = match inside.as_slice() {
        [first, second, ..] => {
            let before = inside.get(inside.len() - 2).copied().unwrap_or(first);
            (slope(first, second), slope(before, last))
        }
        _ => (0.0, 0.0),
    };
    let line = |a: (i64, f64), b: (i64, f64)| {
        html! {
            <line class="stretched" x1={scale.x(a.0).to_string()} y1={scale.y(a.1).to_string()}
                x2={scale.x(b.0).to_string()} y2={scale.y(b.1).to_string()} />
        }
    };
    let before = first.value - start * (first.at - from) as f64;
    let after = last.value + end * (to - last.at) as f64;
    html! {
        <>
            { line((from, before), (first.at, first.value)) }
            { line((last.at, last.value), (to, after)) }
            if to > last.at {
                <text class="tag stretched-tag" x={(scale.x(to) - 4.0).to_string()} y={(scale.y(after) - 12.0).to_string()} text-anchor="end">
                    { format!("extrapolated {} s", number((to - last.at) as f64 / 1000.0)) }
                </text>
            }
        </>
    }
}

fn fall(scale: Scale, view: &LabView, (from, to, text): &(i64, i64, String)) -> Html {
    let value = |at: i64| view.dots.iter().find(|dot| dot.at == at).map_or(0.0, |dot| dot.value);
    let (x1, y1) = (scale.x(*from), scale.y(value(*from)));
    let (x2, y2) = (scale.x(*to), scale.y(value(*to)));
    html! {
        <>
            <line class="fall" x1={x1.to_string()} y1={y1.to_string()} x2={x2.to_string()} y2={y2.to_string()} />
            <text class="tag fall-tag" x={((x1 + x2) / 2.0 + 6.0).to_string()} y={((y1 + y2) / 2.0).to_string()}>{ text }</text>
        </>
    }
}

fn circle(
    scale: Scale,
    lab: &Lab,
    dot: &Dot,
    view: &LabView,
    grab: &Callback<PointerEvent>,
    change: &Callback<Lab>,
) -> Html {
    let onkeydown = {
        let (lab, change, dot) = (lab.clone(), change.clone(), *dot);
        move |event: KeyboardEvent| {
            let step = if event.shift_key() { 10 } else { 1 };
            let (at, value) = match event.key().as_str() {
                "ArrowLeft" => (dot.at - 1000 * step, dot.value),
                "ArrowRight" => (dot.at + 1000 * step, dot.value),
                "ArrowUp" => (dot.at, dot.value + step as f64),
                "ArrowDown" => (dot.at, (dot.value - step as f64).max(0.0)),
                "Delete" | "Backspace" => {
                    event.prevent_default();
                    return change.emit(dropped(&lab, dot));
                }
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            let at = at.clamp(0, lab.length.millis());
            change.emit(moved(&lab, dot, at, value));
        }
    };
    let ondblclick = {
        let (lab, change, dot) = (lab.clone(), change.clone(), *dot);
        move |_: MouseEvent| change.emit(dropped(&lab, dot))
    };
    let class = classes!(
        "dot",
        dot.inside.then_some("inside"),
        dot.edited.then_some("edited"),
        view.unused.contains(&dot.at).then_some("unused"),
    );
    let label = format!(
        "Sample at {} s with {}, {}",
        number(dot.at as f64 / 1000.0),
        number(dot.value),
        if dot.inside { "in the window" } else { "outside the window" }
    );
    html! {
        <circle {class} cx={scale.x(dot.at).to_string()} cy={scale.y(dot.value).to_string()} r="6"
            tabindex="0" role="button" aria-label={label} onpointerdown={grab.clone()} {onkeydown} {ondblclick} />
    }
}
