//! Targets: the table of Prometheus's page "Target health", with reasons and dropped targets.

use std::ops::Range;

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::latest_query;
use crate::app::{Dispatch, use_dispatch};
use crate::state::{Action, Shared};
use crate::widgets::list_option::ListOption;
use crate::widgets::progressive_list::ProgressiveList;
use crate::widgets::source_link::SourceLink;
use crate::widgets::sparkline;
use crate::widgets::virtual_table::VirtualTable;
use protocol::pages::cluster::Refused;
use protocol::pages::targets::{
    Details, NewFile, Pool, PoolChoice, Query, ROWS, Row, Show, Sparkline, State,
};
use protocol::pages::{Label, Note};
use protocol::{PageQuery, View};

#[derive(Properties, PartialEq)]
pub struct TargetsProps {
    pub view: Shared<View>,
    /// See `latest_query`.
    pub query: PageQuery,
}

/// The choices of the filter.
const SHOWS: [(&str, Show); 6] = [
    ("All", Show::All),
    ("Up", Show::Up),
    ("Unhealthy", Show::Unhealthy),
    ("Dropped", Show::Dropped),
    ("Failed", Show::Failed),
    ("Merged", Show::Merged),
];

/// Sets the query of the page.
type SetQuery = Callback<Query>;

#[component]
pub fn Targets(props: &TargetsProps) -> Html {
    let dispatch = use_dispatch();
    let View::Targets(view) = &*props.view else { return Html::default() };
    let set_query: SetQuery = Callback::from(move |query| {
        dispatch.emit(Action::SetQuery(PageQuery::Targets(query)));
    });
    let query = latest_query!(props, view, Targets);
    let actions = use_dispatch();
    let blocks = use_memo(props.view.clone(), |view| match &**view {
        View::Targets(view) => blocks(&view.pools),
        _ => Vec::new(),
    });
    let draw = {
        let (blocks, set_query) = (blocks.clone(), set_query.clone());
        use_memo((props.view.clone(), query.clone()), move |(view, query)| {
            let (view, query) = (view.clone(), query.clone());
            Callback::from(move |block: usize| {
                let (View::Targets(view), Some(range)) = (&*view, blocks.get(block)) else {
                    return Html::default();
                };
                let pools = view.pools.get(range.clone()).unwrap_or_default();
                pools.iter().map(|shown| pool(shown, &query, &set_query)).collect()
            })
        })
    };
    html! {
        <>
            <div class="title targets-title">
                <h2>{ "Expected targets" }</h2>
                <span class="muted">{ "as on Status → Target health" }</span>
                <span class="sp" />
                { filter(query, &set_query) }
            </div>
            if let Some(text) = &view.note { { note(text) } }
            { left_out(&view.refused) }
            { for view.comparison.iter().map(super::comparison::comparison) }
            if view.discovered > 0 { { counts(view, query, &set_query) } }
            if view.active() > 0 {
                <div class="sparklines">{ for view.sparklines.iter().map(|shown| sparkline_card(shown, &actions)) }</div>
            }
            <div class="pools"><ProgressiveList blocks={blocks.len()} draw={(*draw).clone()} /></div>
            if view.pools.is_empty() && view.note.is_none() {
                <div class="empty"><p>{ "No targets match." }</p></div>
            }
            if !view.pools.is_empty() {
                <p class="muted">{ "Point at a label to see its origin. Click it to show the source." }</p>
            }
        </>
    }
}

/// The numbers of targets by state. A click shows the targets of that state.
fn counts(view: &protocol::pages::targets::View, query: &Query, set_query: &SetQuery) -> Html {
    let fact = |count: u32, name: &'static str, class: &'static str, show: Option<Show>| {
        fact(count, name, if count > 0 { class } else { "" }, show, query, set_query)
    };
    html! {
        <div class="facts">
            { fact(view.discovered, "discovered", "", None) }
            { fact(view.distinct, "scraped", "", Some(Show::All)) }
            { fact(view.up, "up", "ok", Some(Show::Up)) }
            { fact(view.down, "down", "bad", Some(Show::Unhealthy)) }
            if view.undescribed > 0 { { fact(view.undescribed, "unknown", "", Some(Show::Unhealthy)) } }
            { fact(view.dropped, "dropped", "", Some(Show::Dropped)) }
            { fact(view.failed, "failed", "bad", Some(Show::Failed)) }
            if view.merged > 0 { { fact(view.merged, "merged", "", Some(Show::Merged)) } }
        </div>
    }
}

/// Objects that the API server refuses, so that their targets are missing or are those of an earlier
/// text.
fn left_out(refused: &[Refused]) -> Html {
    let names = |stays: bool| {
        let found = refused.iter().filter(|one| one.stays == stays);
        found.map(|one| one.object.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (missing, kept) = (names(false), names(true));
    html! {
        <>
            if !missing.is_empty() {
                <p class="left-out" role="note">
                    { "Refused by the API server, and therefore left out: " }<b>{ missing }</b>{ "." }
                </p>
            }
            if !kept.is_empty() {
                <p class="left-out" role="note">
                    { "The change is refused by the API server, and the targets are those of the stored object: " }<b>{ kept }</b>{ "." }
                </p>
            }
        </>
    }
}

/// The approximate number of rows that are rendered at once. The header of a pool counts as three
/// rows.
const BLOCK: usize = 40;

/// Groups pools into blocks.
fn blocks(pools: &[Pool]) -> Vec<Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    let mut weight = BLOCK;
    for (number, pool) in pools.iter().enumerate() {
        let own = pool.targets.len() + 3;
        match blocks.last_mut() {
            Some(block) if weight + own <= BLOCK => block.end = number + 1,
            _ => {
                blocks.push(number..number + 1);
                weight = 0;
            }
        }
        weight += own;
    }
    blocks
}

/// A sparkline of a query, with a link to its graph.
fn sparkline_card(sparkline: &Sparkline, dispatch: &Dispatch) -> Html {
    let open = {
        let (dispatch, query) = (dispatch.clone(), sparkline.query.clone());
        move |_| dispatch.emit(Action::Graph(query.clone()))
    };
    let now = sparkline.now.map_or("–".to_owned(), protocol::number::number);
    let label = format!("{} over the last five minutes; current value {now}", sparkline.query);
    html! {
        <section class="card sparkline-card" aria-label={sparkline.query.clone()}>
            <button type="button" class="text-link mono" title={format!("{}: open in Query", sparkline.query)} onclick={open}>
                { &sparkline.query }
            </button>
            <div class="row">
                <sparkline::Sparkline lines={sparkline.lines.clone()} points={sparkline.points} {label} />
                <b class={classes!("now", sparkline.now.is_none().then_some("muted"))}>{ now }</b>
            </div>
        </section>
    }
}

/// The reason for an empty result, in the words of Prometheus or Kubernetes.
pub fn note(note: &Note) -> Html {
    html! {
        <section class="card bad">
            <div class="b">
                <p><b>{ &note.title }</b></p>
                if !note.lines.is_empty() { <pre class="text">{ note.lines.join("\n") }</pre> }
                if note.location.is_some() {
                    <p><SourceLink to={note.location}>{ "Show source" }</SourceLink></p>
                }
            </div>
        </section>
    }
}

fn filter(query: &Query, set_query: &SetQuery) -> Html {
    let choose = {
        let (query, set_query) = (query.clone(), set_query.clone());
        Callback::from(move |event: Event| {
            let chosen = event.target_unchecked_into::<HtmlSelectElement>().value();
            let show = SHOWS.iter().find(|(word, _)| *word == chosen).map(|(_, show)| *show);
            set_query.emit(narrowed(&query, |next| next.show = show.unwrap_or_default()));
        })
    };
    let search = {
        let (query, set_query) = (query.clone(), set_query.clone());
        Callback::from(move |event: InputEvent| {
            let text = event.target_unchecked_into::<HtmlInputElement>().value();
            set_query.emit(narrowed(&query, |next| next.search = text));
        })
    };
    html! {
        <>
            <select aria-label="Which targets" onchange={choose}>
                { for SHOWS.iter().map(|(word, show)| html! {
                    <ListOption value={*word} selected={*show == query.show}>{ *word }</ListOption>
                }) }
            </select>
            <input type="search" placeholder="Filter by endpoint or labels…" aria-label="Filter by endpoint or labels"
                value={query.search.clone()} oninput={search} />
        </>
    }
}

/// A different filter starts at the first row.
fn narrowed(query: &Query, change: impl FnOnce(&mut Query)) -> Query {
    let mut next = query.clone();
    next.pools.iter_mut().for_each(|choice| choice.first = 0);
    change(&mut next);
    next
}

fn fact(
    count: u32,
    word: &'static str,
    class: &'static str,
    show: Option<Show>,
    query: &Query,
    set_query: &SetQuery,
) -> Html {
    let inner = html! { <><b>{ count }</b><span>{ word }</span></> };
    let Some(show) = show else {
        return html! { <div class={classes!("fact", class)}>{ inner }</div> };
    };
    let pressed = (query.show == show).to_string();
    let (query, set_query) = (query.clone(), set_query.clone());
    let click = move |_: MouseEvent| set_query.emit(narrowed(&query, |next| next.show = show));
    html! {
        <button type="button" class={classes!("fact", class)} aria-pressed={pressed} onclick={click}>{ inner }</button>
    }
}

fn pool(pool: &Pool, query: &Query, set_query: &SetQuery) -> Html {
    let (health, bad) = match (pool.down, pool.up) {
        (1.., _) => ("st down", true),
        (0, 1..) if pool.up == pool.active => ("st up", false),
        _ if pool.active == 0 => ("st", false),
        _ => ("st wait", false),
    };
    let toggle = {
        let (query, set_query, job, open) =
            (query.clone(), set_query.clone(), pool.job.clone(), pool.open);
        move |_: MouseEvent| {
            set_query.emit(chosen(&query, &job, |choice| choice.open = Some(!open)));
        }
    };
    html! {
        <section key={pool.job.clone()} class={classes!("card", "pool", bad.then_some("bad"))} aria-label={pool.job.clone()}>
            <div class="h">
                <button type="button" class="quiet small" aria-expanded={pool.open.to_string()} onclick={toggle}
                    aria-label={format!("Targets of {}", pool.job)}>{ if pool.open { "▾" } else { "▸" } }</button>
                <h3>{ &pool.job }</h3>
                <span class={health}>
                    { format!("{} / {} up", pool.up, pool.active) }
                </span>
                if pool.undescribed > 0 {
                    <span class="muted">{ format!("{} unknown", pool.undescribed) }</span>
                }
                <span class="sp" />
                if is_long(pool) { <span class="muted">{ format!("{} rows", pool.matching) }</span> }
                <SourceLink to={pool.location}>{ "show config" }</SourceLink>
            </div>
            if let Some(text) = &pool.note { { note(text) } }
            if pool.open && !pool.targets.is_empty() { { rows(pool, query, set_query) } }
        </section>
    }
}

/// A URL, which breaks before its path if it does not match.
fn url(url: &str) -> Html {
    let host = url.find("://").map_or(0, |at| at + 3);
    let path = url[host..].find('/').map_or(url.len(), |at| host + at);
    html! { <>{ &url[..path] }<wbr />{ &url[path..] }</> }
}

fn chosen(query: &Query, job: &str, change: impl FnOnce(&mut PoolChoice)) -> Query {
    let mut next = query.clone();
    let at = next.pools.iter().position(|choice| choice.job == job).unwrap_or_else(|| {
        next.pools.push(PoolChoice { job: job.to_owned(), ..PoolChoice::default() });
        next.pools.len() - 1
    });
    change(&mut next.pools[at]);
    next
}

/// Returns true if the pool is shown in a virtual table.
fn is_long(pool: &Pool) -> bool {
    pool.open && pool.matching as usize > ROWS
}

fn rows(pool: &Pool, query: &Query, set_query: &SetQuery) -> Html {
    let head = html! {
        <tr><th>{ "Endpoint" }</th><th>{ "Labels" }</th><th>{ "Last scrape" }</th><th>{ "State" }</th></tr>
    };
    if !is_long(pool) {
        return html! {
            <div class="scroll-x"><table>
                <thead>{ head }</thead>
                <tbody>{ for pool.targets.iter().map(|found| row(found, None, query, set_query)) }</tbody>
            </table></div>
        };
    }
    let onmove = {
        let (query, set_query, job) = (query.clone(), set_query.clone(), pool.job.clone());
        move |first| set_query.emit(chosen(&query, &job, |choice| choice.first = first))
    };
    let (first, shown) = (pool.first, pool.targets.len() as u32);
    let of = |(found, number): (&Row, u32)| row(found, Some(number), query, set_query);
    html! {
        <VirtualTable label={format!("Targets of {}", pool.job)} {head} columns=4 total={pool.matching} {first} {shown}
            opened={pool.opened} {onmove}>
            { for pool.targets.iter().zip(first..).map(of) }
        </VirtualTable>
    }
}

/// A label with its origin. A click shows the source.
pub fn label(label: &Label) -> Html {
    if label.source.is_none() {
        return html! {
            <span class="lb" title={label.origin.clone()}>
                <i>{ format!("{}=", label.name) }</i>{ format!("\"{}\"", label.value) }
            </span>
        };
    }
    html! {
        <SourceLink to={label.source} class={classes!("lb")} title={label.origin.clone()}>
            <i>{ format!("{}=", label.name) }</i>{ format!("\"{}\"", label.value) }
        </SourceLink>
    }
}

/// The class and the text of a state.
fn state_badge(state: State) -> (&'static str, &'static str) {
    match state {
        State::Up => ("st up", "UP"),
        State::Down => ("st down", "DOWN"),
        State::Unknown | State::Undescribed => ("st wait", "UNKNOWN"),
        State::Dropped => ("st", "DROPPED"),
        State::Failed => ("st down", "FAILED"),
    }
}

/// Opens or closes the details of a row.
fn toggle_details(row: &Row, query: &Query, set_query: &SetQuery) -> Callback<MouseEvent> {
    let (query, set_query, key) = (query.clone(), set_query.clone(), row.key.clone());
    Callback::from(move |_| {
        let mut next = query.clone();
        match next.details.iter().position(|known| *known == key) {
            Some(at) => drop(next.details.remove(at)),
            None => next.details.push(key.clone()),
        }
        set_query.emit(next);
    })
}

/// A row for a target. In a virtual table, `number` is its index and rows have a fixed height.
fn row(row: &Row, number: Option<u32>, query: &Query, set_query: &SetQuery) -> Html {
    let (class, word) = state_badge(row.state);
    let toggle = toggle_details(row, query, set_query);
    let scraped =
        matches!(row.state, State::Up | State::Down | State::Unknown | State::Undescribed);
    // The header row is the first row.
    let index = number.map(|number| (number + 2).to_string());
    let at = number.map(|number| number.to_string());
    let key = format!("{}-{}-{}", row.key.mechanism, row.key.group, row.key.target);
    html! {
        <key={key}>
            <tr class={classes!(number.map(|_| "one"))} aria-rowindex={index} data-row={at.clone()}>
                <td class="mono"><div class="cell">
                    <div class="url" title={row.url.clone()}>{ url(&row.url) }</div>
                    if row.merged > 1 {
                        <div class="muted">{ format!("{} discovered targets in one", row.merged) }</div>
                    } else if number.is_some() {
                        { in_short(row) }
                    }
                </div></td>
                <td><div class="cell">
                    <div class="labels">{ for row.labels.iter().map(label) }</div>
                    <button type="button" class="quiet small" aria-expanded={row.details.is_some().to_string()} onclick={toggle}
                        aria-label={format!("{} of {}", if row.details.is_some() { "less" } else { "more" }, row.url)}>
                        { if row.details.is_some() { "less" } else { "more…" } }
                    </button>
                </div></td>
                <td><div class="cell">
                    if scraped {
                        { row.last_scrape.map_or("never".to_owned(), |ago| format!("{ago:.1}s ago")) }
                        if let Some(duration) = row.duration {
                            <div class="muted">{ milliseconds(duration) }</div>
                        }
                    }
                </div></td>
                <td><div class="cell"><span {class}>{ word }</span></div></td>
            </tr>
            if let Some(found) = &row.details {
                <tr data-row={at} class={classes!(number.map(|_| "more"))}><td colspan="4"><div class="details">
                    if number.is_some() { { why(row) } }
                    { details(found, number.is_some().then_some(row)) }
                </div></td></tr>
            }
            if number.is_none() && has_why(row) { <tr><td colspan="4">{ why(row) }</td></tr> }
        </>
    }
}

fn has_why(row: &Row) -> bool {
    row.error.is_some() || !row.reasons.is_empty() || row.server.is_some()
}

/// Returns true if the row has no error.
fn is_calm(row: &Row) -> bool {
    row.error.is_none() || row.state == State::Dropped
}

/// The error in one line.
fn in_short(row: &Row) -> Html {
    let said = row.server.as_ref().map(|said| said.sentence());
    let reason = row.reasons.first().map(|reason| reason.text.clone());
    let undescribed = row.state == State::Undescribed;
    let other = if undescribed { said.or(reason) } else { reason.or(said) };
    let Some(text) = row.error.clone().or(other) else { return Html::default() };
    let class = if is_calm(row) { "short muted" } else { "short bad" };
    html! { <div {class} title={text.clone()}>{ text }</div> }
}

fn why(row: &Row) -> Html {
    if !has_why(row) {
        return Html::default();
    }
    html! {
        <div class={if is_calm(row) { "why calm" } else { "why" }}>
            if let Some(error) = &row.error { <code>{ error }</code> }
            { for row.reasons.iter().map(|reason| html! {
                <div><SourceLink to={reason.location}>{ &reason.text }</SourceLink></div>
            }) }
            if let Some(said) = &row.server { <div>{ said.sentence() }</div> }
            if row.proposal.is_some() || row.body.is_some() {
                <div class="row">
                    { for row.proposal.iter().map(|file| html! { <Describe file={file.clone()} label="Describe what answers" /> }) }
                    { for row.body.iter().map(|file| html! { <Describe file={file.clone()} label="Paste its metrics" /> }) }
                </div>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct DescribeProps {
    file: NewFile,
    label: &'static str,
}

/// A button that creates the proposed file.
#[component]
fn Describe(props: &DescribeProps) -> Html {
    let dispatch = use_dispatch();
    let file = props.file.clone();
    let click = move |_: MouseEvent| {
        let (name, text) = (file.name.clone(), file.text.clone());
        dispatch.emit(Action::WriteFile { name, text, replace: false });
    };
    html! { <button type="button" class="small" onclick={click}>{ props.label }</button> }
}

/// `cut` is the row if its cells can cut the URL and the labels.
fn details(details: &Details, cut: Option<&Row>) -> Html {
    html! {
        <dl class="kv">
            if let Some(row) = cut {
                <dt>{ "Endpoint" }</dt>
                <dd class="mono">{ url(&row.url) }</dd>
                <dt>{ "Labels" }</dt>
                <dd>{ for row.labels.iter().map(label) }</dd>
            }
            <dt>{ "Discovered labels" }</dt>
            <dd>{ for details.discovered.iter().map(label) }</dd>
            if !details.hidden.is_empty() {
                <dt>{ "Labels that are not stored" }</dt>
                <dd>{ for details.hidden.iter().map(label) }</dd>
                <dt>{ "Interval and timeout" }</dt>
                <dd>{ format!("{} and {}", details.interval, details.timeout) }</dd>
            }
            if !details.merged.is_empty() {
                <dt>{ "Duplicates" }</dt>
                <dd>{ for details.merged.iter().map(|one| html! { <div class="mono">{ one }</div> }) }</dd>
            }
        </dl>
    }
}

fn milliseconds(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.0} ms", seconds * 1_000.0) } else { format!("{seconds:.2} s") }
}
