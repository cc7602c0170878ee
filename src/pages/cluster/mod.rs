//! Cluster: the objects after all controllers have run and the connections between them, as a
//! drawing and as a table for keyboards and screen readers.

mod layout;
mod running;

use yew::prelude::*;

use self::layout::{GAP, GUTTER, LINE, LINES, Layout, NodePosition, WIDTH, layout, within_column};
use self::running::{RunCluster, running};
use crate::app::use_dispatch;
use crate::state::{Action, Shared};
use crate::widgets::source_link::SourceLink;
use protocol::View;
use protocol::pages::cluster::{Edge, Graph, Health, Node};
use protocol::pages::cluster::{PodReport, Refused};

#[derive(Properties, PartialEq)]
pub struct ClusterProps {
    pub view: Shared<View>,
}

#[component]
pub fn Cluster(props: &ClusterProps) -> Html {
    let dispatch = use_dispatch();
    let View::Cluster(view) = &*props.view else { return Html::default() };
    let graph = &view.graph;
    if graph.nodes.is_empty() && view.refused.is_empty() {
        return html! {
            <div class="empty">
                <h2>{ "No objects" }</h2>
                <p>{ "Open a file with Kubernetes manifests to see the resulting objects." }</p>
            </div>
        };
    }
    let bad = graph.nodes.iter().filter(|node| node.health == Health::Bad).count();
    html! {
        <>
            <div class="title">
                <h2>{ "Cluster" }</h2>
                <span class="muted">{ if view.running.is_some() { "objects in the API server now" } else { "objects in the API server and their connections" } }</span>
                <span class="sp" />
                <span class="muted">{ format!("{} objects, {bad} in trouble", graph.nodes.len() as u32 + graph.hidden) }</span>
            </div>
            <RunCluster on={view.running.is_some()} />
            { refused(&view.refused) }
            if let Some(found) = &view.running { { running(found) } }
            { for view.failing_pods.iter().map(trouble) }
            if graph.nodes.is_empty() {
                <p class="muted">{ "The API server stores no object of these files." }</p>
            } else {
                <div class="cluster-picture" tabindex="0" role="group" aria-label="Drawing of the cluster; the table below contains the same information">{ picture(graph, &Callback::from(move |action| dispatch.emit(action))) }</div>
                { table(graph) }
            }
        </>
    }
}

/// Objects that the API server refuses. Those that are stored stay as they were.
pub fn refused(objects: &[Refused]) -> Html {
    if objects.is_empty() {
        return Html::default();
    }
    let says = match (objects.iter().any(|one| one.stays), objects.iter().all(|one| one.stays)) {
        (_, true) => "The stored objects stay as they were. The pages show the system with them.",
        (true, false) => {
            "Objects that are stored stay as they were. The others are in the files, but not in the cluster."
        }
        (false, false) => {
            "These objects are in the files, but not in the cluster. The other pages show the system without them."
        }
    };
    html! {
        <section class="card bad" aria-labelledby="refused">
            <div class="h"><h3 id="refused">{ "Refused by the API server" }</h3></div>
            <div class="b">
                <p class="muted">{ says }</p>
                { for objects.iter().map(|one| html! {
                    <div>
                        <p class="mono">
                            { &one.object }{ " " }
                            if one.at.is_some() { <SourceLink to={one.at}>{ "show source" }</SourceLink> }
                            if one.stays { <span class="muted">{ "stays as it was" }</span> }
                        </p>
                        <pre class="text" tabindex="0" aria-label={format!("Message about {}", one.object)}>{ &one.message }</pre>
                    </div>
                }) }
            </div>
        </section>
    }
}

/// A pod that does not run, in the words of kubectl.
fn trouble(found: &PodReport) -> Html {
    let block = |title: &str, lines: &[String]| {
        if lines.is_empty() {
            return Html::default();
        }
        html! {
            <div>
                <p class="muted mono">{ title }</p>
                <pre class="text" tabindex="0" aria-label={title.to_owned()}>{ lines.join("\n") }</pre>
            </div>
        }
    };
    html! {
        <section class="card bad" aria-label={found.pod.clone()}>
            <div class="h">
                <h3 class="mono">{ &found.pod }</h3>
                <span class="st down">{ &found.status }</span>
                <span class="sp" />
                <SourceLink to={found.at}>{ "show source" }</SourceLink>
            </div>
            <div class="b">
                <p>{ &found.cause }</p>
                { block("kubectl describe pod: Events", &found.events) }
                { block("kubectl logs", &found.logs) }
            </div>
        </section>
    }
}

fn picture(graph: &Graph, dispatch: &Callback<Action>) -> Html {
    let layout = layout(graph);
    let labels = graph.nodes.len() <= 30;
    let size = (layout.width.to_string(), layout.height.to_string());
    html! {
        // The table below contains the same information for screen readers.
        <svg class="cluster" style={format!("--natural: {}px", size.0)} width={size.0.clone()} height={size.1.clone()}
            viewBox={format!("0 0 {} {}", size.0, size.1)} aria-hidden="true">
            { for layout.columns.iter().map(|(x, title)| html! {
                <text class="column" x={x.to_string()} y="14">{ *title }</text>
            }) }
            { for graph.edges.iter().enumerate().map(|(at, edge)| {
                if within_column(graph, edge) {
                    return bracket(edge, &layout);
                }
                // Edges from one node share their first section, so that only one of them has a
                // label.
                let is_first = at == 0 || graph.edges.get(at - 1).is_none_or(|other| other.from != edge.from);
                line(edge, &layout, labels && is_first)
            }) }
            { for graph.nodes.iter().zip(&layout.places).map(|(node, place)| card(node, *place, dispatch)) }
        </svg>
    }
}

/// Returns the label of an edge: ports that differ, if the label is short. The tooltip and the
/// table contain the complete label.
fn short(label: &str) -> Option<String> {
    let (from, to) = label.split_once(" → ")?;
    let short = format!("{from}→{to}");
    (from != to && short.chars().count() <= 7).then_some(short)
}

fn ends(edge: &Edge, layout: &Layout) -> Option<(NodePosition, NodePosition)> {
    let place = |at: u32| layout.places.get(at as usize).copied();
    Some((place(edge.from)?, place(edge.to)?))
}

fn line(edge: &Edge, layout: &Layout, labels: bool) -> Html {
    let Some((from, to)) = ends(edge, layout) else { return Html::default() };
    let (x1, y1) = (from.x + WIDTH, from.y + 20.0);
    let (x2, y2) = (to.x, to.y + 20.0);
    let bend = ((x2 - x1) / 2.0).max(GAP / 2.0);
    let path = format!("M{x1} {y1} C{} {y1} {} {y2} {x2} {y2}", x1 + bend, x2 - bend);
    html! {
        <g class={classes!("edge", class(edge.health))}>
            <path d={path}><title>{ &edge.label }</title></path>
            if let Some(label) = short(&edge.label).filter(|_| labels) {
                <text x={((x1 + x2) / 2.0).to_string()} y={(y1 - 5.0).to_string()}>{ label }</text>
            }
        </g>
    }
}

/// An edge within a column, drawn around its outer side.
fn bracket(edge: &Edge, layout: &Layout) -> Html {
    let Some((from, to)) = ends(edge, layout) else { return Html::default() };
    let (y1, y2) = (from.y + from.height - 14.0, to.y + 20.0);
    let is_first_column = layout.columns.first().is_some_and(|(x, _)| *x == from.x);
    let (x, side) = match is_first_column {
        true => (from.x, 1.5 - GUTTER),
        false => (from.x + WIDTH, GUTTER - 1.5),
    };
    let path = format!("M{x} {y1} h{side} V{y2} H{x}");
    html! {
        <g class={classes!("edge", class(edge.health))}>
            <path d={path}><title>{ &edge.label }</title></path>
        </g>
    }
}

fn card(node: &Node, place: NodePosition, dispatch: &Callback<Action>) -> Html {
    let NodePosition { x, y, height } = place;
    let act = |action: Option<Action>| {
        let dispatch = dispatch.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(action) = action.clone() {
                dispatch.emit(action);
            }
        })
    };
    let at = |dy: f64| ((x + 12.0).to_string(), (y + dy).to_string());
    let (kind, name) = (at(16.0), at(33.0));
    let mut below = 48.0;
    let mut rows: Vec<Html> = Vec::new();
    let mut row = |text: &str, class: Classes| {
        let (x, y) = at(below);
        below += LINE;
        // The port of a container is at the end of its line; the start of other lines is more
        // important.
        let text = if node.kind == "Pod" { cut(text, 27) } else { cut_end(text, 27) };
        rows.push(html! { <text class={class} x={x} y={y}>{ text }</text> });
    };
    if !node.state.is_empty() {
        row(&node.state, classes!("state"));
    }
    for line in node.lines.iter().take(LINES) {
        row(&line.text, classes!("part", class(line.health)));
    }
    if node.lines.len() > LINES {
        let more = node.lines.len() - LINES + node.hidden as usize;
        row(&format!("… {more} more"), classes!("part"));
    }
    let show = act(node.at.map(Action::ShowOrigin));
    let point = act(node.at.map(|at| Action::Highlight(Some(at))));
    let leave = act(Some(Action::Highlight(None)));
    html! {
        <g class={classes!("node", class(node.health), node.at.is_some().then_some("link"), node.prometheus.then_some("own"))}
            onclick={show} onmouseenter={point} onmouseleave={leave}>
            <title>{ node.reason.clone().unwrap_or_else(|| format!("{} {}", node.kind, full_name(node))) }</title>
            <rect x={x.to_string()} y={y.to_string()} width={WIDTH.to_string()} height={height.to_string()} rx="8" />
            <rect class="bar" x={x.to_string()} y={y.to_string()} width="4" height={height.to_string()} rx="2" />
            <text class="kind" x={kind.0} y={kind.1}>{ &node.kind }</text>
            <text class="name" x={name.0} y={name.1}>{ cut(&node.name, 22) }</text>
            { for rows }
        </g>
    }
}

fn full_name(node: &Node) -> String {
    if node.namespace.is_empty() {
        node.name.clone()
    } else {
        format!("{}/{}", node.namespace, node.name)
    }
}

/// Shortens a text in the middle, because names of pods differ at their ends.
fn cut(text: &str, most: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= most {
        return text.to_owned();
    }
    let (head, tail) = ((most - 1) / 2, most / 2);
    let mut short: String = chars.iter().take(head).collect();
    short.push('…');
    short.extend(chars.iter().skip(chars.len() - tail));
    short
}

fn cut_end(text: &str, most: usize) -> String {
    let mut chars = text.chars();
    let mut short: String = chars.by_ref().take(most).collect();
    if chars.next().is_some() {
        short.pop();
        short.push('…');
    }
    short
}

pub(super) const fn class(health: Health) -> &'static str {
    match health {
        Health::Neutral => "neutral",
        Health::Good => "good",
        Health::Waiting => "waiting",
        Health::Bad => "bad",
    }
}

fn table(graph: &Graph) -> Html {
    let ties = |number: usize| -> Vec<String> {
        let number = number as u32;
        let name = |at: u32| {
            graph
                .nodes
                .get(at as usize)
                .map_or(String::new(), |node| format!("{} {}", node.kind, node.name))
        };
        let out = graph.edges.iter().filter(|edge| edge.from == number);
        out.map(|edge| format!("{} ({})", name(edge.to), edge.label)).collect()
    };
    html! {
        <div class="cluster-list">
            <table class="cluster-table">
                <caption>{ "All objects" }</caption>
                <thead><tr>
                    <th scope="col">{ "Object" }</th>
                    <th scope="col">{ "State" }</th>
                    <th scope="col">{ "Parts" }</th>
                    <th scope="col">{ "Leads to" }</th>
                </tr></thead>
                <tbody>
                    { for graph.nodes.iter().enumerate().map(|(number, node)| html! {
                        <tr>
                            <td><span class="muted">{ &node.kind }</span>{ " " }<SourceLink to={node.at}>{ full_name(node) }</SourceLink></td>
                            <td class={class(node.health)}>
                                { &node.state }
                                if let Some(reason) = &node.reason { <div>{ reason }</div> }
                            </td>
                            <td>
                                { for node.lines.iter().map(|line| html! { <div><SourceLink to={line.at}>{ &line.text }</SourceLink></div> }) }
                                if node.hidden > 0 { <div>{ format!("… {} more", node.hidden) }</div> }
                            </td>
                            <td>{ for ties(number).into_iter().map(|text| html! { <div>{ text }</div> }) }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}
