//! The introduction at the first visit: what the page is, and a look at its parts.

use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::{Action, Learner, Page, Shared, Side};

/// A part of the page.
struct Stop {
    title: &'static str,
    text: &'static str,
    /// The place that is shown.
    place: Place,
}

enum Place {
    Page(Page),
    Side(Side),
}

/// The parts of the page, in the order of the tour.
const STOPS: [Stop; 5] = [
    Stop {
        title: "Files",
        text: "Left are the Kubernetes manifests and the configuration of Prometheus. Each line has a note; point at a field to read about it. Edit anything: the system follows.",
        place: Place::Side(Side::Text),
    },
    Stop {
        title: "Explain",
        text: "This page follows the cursor. It describes the field, its default, and what it does in this system.",
        place: Place::Page(Page::Explain),
    },
    Stop {
        title: "Cluster",
        text: "The objects of the cluster: Services, the pods behind them, and what the pods mount.",
        place: Place::Page(Page::Cluster),
    },
    Stop {
        title: "Targets",
        text: "The table that Prometheus shows on Target health: what it scrapes, and why a target is down or missing.",
        place: Place::Page(Page::Targets),
    },
    Stop {
        title: "Query",
        text: "Ask for the samples with PromQL. Below is the time of the simulation: press play, let something happen, and see when Prometheus notices it.",
        place: Place::Page(Page::Query),
    },
];

#[derive(Properties, PartialEq)]
pub struct TourProps {
    /// The name of the scenario.
    pub scenario: String,
    /// The number of the stop; None before the first one.
    pub stop: Option<usize>,
    pub learner: Shared<Learner>,
}

/// A strip below the header.
#[component]
pub fn Tour(props: &TourProps) -> Html {
    let dispatch = use_dispatch();
    let close = {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(Action::CloseTour)
    };
    let visit = |number: usize| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| {
            let Some(stop) = STOPS.get(number) else { return dispatch.emit(Action::CloseTour) };
            dispatch.emit(Action::VisitStop(number));
            dispatch.emit(match stop.place {
                Place::Page(page) => Action::Show(page),
                Place::Side(side) => Action::ShowSide(side),
            });
        }
    };
    let (text, next) = match props.stop.and_then(|number| Some((number, STOPS.get(number)?))) {
        None => (welcome(&props.scenario), ("Look around", visit(0))),
        Some((number, stop)) => {
            let last = number + 1 == STOPS.len();
            let text = html! {
                <p>
                    <b>{ stop.title }</b>{ " " }
                    <span class="muted">{ format!("{} of {}", number + 1, STOPS.len()) }</span>
                    <br />{ stop.text }
                </p>
            };
            (text, (if last { "Done" } else { "Next" }, visit(number + 1)))
        }
    };
    let (label, onclick) = next;
    let lesson = props.learner.next_lesson().filter(|_| props.stop.is_none());
    let start = {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| {
            if let Some(lesson) = lesson {
                dispatch.emit(Action::OpenLesson(lesson.name.to_owned()));
            }
        }
    };
    html! {
        <section class="tour" aria-label="Introduction">
            <div class="grow" aria-live="polite">{ text }</div>
            if lesson.is_some() {
                <button type="button" class="primary next" onclick={start}>{ "Start lesson 1" }</button>
            }
            <button type="button" class={classes!(props.stop.is_some().then_some("primary"))} {onclick}>{ label }</button>
            if props.stop.is_none_or(|number| number + 1 < STOPS.len()) {
                <button type="button" class="quiet" onclick={close}>{ "Close" }</button>
            }
        </section>
    }
}

fn welcome(scenario: &str) -> Html {
    let scenario = scenarios::scenario(scenario);
    html! {
        <p>
            <b>{ "A Kubernetes cluster and a Prometheus server, simulated in this page." }</b>
            { " Edit their files, and see what the real ones would do, and why; nothing is installed, and nothing leaves the browser." }
            if let Some(scenario) = scenario {
                <br /><span class="muted">{ format!("{}: {}", scenario.title, scenario.summary) }</span>
            }
        </p>
    }
}
