//! The relabeling steps of one target.

use super::summary;
use crate::pages::labels::labels;
use crate::pages::targets::key_of;
use discovery::targets::names::{ADDRESS, RESERVED_PREFIX};
use discovery::targets::{self, ImplicitStep, Pool, Populated, Rules, StepKind, TargetId};
use protocol::pages::discovery::{Change, ChangeKind, Group, Step, Steps};

pub(super) fn steps(pool: &Pool, origin: TargetId) -> Option<Steps> {
    let (found, _, target) = pool.discovered_target(origin)?;
    let explanation = pool.explain(origin)?;
    let (hidden, failure) = match &explanation.outcome {
        Populated::Kept(all) => {
            let hidden = all.filtered(|label| label.name.starts_with(RESERVED_PREFIX));
            (labels(&hidden, &explanation, found, false), None)
        }
        Populated::Dropped { .. } => (Vec::new(), None),
        Populated::Failed(error) => (Vec::new(), Some(error.clone())),
    };
    Some(Steps {
        key: key_of(&pool.name, origin),
        address: explanation.discovered.get(ADDRESS).to_owned(),
        location: target.at,
        before: labels(&explanation.discovered, &explanation, found, true),
        steps: explanation.steps.iter().map(|one| step(one, &pool.job.rules)).collect(),
        after: labels(&explanation.public_labels(), &explanation, found, false),
        hidden,
        url: explanation.url,
        failure,
    })
}

/// A step of any target, of pasted labels, or of a sample.
pub(in crate::pages) fn step(step: &targets::PopulateStep, rules: &Rules) -> Step {
    let rule = match step.kind {
        StepKind::Rule(index) => rules.get(index).map(|rule| (index, rule)),
        StepKind::Implicit(_) => None,
    };
    let title = match step.kind {
        StepKind::Rule(_) => rule.map(|(_, rule)| summary(rule)).unwrap_or_default(),
        StepKind::Implicit(ImplicitStep::RemoveMeta) => {
            "Labels that begin with __meta_ are removed".into()
        }
        StepKind::Implicit(ImplicitStep::SetInstance) => {
            "instance is set to the address where nothing has set it".into()
        }
    };
    let names = rule.into_iter().flat_map(|(_, rule)| rule.regex.group_names());
    let value = step.source.as_ref().map(|source| source.value.as_str());
    let groups = step.source.iter().flat_map(|source| source.groups.iter().enumerate());
    // The first group is the whole match, which is shown already.
    let groups = groups.zip(names).skip(1).map(|((number, group), name)| Group {
        name: match name {
            Some(name) => format!("${number} ${{{name}}}"),
            None => format!("${number}"),
        },
        text: group.and_then(|(start, end)| Some(value?.get(start..end)?.to_owned())),
    });
    Step {
        title,
        rule: rule.map(|(index, _)| index as u32),
        location: rule.map(|(_, rule)| rule.location),
        source: value.map(ToOwned::to_owned),
        matched: step.source.as_ref().and_then(|source| source.matched),
        groups: groups.collect(),
        changes: step.changes.iter().map(change).collect(),
        drops: step.drops,
    }
}

pub(super) fn change(change: &targets::Change) -> Change {
    let text = |value: &Option<std::sync::Arc<str>>| {
        value.as_ref().map_or(String::new(), ToString::to_string)
    };
    let kind = match (&change.before, &change.after) {
        (None, _) => ChangeKind::Added,
        (Some(_), None) => ChangeKind::Removed,
        (Some(before), Some(after)) if before == after => ChangeKind::Same,
        _ => ChangeKind::Changed,
    };
    Change {
        kind,
        name: change.name.to_string(),
        before: text(&change.before),
        after: text(&change.after),
    }
}
