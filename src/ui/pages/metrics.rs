//! Metrics: what a target answers, line by line, and what a scrape makes of it.

use web_sys::{HtmlElement, HtmlInputElement, HtmlSelectElement, KeyboardEvent};
use yew::prelude::*;

use super::discovery::step;
use crate::session::pages;
use crate::session::pages::metrics::{
    Family, Fate, Finding, LineKind, Program, Question, ROWS, Scrape, Stored, Tab, Told,
    ToldSample, View, Which,
};
use crate::ui::app::use_dispatch;
use crate::ui::state::{Action, Shared};
use crate::ui::widgets::jump::Jump;
use crate::ui::widgets::tabs::tab_keys;

#[derive(Properties, PartialEq)]
pub struct MetricsProps {
    pub view: Shared<pages::View>,
}

type Act = Callback<Action>;

const TABS: [(Tab, &str); 4] = [
    (Tab::Answer, "Answer"),
    (Tab::Stored, "Stored series"),
    (Tab::Cardinality, "Cardinality"),
    (Tab::Findings, "Findings"),
];

fn ask(question: Question) -> Action {
    Action::Ask(pages::Question::Metrics(question))
}

fn with(question: &Question, change: impl FnOnce(&mut Question)) -> Action {
    let mut next = question.clone();
    change(&mut next);
    ask(next)
}

#[component]
pub fn Metrics(props: &MetricsProps) -> Html {
    let dispatch = use_dispatch();
    let list = use_node_ref();
    let pages::View::Metrics(view) = &*props.view else { return Html::default() };
    let line = view.question.line;
    {
        let list = list.clone();
        use_effect_with(line, move |line| {
            if let (Some(list), Some(line)) = (list.cast::<HtmlElement>(), *line) {
                keep_in_view(&list, line);
            }
        });
    }
    if view.targets.is_empty() {
        return html! {
            <div class="empty"><h2>{ "No target to ask" }</h2><p>{ "The configuration in force has no targets, or Prometheus does not run." }</p></div>
        };
    }
    let act: Act = Callback::from(move |action| dispatch.emit(action));
    let question = &view.question;
    html! {
        <>
            <div class="title">
                <h2>{ "Metrics" }</h2>
                <span class="muted">{ "what a target answers, and what a scrape makes of it" }</span>
            </div>
            { targets(view, &act) }
            if let Some(found) = &view.program { { program(found, &act) } }
            { scrape(&view.scrape) }
            if let Some(error) = &view.error {
                <div class="why"><code>{ error }</code><span>{ "There is no answer to look at." }</span></div>
            } else {
                { tabs(view, &act) }
                <div role="tabpanel" id="metrics-panel" aria-labelledby={tab_id(question.tab)} class="metrics-panel">
                    { match question.tab {
                        Tab::Answer => answer(view, &act, &list),
                        Tab::Stored => stored(view, &act),
                        Tab::Cardinality => families(view, &act),
                        Tab::Findings => findings(view, &act),
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

/// Scrolls the list so that a line is seen.
fn keep_in_view(list: &HtmlElement, line: u32) {
    let Some(row) = list
        .query_selector(&format!("#line-{line}"))
        .ok()
        .flatten()
        .and_then(|row| wasm_bindgen::JsCast::dyn_into::<HtmlElement>(row).ok())
    else {
        return;
    };
    let (top, bottom) = (row.offset_top(), row.offset_top() + row.offset_height());
    let (from, height) = (list.scroll_top(), list.client_height());
    if top < from {
        list.set_scroll_top(top);
    } else if bottom > from + height {
        list.set_scroll_top(bottom - height);
    }
}

fn targets(view: &View, act: &Act) -> Html {
    let onchange = {
        let (act, question, targets) = (act.clone(), view.question.clone(), view.targets.clone());
        Callback::from(move |event: Event| {
            let chosen = event.target_unchecked_into::<HtmlSelectElement>().selected_index();
            if let Some((job, url)) = usize::try_from(chosen).ok().and_then(|at| targets.get(at)) {
                let (job, url, tab) = (job.clone(), url.clone(), question.tab);
                act.emit(ask(Question { job, url, tab, ..Question::default() }));
            }
        })
    };
    let question = &view.question;
    html! {
        <div class="row">
            <label class="field grow"><span>{ "GET" }</span>
                <select class="mono" {onchange}>
                    { for view.targets.iter().map(|(job, url)| html! {
                        <option selected={*url == question.url && *job == question.job}>{ format!("{url}  ({job})") }</option>
                    }) }
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
    // A pasted body holds no choice; it has to go before there can be another one.
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
        return html! { <p class="muted">{ "Not scraped yet: let simulated time run." }</p> };
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

fn tabs(view: &View, act: &Act) -> Html {
    let question = &view.question;
    let active = TABS.iter().position(|(tab, _)| *tab == question.tab).unwrap_or_default();
    let go = {
        let (act, question) = (act.clone(), question.clone());
        Callback::from(move |index: usize| {
            if let Some((tab, _)) = TABS.get(index) {
                act.emit(with(&question, |next| {
                    (next.tab, next.page, next.filter) = (*tab, 0, String::new());
                }));
            }
        })
    };
    html! {
        <div class="segments" role="tablist" aria-label="Views of the answer" onkeydown={tab_keys(TABS.len(), active, go.clone())}>
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

/// The filter, and the way through pages of a long list.
fn head(view: &View, act: &Act, what: &'static str, more: Html) -> Html {
    let question = &view.question;
    let oninput = {
        let (act, question) = (act.clone(), question.clone());
        Callback::from(move |event: InputEvent| {
            let text = event.target_unchecked_into::<HtmlInputElement>().value();
            act.emit(with(&question, |next| {
                (next.filter, next.page, next.line) = (text, 0, None);
            }));
        })
    };
    let go = |to: u32| {
        let action = with(question, |next| (next.page, next.line) = (to, None));
        let act = act.clone();
        move |_: MouseEvent| act.emit(action.clone())
    };
    let rows = ROWS as u32;
    let last = (view.first + rows).min(view.matching);
    let paged = view.matching > rows && matches!(question.tab, Tab::Answer | Tab::Stored);
    html! {
        <div class="row">
            <input type="search" placeholder="Filter…" aria-label={format!("Filter {what}")} value={question.filter.clone()} {oninput} />
            { more }
            <span class="muted">{ if view.matching == view.all { format!("{} {what}", view.all) } else { format!("{} of {} {what}", view.matching, view.all) } }</span>
            if paged {
                <span class="sp" />
                <button type="button" class="small" disabled={question.page == 0} aria-label="Earlier" onclick={go(question.page.saturating_sub(1))}>{ "‹" }</button>
                <span class="muted">{ format!("{}–{last}", view.first + 1) }</span>
                <button type="button" class="small" disabled={last >= view.matching} aria-label="Further" onclick={go(question.page + 1)}>{ "›" }</button>
            }
        </div>
    }
}

fn answer(view: &View, act: &Act, list: &NodeRef) -> Html {
    let question = &view.question;
    let numbers: Vec<u32> = view.lines.iter().map(|line| line.number).collect();
    let onkeydown = {
        let (act, question, numbers) = (act.clone(), question.clone(), numbers.clone());
        Callback::from(move |event: KeyboardEvent| {
            let at = question.line.and_then(|line| numbers.iter().position(|one| *one == line));
            let last = numbers.len().saturating_sub(1);
            let next = match (event.key().as_str(), at) {
                ("ArrowDown", None) | ("Home", _) => 0,
                ("ArrowDown", Some(at)) => (at + 1).min(last),
                ("ArrowUp", at) => at.unwrap_or_default().saturating_sub(1),
                ("PageDown", at) => (at.unwrap_or_default() + 15).min(last),
                ("PageUp", at) => at.unwrap_or_default().saturating_sub(15),
                ("End", _) => last,
                ("Escape", Some(_)) => return act.emit(with(&question, |next| next.line = None)),
                _ => return,
            };
            event.prevent_default();
            if let Some(line) = numbers.get(next) {
                act.emit(with(&question, |next| next.line = Some(*line)));
            }
        })
    };
    let described = question.line.filter(|line| numbers.contains(line));
    html! {
        <>
            { head(view, act, "lines", html! {
                <span class="muted">{ format!("{}{}", view.content_type, if view.binary { " — binary, shown as text here" } else { "" }) }</span>
            }) }
            if let Some((line, error)) = &view.mistake {
                <div class="why"><span>{ format!("Prometheus cannot read line {line}:") }</span><code>{ error }</code></div>
            }
            <div class="answer-wrap"><div class="answer-grid">
                <div class="exposition" role="listbox" tabindex="0" aria-label="Lines of the answer" ref={list.clone()} {onkeydown}
                    aria-activedescendant={described.map(|line| format!("line-{line}"))}>
                    { for view.lines.iter().map(|line| {
                        let on = question.line == Some(line.number);
                        let action = with(question, |next| next.line = if on { None } else { Some(line.number) });
                        let act = act.clone();
                        let class = classes!(
                            "line",
                            matches!(line.kind, LineKind::Head).then_some("help"),
                            matches!(line.kind, LineKind::Mistake).then_some("mistake"),
                            line.found.then_some("found"),
                        );
                        html! {
                            <div key={line.number} role="option" id={format!("line-{}", line.number)} aria-selected={on.to_string()}
                                {class} onclick={move |_: MouseEvent| act.emit(action.clone())}>
                                <span class="at" aria-hidden="true">{ line.number }</span>
                                <span>{ line_text(&line.text, line.kind) }</span>
                            </div>
                        }
                    }) }
                </div>
                { match &view.told {
                    Some(found) => told(found, act),
                    None => html! { <div class="told card"><div class="b"><p class="muted">{ "Choose a line: here it is explained, with what becomes of it in the storage." }</p></div></div> },
                } }
            </div></div>
        </>
    }
}

/// A line with its value set apart.
fn line_text(line: &str, kind: LineKind) -> Html {
    let LineKind::Sample { value } = kind else { return html! { { line } } };
    let (name, value) = line.split_at_checked(value as usize).unwrap_or((line, ""));
    html! { <>{ name }<b>{ value }</b></> }
}

fn told(told: &Told, act: &Act) -> Html {
    html! {
        <section class="told card" aria-label="The line explained" aria-live="polite">
            <div class="h"><h3 class="mono">{ &told.title }</h3><span class="muted">{ &told.kind }</span>
                <span class="sp" /><span class="muted">{ format!("line {}", told.number) }</span></div>
            <div class="b">
                { for told.body.iter().map(|text| html! { <p>{ text }</p> }) }
                { for told.findings.iter().map(|(message, why)| html! {
                    <div class="plain found"><b>{ message }</b><p>{ why }</p></div>
                }) }
                if let Some(found) = &told.sample { { told_sample(found, act) } }
            </div>
        </section>
    }
}

fn labels(pairs: &[(String, String)]) -> Html {
    html! {
        { for pairs.iter().map(|(name, value)| html! {
            <span class="lb"><i>{ format!("{name}=") }</i>{ format!("\"{value}\"") }</span>
        }) }
    }
}

fn told_sample(sample: &ToldSample, act: &Act) -> Html {
    let graph = sample.graph.clone().map(|query| {
        let act = act.clone();
        html! { <button type="button" class="small" onclick={move |_: MouseEvent| act.emit(Action::Graph(query.clone()))}>{ "Graph it" }</button> }
    });
    html! {
        <>
            if !sample.help.is_empty() { <p class="muted">{ format!("“{}”", sample.help) }</p> }
            if let Some(exemplar) = &sample.exemplar { <p>{ format!("Exemplar {exemplar}") }</p> }
            <div><h4>{ "With the target's labels" }</h4>{ labels(&sample.joined) }</div>
            { for sample.conflicts.iter().map(|text| html! { <p class="plain">{ text }</p> }) }
            if !sample.steps.is_empty() {
                <div><h4>{ "metric_relabel_configs" }</h4><ol class="steps">{ for sample.steps.iter().map(step) }</ol></div>
            }
            <div><h4>{ "In the storage" }</h4>{ fate(&sample.fate) }</div>
            if let Some((value, at)) = &sample.last {
                <p class="last">{ "Last stored: " }<code>{ value }</code><span class="muted">{ format!(" at {}", clock(*at)) }</span></p>
            }
            if let Some(graph) = graph { <div>{ graph }</div> }
        </>
    }
}

/// `00:01:15` since the start of simulated time.
fn clock(millis: u64) -> String {
    let seconds = millis / 1000;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{:03}", seconds % 60, millis % 1000)
}

fn fate(fate: &Fate) -> Html {
    match fate {
        Fate::Stored { labels, .. } => html! { <code class="series">{ labels }</code> },
        Fate::Dropped { rule, location } => html! {
            <><span class="st">{ "DROPPED" }</span>{ " " }<Jump to={*location}>{ format!("by rule {rule} of metric_relabel_configs") }</Jump></>
        },
        Fate::Passed { why } => {
            html! { <><span class="st">{ "NOT STORED" }</span>{ " " }<span class="muted">{ why }</span></> }
        }
        Fate::Fails { error } => {
            html! { <><span class="st down">{ "FAILS THE SCRAPE" }</span>{ " " }<code>{ error }</code></> }
        }
    }
}

const CHOICES: [(&str, Which); 3] =
    [("All series", Which::All), ("Not stored", Which::Left), ("Changed by rules", Which::Changed)];

fn stored(view: &View, act: &Act) -> Html {
    let question = &view.question;
    let choose = {
        let (act, question) = (act.clone(), question.clone());
        Callback::from(move |event: Event| {
            let word = event.target_unchecked_into::<HtmlSelectElement>().value();
            let which = CHOICES.iter().find(|(known, _)| *known == word).map(|(_, which)| *which);
            act.emit(with(&question, |next| {
                (next.which, next.page) = (which.unwrap_or_default(), 0);
            }));
        })
    };
    let more = html! {
        <select aria-label="Which series" onchange={choose}>
            { for CHOICES.iter().map(|(word, which)| html! {
                <option value={*word} selected={*which == question.which}>{ *word }</option>
            }) }
        </select>
    };
    html! {
        <>
            { head(view, act, "series", more) }
            <section class="card" aria-label="Series">
                <div class="scroll-x"><table>
                    <thead><tr><th>{ "As exposed" }</th><th class="num">{ "Value" }</th><th>{ "As stored" }</th></tr></thead>
                    <tbody>{ for view.stored.iter().map(|row| stored_row(row, question, act)) }</tbody>
                </table></div>
            </section>
            { meta(&view.scrape, act) }
        </>
    }
}

fn stored_row(row: &Stored, question: &Question, act: &Act) -> Html {
    let name = match row.line {
        None => html! { <span class="mono">{ &row.exposed }</span> },
        Some(line) => {
            let action = with(question, |next| {
                (next.tab, next.line, next.filter) = (Tab::Answer, Some(line), String::new());
            });
            let act = act.clone();
            html! { <button type="button" class="jump mono" title="Explain its line" onclick={move |_: MouseEvent| act.emit(action.clone())}>{ &row.exposed }</button> }
        }
    };
    let graph = match &row.fate {
        Fate::Stored { query, labels, changed } => {
            let (act, query) = (act.clone(), query.clone());
            html! {
                <>
                    <button type="button" class="jump mono" title="Graph it" onclick={move |_: MouseEvent| act.emit(Action::Graph(query.clone()))}>{ labels }</button>
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
        <section class="card" aria-label="Series about the scrape">
            <div class="h"><h3>{ "What the scrape reports about itself" }</h3></div>
            <div class="scroll-x"><table>
                <thead><tr><th>{ "Series" }</th><th class="num">{ "Value" }</th><th>{ "Meaning" }</th></tr></thead>
                <tbody>{ for scrape.meta.iter().map(|meta| {
                    let (act, query) = (act.clone(), meta.query.clone());
                    html! {
                        <tr>
                            <td><button type="button" class="jump mono" title="Graph it" onclick={move |_: MouseEvent| act.emit(Action::Graph(query.clone()))}>{ &meta.name }</button></td>
                            <td class="num">{ &meta.value }</td><td>{ &meta.about }</td>
                        </tr>
                    }
                }) }</tbody>
            </table></div>
            <div class="b"><p class="muted">{ "The request says " }<code>{ format!("Accept: {}", scrape.accept) }</code></p></div>
        </section>
    }
}

fn families(view: &View, act: &Act) -> Html {
    html! {
        <>
            { head(view, act, "metrics", Html::default()) }
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
            <td>{ &family.kind }</td>
            <td class="num">{ family.series }<meter min="0" max="1000" value={family.share.to_string()} aria-label={format!("share of all series: {} %", family.share / 10)} /></td>
            <td>
                { for family.labels.iter().map(|(name, count)| html! {
                    <span class="lb"><i>{ format!("{name} ") }</i>{ count }</span>
                }) }
                if family.labels.is_empty() { <span class="muted">{ "no labels" }</span> }
            </td>
        </tr>
    }
}

fn findings(view: &View, act: &Act) -> Html {
    if view.all == 0 {
        return html! { <div class="empty"><h3>{ "Nothing to object to" }</h3><p>{ "Names, types, units and labels keep to the conventions." }</p></div> };
    }
    html! {
        <>
            { head(view, act, "findings", Html::default()) }
            { for view.findings.iter().map(|found| finding(found, &view.question, act)) }
        </>
    }
}

fn finding(finding: &Finding, question: &Question, act: &Act) -> Html {
    let action = with(question, |next| {
        (next.tab, next.line, next.filter) = (Tab::Answer, Some(finding.line), String::new());
    });
    let act = act.clone();
    html! {
        <section class="card" aria-label={finding.message.clone()}>
            <div class="h"><span class="dot warn" /><h3>{ &finding.message }</h3><span class="sp" />
                <button type="button" class="jump" onclick={move |_: MouseEvent| act.emit(action.clone())}>{ format!("line {}", finding.line) }</button></div>
            <div class="b"><p>{ &finding.why }</p><code class="code">{ &finding.code }</code></div>
        </section>
    }
}
