//! Rules: recording and alerting rules with their states, active alerts, and unit tests.

use go::quote::quote;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::latest_query;
use crate::app::use_dispatch;
use crate::state::{Action, Shared};
use crate::widgets::source_link::SourceLink;
use protocol::pages::rules::{AlertRow, Group, Query, Rule, Tests};
use protocol::{PageQuery, View};

#[derive(Properties, PartialEq)]
pub struct RulesProps {
    pub view: Shared<View>,
    /// See `latest_query`.
    pub query: PageQuery,
}

/// Sets the query of the page.
type SetQuery = Callback<Query>;

#[component]
pub fn Rules(props: &RulesProps) -> Html {
    let dispatch = use_dispatch();
    let View::Rules(view) = &*props.view else { return Html::default() };
    let query = latest_query!(props, view, Rules);
    let set_query: SetQuery = Callback::from(move |query| {
        dispatch.emit(Action::SetQuery(PageQuery::Rules(query)));
    });
    html! {
        <>
            <div class="title">
                <h2>{ "Rules" }</h2>
                <span class="muted">{ "as on the pages Rule health and Alerts of Prometheus" }</span>
                <span class="sp" />
                { search(query, &set_query) }
            </div>
            if let Some(note) = &view.note {
                <div class="empty">
                    <p>{ note }</p>
                    if view.groups.is_empty() {
                        <p class="muted">
                            { "Name a file under " }<code>{ "rule_files" }</code>
                            { " of the configuration, and write its " }<code>{ "groups" }</code>
                            { " into a file of the workspace or, beside prometheus.yml, into a key of its ConfigMap. A file with " }
                            <code>{ "tests" }</code>{ " is run as promtool runs it. The scenario Jewelry shop has all three." }
                        </p>
                    }
                </div>
            }
            if !view.groups.is_empty() {
                <div class="facts">
                    { fact(view.firing, "firing", if view.firing > 0 { "bad" } else { "" }) }
                    { fact(view.pending, "pending", "") }
                    { fact(view.groups.iter().map(|group| group.rules.len() as u32).sum(), "rules", "") }
                </div>
            }
            { for view.groups.iter().map(group) }
            if !view.tests.is_empty() { { tests(&view.tests, query, &set_query) } }
        </>
    }
}

fn fact(count: u32, word: &'static str, class: &'static str) -> Html {
    html! { <div class={classes!("fact", class)}><b>{ count }</b><span>{ word }</span></div> }
}

fn search(query: &Query, set_query: &SetQuery) -> Html {
    let input = {
        let (query, set_query) = (query.clone(), set_query.clone());
        Callback::from(move |event: InputEvent| {
            let search = event.target_unchecked_into::<HtmlInputElement>().value();
            set_query.emit(Query { search, ..query.clone() });
        })
    };
    html! {
        <input type="search" placeholder="Filter…"
            aria-label="Filter rules" value={query.search.clone()} oninput={input} />
    }
}

fn group(group: &Group) -> Html {
    let failing = group.rules.iter().any(|rule| rule.health == "error");
    html! {
        <section key={group.name.clone()} class={classes!("card", failing.then_some("bad"))} aria-label={group.name.clone()}>
            <div class="h">
                <h3>{ &group.name }</h3>
                <span class="muted">{ format!("every {}", group.interval) }</span>
                <span class="sp" />
                <SourceLink to={group.location}>{ "show group" }</SourceLink>
            </div>
            <div class="b">{ for group.rules.iter().map(rule) }</div>
        </section>
    }
}

/// Returns the CSS class of a state.
fn badge(state: &str) -> &'static str {
    match state {
        "firing" | "error" => "st down",
        "pending" => "st wait",
        "inactive" | "ok" => "st up",
        _ => "st",
    }
}

fn rule(rule: &Rule) -> Html {
    let state = rule.state.as_deref().unwrap_or(&rule.health);
    let age = match rule.age {
        Some(age) => format!("evaluated {:.0} s ago, {} series", age as f64 / 1000.0, rule.series),
        None => "not evaluated yet".to_owned(),
    };
    let kind = if rule.state.is_some() { "alerting rule" } else { "recording rule" };
    html! {
        <article class="rule">
            <p>
                <span class={badge(state)}>{ state }</span>{ " " }
                <b>{ &rule.name }</b>{ " " }
                <span class="muted">{ format!("{kind} ") }</span>
                if let Some(hold) = &rule.hold { <span class="muted">{ format!("for {hold} ") }</span> }
                if let Some(keep) = &rule.keep { <span class="muted">{ format!("keeps firing for {keep} ") }</span> }
                <SourceLink to={rule.location}>{ "show rule" }</SourceLink>
            </p>
            <pre class="text">{ &rule.expr }</pre>
            <p>{ labels(&rule.labels) }<span class="muted">{ age }</span></p>
            if rule.health == "error" { <p class="bad">{ &rule.error }</p> }
            if !rule.alerts.is_empty() {
                <div class="scroll-x"><table>
                    <thead><tr>
                        <th>{ "Alert labels" }</th><th>{ "State" }</th><th>{ "Active since" }</th><th>{ "Value" }</th>
                    </tr></thead>
                    <tbody>{ for rule.alerts.iter().map(alert) }</tbody>
                </table></div>
            } else {
                { annotations(&rule.annotations) }
            }
        </article>
    }
}

fn labels(labels: &[(String, String)]) -> Html {
    labels
        .iter()
        .map(|(name, value)| html! { <span class="lb">{ name }<i>{ "=" }</i>{ quote(value) }</span> })
        .collect()
}

fn annotations(annotations: &[(String, String)]) -> Html {
    annotations
        .iter()
        .map(|(name, value)| html! { <p><span class="muted">{ format!("{name}: ") }</span>{ value }</p> })
        .collect()
}

fn alert(alert: &AlertRow) -> Html {
    html! {
        <tr>
            <td>{ labels(&alert.labels) }{ annotations(&alert.annotations) }</td>
            <td><span class={badge(&alert.state)}>{ &alert.state }</span></td>
            <td>{ format!("{} ago", alert.since) }</td>
            <td>{ &alert.value }</td>
        </tr>
    }
}

fn tests(tests: &[Tests], query: &Query, set_query: &SetQuery) -> Html {
    let run = {
        let (query, set_query) = (query.clone(), set_query.clone());
        move |_: MouseEvent| {
            set_query.emit(Query { run_tests: !query.run_tests, ..query.clone() });
        }
    };
    html! {
        <section class="card" aria-label="Unit tests">
            <div class="h">
                <h3>{ "Unit tests" }</h3>
                <span class="muted">{ "like promtool test rules" }</span>
                <span class="sp" />
                <button type="button" class="small" aria-pressed={query.run_tests.to_string()} onclick={run}>
                    { if query.run_tests { "Stop running" } else { "Run" } }
                </button>
            </div>
            <div class="b">{ for tests.iter().map(test) }</div>
        </section>
    }
}

fn test(test: &Tests) -> Html {
    let (class, word) = match &test.errors {
        None => ("st", "not run"),
        Some(errors) if errors.is_empty() => ("st up", "SUCCESS"),
        Some(_) => ("st down", "FAILED"),
    };
    html! {
        <div>
            <p>
                <span class={class}>{ word }</span>{ " " }
                <b>{ &test.file }</b>{ " " }
                <SourceLink to={test.location}>{ "show tests" }</SourceLink>
            </p>
            if let Some(errors) = &test.errors {
                { for errors.iter().map(|error| html! { <pre class="text">{ error }</pre> }) }
            }
        </div>
    }
}
