//! Metrics: the exposition of a target, and the series that a scrape stores.

mod answer;

use web_sys::{HtmlElement, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use self::answer::{answer, fate, keep_in_view};
use crate::app::use_dispatch;
use crate::state::{Action, Shared};
use crate::widgets::inline_code::inline_code;
use crate::widgets::list_option::ListOption;
use crate::widgets::progressive_list::ProgressiveList;
use crate::widgets::tabs::tab_keys;
use protocol::PageQuery;
use protocol::pages::metrics::{
    Family, Fate, Finding, Program, Query, ROWS, Scrape, Stored, Tab, View, Which,
};

#[derive(Properties, PartialEq)]
pub struct MetricsProps {
    pub view: Shared<protocol::View>,
    /// The last query of the page; its answer may be pending.
    pub query: PageQuery,
}

type Act = Callback<Action>;

const TABS: [(Tab, &str); 4] = [
    (Tab::Answer, "Answer"),
    (Tab::Stored, "Stored series"),
    (Tab::Cardinality, "Cardinality"),
    (Tab::Findings, "Findings"),
];

fn set_query(query: Query) -> Action {
    Action::SetQuery(PageQuery::Metrics(query))
}

fn with(query: &Query, change: impl FnOnce(&mut Query)) -> Action {
    let mut next = query.clone();
    change(&mut next);
    set_query(next)
}

fn no_targets() -> Html {
    html! {
        <div class="empty">
            <h2>{ "No targets" }</h2>
            <p>{ "The effective configuration has no targets, or Prometheus is not running." }</p>
        </div>
    }
}

#[component]
pub fn Metrics(props: &MetricsProps) -> Html {
    let dispatch = use_dispatch();
    let list = use_node_ref();
    let protocol::View::Metrics(view) = &*props.view else { return Html::default() };
    let options = {
        let query = &view.query;
        let shown = (query.job.clone(), query.url.clone());
        use_memo((view.targets.clone(), shown), |(targets, shown)| {
            let (targets, shown) = (targets.clone(), shown.clone());
            Callback::from(move |block: usize| {
                let targets = targets.chunks(OPTIONS).nth(block).unwrap_or_default().iter();
                targets.map(|target| option(target, *target == shown)).collect()
            })
        })
    };
    let line = view.query.line;
    {
        let list = list.clone();
        use_effect_with(line, move |line| {
            if let (Some(list), Some(line)) = (list.cast::<HtmlElement>(), *line) {
                keep_in_view(&list, line);
            }
        });
    }
    if view.targets.is_empty() {
        return no_targets();
    }
    let act: Act = Callback::from(move |action| dispatch.emit(action));
    let seen = &view.query;
    // The session selects a target if the query has none.
    let query = match &props.query {
        PageQuery::Metrics(latest) if !latest.url.is_empty() => latest,
        _ => seen,
    };
    html! {
        <>
            <div class="title">
                <h2>{ "Metrics" }</h2>
                <span class="muted">{ "the exposition of a target and the stored series" }</span>
            </div>
            { targets(view, query, &act, &options) }
            if let Some(found) = &view.program { { program(found, &act) } }
            { scrape(&view.scrape) }
            if let Some(error) = &view.error {
                <div class="why"><code>{ error }</code><span>{ "There is no exposition to show." }</span></div>
            } else {
                { tabs(view, query, &act) }
                <div role="tabpanel" id="metrics-panel" aria-labelledby={tab_id(seen.tab)} class="metrics-panel">
                    { match seen.tab {
                        Tab::Answer => answer(view, query, &act, &list),
                        Tab::Stored => stored(view, query, &act),
                        Tab::Cardinality => families(view, query, &act),
                        Tab::Findings => findings(view, query, &act),
                    } }
                </div>
            }
        </>
    }
}

fn tab_id(tab: Tab) -> &'static str {
    match tab {
        Tab::Answer => "metrics-answer",
        Tab::Stored => "metrics-stored",
        Tab::Cardinality => "metrics-cardinality",
        Tab::Findings => "metrics-findings",
    }
}

/// The number of targets that are rendered at once.
const OPTIONS: usize = 500;

fn option((job, url): &(String, String), selected: bool) -> Html {
    html! { <option {selected}>{ format!("{url}  ({job})") }</option> }
}

fn targets(view: &View, query: &Query, act: &Act, options: &Callback<usize, Html>) -> Html {
    let onchange = {
        let (act, tab, targets) = (act.clone(), query.tab, view.targets.clone());
        Callback::from(move |event: Event| {
            let chosen = event.target_unchecked_into::<HtmlSelectElement>().selected_index();
            if let Some((job, url)) = usize::try_from(chosen).ok().and_then(|at| targets.get(at)) {
                let (job, url) = (job.clone(), url.clone());
                act.emit(set_query(Query { job, url, tab, ..Query::default() }));
            }
        })
    };
    html! {
        <div class="row">
            <label class="field grow"><span>{ "GET" }</span>
                <select class="mono" {onchange}>
                    <ProgressiveList blocks={view.targets.len().div_ceil(OPTIONS)} draw={options.clone()} />
                </select>
            </label>
        </div>
    }
}

fn program(program: &Program, act: &Act) -> Html {
    let click = |action: Action| {
        let act = act.clone();
        Callback::from(move |_: MouseEvent| act.emit(action.clone()))
    };
    let write = |(name, text): &(String, String), replace| Action::WriteFile {
        name: name.clone(),
        text: text.clone(),
        replace,
    };
    let edit = write(&program.edit, false);
    // A pasted body has no workload; it must be removed before another workload can be selected.
    let pasted = program.file.as_ref().is_some_and(|name| name.ends_with(".prom"));
    let choose = {
        let (act, program) = (act.clone(), program.clone());
        Callback::from(move |event: Event| {
            let select = event.target_unchecked_into::<HtmlSelectElement>();
            let chosen = program.others.iter().find(|other| other.name == select.value());
            select.set_selected_index(0);
            if let Some(other) = chosen {
                let (name, text) = (program.edit.0.clone(), other.text.clone());
                act.emit(Action::WriteFile { name, text, replace: true });
            }
        })
    };
    html! {
        <section class="card program" aria-label="The program">
            <div class="h">
                <div class="who"><h3>{ &program.title }</h3>
                    <span class="muted">{ &program.place }</span>
                    <span class="muted">{ format!(" — {}", program.because) }</span></div>
                <span class="sp" />
                <button type="button" class="small" onclick={click(edit)}>{ if pasted { "Edit this body" } else { "Edit this workload" } }</button>
                if !pasted { <select class="choose" aria-label="Choose another workload" onchange={choose}>
                    <option value="" selected=true>{ "Choose another…" }</option>
                    { for program.others.iter().map(|other| html! {
                        <option value={other.name.clone()} disabled={other.name == program.name}>{ &other.title }</option>
                    }) }
                </select>
                <button type="button" class="small" onclick={click(write(&program.paste, false))}>{ "Paste a /metrics body" }</button> }
            </div>
        </section>
    }
}

fn scrape(scrape: &Scrape) -> Html {
    if scrape.at.is_none() {
        return html! { <p class="muted">{ "Not scraped yet. Advance simulated time." }</p> };
    }
    html! {
        <>
            if let Some(error) = &scrape.error {
                <div class="why"><span>{ "The last scrape failed:" }</span><code>{ error }</code></div>
            }
            <ul class="scrape-strip" aria-label="The last scrape">
                { for scrape.facts.iter().map(|(name, value, against)| html! {
                    <li><b>{ value }</b>{ " " }{ name }<span class="muted">{ format!(" {against}") }</span></li>
                }) }
            </ul>
            { for scrape.warnings.iter().map(|warning| html! { <div class="why"><code>{ warning }</code></div> }) }
        </>
    }
}

fn tabs(view: &View, query: &Query, act: &Act) -> Html {
    let active = TABS.iter().position(|(tab, _)| *tab == query.tab).unwrap_or_default();
    let go = {
        let (act, query) = (act.clone(), query.clone());
        Callback::from(move |index: usize| {
            if let Some((tab, _)) = TABS.get(index) {
                act.emit(with(&query, |next| {
                    (next.tab, next.page, next.filter) = (*tab, 0, String::new());
                }));
            }
        })
    };
    html! {
        <div class="segments" role="tablist" aria-label="Views of the exposition" onkeydown={tab_keys(TABS.len(), active, go.clone())}>
            { for TABS.iter().enumerate().map(|(index, (tab, name))| {
                let on = index == active;
                let go = go.clone();
                html! {
                    <button type="button" role="tab" id={tab_id(*tab)} aria-selected={on.to_string()} aria-controls="metrics-panel"
                        tabindex={if on { "0" } else { "-1" }} onclick={move |_: MouseEvent| go.emit(index)}>
                        { *name }
                        if *tab == Tab::Findings && view.findings_count > 0 {
                            <span class="badge warn">{ view.findings_count }</span>
                        }
                    </button>
                }
            }) }
        </div>
    }
}

/// The filter, and the pagination of a long list.
fn head(view: &View, query: &Query, act: &Act, what: &'static str, more: Html) -> Html {
    let oninput = {
        let (act, query) = (act.clone(), query.clone());
        Callback::from(move |event: InputEvent| {
            let text = event.target_unchecked_into::<HtmlInputElement>().value();
            act.emit(with(&query, |next| {
                (next.filter, next.page, next.line) = (text, 0, None);
            }));
        })
    };
    let go = |to: u32| {
        let action = with(query, |next| (next.page, next.line) = (to, None));
        let act = act.clone();
        move |_: MouseEvent| act.emit(action.clone())
    };
    let rows = ROWS as u32;
    let last = (view.first + rows).min(view.matching);
    let paged = view.matching > rows && matches!(query.tab, Tab::Answer | Tab::Stored);
    html! {
        <div class="row">
            <input type="search" placeholder="Filter…" aria-label={format!("Filter {what}")} value={query.filter.clone()} {oninput} />
            { more }
            <span class="muted">{ if view.matching == view.all { format!("{} {what}", view.all) } else { format!("{} of {} {what}", view.matching, view.all) } }</span>
            if paged {
                <span class="sp" />
                <button type="button" class="small" disabled={query.page == 0} aria-label="Earlier" onclick={go(query.page.saturating_sub(1))}>{ "‹" }</button>
                <span class="muted">{ format!("{}–{last}", view.first + 1) }</span>
                <button type="button" class="small" disabled={last >= view.matching} aria-label="Further" onclick={go(query.page + 1)}>{ "›" }</button>
            }
        </div>
    }
}

const CHOICES: [(&str, Which); 3] =
    [("All series", Which::All), ("Not stored", Which::Left), ("Changed by rules", Which::Changed)];

fn stored(view: &View, query: &Query, act: &Act) -> Html {
    let choose = {
        let (act, query) = (act.clone(), query.clone());
        Callback::from(move |event: Event| {
            let word = event.target_unchecked_into::<HtmlSelectElement>().value();
            let which = CHOICES.iter().find(|(known, _)| *known == word).map(|(_, which)| *which);
            act.emit(with(&query, |next| {
                (next.which, next.page) = (which.unwrap_or_default(), 0);
            }));
        })
    };
    let more = html! {
        <select aria-label="Which series" onchange={choose}>
            { for CHOICES.iter().map(|(word, which)| html! {
                <ListOption value={*word} selected={*which == query.which}>{ *word }</ListOption>
            }) }
        </select>
    };
    html! {
        <>
            { head(view, query, act, "series", more) }
            <section class="card" aria-label="Series">
                <div class="scroll-x"><table>
                    <thead><tr><th>{ "As exposed" }</th><th class="num">{ "Value" }</th><th>{ "As stored" }</th></tr></thead>
                    <tbody>{ for view.stored.iter().map(|row| stored_row(row, query, act)) }</tbody>
                </table></div>
            </section>
            { meta(&view.scrape, act) }
        </>
    }
}

fn stored_row(row: &Stored, query: &Query, act: &Act) -> Html {
    let name = match row.line {
        None => html! { <span class="mono">{ &row.exposed }</span> },
        Some(line) => {
            let action = with(query, |next| {
                (next.tab, next.line, next.filter) = (Tab::Answer, Some(line), String::new());
            });
            let act = act.clone();
            html! { <button type="button" class="text-link mono" title="Explain the line" onclick={move |_: MouseEvent| act.emit(action.clone())}>{ &row.exposed }</button> }
        }
    };
    let graph = match &row.fate {
        Fate::Stored { query, labels, changed } => {
            let (act, query) = (act.clone(), query.clone());
            html! {
                <>
                    <button type="button" class="text-link mono" title="Graph it" onclick={move |_: MouseEvent| act.emit(Action::Graph(query.clone()))}>{ labels }</button>
                    if *changed { { " " }<span class="st wait">{ "RULES" }</span> }
                </>
            }
        }
        other => fate(other),
    };
    html! { <tr><td>{ name }</td><td class="num">{ &row.value }</td><td>{ graph }</td></tr> }
}

fn meta(scrape: &Scrape, act: &Act) -> Html {
    if scrape.meta.is_empty() {
        return Html::default();
    }
    html! {
        <section class="card" aria-label="Series of the scrape itself">
            <div class="h"><h3>{ "Series that the scrape adds" }</h3></div>
            <div class="scroll-x"><table>
                <thead><tr><th>{ "Series" }</th><th class="num">{ "Value" }</th><th>{ "Meaning" }</th></tr></thead>
                <tbody>{ for scrape.meta.iter().map(|meta| {
                    let (act, query) = (act.clone(), meta.query.clone());
                    html! {
                        <tr>
                            <td><button type="button" class="text-link mono" title="Graph it" onclick={move |_: MouseEvent| act.emit(Action::Graph(query.clone()))}>{ &meta.name }</button></td>
                            <td class="num">{ &meta.value }</td><td>{ &meta.about }</td>
                        </tr>
                    }
                }) }</tbody>
            </table></div>
            <div class="b"><p class="muted">{ "Request header: " }<code>{ format!("Accept: {}", scrape.accept) }</code></p></div>
        </section>
    }
}

fn families(view: &View, query: &Query, act: &Act) -> Html {
    html! {
        <>
            { head(view, query, act, "metrics", Html::default()) }
            <section class="card" aria-label="Cardinality">
                <div class="scroll-x"><table>
                    <thead><tr><th>{ "Metric" }</th><th>{ "Type" }</th><th class="num">{ "Series" }</th><th>{ "Values of each label" }</th></tr></thead>
                    <tbody>{ for view.families.iter().map(family) }</tbody>
                </table></div>
            </section>
        </>
    }
}

fn family(family: &Family) -> Html {
    html! {
        <tr>
            <td><span class="mono">{ &family.name }</span><div class="muted">{ &family.help }</div></td>
            <td class="kind">{ &family.kind }</td>
            <td class="num">{ family.series }<meter min="0" max="1000" value={family.share.to_string()} aria-label={format!("share of all series: {}%", family.share / 10)} /></td>
            <td>
                { for family.labels.iter().map(|(name, count)| html! {
                    <span class="lb"><i>{ format!("{name} ") }</i>{ count }</span>
                }) }
                if family.labels.is_empty() { <span class="muted">{ "no labels" }</span> }
            </td>
        </tr>
    }
}

fn findings(view: &View, query: &Query, act: &Act) -> Html {
    if view.all == 0 {
        return html! { <div class="empty"><h3>{ "No findings" }</h3><p>{ "Names, types, units and labels follow the conventions." }</p></div> };
    }
    html! {
        <>
            { head(view, query, act, "findings", Html::default()) }
            { for view.findings.iter().map(|found| finding(found, query, act)) }
        </>
    }
}

fn finding(finding: &Finding, query: &Query, act: &Act) -> Html {
    let action = with(query, |next| {
        (next.tab, next.line, next.filter) = (Tab::Answer, Some(finding.line), String::new());
    });
    let act = act.clone();
    html! {
        <section class="card" aria-label={finding.message.clone()}>
            <div class="h"><span class="dot warn" /><h3>{ &finding.message }</h3><span class="sp" />
                <button type="button" class="text-link" onclick={move |_: MouseEvent| act.emit(action.clone())}>{ format!("line {}", finding.line) }</button></div>
            <div class="b"><p>{ inline_code(&finding.why) }</p><code class="code">{ &finding.code }</code></div>
        </section>
    }
}
