//! `label_replace` and `label_join`: new labels out of old ones, whatever the values.

use std::collections::HashMap;

use super::error::QueryError;
use super::eval_steps::EvalSteps;
use super::evaluator::Evaluator;
use super::series::{Series, merge_same_labelsets};
use crate::METRIC_NAME;
use crate::syntax::{Call, invalid_byte};
use go::Regex;
use go::regex::{Captures, expansion_bound, has_variable};

impl Evaluator<'_> {
    pub fn label_replace(
        &mut self,
        call: &Call,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        let &[arg, target, replacement, source, pattern] = call.args.as_slice() else {
            return Ok(Vec::new());
        };
        let [target, replacement, source, pattern] =
            [target, replacement, source, pattern].map(|id| self.text_of(id));
        let regex = Regex::new(&pattern).map_err(|_| {
            QueryError::execution(format!(
                "invalid regular expression in label_replace(): {pattern}"
            ))
        })?;
        if !is_valid_label_name(&target) {
            return Err(QueryError::execution(format!(
                "invalid destination label name in label_replace(): {target}"
            )));
        }
        let mut series = self.take_vector(arg);
        let mut captures = Captures::default();
        // Many series share few values.
        let mut replaced: HashMap<String, Option<String>> = HashMap::new();
        for one in &mut series {
            let value = one.labels.get(&source);
            let new = match replaced.get(value) {
                Some(known) => known.clone(),
                None => {
                    if has_variable(&replacement) {
                        self.limits.check_labels(expansion_bound(&replacement, value))?;
                    }
                    let new = regex.captures_into(value, &mut captures).then(|| {
                        let mut text = String::new();
                        regex.expand(&replacement, value, &captures, &mut text);
                        text
                    });
                    replaced.insert(value.to_owned(), new.clone());
                    new
                }
            };
            if let Some(new) = new {
                self.limits.charge_labels(new.len())?;
                set_label(one, &target, new);
            }
        }
        merge_same_labelsets(series, eval_steps.count)
    }

    pub fn label_join(
        &mut self,
        call: &Call,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        let [arg, target, separator, sources @ ..] = call.args.as_slice() else {
            return Ok(Vec::new());
        };
        let (target, separator) = (self.text_of(*target), self.text_of(*separator));
        let sources: Vec<_> = sources.iter().map(|&source| self.text_of(source)).collect();
        for (what, name) in
            sources.iter().map(|source| ("source", source)).chain([("destination", &target)])
        {
            if !is_valid_label_name(name) {
                return Err(QueryError::execution(format!(
                    "invalid {what} label name in label_join(): {name}"
                )));
            }
        }
        let mut series = self.take_vector(*arg);
        for one in &mut series {
            let values: Vec<&str> = sources.iter().map(|source| one.labels.get(source)).collect();
            let lengths = values.iter().map(|value| value.len() + separator.len());
            self.limits.charge_labels(lengths.sum())?;
            let joined = values.join(&separator);
            set_label(one, &target, joined);
        }
        merge_same_labelsets(series, eval_steps.count)
    }
}

/// Returns true for a valid label name: any UTF-8 text except the empty one.
pub(super) fn is_valid_label_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| invalid_byte(c).is_some())
}

/// A metric name that the function sets is kept.
fn set_label(series: &mut Series, target: &str, value: String) {
    series.labels = series.labels.builder().set(target, value).build();
    if target == METRIC_NAME {
        series.drop_name = false;
    }
}
