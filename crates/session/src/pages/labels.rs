//! Labels with their origins, as text and location.

use discovery::Discovered;
use discovery::targets::names::ADDRESS;
use discovery::targets::{Explanation, Provenance};

use promql::Labels;
use protocol::pages::Label;
use schema::ValueSource;
use text::Location;

/// Returns labels with their origins from an explanation; with `before`, their origins before the
/// first rule.
pub fn labels(
    labels: &Labels,
    explanation: &Explanation,
    found: &Discovered,
    before: bool,
) -> Vec<Label> {
    let label = |label: &promql::Label| {
        let known = if before { &explanation.given } else { &explanation.provenance };
        let (origin, source) = match known.get(&label.name) {
            Some(Provenance::Instance) => {
                let address = known.get(ADDRESS).and_then(|from| words(from, found).1);
                ("the address, since nothing else set it".to_owned(), address)
            }
            Some(from) => words(from, found),
            None => (String::new(), None),
        };
        Label { name: label.name.to_string(), value: label.value.to_string(), source, origin }
    };
    labels.iter().map(label).collect()
}

fn words(from: &Provenance, found: &Discovered) -> (String, Option<Location>) {
    match from {
        Provenance::Discovered { mechanism, at } => {
            let role = found.role.map(|role| format!(", role {role}")).unwrap_or_default();
            let how = if at.is_some() { "taken from here by" } else { "made by" };
            (format!("{how} {mechanism}{role}"), *at)
        }
        Provenance::Job(ValueSource::Default | ValueSource::Computed(_)) => {
            ("default of the job's setting".into(), None)
        }
        Provenance::Job(ValueSource::Written(at)) => ("setting of the job".into(), Some(*at)),
        Provenance::Job(ValueSource::Inherited { at, .. }) => {
            ("inherited from the global setting".into(), Some(*at))
        }
        Provenance::Rule { index, at } => {
            (format!("rule {} of relabel_configs", index + 1), Some(*at))
        }
        Provenance::Instance => (String::new(), None),
    }
}
