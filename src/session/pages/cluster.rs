//! What the cluster holds after all controllers have run, and how its parts reach each other.

use serde::{Deserialize, Serialize};

use crate::kubernetes::graph::{Graph, graph};
use crate::session::Session;

/// What the page wants to see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {}

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub graph: Graph,
}

/// The answer, from what the session knows now.
pub fn view(session: &Session, _question: &Question) -> View {
    View { graph: graph(&session.system.state) }
}
