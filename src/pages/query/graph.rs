//! The graph of a query, with the controls of Prometheus: range, end time and resolution.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::SetQuery;
use crate::widgets::chart::{ChartData, ChartSeries, LineChart};
use crate::widgets::list_option::ListOption;
use go::Duration;
use protocol::pages::query::{Graph, Query};

/// Milliseconds.
const RANGES: [u64; 9] =
    [60_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000];
const STEPS: [u64; 9] = [1_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 900_000];
/// The number of different colors.
const COLORS: usize = 8;
/// The color of the true values, which few graphs need for a series.
const TRUTH: usize = 7;

pub fn graph(graph: &Graph, query: &Query, set_query: &SetQuery) -> Html {
    let data = ChartData {
        times: (0..graph.points)
            .map(|point| graph.start + f64::from(point) * graph.step as f64 / 1000.0)
            .collect(),
        series: graph
            .lines
            .iter()
            .enumerate()
            .map(|(at, line)| ChartSeries {
                label: line.label.clone(),
                values: line.values.iter().map(|value| value.unwrap_or(f64::NAN)).collect(),
                color: at % COLORS,
                ..ChartSeries::default()
            })
            .chain(graph.truth.iter().map(|line| ChartSeries {
                label: line.label.clone(),
                values: line.values.iter().map(|value| value.unwrap_or(f64::NAN)).collect(),
                color: TRUTH,
                dash: true,
                ..ChartSeries::default()
            }))
            .collect(),
        // There is no data before the start of simulated time.
        min: Some(graph.start.max(0.0)),
        max: Some(graph.end),
        stepped: false,
    };
    let label = format!("Graph of {} series over {}", graph.total, Duration(query.range as i64));
    html! {
        <>
            { controls(graph, query, set_query) }
            <div class="card"><div class="b">
                <LineChart {data} {label} class={classes!("chart", "tall")} />
                <div class="legend">
                    { for graph.lines.iter().enumerate().map(|(at, line)| {
                        let last = line.values.iter().rev().flatten().next();
                        html! {
                            <span><i class={format!("k{}", at % COLORS + 1)} />{ &line.label }
                                if let Some(last) = last {
                                    <b>{ format!(" {}", protocol::number::number(*last)) }</b>
                                }
                            </span>
                        }
                    }) }
                    { for graph.truth.iter().map(|line| html! {
                        <span><i class={format!("k{} dashed", TRUTH + 1)} />{ &line.label }</span>
                    }) }
                </div>
                if query.truth && graph.truth.is_empty() && !graph.lines.is_empty() {
                    <p class="muted">{ "True values are known for exposed series and for rate and increase of one series." }</p>
                }
                if graph.lines.len() < graph.total {
                    <p class="muted">{ format!("{} of {} series are shown.", graph.lines.len(), graph.total) }</p>
                }
            </div></div>
        </>
    }
}

fn controls(graph: &Graph, query: &Query, set_query: &SetQuery) -> Html {
    let range = choice(query, set_query, |query, value| query.range = value.unwrap_or(600_000));
    let step = choice(query, set_query, |query, value| query.step = value);
    let shift = |by: i64| {
        let (query, set_query) = (query.clone(), set_query.clone());
        let end = (graph.end * 1000.0) as i64 + by;
        move |_: MouseEvent| {
            let end = u64::try_from(end).unwrap_or_default();
            set_query.emit(Query { end: Some(end), ..query.clone() });
        }
    };
    let truth = {
        let (query, set_query) = (query.clone(), set_query.clone());
        move |_: Event| set_query.emit(Query { truth: !query.truth, ..query.clone() })
    };
    let half = (query.range / 2) as i64;
    let now = {
        let (query, set_query) = (query.clone(), set_query.clone());
        move |_: MouseEvent| set_query.emit(Query { end: None, ..query.clone() })
    };
    let written = |millis: u64| Duration(millis as i64).to_string();
    html! {
        <div class="row graph-controls">
            <label class="field"><span>{ "Range" }</span>
                <select onchange={range}>
                    { for RANGES.into_iter().map(|millis| html! {
                        <ListOption value={millis.to_string()} selected={query.range == millis}>{ written(millis) }</ListOption>
                    }) }
                </select>
            </label>
            <label class="field"><span>{ "Resolution" }</span>
                <select onchange={step}>
                    <ListOption value="" selected={query.step.is_none()}>{ format!("auto ({})", written(graph.step)) }</ListOption>
                    { for STEPS.into_iter().map(|millis| html! {
                        <ListOption value={millis.to_string()} selected={query.step == Some(millis)}>{ written(millis) }</ListOption>
                    }) }
                </select>
            </label>
            <label class="check" title="Also shows the true values of the program between scrapes">
                <input type="checkbox" checked={query.truth} onchange={truth} />{ "Truth" }
            </label>
            <div class="row" role="group" aria-label="End time">
                <button type="button" class="small" aria-label="Half the range earlier" onclick={shift(-half)}>{ "‹" }</button>
                <button type="button" class="small" aria-pressed={query.end.is_none().to_string()} onclick={now}>{ "until now" }</button>
                <button type="button" class="small" aria-label="Half the range later" disabled={query.end.is_none()} onclick={shift(half)}>{ "›" }</button>
            </div>
        </div>
    }
}

fn choice(
    query: &Query,
    set_query: &SetQuery,
    set: impl Fn(&mut Query, Option<u64>) + 'static,
) -> Callback<Event> {
    let (query, set_query) = (query.clone(), set_query.clone());
    Callback::from(move |event: Event| {
        let value = event.target_unchecked_into::<HtmlSelectElement>().value();
        let mut next = query.clone();
        set(&mut next, value.parse().ok());
        set_query.emit(next);
    })
}
