//! The track of simulated time: what happened, how long it lasted, and the place of now.

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

/// Width of the drawing in its own units.
const WIDTH: f64 = 1_000.0;

/// Labels are left out where they would stand on one another: this share of the width is one's own.
const ROOM: f64 = 0.14;

/// Milliseconds that an arrow key moves.
const KEY_STEP: u64 = 1_000;

/// The past and the place in it. A slider lies over the drawing, so that keys and pointers work.
#[component]
pub fn Track(props: &TrackProps) -> Html {
    let dispatch = use_dispatch();
    // Where a drag is, while it goes on; the worker follows when it ends.
    let dragged = use_state(|| None::<u64>);
    // Where it was dropped, until the worker is there: the next key counts from here.
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
            <input type="range" aria-label="Place in simulated time" min="0" max={end.to_string()}
                step={KEY_STEP.to_string()} value={shown.to_string()} aria-valuetext={said(&props.past, shown)}
                {onchange} {oninput} />
        </div>
    }
}

/// The time, and what goes on then.
fn said(past: &EventLog, at: u64) -> String {
    let going_on: Vec<&str> = past
        .events
        .iter()
        .filter(|event| event.lasts_at(at))
        .map(|event| event.label.as_str())
        .collect();
    if going_on.is_empty() {
        clock(at)
    } else {
        format!("{}, during {}", clock(at), going_on.join(", "))
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

/// Words for the marks, as far as there is room: the newest first.
fn labels(past: &EventLog, end: u64) -> Html {
    let place = |event: &LoggedEvent| event.at as f64 / end as f64;
    let mut shown: Vec<&LoggedEvent> = Vec::new();
    for event in past.events.iter().rev().filter(|event| event.at <= end) {
        if shown.iter().all(|other| (place(other) - place(event)).abs() >= ROOM) {
            shown.push(event);
        }
    }
    // Each label's words end before the next label, which is the one before it here.
    let mut ends = 1.0;
    html! {
        { for shown.into_iter().map(|event| {
            // At the right edge the words stand on the other side of their mark.
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

/// The track is at least ten minutes long, and grows by doubling.
fn horizon(now: u64) -> u64 {
    let mut end = 600_000;
    while now > end * 9 / 10 {
        end *= 2;
    }
    end
}

/// Milliseconds between two ticks: about forty of them.
fn tick_step(end: u64) -> u64 {
    (end / 40).max(1_000)
}
