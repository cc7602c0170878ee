//! The labels that a scraped sample gets.

use std::borrow::Cow;
use std::sync::Arc;

use promql::{Labels, LabelsBuilder, METRIC_NAME};

const EXPORTED: &str = "exported_";

/// The target's labels that a sample gets. With `honor_labels` those stay away that it exposes with
/// an empty value.
pub fn target_labels<'a>(target: &'a Labels, empty: &[Arc<str>], honor: bool) -> Cow<'a, Labels> {
    match honor && !empty.is_empty() {
        true => Cow::Owned(target.filtered(|label| !empty.contains(&label.name))),
        false => Cow::Borrowed(target),
    }
}

/// Joins the labels of a sample with those of its target. Where both have one, the target's wins
/// and the sample's is kept as `exported_…`; with `honor_labels` it is the other way about.
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
    conflicts.sort_by_key(|(name, _)| name.len());
    for (name, value) in conflicts {
        let mut name = format!("{EXPORTED}{name}");
        while !result.get(&name).is_empty() {
            name.insert_str(0, EXPORTED);
        }
        result.set(name, value);
    }
    result.build()
}

/// The labels of `up` and its kin. A target's own `exported_…` goes where the target has the label
/// without it. Source: prometheus scrape/scrape.go `mutateReportSampleLabels`.
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
