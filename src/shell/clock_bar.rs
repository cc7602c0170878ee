//! The clock bar: play, pause, speed, next scrape, advance, timeline, actions.

use web_sys::{HtmlElement, HtmlSelectElement};
use yew::prelude::*;

use super::events_panel::EventsPanel;
use super::track::Track;
use crate::app::use_dispatch;
use crate::state::{Action, Run, SPEEDS, Shared};
use crate::widgets::icon::{Icon, icon};
use crate::widgets::list_option::ListOption;
use protocol::{
    Action as SimulatedAction, ActionKind, ActionSpec, EventLog, Stage, StageState, Store,
};

#[derive(Properties, PartialEq)]
pub struct ClockBarProps {
    pub past: Shared<EventLog>,
    pub actions: Shared<Vec<ActionSpec>>,
    pub playing: bool,
    pub speed: u32,
    pub run: Option<Run>,
    pub store: Store,
    pub rollout: Shared<Vec<Stage>>,
}

/// Choices of "Ahead…", in milliseconds.
const AHEAD: [(u64, &str); 5] = [
    (60_000, "1 minute"),
    (600_000, "10 minutes"),
    (3_600_000, "1 hour"),
    (21_600_000, "6 hours"),
    (86_400_000, "1 day"),
];

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

/// `12`, `3.4k`, `56M`.
pub fn many(number: u64) -> String {
    match number {
        0..10_000 => number.to_string(),
        10_000..1_000_000 => format!("{:.1}k", number as f64 / 1e3),
        _ => format!("{:.1}M", number as f64 / 1e6),
    }
}

#[component]
pub fn ClockBar(props: &ClockBarProps) -> Html {
    let dispatch = use_dispatch();
    let open = use_state(|| false);
    let toggle = {
        let open = open.clone();
        Callback::from(move |()| open.set(!*open))
    };
    let button = use_node_ref();
    let close = {
        let (toggle, button) = (toggle.clone(), button.clone());
        // Returns the focus to the button that opened the panel.
        Callback::from(move |()| {
            toggle.emit(());
            if let Some(button) = button.cast::<HtmlElement>() {
                // An element that is not focusable keeps the focus where it is.
                let _ = button.focus();
            }
        })
    };
    let run = props.run.filter(Run::is_long);
    let ongoing = props.past.events.iter().filter(|event| event.lasts_at(props.past.now)).count();
    let prominent = props.actions.iter().filter(|action| action.prominent);
    html! {
        <footer class="clock-bar" aria-label="Simulated time">
            if !props.rollout.is_empty() {
                <RolloutStrip stages={props.rollout.clone()} now={props.past.now} />
            }
            if let Some(run) = run {
                <Progress {run} now={props.past.now} store={props.store.clone()} />
            }
            if *open {
                <EventsPanel past={props.past.clone()} actions={props.actions.clone()}
                    store={props.store.clone()} {close} />
            }
            <Controls playing={props.playing} speed={props.speed} now={props.past.now} busy={run.is_some()} />
            <Track past={props.past.clone()} />
            <div class="row">
                { for prominent.map(|action| {
                    let dispatch = dispatch.clone();
                    let choice = SimulatedAction::Start(action.choice(None, None));
                    html! {
                        <button type="button" class="action" title={action.help.clone()}
                            onclick={move |_: MouseEvent| dispatch.emit(Action::Act(choice.clone()))}>{ &action.label }</button>
                    }
                }) }
                <button type="button" class="more" ref={button} aria-expanded={open.to_string()} aria-controls="events-panel"
                    onclick={toggle.reform(|_: MouseEvent| ())}>
                    { "Events…" }
                    if ongoing > 0 { <span class="badge warn" title="Ongoing">{ ongoing }</span> }
                </button>
            </div>
        </footer>
    }
}

#[derive(Properties, PartialEq)]
struct ControlsProps {
    playing: bool,
    speed: u32,
    now: u64,
    /// True during a long run, when the clock accepts no other run.
    busy: bool,
}

#[component]
fn Controls(props: &ControlsProps) -> Html {
    let dispatch = use_dispatch();
    let act = |action: Action| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(action.clone())
    };
    let chosen = |event: &Event| event.target_dyn_into::<HtmlSelectElement>();
    let onspeed = {
        let dispatch = dispatch.clone();
        move |event: Event| {
            if let Some(speed) = chosen(&event).and_then(|select| select.value().parse().ok()) {
                dispatch.emit(Action::SetSpeed(speed));
            }
        }
    };
    let onahead = {
        let dispatch = dispatch.clone();
        move |event: Event| {
            let Some(select) = chosen(&event) else { return };
            if let Ok(millis) = select.value().parse() {
                dispatch.emit(Action::Advance(millis));
            }
            select.set_value("");
        }
    };
    let (label, face) = if props.playing { ("Pause", Icon::Pause) } else { ("Play", Icon::Play) };
    html! {
        <div class="row controls">
            <button type="button" class="primary play" aria-label={label} title={format!("{label} (Alt+P)")}
                onclick={act(Action::Play(!props.playing))}>{ icon(face) }</button>
            <button type="button" title="Advance to the next scrape (Alt+S)" disabled={props.busy} onclick={act(Action::NextScrape)}>
                { icon(Icon::Step) }{ "1 scrape" }
            </button>
            <label class="field ahead">
                <span class="visually-hidden">{ "Advance by" }</span>
                <select onchange={onahead} disabled={props.busy} title="Simulates this amount of time at once">
                    <option value="" selected=true>{ "Ahead…" }</option>
                    { for AHEAD.iter().map(|(millis, label)| html! { <option value={millis.to_string()}>{ *label }</option> }) }
                </select>
            </label>
            <label class="field">
                <span class="visually-hidden">{ "Speed" }</span>
                <select onchange={onspeed}>
                    { for SPEEDS.iter().map(|speed| html! {
                        <ListOption value={speed.to_string()} selected={*speed == props.speed}>{ format!("{speed}×") }</ListOption>
                    }) }
                </select>
            </label>
            <output aria-label="Simulated time">{ clock(props.now) }</output>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ProgressProps {
    run: Run,
    now: u64,
    store: Store,
}

/// The progress of a long run, with a button that cancels it.
#[component]
fn Progress(props: &ProgressProps) -> Html {
    let dispatch = use_dispatch();
    let Run { from, to, .. } = props.run;
    let share = props.now.saturating_sub(from) as f64 / to.saturating_sub(from).max(1) as f64;
    let percent = (share * 100.0).clamp(0.0, 100.0);
    html! {
        <section class="strip run" aria-label="Simulating">
            <b>{ "Simulating" }</b>
            <progress max="100" value={format!("{percent:.1}")} aria-label="Progress">{ format!("{percent:.0}%") }</progress>
            <span class="mono">{ format!("{} of {}", clock(props.now), clock(to)) }</span>
            <span class="muted">{ stored(&props.store) }</span>
            <span class="sp" />
            <button type="button" class="small" onclick={move |_: MouseEvent| dispatch.emit(Action::StopRun)}>{ "Cancel" }</button>
        </section>
    }
}

/// Describes the stored samples and the memory that they use.
pub fn stored(store: &Store) -> String {
    let mega = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let limit = mega(store.limit);
    let taken = match store.bytes {
        few if few < 100 << 10 => format!("{} KB", few >> 10),
        bytes => format!("{:.1} MB", mega(bytes)),
    };
    let (samples, series) = (many(store.samples), many(store.series));
    let mut text =
        format!("{samples} samples of {series} series in {taken} of at most {limit:.0} MB");
    if let Some(since) = store.since {
        text.push_str(&format!("; samples before {} were dropped", clock(since)));
    }
    text
}

#[derive(Properties, PartialEq)]
struct RolloutStripProps {
    stages: Shared<Vec<Stage>>,
    now: u64,
}

/// The stages of a pending edit until Prometheus uses it, with the remaining times.
#[component]
fn RolloutStrip(props: &RolloutStripProps) -> Html {
    let dispatch = use_dispatch();
    let stages = &props.stages;
    let act = |action: SimulatedAction| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(Action::Act(action.clone()))
    };
    let pending = stages.iter().any(|stage| stage.state != StageState::Done);
    let stuck = stages.iter().find(|stage| stage.state == StageState::Stuck);
    let current = stuck.or_else(|| stages.iter().find(|stage| stage.state == StageState::Now));
    let text = match current {
        Some(stage) => stage.text.clone(),
        None if pending => String::new(),
        None => "The edit has taken effect.".to_owned(),
    };
    html! {
        <section class="strip rollout" aria-label="Progress of the edit">
            <ol>
                { for stages.iter().map(|stage| {
                    let (class, said) = match stage.state {
                        StageState::Done => ("done", "done"),
                        StageState::Now => ("now", "now"),
                        StageState::Later => ("later", "later"),
                        StageState::Stuck => ("stuck", "waits"),
                    };
                    let left = stage.due.map(|due| clock(due.saturating_sub(props.now) + 999));
                    html! {
                        <li {class} title={stage.text.clone()}>
                            <i aria-hidden="true" />{ &stage.name }
                            if let Some(left) = left { <b class="mono">{ format!(" {left}") }</b> }
                            <span class="visually-hidden">{ format!(", {said}") }</span>
                        </li>
                    }
                }) }
            </ol>
            <p>{ text }</p>
            <span class="sp" />
            if stuck.is_some_and(|stage| stage.name == "Reload") {
                <button type="button" class="small" onclick={act(SimulatedAction::Start(ActionKind::ReloadConfiguration.into()))}>{ "Reload now" }</button>
            }
            if pending {
                <button type="button" class="small" title="Apply the edit at once, including the reload"
                    onclick={act(SimulatedAction::SkipDelays)}>{ "Skip" }</button>
            }
        </section>
    }
}
