//! Hooks of the schema walk for the configuration: values in force, consequences and suggestions.

mod consequences;
mod labels;
mod suggest;

use go::Duration;
use schema::{CompletionRequest, Hooks, PathSegment, Root, Suggestion, Type, TypedNode};
use text::Location;
use yaml::Node;

pub use labels::{KnownLabel, labels_before, of_target};

use super::Notations;
use super::config::{Config, ScrapeConfig};
use schema::Section;

/// The hooks for the configuration. Without a configuration they check notations only.
#[derive(Clone, Copy, Default)]
pub struct PrometheusHooks<'a> {
    pub config: Option<&'a Config>,
}

impl<'a> PrometheusHooks<'a> {
    pub fn new(config: &'a Config) -> Self {
        Self { config: Some(config) }
    }

    /// The job around a value, as written and as decoded.
    fn job<'p>(&self, place: &TypedNode<'p, '_>) -> Option<(Section<'p>, &'a ScrapeConfig)> {
        let [PathSegment::Key(list), PathSegment::Index(index), ..] = place.path else {
            return None;
        };
        if &**list != "scrape_configs" {
            return None;
        }
        let node = place.subject.root.get("scrape_configs")?.items().get(*index)?;
        let location = Location::new(place.subject.file, node.written_span());
        let jobs = &self.config?.scrape_configs;
        // Nearly always the job has the place in the list that it has in the text.
        let at_index = jobs.get(*index).filter(|job| job.location == location);
        let typed = at_index.or_else(|| jobs.iter().find(|job| job.location == location))?;
        Some((Section::new(node)?, typed))
    }
}

impl Hooks for PrometheusHooks<'_> {
    fn notation(&self, ty: &Type, text: &str) -> Result<(), String> {
        Notations.notation(ty, text)
    }

    fn root(&self) -> Option<Root<'_>> {
        Some(self.config?.inherited.as_ref()?.root())
    }

    fn consequences(&self, place: &TypedNode<'_, '_>) -> Vec<String> {
        consequences::of(self, place)
    }

    fn placeholder(&self, place: &TypedNode<'_, '_>, name: &str) -> Option<String> {
        // 0 means no limit.
        (name == "value" && is_unlimited(place)).then(|| "unlimited".to_owned())
    }

    fn suggest(&self, wanted: &CompletionRequest<'_>) -> Vec<Suggestion> {
        suggest::of(wanted)
    }
}

/// Returns true for a limit whose value in force is 0, which means no limit.
fn is_unlimited(place: &TypedNode<'_, '_>) -> bool {
    place.field.is_some_and(|field| field.key.ends_with("_limit"))
        && schema::effective(place).is_some_and(|effective| effective.value == "0")
}

/// A duration as it is shown in a sentence.
fn spoken(duration: Duration) -> String {
    duration.to_string()
}

/// The text of a scalar, empty for anything else.
fn text(node: &Node) -> &str {
    node.text().unwrap_or_default()
}

#[cfg(test)]
mod tests;
