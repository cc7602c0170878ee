//! Rate lab: a counter whose every event is known, its samples to be moved about, and every term
//! of what the engine makes of them.

mod controls;
mod drawing;
mod geometry;
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
    /// What was asked last; its answer may be on its way.
    pub asked: PageQuery,
}

/// The lab as it was left by whatever was done last.
fn newest<'a>(view: &'a LabView, asked: &'a PageQuery) -> &'a Query {
    match asked {
        PageQuery::RateLab(asked) if asked.series.is_none() => asked,
        _ => &view.asked,
    }
}

#[component]
pub fn RateLab(props: &RateLabProps) -> Html {
    let dispatch = use_dispatch();
    let chosen = use_state(|| None::<u32>);
    let View::RateLab(view) = &*props.view else { return Html::default() };
    let newest = newest(view, &props.asked).clone();
    let ask = Callback::from(move |question: Query| {
        dispatch.emit(Action::Ask(PageQuery::RateLab(question)));
    });
    // From what was asked last, not from what is seen, so that nothing that comes quickly is lost.
    let change = {
        let (ask, newest) = (ask.clone(), newest.clone());
        Callback::from(move |action: LabAction| {
            let lab = Box::new(update(&newest.lab, action));
            ask.emit(Query { lab, series: None, ..newest.clone() });
        })
    };
    let anew = {
        let (ask, newest) = (ask.clone(), newest.clone());
        Callback::from(move |_: MouseEvent| ask.emit(newest.reset()))
    };
    let choose = {
        let chosen = chosen.clone();
        Callback::from(move |id: Option<u32>| chosen.set(id))
    };
    html! {
        <>
            <div class="title lab-title">
                <h2 class="visually-hidden">{ "Rate lab" }</h2>
                { questions(view, &ask) }
                <span class="sp" />
                { series::open_button(&newest, &ask) }
            </div>
            { series::picker(view, &newest, &ask) }
            if let Some(note) = &view.note { <p class="why" role="alert">{ note }</p> }
            <p class="answer" aria-live="polite">{ strong(&view.answer) }</p>
            <section class="card lab-card" aria-label="The series and its window"><div class="b">
                <code class="lab-query">{ &view.query }</code>
                <Drawing view={props.view.clone()} change={change.clone()} chosen={*chosen} {choose} />
                { controls::legend(view) }
                { controls::sample(view, *chosen, &change) }
                { controls::controls(&newest.lab, &change, &anew) }
            </div></section>
            <div class="twocol lab-cols">
                { computed(view) }
                { beside(view, &change) }
            </div>
            { aliasing(view) }
            { series::exports(view, &newest, &ask) }
        </>
    }
}

fn questions(view: &LabView, ask: &Callback<Query>) -> Html {
    let ask = ask.clone();
    let choose = move |event: Event| {
        let id = event.target_unchecked_into::<HtmlSelectElement>().value();
        ask.emit(Query::of_preset(&id));
    };
    let chosen = view.asked.preset.as_deref();
    html! {
        <label class="field lab-question"><span>{ "Query" }</span>
            <select onchange={choose}>
                if chosen.is_none() { <option value="" selected=true>{ "a series of the simulation" }</option> }
                { for view.presets.iter().map(|(id, question)| html! {
                    <ListOption value={id.clone()} selected={chosen == Some(id.as_str())}>{ question }</ListOption>
                }) }
            </select>
        </label>
    }
}

/// Text with what stands between `**` set strong.
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

/// The chosen function and its kin, each to be drawn over it.
fn beside(view: &LabView, change: &Callback<LabAction>) -> Html {
    let lab = &view.asked.lab;
    html! {
        <section class="card" aria-labelledby="lab-beside">
            <div class="h"><h3 id="lab-beside">{ "Laid over one another" }</h3></div>
            <div class="scroll-x"><table class="terms variants">
                <thead><tr>
                    <th>{ "way to ask" }</th><th class="num">{ "result" }</th>
                    <th class="num">{ "events" }</th><th class="num">{ "error" }</th>
                </tr></thead>
                <tbody>
                    <tr class="truth"><th scope="row">{ "truth" }<small>{ "what happened in the window" }</small></th>
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
    let lab = &view.asked.lab;
    let sentence = match view.unused.len() {
        0 => format!(
            "Every sample is in some step's window: a range of {} every {} leaves no gap.",
            lab.range, lab.step
        ),
        count => format!(
            "{count} of {} samples are in no step's window: with a range of {} every {} the graph never looks at them. They are crossed out in the drawing.",
            view.considered, lab.range, lab.step
        ),
    };
    html! {
        <section class="card" aria-labelledby="lab-aliasing">
            <div class="h"><h3 id="lab-aliasing">{ "Over a range query" }</h3></div>
            <div class="b">
                <p>{ sentence }</p>
                <p class="lab-steps">{ for view.steps.iter().map(|(at, value)| html! {
                    <span class="lb"><i>{ format!("{} s ", at / 1000) }</i>{ value }</span>
                }) }</p>
            </div>
        </section>
    }
}
