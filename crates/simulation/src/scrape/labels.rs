//! Labels of scraped samples.

use std::borrow::Cow;
use std::sync::Arc;
use text::IndexSort;

use promql::{Labels, LabelsBuilder, METRIC_NAME};

const EXPORTED: &str = "exported_";

/// Returns the target labels that are added to a sample. With `honor_labels`, labels that the
/// sample exposes with an empty value are not added.
pub fn target_labels<'a>(target: &'a Labels, empty: &[Arc<str>], honor: bool) -> Cow<'a, Labels> {
    match honor && !empty.is_empty() {
        true => Cow::Owned(target.filtered(|label| !empty.contains(&label.name))),
        false => Cow::Borrowed(target),
    }
}

/// Merges the labels of a sample with those of its target. On conflict the target's label wins and
/// the sample's is renamed to `exported_…`; with `honor_labels` the sample's label wins.
///
/// Source: prometheus scrape/scrape.go `mutateSampleLabels`.
pub fn sample_labels(exposed: &Labels, target: &Labels, honor_labels: bool) -> Labels {
    let mut result = exposed.builder();
    let mut conflicts = Vec::new();
    for label in target {
        match exposed.find(&label.name) {
            Some(_) if honor_labels => continue,
            Some(value) => conflicts.push((&label.name, value)),
            None => {}
        }
        result.set(label.name.clone(), label.value.clone());
    }
    conflicts.index_sort_by_key(|(name, _)| name.len());
    for (name, value) in conflicts {
        let mut name = format!("{EXPORTED}{name}");
        while !result.get(&name).is_empty() {
            name.insert_str(0, EXPORTED);
        }
        result.set(name, value);
    }
    result.build()
}

/// Returns the labels of a report series such as `up`. Conflicting labels are renamed to
/// `exported_…`.
///
/// Source: prometheus scrape/scrape.go `mutateReportSampleLabels`.
pub fn report_labels(name: &str, target: &Labels) -> Labels {
    let mut result = LabelsBuilder::new();
    for label in target {
        result.remove(&format!("{EXPORTED}{}", label.name));
        result.set(label.name.clone(), label.value.clone());
    }
    result.set(METRIC_NAME, name).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conflicts() {
        let target = Labels::from_pairs([("job", "j"), ("instance", "i:1")]);
        for (exposed, honored, joined) in [
            (
                vec![("a", "1")],
                r#"{a="1", instance="i:1", job="j"}"#,
                r#"{a="1", instance="i:1", job="j"}"#,
            ),
            (
                vec![("job", "own")],
                r#"{instance="i:1", job="own"}"#,
                r#"{exported_job="own", instance="i:1", job="j"}"#,
            ),
            (
                vec![("job", "own"), ("exported_job", "x")],
                r#"{exported_job="x", instance="i:1", job="own"}"#,
                r#"{exported_exported_job="own", exported_job="x", instance="i:1", job="j"}"#,
            ),
        ] {
            let exposed = Labels::from_pairs(exposed);
            assert_eq!(sample_labels(&exposed, &target, true).to_string(), honored);
            assert_eq!(sample_labels(&exposed, &target, false).to_string(), joined);
        }
        assert_eq!(
            report_labels("up", &target).to_string(),
            r#"{__name__="up", instance="i:1", job="j"}"#
        );
        let odd = Labels::from_pairs([("job", "j"), ("exported_job", "x"), ("exported_a", "y")]);
        assert_eq!(
            report_labels("up", &odd).to_string(),
            r#"{__name__="up", exported_a="y", job="j"}"#
        );
    }
}
