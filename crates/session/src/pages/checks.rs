//! All checks with their documentation and the number of their findings.

use crate::analysis::codes;
use crate::analysis::version_2;
use crate::world::Snapshot;
use protocol::pages::checks::{Change, Check, Page, Query, View};
use text::IndexSort;

/// The maximum number of listed findings of one code.
const LISTED: usize = 20;

/// Returns the view of the current state.
pub fn view(snapshot: &Snapshot<'_>, query: &Query) -> View {
    let search = query.search.trim().to_lowercase();
    let diagnostics =
        || snapshot.analysis.diagnostics.iter().chain(&snapshot.difference.diagnostics);
    let mut checks: Vec<Check> = codes::all()
        .filter(|code| {
            search.is_empty()
                || code.code.contains(&search)
                || code.title.to_lowercase().contains(&search)
                || query.open.as_deref() == Some(code.code)
        })
        .map(|code| {
            let found = || diagnostics().filter(|found| found.code == code.code);
            let is_open = query.open.as_deref() == Some(code.code);
            Check {
                code: code.code.to_owned(),
                title: code.title.to_owned(),
                found: found().count() as u32,
                first: found().map(|found| found.location).next(),
                silenced: snapshot.workspace.silenced.iter().any(|silenced| silenced == code.code),
                page: is_open.then(|| Page {
                    paragraphs: code.doc.split("\n\n").map(str::to_owned).collect(),
                    example: code.example.trim_end().to_owned(),
                    here: found()
                        .take(LISTED)
                        .map(|found| (found.message.to_string(), found.location))
                        .collect(),
                    changes: changes(snapshot, code.code),
                }),
            }
        })
        .collect();
    checks.index_sort_by(|a, b| (a.found == 0, &a.code).cmp(&(b.found == 0, &b.code)));
    View { query: query.clone(), checks }
}

/// The table of changes of the check of images of version 2. Other checks have none.
fn changes(snapshot: &Snapshot<'_>, code: &str) -> Vec<Change> {
    if code != version_2::VERSION_2 {
        return Vec::new();
    }
    version_2::table(&version_2::Workspace::of(snapshot.analysis))
}
