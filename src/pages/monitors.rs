//! Monitors: the gates between the monitors of the Prometheus Operator and their targets.

use yew::prelude::*;

use crate::state::Shared;
use crate::widgets::inline_code::inline_code;
use crate::widgets::source_link::SourceLink;
use protocol::View;
use protocol::pages::monitors::{Gate, Monitor};

#[derive(Properties, PartialEq)]
pub struct MonitorsProps {
    pub view: Shared<View>,
}

#[component]
pub fn Monitors(props: &MonitorsProps) -> Html {
    let View::Monitors(view) = &*props.view else { return Html::default() };
    let passing = view.monitors.iter().filter(|monitor| monitor.passes).count();
    let servers = match view.servers.as_slice() {
        [] => "no Prometheus object".to_owned(),
        servers => format!("Prometheus {}", servers.join(", ")),
    };
    html! {
        <>
            <div class="title">
                <h2>{ "Monitors" }</h2>
                if view.note.is_empty() {
                    <span class="muted">
                        { format!("{passing} of {} pass every gate of {servers}", view.monitors.len()) }
                    </span>
                }
            </div>
            if !view.note.is_empty() {
                <div class="empty"><p>{ &view.note }</p></div>
            }
            <ul class="monitors">{ for view.monitors.iter().map(one) }</ul>
            if view.more > 0 {
                <p class="muted">{ format!("{} more are not shown.", view.more) }</p>
            }
        </>
    }
}

fn one(monitor: &Monitor) -> Html {
    let Monitor { kind, namespace, name, .. } = monitor;
    let (class, state) = match (monitor.passes, monitor.gates.last()) {
        (true, _) => ("st up", "passes"),
        (false, Some(gate)) if gate.passed > 0 => ("st", "passes the Operator"),
        (false, Some(gate)) if gate.waiting > 0 => ("st", "not scraped yet"),
        (false, _) => ("st down", "stopped"),
    };
    html! {
        <li key={format!("{kind} {namespace}/{name}")} class="card monitor">
            <div class="h">
                <SourceLink to={monitor.location}><b>{ format!("{kind} {namespace}/{name}") }</b></SourceLink>
                <span {class}>{ state }</span>
                <span class="sp" />
                if !monitor.server.is_empty() {
                    <span class="muted">{ format!("Prometheus {}", monitor.server) }</span>
                }
            </div>
            if monitor.gates.is_empty() {
                <p class="muted">{ "No Prometheus object is there to take it." }</p>
            } else {
                <ol class="gates">{ for monitor.gates.iter().map(gate) }</ol>
            }
        </li>
    }
}

fn gate(gate: &Gate) -> Html {
    let (class, mark) = match (gate.passed, gate.passed < gate.of) {
        (0, _) if gate.waiting > 0 => ("gate partly", "…"),
        (0, _) => ("gate stops", "✕"),
        (_, true) => ("gate partly", "◐"),
        _ => ("gate", "✓"),
    };
    html! {
        <li {class}>
            <span aria-hidden="true">{ mark }</span>
            <span class="gate-name">{ &gate.name }</span>
            <span class="gate-count">{ format!("{}/{} {}", gate.passed, gate.of, gate.counted) }</span>
            if !gate.reason.is_empty() {
                <span class="gate-reason">{ inline_code(&gate.reason) }</span>
            }
        </li>
    }
}
