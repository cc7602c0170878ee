//! The progress of a learner, from the states that are observed. Grading is pure: the same lesson
//! and the same states give the same progress.

use protocol::{GoalProgress, GoalState, GuardProgress, Prediction, Progress};

use crate::evaluate::{self, Context};
use crate::lesson::{Goal, Keep, Lesson};
use crate::predicate::Predicate;
use crate::state::State;

/// A change that has not met a goal after so many milliseconds is a failure: Prometheus has scraped
/// since, with the usual interval.
const JUDGED_AFTER: u64 = 30_000;

/// The longest answer that is kept, in bytes.
const MOST_ANSWER: usize = 200;

/// A lesson with the progress in it.
#[derive(Clone, Debug)]
pub struct Grader {
    lesson: Lesson,
    progress: Progress,
}

impl Grader {
    /// Begins a lesson, or continues it with kept progress. Progress of another lesson, or of another
    /// version of it, is dropped.
    pub fn new(lesson: Lesson, kept: Option<Progress>) -> Self {
        let fits = |kept: &Progress| {
            kept.lesson == lesson.name
                && kept.goals.len() == lesson.goals.len()
                && kept.guards.len() == lesson.guards.len()
                && kept.hints.len() == lesson.hints.len()
        };
        let progress = kept.filter(fits).unwrap_or_else(|| Progress {
            lesson: lesson.name.clone(),
            goals: vec![GoalProgress::default(); lesson.goals.len()],
            guards: vec![GuardProgress::default(); lesson.guards.len()],
            hints: lesson.hints.iter().map(|hint| hint.after_failures == 0).collect(),
            ..Progress::default()
        });
        Self { lesson, progress }
    }

    pub fn lesson(&self) -> &Lesson {
        &self.lesson
    }

    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Grades a state. States are observed after each change and at each step of time.
    pub fn observe(&mut self, state: &dyn State) {
        let Self { lesson, progress } = self;
        let now = state.now();
        // The way to the start is not graded.
        if now < lesson.start.at.0 {
            return;
        }
        let baseline = progress.baseline.get_or_insert_with(|| evaluate::up_by_job(state));
        let context = Context {
            start: lesson.start.at.0,
            files: &lesson.start.files,
            baseline,
            answered: false,
        };
        for (guard, kept) in lesson.guards.iter().zip(&mut progress.guards) {
            let sticky = matches!(guard.keep, Keep::Throughout(_)) && kept.broken;
            kept.broken = sticky || !evaluate::is_kept(guard, state, context);
        }
        for (goal, of) in lesson.goals.iter().zip(&mut progress.goals) {
            observe_goal(goal, of, state, context);
            // The goals after it wait.
            if lesson.ordered && of.state != GoalState::Met {
                break;
            }
        }
        if state.changes() != progress.changes {
            progress.changes = state.changes();
            progress.unjudged = Some(now);
        }
        // The clock may have gone back.
        let since = progress.unjudged.map(|since| since.min(now));
        progress.unjudged = since;
        if since.is_some_and(|since| now >= since + JUDGED_AFTER) {
            progress.unjudged = None;
            for of in progress.goals.iter_mut().filter(|of| of.state == GoalState::Open) {
                of.failures += 1;
            }
        }
        self.conclude();
    }

    /// Answers the question of a goal.
    pub fn answer(&mut self, goal: &str, answer: &str, state: &dyn State) {
        let start = self.lesson.start.at.0;
        let open = self.progress.goals.iter().position(|of| of.state != GoalState::Met);
        // In a lab only the first open question is asked.
        let count = match (self.lesson.ordered, open) {
            (true, Some(open)) => open + 1,
            _ => self.progress.goals.len(),
        };
        let goals = self.lesson.goals.iter().zip(&mut self.progress.goals).take(count);
        for (goal, of) in goals.filter(|(one, _)| one.id == goal) {
            let Predicate::Answer(question) = &goal.when else { continue };
            let (_, correct) = evaluate::judge(
                answer,
                &question.choices,
                &question.answer,
                question.tolerance,
                state,
                start,
            );
            of.answer = Some(shortened(answer));
            of.state = if correct { GoalState::Met } else { GoalState::Open };
            of.message = if correct { String::new() } else { goal.otherwise.clone() };
            of.failures += u32::from(!correct);
        }
        self.conclude();
    }

    /// Answers the question of the start. The first answer counts.
    pub fn predict(&mut self, answer: &str, state: &dyn State) {
        let Some(predict) = &self.lesson.predict else { return };
        if self.progress.prediction.is_some() {
            return;
        }
        let start = self.lesson.start.at.0;
        let (right, correct) =
            evaluate::judge(answer, &predict.choices, &predict.answer, 0.0, state, start);
        self.progress.prediction = Some(Prediction { given: shortened(answer), right, correct });
    }

    /// Opens hints, and notes whether the lesson is solved.
    fn conclude(&mut self) {
        let Self { lesson, progress } = self;
        for (hint, open) in lesson.hints.iter().zip(&mut progress.hints) {
            let goals = lesson.goals.iter().zip(&progress.goals);
            let mut own = goals.filter(|(goal, _)| goal.id == hint.goal);
            *open |= own.any(|(_, of)| of.failures >= hint.after_failures);
        }
        let met = progress.goals.iter().all(|of| of.state == GoalState::Met);
        progress.solved |= met && !progress.guards.iter().any(|guard| guard.broken);
    }
}

fn observe_goal(goal: &Goal, of: &mut GoalProgress, state: &dyn State, context: Context<'_>) {
    let is_question = matches!(goal.when, Predicate::Answer(_));
    if of.state == GoalState::Met && (goal.once || is_question) {
        return;
    }
    if is_question {
        return;
    }
    let now = state.now();
    let verdict = evaluate::evaluate(goal, state, context);
    of.state = match (verdict.holds, of.state) {
        (false, _) => GoalState::Open,
        (true, _) if goal.hold.0 == 0 => GoalState::Met,
        (true, GoalState::Met) => GoalState::Met,
        (true, GoalState::Holding { since, until }) if since <= now => {
            if now >= until {
                GoalState::Met
            } else {
                GoalState::Holding { since, until }
            }
        }
        (true, _) => GoalState::Holding { since: now, until: now.saturating_add(goal.hold.0) },
    };
    of.message = if verdict.holds { String::new() } else { verdict.message(&goal.otherwise) };
}

fn shortened(answer: &str) -> String {
    let end = (0..=answer.len().min(MOST_ANSWER)).rev().find(|at| answer.is_char_boundary(*at));
    answer.get(..end.unwrap_or_default()).unwrap_or_default().to_owned()
}
