//! The comparison of the page "Targets" with the live server that a workspace was imported from.

use yew::prelude::*;

use crate::widgets::source_link::SourceLink;
use protocol::pages::targets::{Comparison, Difference};

/// Returns the server's name: `Prometheus 3.14.0 on prometheus-0`.
fn server(comparison: &Comparison) -> String {
    let version = match comparison.version.as_str() {
        "" => String::new(),
        version => format!(" {version}"),
    };
    match comparison.hostname.as_str() {
        "" => format!("Prometheus{version}"),
        name => format!("Prometheus{version} on {name}"),
    }
}

pub fn comparison(comparison: &Comparison) -> Html {
    let same = comparison.all_differences == 0 && comparison.unknown_jobs.is_empty();
    let count = |number: u32, what: &str| match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    };
    let class = if same { "same" } else { "differs" };
    html! {
        <section class={classes!("comparison", class)} aria-label="Comparison with the server">
            <h3>
                { "Compared with " }
                <SourceLink to={comparison.file} class={classes!("text-link")}>{ server(comparison) }</SourceLink>
            </h3>
            <p>{ format!("{} of {} are equal here", comparison.equal_targets, count(comparison.targets, "target")) }
                if comparison.steps > 0 {
                    { format!(", and the relabeling of {} of {}", comparison.equal_steps, count(comparison.steps, "target")) }
                }
                { "." }
                if comparison.down > 0 {
                    { format!(" {} on the server.", if comparison.down == 1 { "1 was down".to_owned() } else { format!("{} were down", comparison.down) }) }
                }
            </p>
            { for comparison.unknown_jobs.iter().map(|job| html! {
                <p>{ "The configuration has no job " }<code>{ job }</code>{ "." }</p>
            }) }
            { for comparison.cut_jobs.iter().map(|cut| html! {
                <p class="muted">{ "The server lists " }{ cut.listed }{ format!(" of {} dropped targets of ", cut.all) }<code>{ &cut.job }</code>{ " (" }<code>{ "keep_dropped_targets" }</code>{ ")." }</p>
            }) }
            if comparison.all_differences > 0 {
                <details open={comparison.all_differences <= 5}>
                    <summary>{ count(comparison.all_differences, "difference") }</summary>
                    <ul>{ for comparison.differences.iter().map(difference) }</ul>
                    if comparison.all_differences as usize > comparison.differences.len() {
                        <p class="muted">{ format!("The first {} are shown.", comparison.differences.len()) }</p>
                    }
                </details>
            }
        </section>
    }
}

fn difference(difference: &Difference) -> Html {
    html! {
        <li>
            <SourceLink to={difference.location} class={classes!("text-link")}>{ &difference.job }</SourceLink>
            { " " }<span class="mono">{ &difference.target }</span>
            <dl>
                <dt class="head" />
                <dd class="head">{ "here" }</dd>
                <dd class="head">{ "on the server" }</dd>
                { for difference.fields.iter().map(|field| html! {
                    <>
                        <dt>{ &field.field }</dt>
                        <dd>{ shown(&field.here) }</dd>
                        <dd>{ shown(&field.server) }</dd>
                    </>
                }) }
            </dl>
        </li>
    }
}

fn shown(value: &str) -> &str {
    if value.is_empty() { "none" } else { value }
}
