//! The events panel: a form for a new event, the ongoing events, and the delays of edits.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement, HtmlSelectElement, KeyboardEvent};
use yew::prelude::*;

use super::clock_bar::{clock, stored};
use crate::app::use_dispatch;
use crate::state::{Action, Shared};
use crate::widgets::inline_code::inline_code;
use crate::widgets::list_option::ListOption;
use protocol::{
    Action as SimulatedAction, ActionKind, ActionSpec, EventLog, Group, LoggedEvent, Store,
    UNTIL_ENDED,
};

#[derive(Properties, PartialEq)]
pub struct EventsPanelProps {
    pub past: Shared<EventLog>,
    pub actions: Shared<Vec<ActionSpec>>,
    pub store: Store,
    pub close: Callback<()>,
}

#[component]
pub fn EventsPanel(props: &EventsPanelProps) -> Html {
    let panel = use_node_ref();
    {
        // Moves the focus into the panel for keyboard users.
        let panel = panel.clone();
        use_effect_with((), move |()| {
            let first = panel
                .cast::<HtmlElement>()
                .and_then(|panel| panel.query_selector("select").ok().flatten());
            if let Some(first) = first.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
                let _ = first.focus();
            }
        });
    }
    let onkeydown = {
        let close = props.close.clone();
        move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.stop_propagation();
                close.emit(());
            }
        }
    };
    let close = props.close.reform(|_: MouseEvent| ());
    html! {
        <section id="events-panel" class="events-panel card" ref={panel} aria-label="Events" {onkeydown}>
            <div class="h">
                <h2>{ "Events" }</h2>
                <span class="sp" />
                <button type="button" class="small" onclick={close}>{ "Close" }</button>
            </div>
            <div class="b">
                <ActionForm actions={props.actions.clone()} />
                <Ongoing past={props.past.clone()} />
                <Pace delays={props.past.delays} running={props.past.running} />
                <p class="muted">{ stored(&props.store) }{ "." }</p>
            </div>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct ActionFormProps {
    actions: Shared<Vec<ActionSpec>>,
}

/// Returns the new value of a select.
fn chosen(event: &Event) -> String {
    event.target_dyn_into::<HtmlSelectElement>().map(|select| select.value()).unwrap_or_default()
}

/// `30s`, `2m`, `1h`.
fn length(seconds: u32) -> String {
    match seconds {
        0 => "until ended".to_owned(),
        1..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        _ => format!("{}h", seconds / 3600),
    }
}

/// The actions of a group; nothing if it has none.
fn options(group: Group, actions: &[&ActionSpec], selected: &ActionSpec) -> Html {
    let mut of_group = actions.iter().filter(|action| action.group == group).peekable();
    if of_group.peek().is_none() {
        return Html::default();
    }
    html! {
        <optgroup label={group.title()}>
            { for of_group.map(|one| html! {
                <ListOption value={one.id()} selected={one.kind == selected.kind}>{ &one.label }</ListOption>
            }) }
        </optgroup>
    }
}

#[component]
fn ActionForm(props: &ActionFormProps) -> Html {
    let dispatch = use_dispatch();
    let id = use_state(String::new);
    let subject = use_state(String::new);
    let seconds = use_state(|| None::<u32>);
    let lines: Vec<&ActionSpec> = props.actions.iter().filter(|action| !action.prominent).collect();
    let Some(action) = lines.iter().find(|action| action.id() == *id).or(lines.first()) else {
        return html! { <p class="muted">{ "No process is running." }</p> };
    };
    let whom = action.subjects.iter().find(|one| one.id() == *subject).or(action.subjects.first());
    let lasts = seconds.filter(|seconds| action.durations.contains(seconds));
    let lasts = lasts.or(action.durations.first().copied());
    let onid = {
        let id = id.clone();
        move |event: Event| id.set(chosen(&event))
    };
    let onsubject = {
        let subject = subject.clone();
        move |event: Event| subject.set(chosen(&event))
    };
    let onlength = {
        let seconds = seconds.clone();
        move |event: Event| seconds.set(chosen(&event).parse().ok())
    };
    let go = {
        let choice = SimulatedAction::Start(action.choice(whom, lasts));
        move |_: MouseEvent| dispatch.emit(Action::Act(choice.clone()))
    };
    html! {
        <div class="action-form">
            <label><span>{ "What" }</span>
                <select aria-label="What happens" onchange={onid}>
                    { for Group::ALL.into_iter().map(|group| options(group, &lines, action)) }
                </select>
            </label>
            if !action.subjects.is_empty() {
                <label><span>{ "To" }</span>
                    <select aria-label="To whom" onchange={onsubject}>
                        { for action.subjects.iter().map(|one| html! {
                            <ListOption value={one.id()} selected={Some(one) == whom}>{ &one.label }</ListOption>
                        }) }
                    </select>
                </label>
            }
            if !action.durations.is_empty() {
                <label><span>{ "For" }</span>
                    <select aria-label="For how long" onchange={onlength}>
                        { for action.durations.iter().map(|one| html! {
                            <ListOption value={one.to_string()} selected={Some(*one) == lasts}>{ length(*one) }</ListOption>
                        }) }
                    </select>
                </label>
            }
            <p class="follows" role="status">{ inline_code(&action.help) }</p>
            <button type="button" class="primary" onclick={go}>{ "Run the action" }</button>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct OngoingProps {
    past: Shared<EventLog>,
}

#[component]
fn Ongoing(props: &OngoingProps) -> Html {
    let dispatch = use_dispatch();
    let past = &props.past;
    let now = past.now;
    // Restarts end by themselves.
    let running = |event: &LoggedEvent| match &event.action {
        SimulatedAction::Start(choice) if choice.kind != ActionKind::RestartContainer => {
            event.lasts_at(now).then(|| (event.clone(), choice.clone()))
        }
        _ => None,
    };
    let ongoing: Vec<_> = past.events.iter().filter_map(running).collect();
    if ongoing.is_empty() {
        return html! {};
    }
    html! {
        <div class="ongoing">
            <h3>{ "Ongoing" }</h3>
            <ul>
                { for ongoing.into_iter().map(|(event, choice)| {
                    let left = match event.until {
                        Some(UNTIL_ENDED) | None => "until ended".to_owned(),
                        Some(until) => format!("{} left", clock(until - now)),
                    };
                    let (dispatch, end) = (dispatch.clone(), SimulatedAction::End(choice));
                    html! {
                        <li>
                            <span>{ &event.label }</span>
                            <span class="muted">{ left }</span>
                            <span class="sp" />
                            <button type="button" class="small" aria-label={format!("End {}", event.label)}
                                onclick={move |_: MouseEvent| dispatch.emit(Action::Act(end.clone()))}>{ "End now" }</button>
                        </li>
                    }
                }) }
            </ul>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct PaceProps {
    delays: bool,
    running: bool,
}

/// How edits reach the system.
#[component]
fn Pace(props: &PaceProps) -> Html {
    let dispatch = use_dispatch();
    let set = |action: fn(bool) -> Action| {
        let dispatch = dispatch.clone();
        move |event: Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                dispatch.emit(action(input.checked()));
            }
        }
    };
    let (run, delay) = (set(Action::SetRunning), set(Action::SetDelays));
    html! {
        <div class="delays">
            <label>
                <input type="checkbox" checked={props.running} onchange={run} />
                <span>{ "Run the cluster" }</span>
            </label>
            if !props.running {
                <label>
                    <input type="checkbox" checked={props.delays} onchange={delay} />
                    <span>{ "Apply edits with the delays of a cluster" }</span>
                </label>
            }
            <p class="muted">
                if props.running {
                    { "The manifests were applied at 00:00. Pods start, fail and restart in simulated \
                       time, and edits are applied to what runs. The pages show what is there now." }
                } else if props.delays {
                    { "What runs follows an edit step by step: kubelet, reload, discovery, first scrape. \
                       The pages show at once what will be." }
                } else {
                    { "Edits take effect at once." }
                }
            </p>
        </div>
    }
}
