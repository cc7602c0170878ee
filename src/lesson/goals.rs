//! The goals and guards of the lesson, with their states.

use yew::prelude::*;

use super::ask::Ask;
use crate::app::use_dispatch;
use crate::state::{Action, LessonState, Shared};
use crate::widgets::inline_code::inline_code;
use lessons::lesson::Goal;
use lessons::predicate::Predicate;
use protocol::{GoalProgress, GoalState};

#[derive(Properties, PartialEq)]
pub struct GoalsProps {
    pub open: Shared<LessonState>,
    /// The time of the simulation in milliseconds.
    pub now: u64,
}

/// The mark of a goal, its state in words, and the class of its line.
fn mark(state: GoalState) -> (&'static str, &'static str, &'static str) {
    match state {
        GoalState::Open => ("○", "not met", "open"),
        GoalState::Holding { .. } => ("◐", "has to stay so", "holding"),
        GoalState::Met => ("✓", "met", "met"),
    }
}

#[component]
pub fn Goals(props: &GoalsProps) -> Html {
    let LessonState { lesson, progress, .. } = &*props.open;
    let state_of = |at: usize| progress.goals.get(at).cloned().unwrap_or_default();
    // In a lab the goals after the first open one wait.
    let open = progress.goals.iter().position(|of| of.state != GoalState::Met);
    let first = open.filter(|_| lesson.ordered).unwrap_or(usize::MAX);
    let guards = lesson.guards.iter().enumerate().map(|(at, guard)| {
        let broken = progress.guards.get(at).is_some_and(|guard| guard.broken);
        let (mark, words) = if broken { ("✗", "broken") } else { ("·", "kept") };
        html! {
            <li key={guard.id.clone()} class={if broken { "guard broken" } else { "guard" }}>
                <span class="mark" aria-hidden="true">{ mark }</span>
                <span>{ inline_code(&guard.text) }<span class="visually-hidden">{ format!(" ({words})") }</span></span>
            </li>
        }
    });
    html! {
        <>
            <h3>{ "Goals" }</h3>
            <ul class="goals">
                { for lesson.goals.iter().enumerate().map(|(at, goal)| html! {
                    <GoalLine key={goal.id.clone()} goal={goal.clone()} of={state_of(at)} now={props.now} waits={at > first} />
                }) }
                { for guards }
            </ul>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct GoalLineProps {
    goal: Goal,
    of: GoalProgress,
    now: u64,
    /// True while a goal before it is not met.
    waits: bool,
}

#[component]
fn GoalLine(props: &GoalLineProps) -> Html {
    let dispatch = use_dispatch();
    let GoalLineProps { goal, of, now, waits } = props;
    let (mark, words, class) = mark(of.state);
    let answer = {
        let goal = goal.id.clone();
        Callback::from(move |answer| {
            dispatch.emit(Action::AnswerGoal { goal: goal.clone(), answer });
        })
    };
    let left = match of.state {
        GoalState::Holding { until, .. } => Some(until.saturating_sub(*now).div_ceil(1_000)),
        _ => None,
    };
    html! {
        <li class={classes!("goal", class, waits.then_some("waits"))} data-goal={goal.id.clone()}>
            <span class="mark" aria-hidden="true">{ mark }</span>
            <div>
                { inline_code(&goal.text) }<span class="visually-hidden">{ format!(" ({words}{})", if *waits { ", after those before it" } else { "" }) }</span>
                if let Some(left) = left {
                    <p class="muted">{ format!("True now. It has to stay true for {left} s more.") }</p>
                }
                if !of.message.is_empty() && of.state == GoalState::Open {
                    <p class="muted">{ inline_code(&of.message) }</p>
                }
                if let (Predicate::Answer(question), false) = (&goal.when, of.state == GoalState::Met || *waits) {
                    if let Some(given) = &of.answer {
                        <p class="muted">{ format!("{given} is not right.") }</p>
                    }
                    <Ask id={format!("goal-{}", goal.id)} question={question.ask.clone()} choices={question.choices.clone()} {answer} />
                }
            </div>
        </li>
    }
}
