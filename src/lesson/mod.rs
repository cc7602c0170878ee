//! The pane of the open lesson: task, goals, hints, solution, debrief; and the list of lessons.

mod ask;
mod author;
mod goals;
mod list;
mod solution;

pub use author::Author;
pub use list::LessonList;

use yew::prelude::*;

use crate::address;
use crate::app::use_dispatch;
use crate::state::{Action, Dialog, Learner, LessonState, Shared};
use crate::widgets::inline_code::inline_code;
use ask::Ask;
use goals::Goals;
use lessons::homework::is_homework;
use lessons::lesson::{Hint, Predict};
use protocol::Prediction;
use solution::Solution;

/// Paragraphs that are separated by an empty line.
fn paragraphs(text: &str) -> Html {
    let paragraph = |text: &str| html! { <p>{ inline_code(&text.replace('\n', " ")) }</p> };
    text.split("\n\n").map(paragraph).collect()
}

#[derive(Properties, PartialEq)]
pub struct LessonPaneProps {
    pub open: Shared<LessonState>,
    pub learner: Shared<Learner>,
    /// The time of the simulation in milliseconds.
    pub now: u64,
}

#[component]
pub fn LessonPane(props: &LessonPaneProps) -> Html {
    let dispatch = use_dispatch();
    let act = |action: Action| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(action.clone())
    };
    let LessonState { lesson, progress, .. } = &*props.open;
    let total = lesson.goals.len();
    let title = use_node_ref();
    {
        // A lesson that opens is read from its title on.
        let title = title.clone();
        use_effect_with(props.open.opened, move |_| {
            if let Some(title) = title.cast::<web_sys::HtmlElement>() {
                let _ = title.focus();
            }
        });
    }
    let copy = match is_homework(&lesson.name) {
        true => Some(Action::ShareLesson),
        false => address::link_of_lesson(&lesson.name).map(Action::Copy),
    };
    html! {
        <section class="pane lesson" aria-label="Lesson" data-lesson={lesson.name.clone()}>
            <div class="lesson-head">
                <span class="muted grow">{ &lesson.chapter }</span>
                <button type="button" class="quiet small" onclick={act(Action::OpenDialog(Some(Dialog::Lessons)))}>{ "All lessons" }</button>
                <button type="button" class="quiet small" onclick={act(Action::CloseLesson)}>{ "Close" }</button>
            </div>
            <div class="lesson-body" key={props.open.opened} tabindex="0" role="region" aria-label="Task and goals">
                <h2 ref={title} tabindex="-1">{ &lesson.title }</h2>
                <div class="task">{ paragraphs(&lesson.task) }</div>
                if let Some(predict) = &lesson.predict {
                    { prediction(predict, progress.prediction.as_ref(), progress.solved, act_answer(&dispatch)) }
                }
                <Goals open={props.open.clone()} now={props.now} />
                <Hints hints={lesson.hints.clone()} open={progress.hints.clone()} />
                if !lesson.shown_solution.is_empty() {
                    <Solution steps={lesson.shown_solution.clone()} />
                }
                if progress.solved {
                    <Solved open={props.open.clone()} learner={props.learner.clone()} />
                }
                <p class="visually-hidden" role="status">
                    { format!("{} of {total} goals are met.", props.open.met()) }
                </p>
            </div>
            <div class="lesson-foot row">
                <button type="button" class="small" onclick={act(Action::ResetLesson)}>{ "Reset to the task" }</button>
                if is_homework(&lesson.name) {
                    <button type="button" class="quiet small" onclick={act(Action::OpenDialog(Some(Dialog::Homework)))}>{ "Make a lesson" }</button>
                }
                if let Some(copy) = copy {
                    <button type="button" class="quiet small" onclick={act(copy)}>{ "Copy link" }</button>
                }
            </div>
        </section>
    }
}

fn act_answer(dispatch: &crate::app::Dispatch) -> Callback<String> {
    let dispatch = dispatch.clone();
    Callback::from(move |answer| dispatch.emit(Action::Predict(answer)))
}

/// The question of the start, then the prediction, and at the end the right answer.
fn prediction(
    predict: &Predict,
    given: Option<&Prediction>,
    solved: bool,
    answer: Callback<String>,
) -> Html {
    let body = match given {
        None => html! {
            <Ask id="predict" question={predict.ask.clone()} choices={predict.choices.clone()} word="Predict" {answer} />
        },
        Some(Prediction { given, right, correct }) => html! {
            <>
                <p>{ inline_code(&predict.ask) }</p>
                <p class="muted">{ format!("Your prediction: {given}.") }
                    if solved && *correct { { " It was right." } }
                    if solved && !correct && !right.is_empty() { { format!(" It is {right}.") } }
                </p>
            </>
        },
    };
    html! { <div class="predict"><h3>{ "Before you begin" }</h3>{ body }</div> }
}

#[derive(Properties, PartialEq)]
struct HintsProps {
    hints: Vec<Hint>,
    /// The hints that can be read.
    open: Vec<bool>,
}

/// Hints, one after the other.
#[component]
fn Hints(props: &HintsProps) -> Html {
    let shown = use_state(|| 0_usize);
    let hints = props.hints.iter().zip(props.open.iter().copied().chain(std::iter::repeat(false)));
    let open: Vec<&Hint> = hints.filter(|(_, open)| *open).map(|(hint, _)| hint).collect();
    if props.hints.is_empty() {
        return Html::default();
    }
    let more = {
        let shown = shown.clone();
        move |_: MouseEvent| shown.set(*shown + 1)
    };
    let later = props.hints.len() - open.len();
    html! {
        <div class="hints">
            <ol aria-live="polite">
                { for open.iter().take(*shown).map(|hint| html! { <li>{ inline_code(&hint.text) }</li> }) }
            </ol>
            if *shown < open.len() {
                <button type="button" class="small" onclick={more}>
                    { if *shown == 0 { "Show a hint" } else { "Show another hint" } }
                </button>
            } else if later > 0 {
                <p class="muted">{ if open.is_empty() { "There are hints for later, when you have tried." } else { "There are more hints for later, when you have tried." } }</p>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct SolvedProps {
    open: Shared<LessonState>,
    learner: Shared<Learner>,
}

/// What the learner has seen, the next lesson, and the checksum.
#[component]
fn Solved(props: &SolvedProps) -> Html {
    let dispatch = use_dispatch();
    let lesson = &props.open.lesson;
    let next = lessons::next(&lesson.name);
    let open_next = {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| {
            if let Some(next) = next {
                dispatch.emit(Action::OpenLesson(next.name.to_owned()));
            }
        }
    };
    let oninput = move |event: InputEvent| {
        let input: web_sys::HtmlInputElement = event.target_unchecked_into();
        dispatch.emit(Action::SetLearnerName(input.value()));
    };
    let name = &props.learner.name;
    html! {
        <div class="solved">
            <div role="status"><h3>{ "Solved" }</h3></div>
            { paragraphs(&lesson.debrief) }
            if let Some(next) = next {
                <button type="button" class="primary" onclick={open_next}>{ format!("Next: {}", next.title) }</button>
            } else if !is_homework(&lesson.name) {
                <p>{ "This was the last lesson." }</p>
            }
            <details>
                <summary>{ "Checksum for a teacher" }</summary>
                <label>{ "Your name " }<input type="text" maxlength="100" autocomplete="name" value={name.clone()} {oninput} /></label>
                <p>{ "Checksum: " }<code class="checksum">{ lessons::checksum(&lesson.name, name) }</code></p>
                <p class="muted">{ "A teacher can compare it without a network: the same lesson and name give the same checksum. It is no proof: the solution can be read in the lesson, and anyone can compute a checksum." }</p>
            </details>
        </div>
    }
}
