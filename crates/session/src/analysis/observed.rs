//! The state of a running cluster, as an input of an analysis.

use std::collections::BTreeMap;
use std::sync::Arc;

use kubernetes::controllers::ClusterState;
use kubernetes::objects::Text;
use promql::Timestamp;

/// The state of a running cluster, as an input of an analysis. Two are equal if they are the same.
#[derive(Clone, Debug)]
pub struct ObservedCluster {
    pub state: Arc<ClusterState>,
    /// The start of each running container by `namespace/pod/container`, in milliseconds since the
    /// epoch.
    pub started: Arc<BTreeMap<String, Timestamp>>,
    /// The pod of the server that scrapes.
    pub scraping: Option<Text>,
}

impl PartialEq for ObservedCluster {
    fn eq(&self, other: &Self) -> bool {
        // The starts are those of the state.
        Arc::ptr_eq(&self.state, &other.state) && self.scraping == other.scraping
    }
}
