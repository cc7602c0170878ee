//! The explanation of a query: its tree with the result of each node, and the computation of a
//! sample.

use yew::prelude::*;

use super::{SetQuery, series};
use crate::app::use_dispatch;
use crate::state::{Action, Page};
use protocol::Labels;
use protocol::pages::query::{MatchGroup, MatchSide, NodeRow, Query, TermsQuery, TermsView};
use protocol::{PageQuery, pages::rate_lab};

/// The maximum number of series below a node.
const SHOWN: usize = 6;

pub fn explain(
    nodes: &[NodeRow],
    more: usize,
    terms: Option<&TermsView>,
    query: &Query,
    set_query: &SetQuery,
) -> Html {
    html! {
        <>
            if let Some(terms) = terms { { arithmetic(terms, query, set_query) } }
            <ol class="tree">
                { for nodes.iter().map(|row| node(row, query, set_query)) }
            </ol>
            if more > 0 {
                <p class="muted">{ format!("{more} more parts of this query are not listed. Query a part of it to see them.") }</p>
            }
        </>
    }
}

fn node(row: &NodeRow, query: &Query, set_query: &SetQuery) -> Html {
    let depth = format!("--depth:{}", row.depth.min(12));
    let counts = match row.series {
        1 => "1 series".to_owned(),
        many => format!("{many} series"),
    };
    html! {
        <li style={depth}>
            <div class="card">
                <div class="h">
                    <code class="plain">{ &row.text }</code>
                    <span class="sp" />
                    <span class="muted">{ &row.value_type }</span>
                    <span class={if row.series == 0 { "badge bad" } else { "badge" }}>{ counts }</span>
                    if row.samples_read > 0 { <span class="muted">{ format!("{} samples read", row.samples_read) }</span> }
                </div>
                <div class="b">
                    if !row.cardinality.is_empty() {
                        <p class="muted">{ for row.cardinality.iter().map(|(name, count)| html! {
                            <span class="lb"><i>{ name }</i>{ format!(" {count}") }</span>
                        }) }</p>
                    }
                    if let Some(matching) = &row.matching {
                        <p>{ format!("{} groups met", matching.matched) }
                            if matching.only_left + matching.only_right > 0 {
                                { format!("; without a match: {} on the left, {} on the right", matching.only_left, matching.only_right) }
                            }
                        </p>
                        <div class="scroll-x"><table>
                            <thead><tr><th>{ "On" }</th><th>{ "Left" }</th><th>{ "Right" }</th></tr></thead>
                            <tbody>{ for matching.groups.iter().map(group) }</tbody>
                        </table></div>
                    }
                    { shown(row, query, set_query) }
                </div>
            </div>
        </li>
    }
}

fn group(MatchGroup { signature, left, right }: &MatchGroup) -> Html {
    let lone = left.series.is_empty() || right.series.is_empty();
    html! {
        <tr class={classes!(lone.then_some("lone"))}>
            <td class="mono">{ series(signature) }</td>
            <td class="mono">{ side(left) }</td>
            <td class="mono">{ side(right) }</td>
        </tr>
    }
}

fn side(side: &MatchSide) -> Html {
    if side.series.is_empty() {
        return html! { <span class="muted">{ "none" }</span> };
    }
    html! {
        <>
            { for side.series.iter().map(|labels| html! { <div>{ series(labels) }</div> }) }
            if side.more > 0 { <div class="muted">{ format!("and {} more", side.more) }</div> }
        </>
    }
}

fn shown(row: &NodeRow, query: &Query, set_query: &SetQuery) -> Html {
    if row.shown.is_empty() {
        return html! { if row.series == 0 { <p class="muted">{ "No series are left." }</p> } };
    }
    html! {
        <ul class="series">
            { for row.shown.iter().take(SHOWN).map(|(labels, value)| html! {
                <li>
                    <span class="mono">{ series(labels) }</span>
                    <span class="sp" />
                    <span class="mono">{ value }</span>
                    if row.has_terms { { terms_button(row.node, labels, query, set_query) } }
                </li>
            }) }
            if row.series > SHOWN { <li class="muted">{ format!("and {} more", row.series - SHOWN.min(row.shown.len())) }</li> }
        </ul>
    }
}

fn terms_button(node: u32, labels: &Labels, query: &Query, set_query: &SetQuery) -> Html {
    let terms = TermsQuery { node, labels: labels.clone() };
    let (query, set_query) = (query.clone(), set_query.clone());
    let show = move |_: MouseEvent| {
        set_query.emit(Query { terms: Some(terms.clone()), ..query.clone() });
    };
    html! { <button type="button" class="small" onclick={show}>{ "How?" }</button> }
}

/// Opens the Rate lab with the series of a result.
#[component]
fn ToLab(props: &ToLabProps) -> Html {
    let dispatch = use_dispatch();
    let series = props.series.clone();
    let go = move |_: MouseEvent| {
        dispatch.emit(Action::Show(Page::RateLab));
        let query = rate_lab::Query::of_series(series.clone());
        dispatch.emit(Action::SetQuery(PageQuery::RateLab(query)));
    };
    html! { <button type="button" class="small" onclick={go}>{ "Open in the Rate lab" }</button> }
}

#[derive(Properties, PartialEq)]
struct ToLabProps {
    series: rate_lab::SeriesWindow,
}

fn arithmetic(terms: &TermsView, query: &Query, set_query: &SetQuery) -> Html {
    let close = {
        let (query, set_query) = (query.clone(), set_query.clone());
        move |_: MouseEvent| set_query.emit(Query { terms: None, ..query.clone() })
    };
    html! {
        <section class="card" aria-label="How it was computed">
            <div class="h">
                <h3>{ "How it was computed" }</h3>
                <span class="mono">{ &terms.series }</span>
                <span class="sp" />
                if let Some(series) = &terms.series_window { <ToLab series={series.clone()} /> }
                <button type="button" class="small" onclick={close}>{ "Close" }</button>
            </div>
            <div class="b">
                <dl class="kv">
                    { for terms.rows.iter().map(|(name, text)| html! { <><dt>{ name }</dt><dd class="mono">{ text }</dd></> }) }
                    <dt><b>{ "value" }</b></dt><dd class="mono"><b>{ &terms.result }</b></dd>
                </dl>
                if !terms.samples.is_empty() {
                    <details>
                        <summary>{ format!("{} samples", terms.samples.len()) }</summary>
                        <p class="mono">{ for terms.samples.iter().map(|(before, value)| html! {
                            <span class="lb"><i>{ format!("−{before} s ") }</i>{ value }</span>
                        }) }</p>
                    </details>
                }
            </div>
        </section>
    }
}
