//! Checks: the documentation of every check, with a switch that hides its findings.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::latest_query;
use crate::app::{Dispatch, use_dispatch};
use crate::state::{Action, Shared};
use crate::widgets::inline_code::inline_code;
use crate::widgets::source_link::SourceLink;
use protocol::pages::checks::{self, Check, Query};
use protocol::{PageQuery, View};

#[derive(Properties, PartialEq)]
pub struct ChecksProps {
    pub view: Shared<View>,
    /// See `latest_query`.
    pub query: PageQuery,
}

#[component]
pub fn Checks(props: &ChecksProps) -> Html {
    let dispatch = use_dispatch();
    let View::Checks(view) = &*props.view else { return Html::default() };
    let query = latest_query!(props, view, Checks);
    let set_query = {
        let dispatch = dispatch.clone();
        Callback::from(move |query: Query| {
            dispatch.emit(Action::SetQuery(PageQuery::Checks(query)));
        })
    };
    let search = {
        let (query, set_query) = (query.clone(), set_query.clone());
        move |event: InputEvent| {
            let search = event.target_unchecked_into::<HtmlInputElement>().value();
            set_query.emit(Query { search, ..query.clone() });
        }
    };
    let found = view.checks.iter().filter(|check| check.found > 0).count();
    html! {
        <>
            <div class="title">
                <h2>{ "Checks" }</h2>
                <span class="muted">
                    { format!("{} checks, {found} with findings in these files", view.checks.len()) }
                </span>
                <span class="sp" />
                <input type="search" placeholder="Filter…" aria-label="Filter checks"
                    value={query.search.clone()} oninput={search} />
            </div>
            if view.checks.is_empty() {
                <div class="empty"><p>{ "No check matches the filter." }</p></div>
            }
            <ul class="checks">
                { for view.checks.iter().map(|check| one(check, query, &set_query, &dispatch)) }
            </ul>
        </>
    }
}

fn one(check: &Check, query: &Query, set_query: &Callback<Query>, dispatch: &Dispatch) -> Html {
    let is_open = check.page.is_some();
    let toggle = {
        let (query, set_query, code) = (query.clone(), set_query.clone(), check.code.clone());
        move |_| {
            let open = (!is_open).then(|| code.clone());
            set_query.emit(Query { open, ..query.clone() });
        }
    };
    html! {
        <li key={check.code.clone()} class={classes!("card", "check", is_open.then_some("open"))}>
            <div class="h">
                <button type="button" class="quiet check-name" aria-expanded={is_open.to_string()} onclick={toggle}>
                    <span aria-hidden="true">{ if is_open { "▾" } else { "▸" } }</span>
                    <b>{ &check.title }</b>
                    <code>{ &check.code }</code>
                </button>
                if check.silenced { <span class="st">{ "silenced" }</span> }
                if check.found > 0 {
                    <SourceLink to={check.first}>{ format!("{} here", check.found) }</SourceLink>
                }
            </div>
            if let Some(page) = &check.page { { documentation(check, page, dispatch) } }
        </li>
    }
}

/// The table of changes between versions of Prometheus.
fn changes(changes: &[checks::Change]) -> Html {
    let row = |change: &checks::Change| {
        let (class, here) = match change.here {
            Some(true) => ("st wait", "yes"),
            Some(false) => ("muted", "no"),
            None => ("muted", "not known"),
        };
        html! {
            <tr>
                <th scope="row">{ inline_code(&change.area) }</th>
                <td>{ inline_code(&change.before) }</td>
                <td>{ inline_code(&change.after) }</td>
                <td><span {class}>{ here }</span></td>
            </tr>
        }
    };
    html! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Changes from 2.48 to 3.14">
            <table class="changes">
                <thead><tr>
                    <th scope="col">{ "Area" }</th><th scope="col">{ "2.48" }</th>
                    <th scope="col">{ "3.14" }</th><th scope="col">{ "This workspace" }</th>
                </tr></thead>
                <tbody>{ for changes.iter().map(row) }</tbody>
            </table>
        </div>
    }
}

fn documentation(check: &Check, page: &checks::Page, dispatch: &Dispatch) -> Html {
    let silence = {
        let (dispatch, code, silent) = (dispatch.clone(), check.code.clone(), !check.silenced);
        move |_: Event| dispatch.emit(Action::Silence { code: code.clone(), silent })
    };
    html! {
        <div class="b">
            { for page.paragraphs.iter().map(|text| html! { <p>{ inline_code(text) }</p> }) }
            if !page.changes.is_empty() { { changes(&page.changes) } }
            if !page.here.is_empty() {
                <section>
                    <h3>{ "Here" }</h3>
                    <ul class="plain">
                        { for page.here.iter().map(|(text, location)| html! {
                            <li><SourceLink to={Some(*location)}>{ text }</SourceLink></li>
                        }) }
                    </ul>
                </section>
            }
            <section>
                <h3>{ "Example" }</h3>
                <pre class="text" tabindex="0">{ &page.example }</pre>
            </section>
            <section>
                <h3>{ "Silence this check" }</h3>
                <label class="row">
                    <input type="checkbox" checked={check.silenced} onchange={silence} />
                    { "Hide findings of this check (errors are always shown)" }
                </label>
                <p class="muted">
                    { "Or add a comment: " }<code>{ format!("# playground: ignore {}", check.code) }</code>
                    { " on the line or the line above, " }
                    <code>{ format!("# playground: ignore-file {}", check.code) }</code>{ " anywhere in the file." }
                </p>
            </section>
        </div>
    }
}
