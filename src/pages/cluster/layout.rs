//! The layout of the cluster drawing in three columns: services, pods, and the objects that pods
//! use. Roles are below their ServiceAccount.

use protocol::pages::cluster::{Edge, Graph, Node};

pub const WIDTH: f64 = 202.0;
pub const GAP: f64 = 46.0;
pub const LINE: f64 = 15.0;
/// The maximum number of lines in a card. The table contains all lines.
pub const LINES: usize = 5;
/// Space at the sides for edges within the outer columns.
pub const GUTTER: f64 = 11.0;
const COLUMNS: [&str; 3] = ["Services", "Pods", "Used by pods"];
const PODS: usize = 1;
const TOP: f64 = 30.0;
const BETWEEN: f64 = 14.0;

/// The position of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NodePosition {
    pub x: f64,
    pub y: f64,
    pub height: f64,
}

#[derive(Debug, Default, PartialEq)]
pub struct Layout {
    /// Positions in the order of the nodes.
    pub places: Vec<NodePosition>,
    pub width: f64,
    pub height: f64,
    /// The left edge and the title of each column that is not empty.
    pub columns: Vec<(f64, &'static str)>,
}

/// Computes the layout. Pods keep their order. Other objects are placed beside their first pod, so
/// that edges are short and few of them cross.
pub fn layout(graph: &Graph) -> Layout {
    let mut layout =
        Layout { places: vec![NodePosition::default(); graph.nodes.len()], ..Layout::default() };
    let present = |column: usize| graph.nodes.iter().any(|node| drawn_column(node) == column);
    let leads_down = |edge: &Edge| {
        let from = graph.nodes.get(edge.from as usize);
        within_column(graph, edge) && from.is_some_and(|node| drawn_column(node) == 0)
    };
    let mut x = if graph.edges.iter().any(leads_down) { GUTTER } else { 1.0 };
    let mut left = [0.0; COLUMNS.len()];
    for (column, (title, left)) in COLUMNS.iter().zip(&mut left).enumerate() {
        if present(column) {
            *left = x;
            layout.columns.push((x, *title));
            x += WIDTH + GAP;
        }
    }
    layout.width = x - GAP + GUTTER;
    for column in [PODS, 0, 2] {
        let mut y = TOP;
        for at in order(graph, column) {
            let Some(node) = graph.nodes.get(at) else { continue };
            let beside = first_pod(graph, at).and_then(|pod| layout.places.get(pod));
            let beside = beside.filter(|_| column != PODS).map_or(TOP, |pod| pod.y);
            y = y.max(beside);
            let own = height(node);
            let x = left.get(column).copied().unwrap_or_default();
            if let Some(place) = layout.places.get_mut(at) {
                *place = NodePosition { x, y, height: own };
            }
            y += own + BETWEEN;
        }
        layout.height = layout.height.max(y);
    }
    layout
}

/// Returns the column in the drawing. Bindings and roles have a separate column in the graph but
/// not in the drawing.
fn drawn_column(node: &Node) -> usize {
    usize::from(node.column).min(COLUMNS.len() - 1)
}

/// Returns true if both ends of an edge are in the same column.
pub fn within_column(graph: &Graph, edge: &Edge) -> bool {
    let column = |at: u32| graph.nodes.get(at as usize).map(drawn_column);
    column(edge.from) == column(edge.to)
}

fn height(node: &Node) -> f64 {
    let lines = node.lines.len().min(LINES + 1) + usize::from(!node.state.is_empty());
    42.0 + LINE * lines as f64
}

/// Returns the first pod that is connected to a node. For an Ingress, it is the first pod of its
/// Service.
fn first_pod(graph: &Graph, at: usize) -> Option<usize> {
    let is_pod = |at: &usize| graph.nodes.get(*at).is_some_and(|node| drawn_column(node) == PODS);
    let across = |at: usize| {
        let ends = graph.edges.iter().filter_map(move |edge| {
            let (from, to) = (edge.from as usize, edge.to as usize);
            if from == at { Some(to) } else { (to == at).then_some(from) }
        });
        ends.filter(is_pod).min()
    };
    let below = graph.edges.iter().filter(|edge| edge.from as usize == at);
    across(at).or_else(|| below.filter_map(|edge| across(edge.to as usize)).min())
}

/// Returns the nodes of a column from top to bottom, ordered by their first pods. A node is
/// followed by the nodes that it refers to within the column.
fn order(graph: &Graph, column: usize) -> Vec<usize> {
    let members = || {
        let numbered = graph.nodes.iter().enumerate();
        numbered.filter(move |(_, node)| drawn_column(node) == column).map(|(at, _)| at)
    };
    if column == PODS {
        return members().collect();
    }
    let below = |at: usize| {
        let own = graph.edges.iter().filter(move |edge| edge.from as usize == at);
        own.filter(|edge| within_column(graph, edge)).map(|edge| edge.to as usize)
    };
    let mut tops: Vec<usize> = members()
        .filter(|at| {
            let to_it = graph.edges.iter().filter(|edge| edge.to as usize == *at);
            !to_it.into_iter().any(|edge| within_column(graph, edge))
        })
        .collect();
    tops.sort_by_key(|at| first_pod(graph, *at).unwrap_or(usize::MAX));
    let mut ordered = Vec::new();
    let mut open: Vec<usize> = tops.into_iter().rev().collect();
    while let Some(at) = open.pop() {
        if ordered.contains(&at) {
            continue;
        }
        ordered.push(at);
        let mut children: Vec<usize> = below(at).collect();
        children.reverse();
        open.extend(children);
    }
    // The members of a cycle have no first node; they are appended.
    let missing: Vec<usize> = members().filter(|at| !ordered.contains(at)).collect();
    ordered.extend(missing);
    ordered
}
