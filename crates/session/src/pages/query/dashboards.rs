//! Queries of the Grafana dashboards in the workspace.

use crate::workspace::sources::Sources;
use protocol::pages::query::DashboardQuery;
use yaml::Node;

/// The most queries that are listed, and the most panels of panels.
const MOST: usize = 200;
const DEEPEST: usize = 4;

/// Returns the expressions of all panels.
pub fn queries(sources: &Sources) -> Vec<DashboardQuery> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.is_dashboard()) {
        let Some(root) = source.parsed.root() else { continue };
        let title = text(root, "title").unwrap_or_else(|| source.name.clone());
        add_panels(root, &title, 0, &mut found);
    }
    found
}

fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key)?.text().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Rows have panels of their own.
fn add_panels(node: &Node, dashboard: &str, depth: usize, found: &mut Vec<DashboardQuery>) {
    if depth > DEEPEST {
        return;
    }
    let rows = node.get("rows").map_or(&[][..], Node::items);
    let panels = node.get("panels").map_or(&[][..], Node::items);
    for panel in rows.iter().chain(panels) {
        let title = text(panel, "title").unwrap_or_else(|| "panel without a title".to_owned());
        for target in panel.get("targets").map_or(&[][..], Node::items) {
            let Some(expr) = text(target, "expr") else { continue };
            if found.len() >= MOST {
                return;
            }
            found.push(DashboardQuery { title: format!("{dashboard}: {title}"), expr });
        }
        add_panels(panel, dashboard, depth + 1, found);
    }
}
