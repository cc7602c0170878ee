//! Rate lab: a counter whose every event is known, its samples to be moved about, and every term
//! of what the engine makes of them.

mod controls;
mod drawing;

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::session::pages::rate_lab::{Question, View as LabView};
use crate::session::pages::{self, View};
use crate::simulation::lab::Lab;
use crate::ui::app::use_dispatch;
use crate::ui::state::{Action, Shared};
use drawing::Drawing;

#[derive(Properties, PartialEq)]
pub struct RateLabProps {
    pub view: Shared<View>,
}

#[component]
pub fn RateLab(props: &RateLabProps) -> Html {
    let dispatch = use_dispatch();
    let View::RateLab(view) = &*props.view else { return Html::default() };
    let ask = Callback::from(move |question: Question| {
        dispatch.emit(Action::Ask(pages::Question::RateLab(question)));
    });
    // Whatever is changed by hand, the question it began as is no longer the one that is answered.
    let change = ask.reform(|lab: Lab| Question { lab, preset: None });
    html! {
        <>
            <div class="title lab-title">
                <h2 class="unseen">{ "Rate lab" }</h2>
                <code>{ &view.query }</code>
                <span class="sp" />
                { questions(view, &ask) }
            </div>
            <p class="answer" aria-live="polite">{ strong(&view.answer) }</p>
            <section class="card"><div class="b">
                <Drawing view={props.view.clone()} change={change.clone()} />
                { controls::controls(&view.question.lab, &change) }
            </div></section>
            <div class="twocol">
                { computed(view) }
                { beside(view) }
            </div>
            { aliasing(view) }
        </>
    }
}

fn questions(view: &LabView, ask: &Callback<Question>) -> Html {
    let ask = ask.clone();
    let choose = move |event: Event| {
        let id = event.target_unchecked_into::<HtmlSelectElement>().value();
        ask.emit(Question::of_preset(&id));
    };
    let chosen = view.question.preset.as_deref();
    html! {
        <label class="field"><span>{ "Question" }</span>
            <select onchange={choose}>
                if chosen.is_none() { <option value="" selected=true>{ "your own" }</option> }
                { for view.presets.iter().map(|(id, question)| html! {
                    <option value={id.clone()} selected={chosen == Some(id.as_str())}>{ question }</option>
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
                { for view.terms.iter().enumerate().map(|(at, (name, text))| html! {
                    <tr class={classes!((at + 1 == view.terms.len()).then_some("total"))}>
                        <th scope="row">{ name }</th><td class="num">{ text }</td>
                    </tr>
                }) }
            </tbody></table></div>
        </section>
    }
}

fn beside(view: &LabView) -> Html {
    html! {
        <section class="card" aria-labelledby="lab-beside">
            <div class="h"><h3 id="lab-beside">{ "Beside it" }</h3></div>
            <div class="scroll-x"><table class="terms">
                <thead><tr><th>{ "way to ask" }</th><th class="num">{ "result" }</th><th class="num">{ "events" }</th></tr></thead>
                <tbody>
                    <tr class="truth"><th scope="row">{ "truth" }<small>{ "events in the window" }</small></th><td class="num" /><td class="num">{ view.truth }</td></tr>
                    { for view.variants.iter().map(|[name, result, events, note]| html! {
                        <tr><th scope="row">{ name }<small>{ note }</small></th><td class="num">{ result }</td><td class="num">{ events }</td></tr>
                    }) }
                </tbody>
            </table></div>
        </section>
    }
}

fn aliasing(view: &LabView) -> Html {
    let lab = &view.question.lab;
    let sentence = match view.unused.len() {
        0 => format!(
            "Every sample is in some step's window: a range of {} covers a step of {}.",
            lab.range, lab.step
        ),
        count => format!(
            "{count} samples are in no step's window: with a step of {} and a range of {} the graph never looks at them.",
            lab.step, lab.range
        ),
    };
    html! {
        <section class="card" aria-labelledby="lab-aliasing">
            <div class="h"><h3 id="lab-aliasing">{ "Over a range query" }</h3></div>
            <div class="b">
                <p>{ sentence }</p>
                <p>{ for view.steps.iter().map(|(at, value)| html! {
                    <span class="lb"><i>{ format!("{at} ") }</i>{ value }</span>
                }) }</p>
            </div>
        </section>
    }
}
