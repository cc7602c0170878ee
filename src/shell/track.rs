//! The timeline: events, their durations, and the current time.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::clock_bar::clock;
use crate::app::use_dispatch;
use crate::state::{Action, Shared};
use protocol::{EventLog, LoggedEvent, UNTIL_ENDED};

#[derive(Properties, PartialEq)]
pub struct TrackProps {
    pub past: Shared<EventLog>,
}

/// Width of the drawing in SVG units.
const WIDTH: f64 = 1_000.0;

/// The share of the width that a label needs. Labels that would overlap are not shown.
const ROOM: f64 = 0.14;

/// Milliseconds that an arrow key moves the time.
const KEY_STEP: u64 = 1_000;

/// The timeline. A slider over the drawing handles keys and pointers.
#[component]
pub fn Track(props: &TrackProps) -> Html {
    let dispatch = use_dispatch();
    // The time under the pointer during a drag. The worker seeks when the drag ends.
    let dragged = use_state(|| None::<u64>);
    // The time that was sought, until the worker answers: the next key continues from here.
    let sought = use_state(|| None::<u64>);
    let now = props.past.now;
    {
        let sought = sought.clone();
        use_effect_with(now, move |_| sought.set(None));
    }
    let last = props.past.events.iter().map(|event| event.at).max().unwrap_or_default();
    let end = horizon(now.max(last));
    let shown = dragged.or(*sought).unwrap_or(now);
    let value = |event: &Event| -> Option<u64> {
        event.target_dyn_into::<HtmlInputElement>()?.value().parse().ok()
    };
    let onchange = {
        let dragged = dragged.clone();
        move |event: Event| {
            dragged.set(None);
            if let Some(at) = value(&event) {
                sought.set(Some(at));
                dispatch.emit(Action::Seek(at));
            }
        }
    };
    let oninput = move |event: InputEvent| {
        let input = event.target_dyn_into::<HtmlInputElement>();
        dragged.set(input.and_then(|input| input.value().parse().ok()));
    };
    html! {
        <div class="track">
            { drawing(&props.past, shown, end) }
            { labels(&props.past, end) }
            <input type="range" aria-label="Position in simulated time" min="0" max={end.to_string()}
                step={KEY_STEP.to_string()} value={shown.to_string()} aria-valuetext={value_text(&props.past, shown)}
                {onchange} {oninput} />
        </div>
    }
}

/// Describes a time for screen readers: the time and the ongoing events.
fn value_text(past: &EventLog, at: u64) -> String {
    let ongoing: Vec<&str> = past
        .events
        .iter()
        .filter(|event| event.lasts_at(at))
        .map(|event| event.label.as_str())
        .collect();
    if ongoing.is_empty() {
        clock(at)
    } else {
        format!("{}, during {}", clock(at), ongoing.join(", "))
    }
}

fn drawing(past: &EventLog, shown: u64, end: u64) -> Html {
    let x = |millis: u64| (millis.min(end) as f64 / end as f64 * WIDTH).to_string();
    let step = tick_step(end);
    let bands = past.events.iter().filter_map(|event| {
        let until = event.until.filter(|until| *until > event.at)?;
        let until = if until == UNTIL_ENDED { past.now.max(event.at + 1) } else { until };
        let from = event.at.min(end) as f64 / end as f64 * WIDTH;
        let width = (until.min(end) as f64 / end as f64 * WIDTH - from).max(2.0);
        Some((from, width))
    });
    html! {
        <svg viewBox={format!("0 0 {WIDTH} 40")} preserveAspectRatio="none" aria-hidden="true">
            <rect class="past" x="0" y="0" width={x(past.now)} height="40" />
            { for bands.map(|(from, width)| html! {
                <rect class="band" x={from.to_string()} y="22" width={width.to_string()} height="18" />
            }) }
            { for (1..end / step).map(|n| {
                let at = x(n * step);
                let major = n % 5 == 0;
                html! { <line class={classes!("tick", major.then_some("major"))} x1={at.clone()} x2={at}
                    y1={if major { "28" } else { "33" }} y2="40" vector-effect="non-scaling-stroke" /> }
            }) }
            { for past.events.iter().filter(|event| event.at <= end).map(|event| html! {
                <line class={classes!("mark", (event.at > past.now).then_some("ahead"))} x1={x(event.at)} x2={x(event.at)}
                    y1="20" y2="40" vector-effect="non-scaling-stroke" />
            }) }
            <line class="now" x1={x(shown)} x2={x(shown)} y1="0" y2="40" vector-effect="non-scaling-stroke" />
        </svg>
    }
}

/// Labels of the marks, latest first, as far as there is space.
fn labels(past: &EventLog, end: u64) -> Html {
    let place = |event: &LoggedEvent| event.at as f64 / end as f64;
    let mut shown: Vec<&LoggedEvent> = Vec::new();
    for event in past.events.iter().rev().filter(|event| event.at <= end) {
        if shown.iter().all(|other| (place(other) - place(event)).abs() >= ROOM) {
            shown.push(event);
        }
    }
    // A label ends before the next label, which is the previous one in this order.
    let mut ends = 1.0;
    html! {
        { for shown.into_iter().map(|event| {
            // At the right edge the label is on the left of its mark.
            let late = place(event) > 1.0 - ROOM;
            let room = if late { ROOM } else { (ends - place(event)).min(0.4) };
            ends = place(event) - if late { ROOM } else { 0.0 };
            let left = format!("left:{:.2}%;--room:calc({:.2}% - 6px)", place(event) * 100.0, room * 100.0);
            html! {
                <span class={classes!("event", late.then_some("late"), (event.at > past.now).then_some("ahead"))}
                    style={left}><i />{ &event.label }</span>
            }
        }) }
    }
}

/// The end of the timeline: at least ten minutes, doubled as needed. A time has at least a tenth of
/// the timeline after it, unless it is too large for that.
fn horizon(now: u64) -> u64 {
    let mut end: u64 = 600_000;
    while now > end / 10 * 9 {
        match end.checked_mul(2) {
            Some(doubled) => end = doubled,
            None => return u64::MAX,
        }
    }
    end
}

/// Milliseconds between two ticks, for about 40 ticks.
fn tick_step(end: u64) -> u64 {
    (end / 40).max(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeline_ends_after_every_time() {
        for (now, end) in [
            (0, 600_000),
            (540_000, 600_000),
            (540_001, 1_200_000),
            (86_400_000, 153_600_000),
            // Here `end * 9` overflows.
            (u64::MAX / 9 + 1, 2_765_140_930_560_000_000 / 1_000 * 1_000),
            (u64::MAX, u64::MAX),
        ] {
            assert!(horizon(now) >= now, "{now}");
            if now < u64::MAX / 9 {
                assert_eq!(horizon(now), end, "{now}");
            }
            assert!((1..horizon(now) / tick_step(horizon(now))).count() <= 600, "{now}");
        }
    }
}
