//! Shared test data.

use prometheus::config::{RelabelAction, RelabelConfig};
use text::{FileId, Location, Span};

/// Returns a relabeling rule with the defaults of every field.
pub fn rule(action: RelabelAction) -> RelabelConfig {
    RelabelConfig {
        location: Location::new(FileId(1), Span::new(0, 1)),
        source_labels: Vec::new(),
        separator: ";".into(),
        regex: "(.*)".into(),
        modulus: 0,
        target_label: "".into(),
        replacement: "$1".into(),
        action: Some(action),
    }
}
