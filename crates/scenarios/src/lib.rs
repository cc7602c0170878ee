//! The systems that can be opened: their files, what their containers answer, and what may happen
//! to them. They are written in `static/scenarios` and read while building.

/// A system that opens with one click.
#[derive(Debug)]
pub struct Scenario {
    /// The folder's name; it stays the same when the title changes.
    pub name: &'static str,
    pub title: &'static str,
    pub summary: &'static str,
    /// The namespace of objects that name none.
    pub namespace: &'static str,
    /// They come later than the page in a release build, but for the scenario that opens first.
    pub files: fn() -> &'static [ScenarioFile],
    /// The file that is open first.
    pub open: &'static str,
    /// The view that is open first: `explain`, `cluster`, `targets`, …
    pub view: &'static str,
    /// The query to begin with.
    pub query: &'static str,
    /// Queries whose graphs are shown in small beside the targets.
    pub watch: &'static [&'static str],
    pub workloads: &'static [WorkloadRule],
    pub events: &'static [ScenarioEvent],
}

#[derive(Debug)]
pub struct ScenarioFile {
    pub name: &'static str,
    pub text: &'static str,
}

/// What containers with an image answer on a port.
#[derive(Debug)]
pub struct WorkloadRule {
    /// Without tag.
    pub image: &'static str,
    pub port: i32,
    /// The name of a ready-made workload. Empty where the port answers, but with no metrics.
    pub workload: &'static str,
    /// Where the workload's metrics are; every other path is 404.
    pub path: &'static str,
    /// The HTTP status of [`WorkloadRule::path`].
    pub status: u16,
    /// The image has a program for this port, but as it is configured here it does not listen.
    pub closed: bool,
    /// Why there is no success, for people.
    pub reason: &'static str,
}

/// A button that does something to the system.
#[derive(Debug)]
pub struct ScenarioEvent {
    pub label: &'static str,
    pub help: &'static str,
    pub image: &'static str,
    pub port: i32,
    /// The name of one of the workload's actions.
    pub action: &'static str,
    /// How often it is done at once.
    pub times: u32,
}

include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));

/// The scenario of a name.
pub fn scenario(name: &str) -> Option<&'static Scenario> {
    SCENARIOS.iter().find(|scenario| scenario.name == name)
}

impl Scenario {
    /// Names and texts of the files.
    pub fn texts(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        (self.files)().iter().map(|file| (file.name, file.text))
    }

    pub fn file(&self, name: &str) -> Option<&'static ScenarioFile> {
        (self.files)().iter().find(|file| file.name == name)
    }
}

impl WorkloadRule {
    /// Whether the rule speaks of a container with this image.
    pub fn is_for(&self, image: &str, port: i32) -> bool {
        port == self.port && image_name(image) == self.image
    }
}

/// An image without tag and digest: `prom/prometheus` of `prom/prometheus:v3.14.0`.
pub fn image_name(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        // A colon before the last slash belongs to the registry's port.
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
                let used =
                    |file: &ScenarioFile| file.text.contains(&says) || file.text.contains(&quoted);
                assert!(
                    (scenario.files)().iter().any(used),
                    "{name}: no container has {}",
                    rule.image
                );
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
