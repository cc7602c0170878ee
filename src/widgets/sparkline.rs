//! A sparkline: lines over the last minutes without axes, with the latest point at the right.

use yew::prelude::*;

use protocol::pages::query::Line;

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 56.0;
/// Space for the width of the line.
const EDGE: f64 = 4.0;

#[derive(Properties, PartialEq)]
pub struct SparklineProps {
    pub lines: Vec<Line>,
    pub points: u32,
    /// The description for screen readers.
    pub label: String,
}

#[component]
pub fn Sparkline(props: &SparklineProps) -> Html {
    let values = || props.lines.iter().flat_map(|line| &line.values).flatten().copied();
    let high = values().fold(f64::MIN, f64::max);
    // The scale includes zero, so that small changes look small.
    let low = values().fold(0.0, f64::min);
    let scale =
        Scale { low, high: if high > low { high } else { low + 1.0 }, points: props.points };
    html! {
        <svg class="sparkline" viewBox={format!("0 0 {WIDTH} {HEIGHT}")} preserveAspectRatio="none" role="img"
            aria-label={props.label.clone()}>
            <line class="ground" x1="0" x2={WIDTH.to_string()} y1={scale.y(0.0).to_string()} y2={scale.y(0.0).to_string()} />
            { for props.lines.iter().enumerate().map(|(at, line)| html! {
                <path class={format!("k{}", at + 1)} d={path(line, &scale)} />
            }) }
        </svg>
    }
}

struct Scale {
    low: f64,
    high: f64,
    points: u32,
}

impl Scale {
    fn x(&self, point: usize) -> f64 {
        point as f64 * (WIDTH - EDGE) / f64::from(self.points.max(2) - 1)
    }

    fn y(&self, value: f64) -> f64 {
        let part = (value - self.low) / (self.high - self.low);
        HEIGHT - EDGE - part * (HEIGHT - 2.0 * EDGE)
    }
}

/// Returns the path of a line with its gaps.
fn path(line: &Line, scale: &Scale) -> String {
    let mut path = String::new();
    let mut drawing = false;
    for (point, value) in line.values.iter().enumerate() {
        let Some(value) = value else {
            drawing = false;
            continue;
        };
        let command = if drawing { 'L' } else { 'M' };
        path.push_str(&format!("{command}{:.1} {:.1}", scale.x(point), scale.y(*value)));
        drawing = true;
    }
    path
}
