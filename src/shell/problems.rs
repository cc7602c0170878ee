//! Diagnostics of all files, ordered by severity.

use std::collections::HashMap;

use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::{Action, Document, Shared};
use crate::terminal::PaneTabs;
use crate::widgets::inline_code::inline_code;
use protocol::{Annotations, Grade};
use text::{Diagnostic, FileId, Severity};

/// The maximum number of listed diagnostics. The number of the others is shown.
const SHOWN: usize = 100;

#[derive(Properties, PartialEq)]
pub struct ProblemsProps {
    pub documents: Vec<Shared<Document>>,
    pub annotations: Vec<Shared<Annotations>>,
    pub ready: bool,
    /// The reason why no answer will come; see `WorkerStatus::unavailable`.
    pub unavailable: Option<&'static str>,
    /// The name of the file with the configuration that Prometheus reads, if there is one.
    pub configuration: Option<String>,
}

/// Says that there are no problems, without claiming more than is known.
fn none(ready: bool, unavailable: Option<&str>, configuration: Option<&str>) -> String {
    match (unavailable, configuration) {
        (Some(how_long), _) => format!("not checked {how_long}"),
        _ if !ready => "checking the files…".to_owned(),
        (_, Some(name)) => format!("none: Prometheus loads the configuration in {name}"),
        (_, None) => "none, but no file has a configuration for Prometheus".to_owned(),
    }
}

type Found<'a> = (&'a Shared<Document>, &'a Diagnostic, Option<Grade>);

/// The maximum number of places that a finding leads to besides its own.
const RELATED: usize = 3;

/// The findings of one code in one file that are shown as one, if there are more.
const TOGETHER: usize = 3;

/// Puts findings of one code in one file together. A group begins with its first finding; fewer
/// than [`TOGETHER`] stay alone.
fn grouped<T>(found: Vec<T>, key: impl Fn(&T) -> (FileId, Severity, String)) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    let mut known: HashMap<(FileId, Severity, String), usize> = HashMap::new();
    let mut counts: HashMap<(FileId, Severity, String), usize> = HashMap::new();
    for one in &found {
        *counts.entry(key(one)).or_default() += 1;
    }
    for one in found {
        let key = key(&one);
        let group = counts.get(&key).is_some_and(|count| *count >= TOGETHER);
        match known.get(&key).and_then(|at| groups.get_mut(*at)) {
            Some(group) => group.push(one),
            None => {
                if group {
                    known.insert(key, groups.len());
                }
                groups.push(vec![one]);
            }
        }
    }
    groups
}

#[component]
pub fn Problems(props: &ProblemsProps) -> Html {
    let mut found: Vec<Found<'_>> = Vec::new();
    for document in &props.documents {
        let of_file = props.annotations.iter().filter(|file| file.file == document.id);
        for annotations in of_file {
            let grade = |number: usize| annotations.grades.get(number).copied().flatten();
            let numbered = annotations.diagnostics.iter().enumerate();
            found.extend(numbered.map(|(number, found)| (document, found, grade(number))));
        }
    }
    found.sort_by_key(|(_, found, _)| found.severity);
    let count = |severity| found.iter().filter(|(_, found, _)| found.severity == severity).count();
    let badge = |number: usize, class: &'static str, word: &'static str| {
        if number == 0 {
            return Html::default();
        }
        let plural = if number == 1 { "" } else { "s" };
        html! { <span class={classes!("badge", class)}>{ format!("{number} {word}{plural}") }</span> }
    };
    let none_found = found.is_empty();
    let badges = [
        badge(count(Severity::Error), "bad", "error"),
        badge(count(Severity::Warning), "warn", "warning"),
        badge(count(Severity::Info), "", "hint"),
    ];
    let groups = grouped(found, |(document, found, _)| {
        (document.id, found.severity, found.code.to_string())
    });
    let left_out: usize = groups.iter().skip(SHOWN).map(Vec::len).sum();
    html! {
        <section class="probs" aria-label="Problems">
            <div class="h">
                <PaneTabs terminal={false} />
                { for badges }
                if none_found {
                    <span class="muted">
                        { none(props.ready, props.unavailable, props.configuration.as_deref()) }
                    </span>
                }
            </div>
            if !none_found {
                <ul>
                    { for groups.iter().take(SHOWN).map(|group| problems(group)) }
                    if left_out > 0 {
                        <li class="prob muted">{ format!("and {left_out} more") }</li>
                    }
                </ul>
            }
        </section>
    }
}

/// The first finding of a group, and the others below it.
fn problems(group: &[Found<'_>]) -> Html {
    let problem = |(document, found, grade): &Found<'_>| {
        html! { <Problem document={(*document).clone()} found={(*found).clone()} grade={*grade} /> }
    };
    let Some((first, others)) = group.split_first() else { return Html::default() };
    let title = match others.len() {
        1 => "1 more of this kind".to_owned(),
        count => format!("{count} more of this kind"),
    };
    html! {
        <>
            { problem(first) }
            if !others.is_empty() {
                <li class="prob more">
                    <details>
                        <summary>{ format!("{title} in {}", first.0.name) }</summary>
                        <ul>{ for others.iter().take(SHOWN).map(problem) }</ul>
                    </details>
                </li>
            }
        </>
    }
}

const fn grade_class(grade: Grade) -> &'static str {
    match grade {
        Grade::Refused | Grade::ChangeRefused => "bad",
        Grade::Accepted => "warn",
        Grade::Advice => "info",
    }
}

#[derive(Properties, PartialEq)]
struct ProblemProps {
    document: Shared<Document>,
    found: Diagnostic,
    grade: Option<Grade>,
}

#[component]
fn Problem(props: &ProblemProps) -> Html {
    let dispatch = use_dispatch();
    let found = &props.found;
    let (dot, word) = match found.severity {
        Severity::Error => ("dot bad", "Error: "),
        Severity::Warning => ("dot warn", "Warning: "),
        Severity::Info => ("dot info", "Hint: "),
    };
    let line = props.document.index.line_number(found.location.span.start);
    let show = {
        let (dispatch, location) = (dispatch.clone(), found.location);
        move |_| dispatch.emit(Action::ShowSource(location))
    };
    let why = {
        let (dispatch, code) = (dispatch.clone(), found.code.to_string());
        let label = format!("Why? {code}");
        html! {
            <button type="button" class="quiet small" aria-label={label} title={found.code.to_string()}
                onclick={move |_| dispatch.emit(Action::ShowCheck(code.clone()))}>{ "Why?" }</button>
        }
    };
    html! {
        <li class="prob">
            <span class={dot} aria-hidden="true" />
            <button type="button" class="go" onclick={show}>
                <span class="visually-hidden">{ word }</span>
                if let Some(grade) = props.grade {
                    <span class={classes!("grade", grade_class(grade))}>{ grade.label() }</span>{ " " }
                }
                <b>{ &found.message }</b>{ " " }
                if let Some(help) = &found.help {
                    <span class="help">{ inline_code(help) }{ " " }</span>
                }
                <span class="where">{ format!("{}:{line}", props.document.name) }</span>
            </button>
            <span class="fixes">
                { for found.related.iter().take(RELATED).map(|related| {
                    let (dispatch, location) = (dispatch.clone(), related.location);
                    html! {
                        <button type="button" class="text-link small"
                            onclick={move |_| dispatch.emit(Action::ShowSource(location))}>
                            { inline_code(&related.message) }
                        </button>
                    }
                }) }
                { why }
                { for found.fixes.iter().map(|fix| {
                    let (dispatch, fix) = (dispatch.clone(), fix.clone());
                    html! {
                        <button type="button" class="small"
                            onclick={let fix = fix.clone(); move |_| dispatch.emit(Action::ApplyFix(fix.clone()))}>
                            { inline_code(&fix.title) }
                        </button>
                    }
                }) }
            </span>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::WorkerStatus;

    #[test]
    fn findings_of_one_code_in_one_file_are_put_together() {
        let found = [(1, "a"), (1, "b"), (1, "a"), (2, "a"), (1, "b"), (1, "a"), (2, "a")];
        let key = |(file, code): &(u32, &str)| (FileId(*file), Severity::Info, (*code).to_owned());
        let groups = grouped(found.to_vec(), key);
        let sizes: Vec<_> = groups.iter().map(|group| (group[0], group.len())).collect();
        let expected = [((1, "a"), 3), ((1, "b"), 1), ((2, "a"), 1), ((1, "b"), 1), ((2, "a"), 1)];
        assert_eq!(sizes, expected);
    }

    #[test]
    fn a_configuration_that_is_not_there_is_not_said_to_load() {
        assert_eq!(none(false, None, Some("a.yml")), "checking the files…");
        let stopped = WorkerStatus::Stopped.unavailable();
        let told = "not checked while the simulation is stopped";
        assert_eq!(none(true, stopped, Some("a.yml")), told);
        let missing = WorkerStatus::Retrying("page.js".to_owned()).unavailable();
        assert_eq!(none(false, missing, None), "not checked until the simulation has loaded");
        assert_eq!(
            none(true, None, Some("a.yml")),
            "none: Prometheus loads the configuration in a.yml"
        );
        assert!(none(true, None, None).contains("no file has a configuration"));
    }
}
