//! Workspaces for the tests of this crate.

use protocol::Workspace;

/// The files of a scenario as it opens.
pub fn workspace(scenario: &str) -> Workspace {
    let scenario = scenarios::scenario(scenario).expect("a scenario of this name");
    Workspace::from_files(scenario.name, scenario.texts(), 1)
}
