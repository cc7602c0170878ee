//! The running cluster: the choice between it and what the text leads to, the objects that run, and
//! the newest Events.

use yew::prelude::*;

use super::class;
use crate::app::use_dispatch;
use crate::state::Action;
use crate::widgets::source_link::SourceLink;
use protocol::pages::cluster::{EventLine, Running, RunningRow};

#[derive(Properties, PartialEq)]
pub struct RunClusterProps {
    pub on: bool,
}

/// The choice between what the text leads to and the running cluster.
#[component]
pub fn RunCluster(props: &RunClusterProps) -> Html {
    let dispatch = use_dispatch();
    let choose = |on: bool| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(Action::SetRunning(on))
    };
    let choice = |on: bool, label: &str| {
        let chosen = props.on == on;
        html! {
            <button type="button" class={classes!("small", chosen.then_some("primary"))}
                aria-pressed={chosen.to_string()} onclick={choose(on)}>{ label.to_owned() }</button>
        }
    };
    let text = if props.on {
        "The cluster runs: all pages show what is in it now. Edits are applied to it, pods start and \
         roll out while time passes."
    } else {
        "All pages show the state that the text leads to."
    };
    html! {
        <div class="run-cluster">
            <div role="group" aria-label="State of the cluster" class="choices">
                { choice(false, "Expected") }
                { choice(true, "Running") }
            </div>
            <p class="muted">{ text }</p>
        </div>
    }
}

/// The running objects and the newest Events.
pub fn running(found: &Running) -> Html {
    html! {
        <>
            if found.lacks_operator {
                <p class="muted">
                    { "The Prometheus Operator does not run in this cluster: its Prometheus is missing \
                       here. Choose Expected to see what the Operator makes of the text." }
                </p>
            }
            <div class="cluster-list" tabindex="0" role="group" aria-label="Running objects">
                <table class="running-table">
                    <caption>{ "Workloads, their ReplicaSets and pods" }</caption>
                    <thead><tr>
                        <th scope="col">{ "Name" }</th>
                        <th scope="col">{ "Ready" }</th>
                        <th scope="col">{ "Status" }</th>
                        <th scope="col">{ "Restarts" }</th>
                        <th scope="col">{ "Age" }</th>
                    </tr></thead>
                    <tbody>{ for found.rows.iter().map(row) }</tbody>
                </table>
                if found.hidden > 0 {
                    <p class="muted">{ format!("{} more are not shown.", found.hidden) }</p>
                }
            </div>
            <details class="cluster-events" open=true>
                <summary>{ "Events, the newest first" }</summary>
                <ol aria-label="Events">{ for found.events.iter().map(event) }</ol>
            </details>
        </>
    }
}

fn row(row: &RunningRow) -> Html {
    let key = format!("{}/{}/{}", row.kind, row.namespace, row.name);
    html! {
        <tr {key} class={class(row.health)}>
            <th scope="row" style={format!("--depth: {}", row.depth)}>
                <span class="kind muted">{ &row.kind }</span>{ " " }
                <SourceLink to={row.at} title={format!("{} in namespace {}", row.name, row.namespace)}>
                    { &row.name }
                </SourceLink>
            </th>
            <td class="num">{ &row.ready }</td>
            <td class="state">{ &row.state }</td>
            <td>{ &row.restarts }</td>
            <td class="num">{ &row.age }</td>
        </tr>
    }
}

fn event(line: &EventLine) -> Html {
    html! {
        <li class={classes!(line.warning.then_some("bad"))}>
            <span class="muted num">{ &line.age }</span>{ " " }
            <strong>{ &line.reason }</strong>
            if line.count > 1 { <span class="muted">{ format!(" ×{}", line.count) }</span> }
            { " " }<span class="mono">{ &line.object }</span>{ ": " }{ &line.message }
        </li>
    }
}
