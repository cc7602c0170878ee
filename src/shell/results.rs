//! The results pane: tabs and the active page.

use yew::prelude::*;

use super::worker_notice::WorkerNotice;
use crate::app::use_dispatch;
use crate::pages;
use crate::state::{Action, Page, Shared, State, canceled_view};
use crate::terminal::SameCommand;
use crate::widgets::tabs::{show_active, tab_keys};
use protocol::View;
use web_sys::Element;

#[derive(Properties, PartialEq)]
pub struct ResultsProps {
    pub state: Shared<State>,
}

/// The pages that a learner sees at first.
const FIRST: [Page; 4] = [Page::Explain, Page::Cluster, Page::Targets, Page::Query];

#[component]
pub fn Results(props: &ResultsProps) -> Html {
    let state = &props.state;
    let dispatch = use_dispatch();
    // A learner sees four pages, and the one that is open, until the others are asked for.
    let all = use_state(|| false);
    let few = state.lesson.is_some() && !*all;
    let is_open = |page: &Page| *page == state.preferences.page;
    // Most workspaces have no custom resources of the Prometheus Operator, and no chart.
    let has_content = |page: &Page| match page {
        Page::Monitors => state.summary.monitors > 0,
        Page::Chart => state.summary.charts > 0,
        _ => true,
    };
    let is_special = |page: &Page| matches!(page, Page::Monitors | Page::Chart);
    let is_asked = |page: &Page| !few || FIRST.contains(page) || is_special(page);
    let is_shown = |page: &Page| is_open(page) || has_content(page) && is_asked(page);
    let pages: Vec<Page> = Page::ALL.into_iter().filter(is_shown).collect();
    let active = pages.iter().position(|page| *page == state.preferences.page).unwrap_or_default();
    let choose = {
        let pages = pages.clone();
        Callback::from(move |index: usize| {
            if let Some(page) = pages.get(index) {
                dispatch.emit(Action::Show(*page));
            }
        })
    };
    let list = use_node_ref();
    {
        let list = list.clone();
        use_effect_with((active, pages.len()), move |_| {
            if let Some(list) = list.cast::<Element>() {
                show_active(&list);
            }
        });
    }
    html! {
        <section class="pane results" aria-label="Results">
            <div class="tabs-row">
            <div class="tabs" role="tablist" ref={list} aria-label="Results"
                onkeydown={tab_keys(pages.len(), active, choose.clone())}>
                { for pages.iter().copied().enumerate().map(|(index, page)| {
                    let choose = choose.clone();
                    let selected = index == active;
                    html! {
                        <button type="button" role="tab" id={format!("tab-{}", page.id())}
                            aria-selected={selected.to_string()} aria-controls="results"
                            tabindex={if selected { "0" } else { "-1" }}
                            onclick={move |_| choose.emit(index)}>
                            { page.title() }
                            { badge(page, state) }
                        </button>
                    }
                }) }
            </div>
            if few {
                <button type="button" class="tabs-more" aria-expanded="false" onclick={move |_| all.set(true)}>{ "More" }</button>
            }
            </div>
            // The key removes the previous page at once. The style of the tabs is computed right
            // after this, and would be computed for all elements of that page too.
            <div key={state.preferences.page.id()} class={classes!("body", format!("page-{}", state.preferences.page.id()))} role="tabpanel" id="results" tabindex="0"
                data-waiting={(state.view.is_none() && !state.is_canceled()).to_string()}
                aria-labelledby={format!("tab-{}", state.preferences.page.id())}>
                <WorkerNotice worker={state.worker.clone()} />
                if state.is_canceled() {
                    <CanceledNotice />
                }
                if let Some(command) = &state.summary.command {
                    <SameCommand command={command.clone()} />
                }
                { page(state) }
            </div>
        </section>
    }
}

fn badge(page: Page, state: &State) -> Html {
    let summary = &state.summary;
    if page != Page::Targets || summary.targets == 0 {
        return Html::default();
    }
    let known = summary.targets - summary.undescribed;
    let waiting = known.saturating_sub(summary.up + summary.down);
    let class = match (summary.down, waiting, summary.up) {
        (1.., ..) => "badge bad",
        (0, 0, 1..) => "badge ok",
        _ => "badge",
    };
    let mut title = format!("{} up, {} down", summary.up, summary.down);
    if waiting > 0 {
        title.push_str(&format!(", {waiting} not scraped yet"));
    }
    if summary.undescribed > 0 {
        title.push_str(&format!(", {} unknown", summary.undescribed));
    }
    html! {
        <>{ " " }<span {class} title={title.clone()}>
            <span aria-hidden="true">{ badge_text(summary.up, known, summary.undescribed) }</span>
            <span class="visually-hidden">{ title }</span>
        </span></>
    }
}

/// `1/2`, with `?3` after it for targets of which nothing is known.
fn badge_text(up: u32, known: u32, undescribed: u32) -> String {
    match (known, undescribed) {
        (_, 0) => format!("{up}/{known}"),
        (0, _) => format!("?{undescribed}"),
        _ => format!("{up}/{known} ?{undescribed}"),
    }
}

/// The notice about a query that was canceled.
#[component]
fn CanceledNotice() -> Html {
    let dispatch = use_dispatch();
    let again = move |_: MouseEvent| dispatch.emit(Action::AskAgain);
    html! {
        <div class="worker-notice" role="status">
            <p>{ "The answer of this page took too long and was canceled." }</p>
            <button type="button" onclick={again}>{ "Run again" }</button>
        </div>
    }
}

/// Renders the active page, or a placeholder until its first answer.
fn page(state: &Shared<State>) -> Html {
    let canceled = || state.is_canceled().then(|| canceled_view(&state.query)).flatten();
    let Some(view) = &state.view.clone().or_else(canceled) else {
        if state.is_canceled() {
            return Html::default();
        }
        return pages::placeholder(state.preferences.page, state.worker.unavailable());
    };
    let query = state.query.clone();
    match &**view {
        View::Explain(_) => html! { <pages::explain::Explain view={view.clone()} /> },
        View::Config(_) => html! { <pages::config::Config view={view.clone()} /> },
        View::Cluster(_) => html! { <pages::cluster::Cluster view={view.clone()} /> },
        View::Discovery(_) => html! { <pages::discovery::Discovery view={view.clone()} {query} /> },
        View::Targets(_) => html! { <pages::targets::Targets view={view.clone()} {query} /> },
        View::Metrics(_) => html! { <pages::metrics::Metrics view={view.clone()} {query} /> },
        View::Query(_) => html! { <pages::query::Query view={view.clone()} {query} /> },
        View::RateLab(_) => html! { <pages::rate_lab::RateLab view={view.clone()} {query} /> },
        View::Rules(_) => html! { <pages::rules::Rules view={view.clone()} {query} /> },
        View::Checks(_) => html! { <pages::checks::Checks view={view.clone()} {query} /> },
        View::Chart(_) => html! { <pages::chart::Chart view={view.clone()} /> },
        View::Monitors(_) => html! { <pages::monitors::Monitors view={view.clone()} /> },
    }
}
