//! Rate lab: a counter with known increments and movable samples, and every term of the
//! computation.

mod controls;
mod drawing;
mod geometry;
mod handles;
mod marks;
mod series;

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::{Action, Shared};
use crate::widgets::list_option::ListOption;
pub use drawing::Drawing;
use protocol::lab::{LabAction, update};
use protocol::pages::rate_lab::{Query, View as LabView};
use protocol::{PageQuery, View};

#[derive(Properties, PartialEq)]
pub struct RateLabProps {
    pub view: Shared<View>,
    /// The last query of the page; its answer may be pending.
    pub query: PageQuery,
}

/// Returns the last query of the lab.
fn latest<'a>(view: &'a LabView, query: &'a PageQuery) -> &'a Query {
    match query {
        PageQuery::RateLab(query) if query.series.is_none() => query,
        _ => &view.query,
    }
}

#[component]
pub fn RateLab(props: &RateLabProps) -> Html {
    let dispatch = use_dispatch();
    let chosen = use_state(|| None::<u32>);
    let View::RateLab(view) = &*props.view else { return Html::default() };
    let latest = latest(view, &props.query).clone();
    let set_query = Callback::from(move |query: Query| {
        dispatch.emit(Action::SetQuery(PageQuery::RateLab(query)));
    });
    // Changes apply to the last query, not to the shown view, so that no change is lost.
    let change = {
        let (set_query, latest) = (set_query.clone(), latest.clone());
        Callback::from(move |action: LabAction| {
            let lab = Box::new(update(&latest.lab, action));
            set_query.emit(Query { lab, series: None, ..latest.clone() });
        })
    };
    let reset = {
        let (set_query, latest) = (set_query.clone(), latest.clone());
        Callback::from(move |_: MouseEvent| set_query.emit(latest.reset()))
    };
    let choose = {
        let chosen = chosen.clone();
        Callback::from(move |id: Option<u32>| chosen.set(id))
    };
    html! {
        <>
            <div class="title lab-title">
                <h2 class="visually-hidden">{ "Rate lab" }</h2>
                { questions(view, &set_query) }
                <span class="sp" />
                { series::open_button(&latest, &set_query) }
            </div>
            { series::picker(view, &latest, &set_query) }
            if let Some(note) = &view.note { <p class="why" role="alert">{ note }</p> }
            <p class="answer" aria-live="polite">{ strong(&view.answer) }</p>
            <section class="card lab-card" aria-label="The series and its window"><div class="b">
                <code class="lab-query">{ &view.promql }</code>
                <Drawing view={props.view.clone()} change={change.clone()} chosen={*chosen} {choose} />
                { controls::legend(view) }
                { controls::sample(view, *chosen, &change) }
                { controls::controls(&latest.lab, &change, &reset) }
            </div></section>
            <div class="twocol lab-cols">
                { computed(view) }
                { beside(view, &change) }
            </div>
            { aliasing(view) }
            { series::exports(view, &latest, &set_query) }
        </>
    }
}

fn questions(view: &LabView, set_query: &Callback<Query>) -> Html {
    let set_query = set_query.clone();
    let choose = move |event: Event| {
        let id = event.target_unchecked_into::<HtmlSelectElement>().value();
        set_query.emit(Query::of_preset(&id));
    };
    let chosen = view.query.preset.as_deref();
    html! {
        <label class="field lab-question"><span>{ "Question" }</span>
            <select onchange={choose}>
                if chosen.is_none() { <option value="" selected=true>{ "a series of the simulation" }</option> }
                { for view.presets.iter().map(|(id, query)| html! {
                    <ListOption value={id.clone()} selected={chosen == Some(id.as_str())}>{ query }</ListOption>
                }) }
            </select>
        </label>
    }
}

/// Renders text between `**` as bold.
fn strong(text: &str) -> Html {
    text.split("**")
        .enumerate()
        .map(|(number, part)| match number % 2 {
            0 => html! { { part } },
            _ => html! { <b>{ part }</b> },
        })
        .collect()
}

fn computed(view: &LabView) -> Html {
    html! {
        <section class="card" aria-labelledby="lab-computed">
            <div class="h"><h3 id="lab-computed">{ "How it was computed" }</h3></div>
            <div class="scroll-x"><table class="terms"><tbody>
                { for view.terms.iter().map(|(name, text)| {
                    let class = match name.as_str() {
                        "result" => Some("total"),
                        "truth" => Some("truth"),
                        _ => None,
                    };
                    let (name, why) = name.split_once(" · ").unwrap_or((name, ""));
                    html! {
                        <tr {class}>
                            <th scope="row">{ name }if !why.is_empty() { <small>{ why }</small> }</th>
                            <td class="num">{ text }</td>
                        </tr>
                    }
                }) }
            </tbody></table></div>
        </section>
    }
}

/// A table of the selected function and its variants, each with a checkbox that draws it.
fn beside(view: &LabView, change: &Callback<LabAction>) -> Html {
    let lab = &view.query.lab;
    html! {
        <section class="card" aria-labelledby="lab-beside">
            <div class="h"><h3 id="lab-beside">{ "Comparison" }</h3></div>
            <div class="scroll-x"><table class="terms variants">
                <thead><tr>
                    <th>{ "variant" }</th><th class="num">{ "result" }</th>
                    <th class="num">{ "events" }</th><th class="num">{ "error" }</th>
                </tr></thead>
                <tbody>
                    <tr class="truth"><th scope="row">{ "truth" }<small>{ "increments in the window" }</small></th>
                        <td class="num" /><td class="num">{ truth(view) }</td><td class="num" /></tr>
                    { for view.variants.iter().enumerate().map(|(place, one)| {
                        let (function, way) = (one.function, one.mode);
                        let is_chosen = (function, way) == (lab.function, lab.mode);
                        let shown = lab.overlays.contains(&(function, way));
                        let toggle = change.reform(move |_: Event| LabAction::Overlay(function, way));
                        html! {
                            <tr class={classes!(is_chosen.then_some("total"))}>
                                <th scope="row">
                                    <label class="overlay">
                                        <input type="checkbox" checked={shown || is_chosen} disabled={is_chosen} onchange={toggle}
                                            aria-label={format!("Draw {}", one.name)} />
                                        <span class={classes!("swatch", format!("o{place}"), is_chosen.then_some("chosen"))} />
                                        <span>{ &one.name }<small>{ &one.note }</small></span>
                                    </label>
                                </th>
                                <td class="num">{ &one.result }</td>
                                <td class="num">{ &one.events }</td>
                                <td class="num">{ &one.error }</td>
                            </tr>
                        }
                    }) }
                </tbody>
            </table></div>
        </section>
    }
}

fn truth(view: &LabView) -> String {
    view.truth.map_or_else(|| "not known".to_owned(), protocol::number::number)
}

fn aliasing(view: &LabView) -> Html {
    let lab = &view.query.lab;
    let sentence = match view.unused.len() {
        0 => format!(
            "Every sample is in the window of a step: a range of {} with a step of {} leaves no gap.",
            lab.range, lab.step
        ),
        count => format!(
            "{count} of {} samples are in no window: a graph with a range of {} and a step of {} ignores them. They are crossed out in the drawing.",
            view.considered, lab.range, lab.step
        ),
    };
    html! {
        <section class="card" aria-labelledby="lab-aliasing">
            <div class="h"><h3 id="lab-aliasing">{ "As a range query" }</h3></div>
            <div class="b">
                <p>{ sentence }</p>
                <p class="lab-steps">{ for view.steps.iter().map(|(at, value)| html! {
                    <span class="lb"><i>{ format!("{} s ", at / 1000) }</i>{ value }</span>
                }) }</p>
            </div>
        </section>
    }
}
