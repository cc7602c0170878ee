//! Targets: the table that Prometheus's page "Target health" would show, with reasons.

use yew::prelude::*;

use crate::session::pages::View;
use crate::session::pages::targets::{Pool, Row, State};
use crate::ui::state::Shared;
use crate::ui::widgets::jump::Jump;

#[derive(Properties, PartialEq)]
pub struct TargetsProps {
    pub view: Shared<View>,
}

#[component]
pub fn Targets(props: &TargetsProps) -> Html {
    let View::Targets(view) = &*props.view else { return Html::default() };
    html! {
        <>
            <div class="title">
                <h2>{ "Expected targets" }</h2>
                <span class="muted">{ "what Status → Target health would show" }</span>
            </div>
            { for view.pools.iter().map(pool) }
        </>
    }
}

fn pool(pool: &Pool) -> Html {
    let up = pool.targets.iter().filter(|row| row.state == State::Up).count();
    let all_up = up == pool.targets.len();
    html! {
        <section class={classes!("card", (!all_up).then_some("bad"))} aria-label={pool.job.clone()}>
            <div class="h">
                <h3>{ &pool.job }</h3>
                <span class={if all_up { "st up" } else { "st down" }}>
                    { format!("{up} / {} up", pool.targets.len()) }
                </span>
                <span class="sp" />
                <Jump to={pool.location}>{ "show config" }</Jump>
            </div>
            <div class="scroll-x"><table>
                <thead><tr>
                    <th>{ "Endpoint" }</th><th>{ "Labels" }</th><th>{ "Last scrape" }</th><th>{ "State" }</th>
                </tr></thead>
                <tbody>{ for pool.targets.iter().map(row) }</tbody>
            </table></div>
        </section>
    }
}

fn row(row: &Row) -> Html {
    let (class, word) = match row.state {
        State::Up => ("st up", "UP"),
        State::Down => ("st down", "DOWN"),
        State::Unknown => ("st wait", "UNKNOWN"),
    };
    html! {
        <>
            <tr>
                <td class="mono">{ &row.url }</td>
                <td>{ for row.labels.iter().map(|label| html! {
                    <Jump to={label.source} class={classes!("lb")} title={label.origin.clone()}>
                        <i>{ format!("{}=", label.name) }</i>{ format!("\"{}\"", label.value) }
                    </Jump>
                }) }</td>
                <td>{ row.last_scrape.map_or("never".to_owned(), |ago| format!("{ago:.1}s ago")) }</td>
                <td><span {class}>{ word }</span></td>
            </tr>
            if let Some(error) = &row.error {
                <tr><td colspan="4"><div class="why">
                    <code>{ error }</code>
                    { for row.reasons.iter().map(|reason| html! {
                        <Jump to={reason.location}>{ &reason.text }</Jump>
                    }) }
                </div></td></tr>
            }
        </>
    }
}
