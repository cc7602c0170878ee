//! What a field means where it stands: the value in force with its source, what follows from it,
//! and what could be written.

mod consequences;
mod labels;
mod suggest;

use go::Duration;
use schema::{
    CompletionRequest, Effective, EffectiveOrigin, Hooks, PathSegment, Suggestion, Type, TypedNode,
};
use text::Location;
use yaml::Node;

pub use labels::{KnownLabel, labels_before, of_target};

use super::Notations;
use super::config::{Config, ScrapeConfig, Source};
use super::values::size;
use schema::Section;

/// Answers of this room to the schema walk. Without a configuration it knows notations only.
#[derive(Clone, Copy, Default)]
pub struct PrometheusHooks<'a> {
    pub config: Option<&'a Config>,
}

impl<'a> PrometheusHooks<'a> {
    pub fn new(config: &'a Config) -> Self {
        Self { config: Some(config) }
    }

    /// The job that a place is in, as written and as decoded.
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

    fn effective(&self, place: &TypedNode<'_, '_>) -> Option<Effective> {
        let key = place.field?.key;
        if place.records.last().is_some_and(|record| record.name == "scrape_config") {
            let (_, job) = self.job(place)?;
            let (text, source) = setting_text(job, key)?;
            return Some(Effective { text, origin: origin(source, key) });
        }
        if place.field.is_some_and(|field| field.secret) && place.node.text().is_some() {
            let at = place.subject.location(place.node.written_span());
            return Some(Effective {
                text: "<secret>".to_owned(),
                origin: EffectiveOrigin::Written(at),
            });
        }
        None
    }

    fn consequences(&self, place: &TypedNode<'_, '_>) -> Vec<String> {
        consequences::of(self, place)
    }

    fn placeholder(&self, place: &TypedNode<'_, '_>, name: &str) -> Option<String> {
        // A limit of zero is none, and a note with a number would be wrong.
        (name == "value" && is_unlimited(place)).then(|| "any number of".to_owned())
    }

    fn suggest(&self, wanted: &CompletionRequest<'_>) -> Vec<Suggestion> {
        suggest::of(wanted)
    }
}

fn is_unlimited(place: &TypedNode<'_, '_>) -> bool {
    place.field.is_some_and(|field| field.key.ends_with("_limit")) && place.node.text() == Some("0")
}

/// The value in force of a job's setting that depends on `global`.
fn setting_text(job: &ScrapeConfig, key: &str) -> Option<(String, Source)> {
    let limit =
        |setting: &super::config::Setting<u64>| Some((setting.value.to_string(), setting.source));
    let switch =
        |setting: &super::config::Setting<bool>| Some((setting.value.to_string(), setting.source));
    match key {
        "scrape_interval" => {
            Some((job.scrape_interval.value.to_string(), job.scrape_interval.source))
        }
        "scrape_timeout" => Some((job.scrape_timeout.value.to_string(), job.scrape_timeout.source)),
        "scrape_protocols" => {
            let list: Vec<&str> = job.scrape_protocols.value.iter().map(|one| &**one).collect();
            Some((format!("[{}]", list.join(", ")), job.scrape_protocols.source))
        }
        "body_size_limit" => {
            let bytes = i64::try_from(job.body_size_limit.value).unwrap_or(i64::MAX);
            Some((size::print(bytes), job.body_size_limit.source))
        }
        "sample_limit" => limit(&job.sample_limit),
        "target_limit" => limit(&job.target_limit),
        "label_limit" => limit(&job.label_limit),
        "label_name_length_limit" => limit(&job.label_name_length_limit),
        "label_value_length_limit" => limit(&job.label_value_length_limit),
        "keep_dropped_targets" => limit(&job.keep_dropped_targets),
        "scrape_native_histograms" => switch(&job.scrape_native_histograms),
        "always_scrape_classic_histograms" => switch(&job.always_scrape_classic_histograms),
        "convert_classic_histograms_to_nhcb" => switch(&job.convert_classic_histograms_to_nhcb),
        "extra_scrape_metrics" => switch(&job.extra_scrape_metrics),
        "metric_name_validation_scheme" => {
            let scheme = &job.metric_name_validation_scheme;
            Some((scheme.value.to_string(), scheme.source))
        }
        "metric_name_escaping_scheme" => {
            let scheme = &job.metric_name_escaping_scheme;
            Some((scheme.value.to_string(), scheme.source))
        }
        _ => None,
    }
}

fn origin(source: Source, key: &str) -> EffectiveOrigin {
    match source {
        Source::Default => EffectiveOrigin::Default,
        Source::Written(at) => EffectiveOrigin::Written(at),
        Source::Inherited(at) => {
            EffectiveOrigin::Inherited { path: format!("global.{key}"), at: Some(at) }
        }
    }
}

/// A job's settings that it does not write itself, with the value in force: what "1m, from global,
/// line 3" is made of.
pub fn unwritten_settings(job: &ScrapeConfig) -> Vec<(&'static str, Effective)> {
    ["scrape_interval", "scrape_timeout", "scrape_protocols", "sample_limit", "body_size_limit"]
        .into_iter()
        .filter_map(|key| {
            let (text, source) = setting_text(job, key)?;
            (!matches!(source, Source::Written(_)))
                .then(|| (key, Effective { text, origin: origin(source, key) }))
        })
        .collect()
}

/// A duration that reads well in a sentence.
fn spoken(duration: Duration) -> String {
    duration.to_string()
}

/// The text of a scalar, empty for anything else.
fn text(node: &Node) -> &str {
    node.text().unwrap_or_default()
}

#[cfg(test)]
mod tests;
