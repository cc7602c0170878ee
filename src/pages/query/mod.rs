//! Query: an expression over the simulated series, as a table, a graph, or an explanation.

mod explain;
mod graph;

use yew::prelude::*;

use super::latest_query;
use crate::app::use_dispatch;
use crate::state::{Action, Shared};
use crate::widgets::inline_code::inline_code;
use crate::widgets::progressive_list::ProgressiveList;
use crate::widgets::query_input::QueryInput;
use crate::widgets::tabs::tab_keys;
use protocol::Labels;
use protocol::pages::query::{
    AnnotationKind, Answer, DashboardQuery, Hint, Query as PromqlQuery, Row, Tab, View as QueryView,
};
use protocol::{PageQuery, View};
use text::Span;

#[derive(Properties, PartialEq)]
pub struct QueryProps {
    pub view: Shared<View>,
    /// See `latest_query`.
    pub query: PageQuery,
}

/// The number of table rows that are rendered at once.
const BLOCK: usize = 50;

/// Sets the query of the page.
type SetQuery = Callback<PromqlQuery>;

const TABS: [(Tab, &str); 3] =
    [(Tab::Table, "Table"), (Tab::Graph, "Graph"), (Tab::Explain, "Explain")];

#[component]
pub fn Query(props: &QueryProps) -> Html {
    let dispatch = use_dispatch();
    let rows = use_memo(props.view.clone(), |view| {
        let view = view.clone();
        Callback::from(move |block: usize| match &*view {
            View::Query(QueryView { answer: Answer::Table { rows, .. }, .. }) => {
                html! { <tbody>{ for rows.chunks(BLOCK).nth(block).unwrap_or_default().iter().map(row) }</tbody> }
            }
            _ => Html::default(),
        })
    });
    let View::Query(view) = &*props.view else { return Html::default() };
    let set_query: SetQuery = Callback::from(move |query| {
        dispatch.emit(Action::SetQuery(PageQuery::Query(query)));
    });
    let query = latest_query!(props, view, Query);
    html! {
        <>
            <h2 class="visually-hidden">{ "Query" }</h2>
            { field(view, query, &set_query) }
            { dashboards(view, query, &set_query) }
            { for view.hints.iter().map(|one| hint(one, query, &set_query)) }
            { tabs(query, &set_query) }
            if let Some(problem) = &view.problem {
                <div class="why" role="alert"><code>{ &problem.message }</code></div>
            }
            { for view.annotations.iter().map(annotation) }
            <div id="query-answer" role="tabpanel" class="query-answer"
                aria-labelledby={format!("query-tab-{}", tab_id(query.tab))}>
                { answer(view, query, &set_query, &rows) }
            </div>
        </>
    }
}

fn field(view: &QueryView, query: &PromqlQuery, set_query: &SetQuery) -> Html {
    let with_text = {
        let (query, set_query) = (query.clone(), set_query.clone());
        Callback::from(move |text: String| {
            set_query.emit(PromqlQuery { query: Some(text), terms: None, ..query.clone() });
        })
    };
    let problem = view
        .problem
        .as_ref()
        .map(|problem| (Span::new(problem.start, problem.end), problem.message.clone()));
    html! {
        <QueryInput text={view.promql.clone()} label="PromQL expression" {problem}
            hint="Expression, for example rate(http_requests_total[1m]). Press Enter to run it."
            on_run={with_text} />
    }
}

/// The queries of the dashboards in the workspace.
fn dashboards(view: &QueryView, query: &PromqlQuery, set_query: &SetQuery) -> Html {
    if view.dashboards.is_empty() {
        return Html::default();
    }
    let one = |saved: &DashboardQuery| {
        let (text, query, set_query) = (saved.expr.clone(), query.clone(), set_query.clone());
        let run = move |_: MouseEvent| {
            set_query.emit(PromqlQuery { query: Some(text.clone()), terms: None, ..query.clone() });
        };
        html! {
            <li>
                <button type="button" class="quiet" onclick={run}>
                    <span class="muted">{ &saved.title }</span>{ " " }<code>{ &saved.expr }</code>
                </button>
            </li>
        }
    };
    html! {
        <details class="dashboards">
            <summary>{ format!("Queries of dashboards: {}", view.dashboards.len()) }</summary>
            <ul>{ for view.dashboards.iter().map(one) }</ul>
        </details>
    }
}

fn hint(hint: &Hint, query: &PromqlQuery, set_query: &SetQuery) -> Html {
    let rewrite = hint.rewrite.clone().map(|(title, text)| {
        let (query, set_query) = (query.clone(), set_query.clone());
        let apply = move |_: MouseEvent| {
            set_query.emit(PromqlQuery { query: Some(text.clone()), terms: None, ..query.clone() });
        };
        html! { <button type="button" class="small" onclick={apply}>{ title }</button> }
    });
    html! {
        <section class="hint" aria-label="Hint">
            <div>
                <p><b>{ &hint.message }</b></p>
                if !hint.help.is_empty() { <p class="muted">{ inline_code(&hint.help) }</p> }
            </div>
            { for rewrite }
        </section>
    }
}

fn tab_id(tab: Tab) -> &'static str {
    match tab {
        Tab::Table => "table",
        Tab::Graph => "graph",
        Tab::Explain => "explain",
    }
}

fn tabs(query: &PromqlQuery, set_query: &SetQuery) -> Html {
    let active = TABS.iter().position(|(tab, _)| *tab == query.tab).unwrap_or_default();
    let choose = {
        let (query, set_query) = (query.clone(), set_query.clone());
        Callback::from(move |index: usize| {
            if let Some((tab, _)) = TABS.get(index) {
                set_query.emit(PromqlQuery { tab: *tab, ..query.clone() });
            }
        })
    };
    html! {
        <div class="segments" role="tablist" aria-label="Answer as"
            onkeydown={tab_keys(TABS.len(), active, choose.clone())}>
            { for TABS.into_iter().enumerate().map(|(index, (tab, title))| {
                let choose = choose.clone();
                let selected = index == active;
                html! {
                    <button type="button" role="tab" id={format!("query-tab-{}", tab_id(tab))}
                        aria-selected={selected.to_string()} aria-controls="query-answer"
                        tabindex={if selected { "0" } else { "-1" }}
                        onclick={move |_| choose.emit(index)}>{ title }</button>
                }
            }) }
        </div>
    }
}

fn annotation((kind, text): &(AnnotationKind, String)) -> Html {
    let class = match kind {
        AnnotationKind::Warning => "annotation warn",
        AnnotationKind::Info => "annotation info",
    };
    html! { <p {class}>{ text }</p> }
}

fn answer(
    view: &QueryView,
    query: &PromqlQuery,
    set_query: &SetQuery,
    draw: &Callback<usize, Html>,
) -> Html {
    if !view.empty.is_empty() {
        let shown = html! {
            <div class="empty">
                <h2>{ "Empty query result" }</h2>
                { for view.empty.iter().map(|reason| html! { <p>{ reason }</p> }) }
            </div>
        };
        // The tree stays visible, because it shows where series are dropped.
        return match &view.answer {
            Answer::Explain { nodes, more, terms } => html! {
                <>{ shown }{ explain::explain(nodes, *more, terms.as_ref(), query, set_query) }</>
            },
            _ => shown,
        };
    }
    match &view.answer {
        Answer::None if view.promql.trim().is_empty() => html! {
            <div class="empty">
                <h2>{ "Query the simulated series" }</h2>
                <p class="muted">{ "Type the name of a metric, or start with " }<code>{ "up" }</code>
                    { ", which is 1 for each target whose last scrape succeeded." }</p>
            </div>
        },
        Answer::None => Html::default(),
        Answer::Table { rows, total } => table(rows.len(), *total, view, draw),
        Answer::Graph(graph) => graph::graph(graph, query, set_query),
        Answer::Explain { nodes, more, terms } => {
            explain::explain(nodes, *more, terms.as_ref(), query, set_query)
        }
    }
}

fn row(row: &Row) -> Html {
    html! {
        <tr>
            <td class="mono">{ series(&row.labels) }</td>
            <td class="num">{ for row.values.iter().map(|value| html! { <div>{ value }</div> }) }</td>
        </tr>
    }
}

fn table(rows: usize, total: usize, view: &QueryView, draw: &Callback<usize, Html>) -> Html {
    html! {
        <>
            <div class="card"><div class="scroll-x"><table>
                <caption class="visually-hidden">{ "Result" }</caption>
                <thead><tr><th>{ "Series" }</th><th class="num">{ "Value" }</th></tr></thead>
                <ProgressiveList blocks={rows.div_ceil(BLOCK)} draw={draw.clone()} />
            </table></div></div>
            <p class="muted">
                { format!("{} · {total} result series · {} samples read", view.value_type, view.samples_read) }
                if rows < total { { format!(" · the first {rows} are shown") } }
            </p>
        </>
    }
}

/// Renders a series: its name in bold, then its labels.
fn series(labels: &Labels) -> Html {
    let name = labels.metric_name();
    let others: Vec<_> = labels.iter().filter(|(name, _)| *name != "__name__").collect();
    if name.is_empty() && others.is_empty() {
        return html! { <span class="muted">{ "{}" }</span> };
    }
    html! {
        <>
            <b>{ name.to_owned() }</b>
            { for others.into_iter().map(|(name, value)| html! {
                <span class="lb"><i>{ format!("{name}=") }</i>{ format!("{value:?}") }</span>
            }) }
        </>
    }
}
