//! Import of series from the simulation, and export of the lab as files.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::Action;
use protocol::File;
use protocol::pages::rate_lab::{Export, Query, SeriesChoice, View as LabView};
use text::FileId;

const EXPORTS: [(Export, &str, &str); 3] = [
    (
        Export::OpenMetrics,
        "OpenMetrics",
        "promtool tsdb create-blocks-from openmetrics lab.om.txt data",
    ),
    (Export::Script, "promqltest script", "A script in the test language of Prometheus."),
    (Export::UnitTest, "promtool unit test", "promtool test rules lab-tests.yml"),
];

/// The button that opens and closes the list of series.
pub fn open_button(latest: &Query, set_query: &Callback<Query>) -> Html {
    let (latest, set_query) = (latest.clone(), set_query.clone());
    let open = latest.search.is_some();
    let toggle = move |_: MouseEvent| {
        let search = if open { None } else { Some(String::new()) };
        set_query.emit(Query { search, ..latest.clone() });
    };
    html! {
        <button type="button" class="small" aria-expanded={open.to_string()} onclick={toggle}>
            { if open { "Close the list" } else { "Use a series of the simulation…" } }
        </button>
    }
}

pub fn picker(view: &LabView, latest: &Query, set_query: &Callback<Query>) -> Html {
    let Some(search) = &latest.search else { return Html::default() };
    let typed = {
        let (latest, set_query) = (latest.clone(), set_query.clone());
        move |event: InputEvent| {
            let text = event.target_unchecked_into::<HtmlInputElement>().value();
            set_query.emit(Query { search: Some(text), ..latest.clone() });
        }
    };
    html! {
        <section class="card lab-picker" aria-label="Series of the simulation"><div class="b">
            <label class="field"><span>{ "Name or label contains" }</span>
                <input type="search" value={search.clone()} oninput={typed} spellcheck="false" />
            </label>
            if view.choices.is_empty() {
                <p class="muted">{ "No series with two samples matches. Advance simulated time or shorten the text." }</p>
            } else {
                <ul>{ for view.choices.iter().map(|one| choice(one, set_query)) }</ul>
            }
        </div></section>
    }
}

fn choice(one: &SeriesChoice, set_query: &Callback<Query>) -> Html {
    let (take, set_query) = (one.series.clone(), set_query.clone());
    let onclick = move |_: MouseEvent| set_query.emit(Query::of_series(take.clone()));
    html! { <li><button type="button" class="link mono" {onclick}>{ &one.name }</button></li> }
}

/// Buttons for each export format, and the exported files.
pub fn exports(view: &LabView, latest: &Query, set_query: &Callback<Query>) -> Html {
    let open = latest.export;
    html! {
        <section class="card" aria-labelledby="lab-export">
            <div class="h"><h3 id="lab-export">{ "Export" }</h3></div>
            <div class="b">
                <div class="row">
                    { for EXPORTS.into_iter().map(|(export, title, _)| {
                        let (latest, set_query) = (latest.clone(), set_query.clone());
                        let pressed = open == Some(export);
                        let onclick = move |_: MouseEvent| {
                            let export = if pressed { None } else { Some(export) };
                            set_query.emit(Query { export, ..latest.clone() });
                        };
                        html! { <button type="button" class="small" aria-pressed={pressed.to_string()} {onclick}>{ title }</button> }
                    }) }
                </div>
                if let Some((_, _, use_)) = EXPORTS.into_iter().find(|one| Some(one.0) == open) {
                    <p class="muted"><code>{ use_ }</code></p>
                    <Files files={view.exported.clone()} />
                }
            </div>
        </section>
    }
}

#[derive(Properties, PartialEq)]
pub struct FilesProps {
    /// Name and text of each file.
    pub files: Vec<(String, String)>,
}

/// Files with buttons to download and copy them.
#[component]
pub fn Files(props: &FilesProps) -> Html {
    let dispatch = use_dispatch();
    html! {
        <>
            { for props.files.iter().map(|(name, text)| {
                let copy = {
                    let (dispatch, text) = (dispatch.clone(), text.clone());
                    move |_: MouseEvent| dispatch.emit(Action::Copy(text.clone()))
                };
                let download = {
                    let (dispatch, name, text) = (dispatch.clone(), name.clone(), text.clone());
                    move |_: MouseEvent| {
                        let file = File { id: FileId(0), name: name.clone(), text: text.clone() };
                        dispatch.emit(Action::Download(file));
                    }
                };
                html! {
                    <div class="exported">
                        <div class="row">
                            <b class="mono">{ name }</b><span class="sp" />
                            <button type="button" class="small" onclick={copy} aria-label={format!("Copy {name}")}>{ "Copy" }</button>
                            <button type="button" class="small" onclick={download} aria-label={format!("Download {name}")}>{ "Download" }</button>
                        </div>
                        <pre tabindex="0" aria-label={name.clone()}>{ text }</pre>
                    </div>
                }
            }) }
        </>
    }
}
