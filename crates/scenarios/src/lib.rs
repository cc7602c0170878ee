//! Scenarios: files, workloads of containers, and events. They are embedded from `static/scenarios`
//! at build time.

/// A scenario.
#[derive(Debug)]
pub struct Scenario {
    /// The folder name, a stable identifier.
    pub name: &'static str,
    pub title: &'static str,
    pub summary: &'static str,
    /// The namespace of objects without one.
    pub namespace: &'static str,
    /// The files, in the order of the tabs.
    pub files: &'static [ScenarioFile],
    /// The file that is open at the start.
    pub open: &'static str,
    /// The view that is open at the start: `explain`, `cluster`, `targets`, …
    pub view: &'static str,
    /// The initial query.
    pub query: &'static str,
    /// Queries with small graphs beside the targets.
    pub watch: &'static [&'static str],
    pub workloads: &'static [WorkloadRule],
    pub events: &'static [ScenarioEvent],
}

#[derive(Debug)]
pub struct ScenarioFile {
    pub name: &'static str,
    pub text: &'static str,
}

/// The answers of containers with an image on a port.
#[derive(Debug)]
pub struct WorkloadRule {
    /// The image name without tag.
    pub image: &'static str,
    pub port: i32,
    /// The name of a built-in workload; empty if the port has no metrics.
    pub workload: &'static str,
    /// The metrics path; other paths are answered with 404.
    pub path: &'static str,
    /// The HTTP status of [`WorkloadRule::path`].
    pub status: u16,
    /// The environment variable with the host names that the program answers to: requests for other
    /// hosts get [`WorkloadRule::status`]. Empty if the program answers to all.
    pub hosts: &'static str,
    /// True if the program does not listen on the port in its configuration.
    pub closed: bool,
    /// The reason of a failure, as text.
    pub reason: &'static str,
}

/// A button that triggers an action.
#[derive(Debug)]
pub struct ScenarioEvent {
    pub label: &'static str,
    pub help: &'static str,
    pub image: &'static str,
    pub port: i32,
    /// The name of an action of the workload.
    pub action: &'static str,
    /// The number of times that the action is performed.
    pub times: u32,
}

include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));

/// Returns the scenario with a name.
pub fn scenario(name: &str) -> Option<&'static Scenario> {
    SCENARIOS.iter().find(|scenario| scenario.name == name)
}

impl Scenario {
    /// Names and texts of the files.
    pub fn texts(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.files.iter().map(|file| (file.name, file.text))
    }

    pub fn file(&self, name: &str) -> Option<&'static ScenarioFile> {
        self.files.iter().find(|file| file.name == name)
    }
}

impl WorkloadRule {
    /// Returns true if the rule applies to a container.
    pub fn is_for(&self, image: &str, port: i32) -> bool {
        port == self.port && image_name(image) == self.image
    }
}

/// Returns the image without tag and digest: `prom/prometheus` for `prom/prometheus:v3.14.0`.
pub fn image_name(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        // A colon before the last slash belongs to the registry port.
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_lose_tag_and_digest() {
        for (image, name) in [
            ("prom/prometheus:v3.14.0", "prom/prometheus"),
            ("registry:5000/a/b", "registry:5000/a/b"),
            ("registry:5000/a/b:1@sha256:00", "registry:5000/a/b"),
            ("nginx", "nginx"),
        ] {
            assert_eq!(image_name(image), name);
        }
    }

    #[test]
    fn scenarios_hang_together() {
        assert!(!SCENARIOS.is_empty());
        for scenario in SCENARIOS {
            let name = scenario.name;
            assert!(scenario.file(scenario.open).is_some(), "{name} opens a file it has not");
            assert!(!scenario.title.is_empty() && !scenario.summary.is_empty(), "{name}");
            for rule in scenario.workloads {
                let says = format!("image: {}", rule.image);
                let quoted = format!("image: \"{}", rule.image);
                // The values of a chart name the image without its tag.
                let of_values = format!("repository: {}\n", rule.image);
                let ways = [&says, &quoted, &of_values];
                let used = |file: &ScenarioFile| ways.iter().any(|way| file.text.contains(*way));
                // The Operator makes containers that no file names.
                let generated = |file: &ScenarioFile| file.text.contains("monitoring.coreos.com");
                let is_used = scenario.files.iter().any(|file| used(file) || generated(file));
                assert!(is_used, "{name}: no container has {}", rule.image);
                assert!(!rule.workload.is_empty() || rule.status != 200 || rule.closed, "{name}");
                assert!(rule.status == 200 && !rule.closed || !rule.reason.is_empty(), "{name}");
            }
            for event in scenario.events {
                let known =
                    |rule: &WorkloadRule| rule.image == event.image && rule.port == event.port;
                assert!(scenario.workloads.iter().any(known), "{name}: {}", event.label);
            }
        }
    }
}
