//! Discovery: the objects that each mechanism found, and each step of relabeling.

use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::latest_query;
use super::targets::{label, note};
use crate::app::use_dispatch;
use crate::state::{Action, Shared};
use crate::widgets::list_option::ListOption;
use crate::widgets::source_link::SourceLink;
use protocol::pages::discovery::{
    Change, ChangeKind, Difference, Entry, Job, Outcome, Paste, Pasted, Query, ROWS, Row, RuleCard,
    Stage, Step, Steps,
};
use protocol::{PageQuery, View};

#[derive(Properties, PartialEq)]
pub struct DiscoveryProps {
    pub view: Shared<View>,
    /// See `latest_query`.
    pub query: PageQuery,
}

type SetQuery = Callback<Query>;

#[component]
pub fn Discovery(props: &DiscoveryProps) -> Html {
    let dispatch = use_dispatch();
    let View::Discovery(view) = &*props.view else { return Html::default() };
    let set_query: SetQuery = Callback::from(move |query| {
        dispatch.emit(Action::SetQuery(PageQuery::Discovery(query)));
    });
    let query = latest_query!(props, view, Discovery);
    if let (Some(paste), Some(pasted)) = (&query.paste, &view.pasted) {
        return paste_page(query, paste, pasted, &set_query);
    }
    html! {
        <>
            <div class="title">
                <h2>{ "Discovery" }</h2>
                <span class="muted">{ "what each rule does" }</span>
                <span class="sp" />
                { jobs(view.jobs.as_slice(), view.job.as_ref(), query, &set_query) }
                { button("Try rules on labels", &set_query, with(query, |next| next.paste = Some(Paste::default()))) }
            </div>
            if let Some(text) = &view.note { { note(text) } }
            if let Some(found) = &view.job { { job(found, query, &set_query) } }
        </>
    }
}

fn with(query: &Query, change: impl FnOnce(&mut Query)) -> Query {
    let mut next = query.clone();
    change(&mut next);
    next
}

fn button(text: &'static str, set_query: &SetQuery, next: Query) -> Html {
    let set_query = set_query.clone();
    html! { <button type="button" class="small" onclick={move |_| set_query.emit(next.clone())}>{ text }</button> }
}

fn jobs(names: &[String], shown: Option<&Job>, query: &Query, set_query: &SetQuery) -> Html {
    if names.len() < 2 {
        return Html::default();
    }
    let choose = {
        let (query, set_query) = (query.clone(), set_query.clone());
        Callback::from(move |event: Event| {
            let job = event.target_unchecked_into::<HtmlSelectElement>().value();
            let search = query.search.clone();
            set_query.emit(Query { job, search, ..Query::default() });
        })
    };
    html! {
        <label class="field"><span>{ "Job" }</span>
            <select onchange={choose}>
                { for names.iter().map(|name| html! {
                    <ListOption value={name.clone()} selected={shown.is_some_and(|job| job.name == *name)}>{ name }</ListOption>
                }) }
            </select>
        </label>
    }
}

fn job(job: &Job, query: &Query, set_query: &SetQuery) -> Html {
    html! {
        <>
            <ol class="facts funnel" aria-label="From objects to targets">
                { for job.stages.iter().map(stage) }
            </ol>
            { for job.entries.iter().map(entry) }
            { rules(job, query, set_query) }
            if let Some(text) = &query.draft { { draft(text, job.difference.as_ref(), query, set_query) } }
            { list(job, query, set_query) }
            if let Some(shown) = &job.steps { { steps(shown) } }
        </>
    }
}

fn stage(stage: &Stage) -> Html {
    html! {
        <li class="fact" title={stage.about.clone()}>
            <b>{ stage.count }</b><span>{ &stage.label }</span>
            <span class="visually-hidden">{ format!(": {}", stage.about) }</span>
        </li>
    }
}

fn entry(entry: &Entry) -> Html {
    html! {
        <div class="discovery-entry">
            <SourceLink to={Some(entry.location)}>{ &entry.title }</SourceLink>
            <span class="muted">{ format!(" found {}", count(entry.found, "target")) }</span>
            { for entry.log.iter().map(|line| html! {
                <div class={if line.level == "ERROR" { "why" } else { "why calm" }}>
                    <SourceLink to={line.location}><code>{ format!("{} {}", line.level, line.text) }</code></SourceLink>
                </div>
            }) }
        </div>
    }
}

fn count(number: u32, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}

fn rules(job: &Job, query: &Query, set_query: &SetQuery) -> Html {
    if job.rules.is_empty() {
        return html! { <p class="muted">{ "The job has no relabel_configs. Targets are neither dropped nor changed." }</p> };
    }
    let title =
        if job.counted_all { "Rules" } else { "Rules, counted over the first 20,000 targets" };
    let draft = match query.draft {
        None => button(
            "Try different rules",
            set_query,
            with(query, |next| next.draft = Some(job.rules_text.clone())),
        ),
        Some(_) => button("Close the draft", set_query, with(query, |next| next.draft = None)),
    };
    html! {
        <section class="card" aria-label="Rules">
            <div class="h"><h3>{ title }</h3><span class="sp" />{ draft }</div>
            <ol class="rules">{ for job.rules.iter().map(|card| rule(card, query, set_query)) }</ol>
        </section>
    }
}

fn rule(card: &RuleCard, query: &Query, set_query: &SetQuery) -> Html {
    let index = card.number - 1;
    let on = query.rule == Some(index);
    let next = with(query, |next| {
        next.rule = if on { None } else { Some(index) };
        next.page = 0;
        next.target = None;
    });
    let touched = card.changed + card.dropped;
    let effect = match (card.changed, card.dropped, card.seen) {
        (0, 0, 0) => "no target reaches this rule".to_owned(),
        (0, 0, seen) => format!("no effect on {seen}"),
        (changed, 0, seen) => format!("changes {changed} of {seen}"),
        (0, dropped, seen) => format!("drops {dropped} of {seen}"),
        (changed, dropped, seen) => format!("changes {changed}, drops {dropped} of {seen}"),
    };
    let set_query = set_query.clone();
    html! {
        <li class={classes!(on.then_some("on"), (touched == 0).then_some("idle"))}>
            <span class="number">{ card.number }</span>
            <SourceLink to={Some(card.location)} class={classes!("text-link", "mono")}>{ &card.summary }</SourceLink>
            <button type="button" class="small quiet" aria-pressed={on.to_string()}
                title="Show the targets that this rule affects"
                onclick={move |_| set_query.emit(next.clone())}>{ effect }</button>
        </li>
    }
}

fn draft(text: &str, difference: Option<&Difference>, query: &Query, set_query: &SetQuery) -> Html {
    let typed = {
        let (query, set_query) = (query.clone(), set_query.clone());
        Callback::from(move |event: InputEvent| {
            let text = event.target_unchecked_into::<HtmlTextAreaElement>().value();
            set_query.emit(with(&query, |next| next.draft = Some(text)));
        })
    };
    html! {
        <section class="card" aria-label="Other rules">
            <div class="h"><h3>{ "Result of these rules" }</h3><span class="muted">{ "the file is not changed" }</span></div>
            <div class="b">
                <textarea class="mono" rows="10" spellcheck="false" aria-label="relabel_configs" value={text.to_owned()} oninput={typed} />
                if let Some(found) = difference { { compared(found) } }
            </div>
        </section>
    }
}

fn compared(difference: &Difference) -> Html {
    if !difference.errors.is_empty() {
        return errors(&difference.errors);
    }
    html! {
        <div aria-live="polite">
            <p>
                { if difference.differing == 0 { "No target changes.".to_owned() } else {
                    format!("{} would change; {} scraped instead of {}.",
                        count(difference.differing, "discovered target"), difference.after, difference.before)
                } }
            </p>
            { for difference.rows.iter().map(|row| html! {
                <div class="difference">
                    <span class="mono">{ &row.target }</span>{ " " }<span class="st">{ &row.outcome }</span>
                    { for row.changes.iter().map(change) }
                </div>
            }) }
        </div>
    }
}

fn errors(errors: &[String]) -> Html {
    html! { <div class="why" role="alert">{ for errors.iter().map(|error| html! { <code>{ error }</code> }) }</div> }
}

fn list(job: &Job, query: &Query, set_query: &SetQuery) -> Html {
    let search = {
        let (query, set_query) = (query.clone(), set_query.clone());
        Callback::from(move |event: InputEvent| {
            let text = event.target_unchecked_into::<HtmlInputElement>().value();
            set_query.emit(with(&query, |next| {
                next.search = text;
                next.page = 0;
            }));
        })
    };
    let page = job.first / ROWS as u32;
    let go = |to: u32| {
        let (set_query, next) = (set_query.clone(), with(query, |next| next.page = to));
        move |_: MouseEvent| set_query.emit(next.clone())
    };
    let last = job.first + job.rows.len() as u32;
    let is_part = query.rule.is_some() || query.outcome.is_some() || !query.search.is_empty();
    let nothing =
        if is_part { "No targets match." } else { "No objects were discovered for this job." };
    html! {
        <section class="card" aria-label="Discovered targets">
            <div class="h">
                <h3>{ match query.rule {
                    Some(rule) => format!("Targets affected by rule {}", rule + 1),
                    None => "Discovered targets".to_owned(),
                } }</h3>
                <span class="muted">{ job.matching }</span>
                <span class="sp" />
                { outcome_choice(query, set_query) }
                <input type="search" placeholder="Filter…" aria-label="Filter by labels" value={query.search.clone()} oninput={search} />
                if job.matching as usize > ROWS {
                    <button type="button" class="small" disabled={page == 0} aria-label="Earlier targets" onclick={go(page.saturating_sub(1))}>{ "‹" }</button>
                    <span class="muted">{ format!("{}–{last}", job.first + 1) }</span>
                    <button type="button" class="small" disabled={last >= job.matching} aria-label="Further targets" onclick={go(page + 1)}>{ "›" }</button>
                }
            </div>
            if job.rows.is_empty() {
                <p class="b muted">{ nothing }</p>
            } else {
                <div class="scroll-x found"><table>
                    <thead><tr><th>{ "Address" }</th><th>{ "Made of" }</th><th>{ "Outcome" }</th></tr></thead>
                    <tbody>{ for job.rows.iter().map(|found| row(found, job, query, set_query)) }</tbody>
                </table></div>
            }
        </section>
    }
}

const OUTCOMES: [(&str, Option<Outcome>); 5] = [
    ("All", None),
    ("Kept", Some(Outcome::Kept)),
    ("Merged", Some(Outcome::Merged)),
    ("Dropped", Some(Outcome::Dropped)),
    ("Failed", Some(Outcome::Failed)),
];

fn outcome_choice(query: &Query, set_query: &SetQuery) -> Html {
    let choose = {
        let (query, set_query) = (query.clone(), set_query.clone());
        Callback::from(move |event: Event| {
            let word = event.target_unchecked_into::<HtmlSelectElement>().value();
            let outcome = OUTCOMES.iter().find(|(known, _)| *known == word);
            set_query.emit(with(&query, |next| {
                next.outcome = outcome.and_then(|(_, outcome)| *outcome);
                next.page = 0;
            }));
        })
    };
    html! {
        <select aria-label="Outcome" onchange={choose}>
            { for OUTCOMES.iter().map(|(word, outcome)| html! {
                <ListOption value={*word} selected={*outcome == query.outcome}>{ *word }</ListOption>
            }) }
        </select>
    }
}

fn row(row: &Row, job: &Job, query: &Query, set_query: &SetQuery) -> Html {
    let on = job.steps.as_ref().is_some_and(|steps| steps.key == row.key);
    let (set_query, next) =
        (set_query.clone(), with(query, |next| next.target = Some(row.key.clone())));
    let (class, word) = match row.outcome {
        Outcome::Kept => ("st up", "KEPT"),
        Outcome::Merged => ("st wait", "MERGED"),
        Outcome::Dropped => ("st", "DROPPED"),
        Outcome::Failed => ("st down", "FAILED"),
    };
    html! {
        <tr class={classes!(on.then_some("on"))}>
            <td><button type="button" class="text-link mono" aria-pressed={on.to_string()} onclick={move |_| set_query.emit(next.clone())}>
                { if row.address.is_empty() { "(no address)" } else { row.address.as_str() } }
            </button></td>
            <td><SourceLink to={row.location}>{ &row.object }</SourceLink></td>
            <td><span {class}>{ word }</span>{ " " }<span class="muted mono">{ &row.why }</span></td>
        </tr>
    }
}

fn steps(shown: &Steps) -> Html {
    let idle = shown.steps.iter().filter(|step| is_idle(step)).count();
    html! {
        <section class="card" aria-label="Steps of a target">
            <div class="h">
                <h3 class="mono">{ &shown.address }</h3>
                <span class="sp" />
                <SourceLink to={shown.location}>{ "show source" }</SourceLink>
            </div>
            <div class="b">
                <div><h4>{ "Labels before relabeling" }</h4>{ for shown.before.iter().map(label) }</div>
                <ol class="steps">{ for shown.steps.iter().map(step) }</ol>
                if let Some(failure) = &shown.failure {
                    <div class="why"><code>{ format!("Creating target failed: {failure}") }</code>
                        <span>{ "Prometheus logs this error and does not list the target." }</span></div>
                } else if shown.url.is_some() {
                    <div><h4>{ "Target labels" }</h4>{ for shown.after.iter().map(label) }</div>
                    <div><h4>{ "Labels that are not stored" }</h4>{ for shown.hidden.iter().map(label) }</div>
                }
                if let Some(url) = &shown.url { <p>{ "Scraped at " }<code>{ url }</code></p> }
                if idle > 0 { <p class="muted">{ format!("{} had no effect.", count(idle as u32, "step")) }</p> }
            </div>
        </section>
    }
}

fn is_idle(step: &Step) -> bool {
    !step.drops && step.changes.iter().all(|change| change.kind == ChangeKind::Same)
}

/// A step of relabeling, of a target or of a sample.
pub(super) fn step(step: &Step) -> Html {
    html! {
        <li class={classes!(is_idle(step).then_some("idle"), step.drops.then_some("drops"))}>
            <div>
                if let Some(rule) = step.rule { <span class="number">{ rule + 1 }</span> }
                <SourceLink to={step.location} class={classes!("text-link", step.rule.map(|_| "mono"))}>{ &step.title }</SourceLink>
            </div>
            if let Some(source) = &step.source {
                <div class="source">
                    <span class="muted">{ "on " }</span><code>{ format!("\"{source}\"") }</code>
                    { match step.matched {
                        Some(true) => html! { <span class="muted">{ " fits" }</span> },
                        Some(false) => html! { <span class="muted">{ " does not match" }</span> },
                        None => Html::default(),
                    } }
                    { for step.groups.iter().map(|group| html! {
                        <span class="lb"><i>{ format!("{} ", group.name) }</i>
                            { group.text.as_ref().map_or("not taken".to_owned(), |text| format!("\"{text}\"")) }</span>
                    }) }
                </div>
            }
            { for step.changes.iter().map(change) }
            if step.drops { <div><span class="st down">{ "DROPPED" }</span></div> }
        </li>
    }
}

/// A change of a label, marked by a sign and a color.
fn change(change: &Change) -> Html {
    let (class, sign, text) = match change.kind {
        ChangeKind::Added => ("added", "+", format!("{}=\"{}\"", change.name, change.after)),
        ChangeKind::Removed => ("removed", "−", format!("{}=\"{}\"", change.name, change.before)),
        ChangeKind::Changed => (
            "changed",
            "~",
            format!("{}=\"{}\" → \"{}\"", change.name, change.before, change.after),
        ),
        ChangeKind::Same => ("same", "=", format!("{}=\"{}\"", change.name, change.after)),
    };
    html! { <div class={classes!("change", class)}><b>{ sign }</b>{ " " }{ text }</div> }
}

fn paste_page(query: &Query, paste: &Paste, pasted: &Pasted, set_query: &SetQuery) -> Html {
    let area = |name: &'static str, text: &str, set: fn(&mut Paste, String)| {
        let (query, paste, set_query) = (query.clone(), paste.clone(), set_query.clone());
        let typed = Callback::from(move |event: InputEvent| {
            let mut paste = paste.clone();
            set(&mut paste, event.target_unchecked_into::<HtmlTextAreaElement>().value());
            set_query.emit(with(&query, |next| next.paste = Some(paste)));
        });
        html! {
            <label class="area"><h3>{ name }</h3>
                <textarea class="mono" rows="10" spellcheck="false" value={text.to_owned()} oninput={typed} />
            </label>
        }
    };
    let plain =
        |pairs: &[(String, String)]| -> Html {
            pairs
            .iter()
            .map(|(name, value)| html! {
                <span class="lb"><i>{ format!("{name}=") }</i>{ format!("\"{value}\"") }</span>
            })
            .collect()
        };
    html! {
        <>
            <div class="title">
                <h2>{ "Rules on labels" }</h2>
                <span class="muted">{ "paste labels and relabel_configs; no manifests are needed" }</span>
                <span class="sp" />
                { button("Back to the workspace", set_query, with(query, |next| next.paste = None)) }
            </div>
            <div class="paste">
                { area("Labels", &paste.labels, |paste, text| paste.labels = text) }
                { area("relabel_configs", &paste.rules, |paste, text| paste.rules = text) }
            </div>
            if !pasted.label_errors.is_empty() { { errors(&pasted.label_errors) } }
            if !pasted.rule_errors.is_empty() { { errors(&pasted.rule_errors) } }
            <section class="card" aria-label="Steps"><div class="b">
                <div><h4>{ "Before" }</h4>{ plain(&pasted.before) }</div>
                <ol class="steps">{ for pasted.steps.iter().map(step) }</ol>
                if let Some(after) = &pasted.after { <div><h4>{ "After" }</h4>{ plain(after) }</div> }
            </div></section>
        </>
    }
}
