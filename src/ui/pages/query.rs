//! Query: an expression, its value now, and how it came to be.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::session::pages::{Question, View, query};
use crate::ui::app::use_dispatch;
use crate::ui::state::{Action, Shared};
use crate::ui::widgets::chart::{ChartData, ChartSeries, LineChart};
use crate::ui::widgets::query_input::QueryField;
use crate::ui::widgets::words::words;

/// How far the graph looks back, in seconds.
const RANGES: [(u32, &str); 5] =
    [(300, "5m"), (900, "15m"), (3_600, "1h"), (21_600, "6h"), (86_400, "1d")];

#[derive(Properties, PartialEq)]
pub struct QueryProps {
    pub view: Shared<View>,
}

#[component]
pub fn Query(props: &QueryProps) -> Html {
    let dispatch = use_dispatch();
    let View::Query(view) = &*props.view else { return Html::default() };
    let seconds = view.seconds;
    let run = {
        let dispatch = dispatch.clone();
        use_callback(seconds, move |query: String, seconds| {
            let question = query::Question { query, seconds: *seconds };
            dispatch.emit(Action::Ask(Question::Query(question)));
        })
    };
    let onrange = {
        let (dispatch, query) = (dispatch.clone(), view.query.clone());
        move |event: Event| {
            let chosen = event.target_dyn_into::<HtmlSelectElement>().map(|select| select.value());
            if let Some(seconds) = chosen.and_then(|value| value.parse().ok()) {
                let question = query::Question { query: query.clone(), seconds };
                dispatch.emit(Action::Ask(Question::Query(question)));
            }
        }
    };
    html! {
        <>
            <div class="query-bar">
                <QueryField key={seconds} query={view.query.clone()} label="Expression" {run} />
                <label class="field">
                    <span>{ "Last" }</span>
                    <select onchange={onrange}>
                        { for RANGES.iter().map(|(value, label)| html! {
                            <option value={value.to_string()} selected={*value == seconds}>{ *label }</option>
                        }) }
                    </select>
                </label>
            </div>
            if let Some(error) = &view.error {
                <div class="why" role="alert"><code>{ error }</code></div>
            } else if view.query.trim().is_empty() {
                <div class="empty"><h2>{ "Ask something" }</h2><p>{ words("For example `up`, which is 1 for every target that answered.") }</p></div>
            } else {
                { answer(view) }
            }
            { for view.annotations.iter().map(|text| html! { <p class="note">{ text }</p> }) }
            { graph(view) }
            { table(view) }
        </>
    }
}

/// One sentence before the table that proves it.
fn answer(view: &query::View) -> Html {
    let sentence = match (view.kind.as_str(), view.count) {
        (_, 0) => {
            return html! { <p class="answer">{ "No series. " }<span class="muted">{ "Nothing matches at this moment: let time play, or look at the names." }</span></p> };
        }
        ("scalar" | "string", _) => {
            view.rows.first().map(|row| row.value.clone()).unwrap_or_default()
        }
        (_, 1) => match view.rows.first() {
            Some(row) if !row.value.contains('\n') => row.value.clone(),
            _ => "1 series".to_owned(),
        },
        (_, count) => format!("{count} series"),
    };
    html! { <p class="answer"><b>{ sentence }</b>{ " now" }</p> }
}

fn graph(view: &query::View) -> Html {
    let graph = &view.graph;
    if graph.series.is_empty() {
        return Html::default();
    }
    let series = graph.series.iter().enumerate().map(|(color, (label, values))| ChartSeries {
        label: label.clone(),
        values: values.clone(),
        color,
        ..ChartSeries::default()
    });
    let data = ChartData {
        times: graph.times.clone(),
        series: series.collect(),
        min: Some(graph.start.max(0.0)),
        max: Some(graph.end),
        stepped: false,
    };
    html! {
        <section class="card">
            <div class="b">
                <LineChart {data} label={format!("Graph of {}", view.query)} class={classes!("chart", "tall")} />
                <div class="legend">
                    { for graph.series.iter().enumerate().map(|(number, (label, _))| html! {
                        <span><i class={format!("k{}", number % 8 + 1)} />{ label }</span>
                    }) }
                    if graph.count as usize > graph.series.len() {
                        <span>{ format!("and {} more", graph.count as usize - graph.series.len()) }</span>
                    }
                </div>
            </div>
        </section>
    }
}

fn table(view: &query::View) -> Html {
    if view.rows.is_empty() {
        return Html::default();
    }
    html! {
        <section class="card scroll-x" tabindex="0" aria-label="Table">
            <table>
                <thead><tr><th>{ "Series" }</th><th class="num">{ "Value" }</th></tr></thead>
                <tbody>
                    { for view.rows.iter().map(|row| html! {
                        <tr><td class="mono">{ if row.series.is_empty() { "(no labels)" } else { &row.series } }</td><td class="num values">{ &row.value }</td></tr>
                    }) }
                </tbody>
            </table>
        </section>
    }
}
