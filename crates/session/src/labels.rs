//! Label sets of the protocol and of the engine.

use promql::Labels;

/// A label set as the protocol has it.
pub fn plain_labels(labels: &Labels) -> protocol::Labels {
    protocol::Labels::from_pairs(labels.iter().map(|label| (&*label.name, &*label.value)))
}

/// A label set as the engine has it.
pub fn engine_labels(labels: &protocol::Labels) -> Labels {
    Labels::from_pairs(labels.iter())
}
