//! Config: the effective configuration with the source of each line, and its differences to another
//! configuration.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::targets::note;
use crate::app::{Dispatch, use_dispatch};
use crate::state::{Action, Shared};
use crate::widgets::list_option::ListOption;
use crate::widgets::progressive_list::ProgressiveList;
use crate::widgets::source_link::SourceLink;
use protocol::pages::config::{Change, Line, LineSource, Query, Subject};
use protocol::{PageQuery, View};

/// The number of lines that are rendered at once.
const BLOCK: usize = 100;

#[derive(Properties, PartialEq)]
pub struct ConfigProps {
    pub view: Shared<View>,
}

/// Returns the text of the configuration.
fn text_of(view: &View) -> String {
    let View::Config(view) = view else { return String::new() };
    view.lines.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect()
}

#[component]
pub fn Config(props: &ConfigProps) -> Html {
    let dispatch = use_dispatch();
    let draw = use_memo(props.view.clone(), |view| {
        let view = view.clone();
        Callback::from(move |block: usize| {
            let View::Config(view) = &*view else { return Html::default() };
            view.lines.chunks(BLOCK).nth(block).unwrap_or_default().iter().map(line).collect()
        })
    });
    let View::Config(view) = &*props.view else { return Html::default() };
    let copy = {
        let (dispatch, view) = (dispatch.clone(), props.view.clone());
        move |_| dispatch.emit(Action::Copy(text_of(&view)))
    };
    html! {
        <>
            <div class="title">
                <h2>{ "Effective configuration" }</h2>
                <span class="muted">{ "as on the page Status → Configuration of Prometheus" }</span>
                <span class="sp" />
                { comparison_choice(view, &dispatch) }
                if !view.lines.is_empty() {
                    <button type="button" onclick={copy}>{ "Copy" }</button>
                }
            </div>
            if let Some(text) = &view.note { { note(text) } }
            if let Some(changes) = &view.changes { { differences(changes, view.more_changes) } }
            if !view.lines.is_empty() {
                <p class="origins">
                    <span class="origin written">{ "written" }</span>
                    <span class="origin inherited">{ "from global" }</span>
                    <span class="origin default">{ "default" }</span>
                    <span class="muted">{ "Click a line to show its source." }</span>
                </p>
                <ol class="lines mono" aria-label="Effective configuration">
                    <ProgressiveList blocks={view.lines.len().div_ceil(BLOCK)} draw={(*draw).clone()} />
                    if view.more > 0 {
                        <li class="muted">{ format!("and {} more lines", view.more) }</li>
                    }
                </ol>
            }
        </>
    }
}

/// The list of the configurations that the text can be compared with.
fn comparison_choice(view: &protocol::pages::config::View, dispatch: &Dispatch) -> Html {
    let (dispatch, choices) = (dispatch.clone(), view.choices.clone());
    let choose = move |event: Event| {
        let index = event.target_unchecked_into::<HtmlSelectElement>().selected_index();
        if let Some((with, _)) = usize::try_from(index).ok().and_then(|at| choices.get(at)) {
            let query = Query { compare_with: *with };
            dispatch.emit(Action::SetQuery(PageQuery::Config(query)));
        }
    };
    html! {
        <label class="field">
            <span>{ "Compare with" }</span>
            <select aria-label="Compare with" onchange={choose}>
                { for view.choices.iter().map(|(with, name)| html! {
                    <ListOption value={name.clone()} selected={*with == view.query.compare_with}>{ name }</ListOption>
                }) }
            </select>
        </label>
    }
}

fn line(line: &Line) -> Html {
    let (class, word) = match line.source {
        LineSource::Default => ("default", "default"),
        LineSource::Written => ("written", ""),
        LineSource::Inherited => ("inherited", "from global"),
    };
    html! {
        <li class={class}>
            <SourceLink to={line.location} class={classes!("text-link", "bare")}>{ &line.text }</SourceLink>
            if !word.is_empty() { <span class="from">{ word }</span> }
        </li>
    }
}

/// The differences of the effective configuration, job by job.
fn differences(changes: &[Change], more: u32) -> Html {
    if changes.is_empty() {
        return html! {
            <div class="empty"><p>{ "No differences: settings, targets and labels are equal." }</p></div>
        };
    }
    let mut jobs: Vec<&str> = changes.iter().map(|change| change.job.as_str()).collect();
    jobs.dedup();
    html! {
        <section class="card" aria-labelledby="differences">
            <div class="h">
                <h3 id="differences">{ "Differences" }</h3>
                <span class="muted">{ format!("{} in meaning; formatting is ignored", changes.len() as u32 + more) }</span>
            </div>
            { for jobs.into_iter().map(|job| html! {
                <div class="b">
                    <h3>{ if job.is_empty() { "Global".to_owned() } else { format!("job {job}") } }</h3>
                    <ul class="changes">
                        { for changes.iter().filter(|change| change.job == job).map(change) }
                    </ul>
                </div>
            }) }
            if more > 0 { <p class="b muted">{ format!("and {more} more") }</p> }
        </section>
    }
}

fn change(change: &Change) -> Html {
    let (class, sign, word) = match (&change.from, &change.to) {
        (None, _) => ("gained", "+", "gained"),
        (_, None) => ("lost", "−", "lost"),
        _ => ("changed", "~", "changed"),
    };
    let subject = match change.subject {
        Subject::Job => "job",
        Subject::Setting => "",
        Subject::Target => "target",
        Subject::Label => "label",
    };
    let value = |text: &Option<String>| match text {
        Some(text) if !text.is_empty() => html! { <code>{ text }</code> },
        _ => Html::default(),
    };
    html! {
        <li class={class}>
            <span class="sign" aria-hidden="true">{ sign }</span>
            <span class="visually-hidden">{ format!("{word}: ") }</span>
            <span>
                { subject }{ if subject.is_empty() { "" } else { " " } }
                <b class="mono">{ &change.name }</b>{ " " }
                { value(&change.from) }
                if change.from.is_some() && change.to.is_some() { { " → " } }
                { value(&change.to) }
            </span>
        </li>
    }
}
