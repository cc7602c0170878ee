//! The list of lessons by chapter, with the learner's progress.

use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::{Action, Dialog, Learner, Shared};
use lessons::CHAPTERS;
use lessons::confusions::CONFUSIONS;

#[derive(Properties, PartialEq)]
pub struct LessonListProps {
    pub learner: Shared<Learner>,
    /// The name of the open lesson.
    pub open: Option<String>,
}

#[component]
pub fn LessonList(props: &LessonListProps) -> Html {
    let dispatch = use_dispatch();
    let asked = use_state(|| false);
    let act = |action: Action| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(action.clone())
    };
    let ask = |on: bool| {
        let asked = asked.clone();
        move |_: MouseEvent| asked.set(on)
    };
    let forget = {
        let (dispatch, asked) = (dispatch.clone(), asked.clone());
        move |_: MouseEvent| {
            asked.set(false);
            dispatch.emit(Action::ForgetProgress);
        }
    };
    let learner = &props.learner;
    let row = |entry: &lessons::Entry| {
        let solved = learner.has_solved(entry.name);
        let open = props.open.as_deref() == Some(entry.name);
        html! {
            <li key={entry.name} class={classes!(solved.then_some("solved"))}>
                <span class="mark" aria-hidden="true">{ if solved { "✓" } else { "○" } }</span>
                <button type="button" class="text-link" aria-current={open.then_some("true")} onclick={act(Action::OpenLesson(entry.name.to_owned()))}>
                    { entry.title }
                </button>
                if solved { <span class="visually-hidden">{ " (solved)" }</span> }
                if open { <span class="muted">{ "open" }</span> }
            </li>
        }
    };
    let total = lessons::entries().count();
    html! {
        <div class="lesson-list">
            <p>{ format!("{} of {total} lessons are solved. Each takes a few minutes. The page checks what the system does, so every way that reaches a goal is right.", learner.solved_of_page()) }</p>
            { for CHAPTERS.iter().map(|chapter| html! {
                <section key={chapter.name}>
                    <h3>{ chapter.title }</h3>
                    <ol>{ for chapter.lessons.iter().map(row) }</ol>
                </section>
            }) }
            <details class="confusions">
                <summary>{ "What confuses you?" }</summary>
                <ul>{ for CONFUSIONS.iter().map(|confusion| html! {
                    <li key={confusion.text}>
                        <button type="button" class="text-link" onclick={act(Action::OpenLesson(confusion.lesson.to_owned()))}>
                            { confusion.text }
                        </button>
                    </li>
                }) }</ul>
            </details>
            <p><button type="button" onclick={act(Action::OpenDialog(Some(Dialog::Homework)))}>{ "Make a lesson of your own" }</button></p>
            <div class="row dialog-foot">
                <span class="grow muted">{ "Progress is stored in this browser only." }</span>
                if *asked {
                    <span>{ "Forget all solved lessons?" }</span>
                    <button type="button" onclick={forget}>{ "Forget" }</button>
                    <button type="button" onclick={ask(false)}>{ "Keep" }</button>
                } else {
                    <button type="button" disabled={learner.solved.is_empty()} onclick={ask(true)}>{ "Reset progress" }</button>
                    <button type="button" disabled={learner.solved.is_empty()} onclick={act(Action::ExportProgress)}>{ "Export progress" }</button>
                }
            </div>
        </div>
    }
}
