//! Simulated time: play, pause, speed, one scrape on, the track, and what may happen.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::session::protocol::{Action as Happenable, Past};
use crate::ui::app::use_dispatch;
use crate::ui::state::{Action, SPEEDS, Shared};
use crate::ui::widgets::icon::{Icon, icon};

#[derive(Properties, PartialEq)]
pub struct ClockBarProps {
    pub past: Shared<Past>,
    pub actions: Shared<Vec<Happenable>>,
    pub playing: bool,
    pub speed: u32,
}

/// `1:02:03`, or `02:03` within the first hour.
pub fn clock(millis: u64) -> String {
    let seconds = millis / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

#[component]
pub fn ClockBar(props: &ClockBarProps) -> Html {
    let dispatch = use_dispatch();
    let act = |action: Action| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(action.clone())
    };
    let onspeed = {
        let dispatch = dispatch.clone();
        move |event: Event| {
            let chosen = event.target_dyn_into::<HtmlSelectElement>().map(|select| select.value());
            if let Some(speed) = chosen.and_then(|value| value.parse().ok()) {
                dispatch.emit(Action::SetSpeed(speed));
            }
        }
    };
    let onmore = {
        let dispatch = dispatch.clone();
        move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                let chosen = select.value();
                select.set_value("");
                if !chosen.is_empty() {
                    dispatch.emit(Action::Act(chosen));
                }
            }
        }
    };
    let (label, face) = if props.playing { ("Pause", Icon::Pause) } else { ("Play", Icon::Play) };
    let prominent = props.actions.iter().filter(|action| action.prominent);
    let others: Vec<&Happenable> =
        props.actions.iter().filter(|action| !action.prominent).collect();
    html! {
        <footer class="clock-bar" aria-label="Simulated time">
            <div class="row">
                <button type="button" class="primary play" aria-label={label} title={format!("{label} (Alt+P)")}
                    onclick={act(Action::Play(!props.playing))}>{ icon(face) }</button>
                <button type="button" title="On to the next scrape (Alt+S)" onclick={act(Action::NextScrape)}>
                    { icon(Icon::Step) }{ "1 scrape" }
                </button>
                <label class="field">
                    <span class="unseen">{ "Speed" }</span>
                    <select onchange={onspeed}>
                        { for SPEEDS.iter().map(|speed| html! {
                            <option value={speed.to_string()} selected={*speed == props.speed}>{ format!("{speed}×") }</option>
                        }) }
                    </select>
                </label>
                <output aria-label="Simulated time">{ clock(props.past.now) }</output>
            </div>
            <Track past={props.past.clone()} />
            <div class="row">
                { for prominent.map(|action| html! {
                    <button type="button" title={action.help.clone()} onclick={act(Action::Act(action.id.clone()))}>
                        { &action.label }
                    </button>
                }) }
                if !others.is_empty() {
                    <label class="field">
                        <span class="unseen">{ "More events" }</span>
                        <select onchange={onmore}>
                            <option value="" selected=true>{ "More…" }</option>
                            { for others.iter().map(|action| html! {
                                <option value={action.id.clone()} title={action.help.clone()}>{ &action.label }</option>
                            }) }
                        </select>
                    </label>
                }
            </div>
        </footer>
    }
}

#[derive(Properties, PartialEq)]
struct TrackProps {
    past: Shared<Past>,
}

/// Width of the drawing in its own units.
const WIDTH: f64 = 1_000.0;

/// The past and the place in it. A slider lies over the drawing, so that keys and pointers work.
#[component]
fn Track(props: &TrackProps) -> Html {
    let dispatch = use_dispatch();
    let now = props.past.now;
    let end = horizon(now);
    let x = |millis: u64| millis as f64 / end as f64 * WIDTH;
    let step = tick_step(end);
    let onchange = move |event: Event| {
        let value = event.target_dyn_into::<HtmlInputElement>().map(|input| input.value());
        if let Some(at) = value.and_then(|value| value.parse().ok()) {
            dispatch.emit(Action::Seek(at));
        }
    };
    html! {
        <div class="track">
            <svg viewBox={format!("0 0 {WIDTH} 40")} preserveAspectRatio="none" aria-hidden="true">
                <rect class="past" x="0" y="0" width={x(now).to_string()} height="40" />
                { for (1..end / step).map(|n| {
                    let at = x(n * step).to_string();
                    html! { <line class={classes!("tick", (n % 5 == 0).then_some("major"))} x1={at.clone()} x2={at} y1={if n % 5 == 0 { "28" } else { "33" }} y2="40" vector-effect="non-scaling-stroke" /> }
                }) }
                <line class="now" x1={x(now).to_string()} x2={x(now).to_string()} y1="0" y2="40" vector-effect="non-scaling-stroke" />
            </svg>
            { for props.past.events.iter().filter(|event| event.at <= end).map(|event| html! {
                <span class="event" style={format!("left:{:.2}%", x(event.at) / WIDTH * 100.0)} title={format!("{} {}", clock(event.at), event.label)}>
                    <i />{ &event.label }
                </span>
            }) }
            <input type="range" aria-label="Place in simulated time" min="0" max={end.to_string()} step="1000"
                value={now.to_string()} aria-valuetext={clock(now)} {onchange} />
        </div>
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
