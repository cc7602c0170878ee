//! The form for a lesson of one's own: start, words, and goals that are chosen from lists.

use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::{Action, Learner, Shared};
use crate::widgets::list_option::ListOption;
use lessons::homework::kinds::{Field, Input, kind};
use lessons::homework::{Draft, DraftGoal, MOST_GOALS, Problem, choices};
use lessons::lesson::Start;

#[derive(Properties, PartialEq)]
pub struct AuthorProps {
    pub learner: Shared<Learner>,
}

#[component]
pub fn Author(props: &AuthorProps) -> Html {
    let dispatch = use_dispatch();
    // Problems are shown after the first attempt to use the lesson.
    let tried = use_state(|| false);
    let draft = props.learner.draft.clone().unwrap_or_default();
    let set = {
        let dispatch = dispatch.clone();
        Callback::from(move |draft: Draft| dispatch.emit(Action::SetDraft(Box::new(draft))))
    };
    let problems = draft.lesson().err().unwrap_or_default();
    let shown = if *tried { problems.clone() } else { Vec::new() };
    let act = |action: Action| {
        let (dispatch, tried, right) = (dispatch.clone(), tried.clone(), problems.is_empty());
        move |_: MouseEvent| {
            tried.set(true);
            if right {
                dispatch.emit(action.clone());
            }
        }
    };
    let take = {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(Action::TakeStart)
    };
    let add = {
        let (set, draft) = (set.clone(), draft.clone());
        move |_: MouseEvent| {
            let mut draft = draft.clone();
            draft.goals.push(DraftGoal::new("targets"));
            set.emit(draft);
        }
    };
    let order = {
        let (set, draft) = (set.clone(), draft.clone());
        move |event: Event| {
            let ordered = event.target_unchecked_into::<HtmlInputElement>().checked();
            set.emit(Draft { ordered, ..draft.clone() });
        }
    };
    let change = |change: fn(&mut Draft, String)| {
        let (set, draft) = (set.clone(), draft.clone());
        Callback::from(move |value: String| {
            let mut draft = draft.clone();
            change(&mut draft, value);
            set.emit(draft);
        })
    };
    let clear = {
        let set = set.clone();
        let start = draft.start.clone();
        move |_: MouseEvent| set.emit(Draft { start: start.clone(), ..Draft::default() })
    };
    let files =
        draft.start.as_ref().map(|start| start.files.iter().map(|f| f.name.clone()).collect());
    let files: Vec<String> = files.unwrap_or_default();
    let general = shown.iter().filter(|problem| problem.goal.is_none());
    html! {
        <div class="author">
            <p>{ "A lesson starts from files and a moment, and is solved when all goals are true. Any way that reaches them is right. Try it at once; then share it as a link or a file." }</p>
            <section>
                <h3>{ "Start" }</h3>
                <p class="row"><span class="grow">{ start_words(draft.start.as_ref()) }</span>
                    <button type="button" class="small" onclick={take}>{ "Take the open files" }</button></p>
            </section>
            <section>
                <h3>{ "Words" }</h3>
                <TextField id="draft-title" label="Title" value={draft.title.clone()} set={change(|draft, value| draft.title = value)} />
                <Words id="draft-task" label="Task, at most 120 words. An empty line begins a paragraph; `code` stands between backticks." value={draft.task.clone()} set={change(|draft, value| draft.task = value)} />
                <Words id="draft-debrief" label="What is shown when it is solved" value={draft.debrief.clone()} set={change(|draft, value| draft.debrief = value)} />
            </section>
            <section>
                <h3>{ "Goals" }</h3>
                if draft.goals.is_empty() { <p class="muted">{ "There is no goal yet." }</p> }
                <ol>
                    { for (0..draft.goals.len()).map(|at| html! {
                        <GoalForm key={at} {at} draft={draft.clone()} files={files.clone()} set={set.clone()}
                            problem={shown.iter().find(|one| one.goal == Some(at)).map(|one| one.text.clone())} />
                    }) }
                </ol>
                if draft.goals.len() > 1 {
                    <label class="choice"><input type="checkbox" checked={draft.ordered} onchange={order} /><span>{ "In order: a goal counts only after those before it" }</span></label>
                }
                <button type="button" class="small" disabled={draft.goals.len() >= MOST_GOALS} onclick={add}>{ "Add a goal" }</button>
            </section>
            <div role="alert">{ for general.map(|Problem { text, .. }| html! { <p class="why">{ text }</p> }) }</div>
            <div class="row dialog-foot">
                <button type="button" class="quiet" onclick={clear}>{ "Clear" }</button>
                <span class="grow" />
                <button type="button" onclick={act(Action::DownloadDraft)}>{ "Download" }</button>
                <button type="button" onclick={act(Action::ShareDraft)}>{ "Copy link" }</button>
                <button type="button" class="primary" onclick={act(Action::TryDraft)}>{ "Try it" }</button>
            </div>
            <p class="muted">{ "The draft is stored in this browser. The file opens with Import. Whoever has the lesson can read its goals and compute its checksum, so a checksum is no proof." }</p>
        </div>
    }
}

/// The start in words.
fn start_words(start: Option<&Start>) -> String {
    let Some(start) = start else { return "There is no start yet.".to_owned() };
    let files = match &start.files[..] {
        [file] => file.name.clone(),
        files => format!("{} files", files.len()),
    };
    let acts = match start.acts.len() {
        0 => String::new(),
        1 => ", after 1 event".to_owned(),
        count => format!(", after {count} events"),
    };
    let of =
        scenarios::scenario(&start.scenario).map(|scenario| format!(" of “{}”", scenario.title));
    format!("{files}{} after {} of simulated time{acts}.", of.unwrap_or_default(), start.at)
}

#[derive(Properties, PartialEq)]
struct TextProps {
    id: String,
    label: AttrValue,
    value: String,
    #[prop_or("text")]
    input: &'static str,
    set: Callback<String>,
}

#[component]
fn TextField(props: &TextProps) -> Html {
    let set = props.set.clone();
    let oninput = move |event: InputEvent| {
        set.emit(event.target_unchecked_into::<HtmlInputElement>().value());
    };
    html! {
        <label class="line" for={props.id.clone()}>
            <span>{ &props.label }</span>
            <input id={props.id.clone()} type={props.input} inputmode={(props.input == "number").then_some("decimal")}
                step="any" autocomplete="off" spellcheck="false" maxlength="2000" value={props.value.clone()} {oninput} />
        </label>
    }
}

#[component]
fn Words(props: &TextProps) -> Html {
    let set = props.set.clone();
    let oninput = move |event: InputEvent| {
        set.emit(event.target_unchecked_into::<HtmlTextAreaElement>().value());
    };
    html! {
        <label class="line tall" for={props.id.clone()}>
            <span>{ &props.label }</span>
            <textarea id={props.id.clone()} rows="3" maxlength="4000" value={props.value.clone()} {oninput} />
        </label>
    }
}

#[derive(Properties, PartialEq)]
struct SelectProps {
    id: String,
    label: AttrValue,
    value: String,
    /// Values and labels.
    options: Vec<(String, String)>,
    set: Callback<String>,
}

#[component]
fn Select(props: &SelectProps) -> Html {
    let set = props.set.clone();
    let onchange = move |event: Event| {
        set.emit(event.target_unchecked_into::<HtmlSelectElement>().value());
    };
    html! {
        <label class="line" for={props.id.clone()}>
            <span>{ &props.label }</span>
            <select id={props.id.clone()} {onchange}>
                { for props.options.iter().map(|(value, label)| html! {
                    <ListOption value={value.clone()} selected={*value == props.value}>{ label }</ListOption>
                }) }
            </select>
        </label>
    }
}

#[derive(Properties, PartialEq)]
struct GoalFormProps {
    at: usize,
    draft: Draft,
    /// The files of the start.
    files: Vec<String>,
    problem: Option<String>,
    set: Callback<Draft>,
}

/// Takes a value from the form into a goal.
type Change = Box<dyn Fn(&mut DraftGoal, String)>;

#[component]
fn GoalForm(props: &GoalFormProps) -> Html {
    let GoalFormProps { at, draft, files, set, .. } = props;
    let at = *at;
    let Some(goal) = draft.goals.get(at) else { return Html::default() };
    let change = |change: Change| {
        let (set, draft) = (set.clone(), draft.clone());
        Callback::from(move |value: String| {
            let mut draft = draft.clone();
            if let Some(goal) = draft.goals.get_mut(at) {
                change(goal, value);
            }
            set.emit(draft);
        })
    };
    let file = files.first().cloned().unwrap_or_default();
    let choose = change(Box::new(move |goal, kind| {
        let (text, hint) = (std::mem::take(&mut goal.text), std::mem::take(&mut goal.hint));
        *goal = DraftGoal { text, hint, ..DraftGoal::new(&kind) };
        if let Some(of_file) = goal.values.get_mut("file") {
            of_file.clone_from(&file);
        }
    }));
    let remove = {
        let (set, draft) = (set.clone(), draft.clone());
        move |_: MouseEvent| {
            let mut draft = draft.clone();
            draft.goals.remove(at);
            set.emit(draft);
        }
    };
    let kinds = choices().map(|(id, label)| (id.to_owned(), label.to_owned())).collect::<Vec<_>>();
    let fields = kind(&goal.kind).map_or(&[][..], |kind| kind.fields);
    let id = |name: &str| format!("goal-{at}-{name}");
    let is_guard = matches!(&*goal.kind, "untouched" | "no_target_lost" | "changed_lines");
    let is_question = matches!(&*goal.kind, "number" | "choice");
    html! {
        <li class="goal-form">
            <div class="row">
                <Select id={id("kind")} label={format!("Goal {}", at + 1)} value={goal.kind.clone()} options={kinds} set={choose} />
                <button type="button" class="quiet small" aria-label={format!("Remove goal {}", at + 1)} onclick={remove}>{ "Remove" }</button>
            </div>
            <div class="fields">
                { for fields.iter().map(|field| {
                    let name = field.id;
                    let set = change(Box::new(move |goal: &mut DraftGoal, value| {
                        goal.values.insert(name.to_owned(), value);
                    }));
                    input(field, id(name), goal.values.get(name).cloned().unwrap_or_default(), files, set)
                }) }
                if !is_guard && !is_question {
                    <TextField id={id("hold")} label="Stays true for, such as 1m (optional)" value={goal.hold.clone()} set={change(Box::new(|goal, value| goal.hold = value))} />
                }
            </div>
            <TextField id={id("text")} label="In words (optional)" value={goal.text.clone()} set={change(Box::new(|goal, value| goal.text = value))} />
            if !is_guard {
                <TextField id={id("hint")} label="Hint (optional)" value={goal.hint.clone()} set={change(Box::new(|goal, value| goal.hint = value))} />
            }
            <p class="muted">{ format!("Shown as: {}", goal.words()) }</p>
            if let Some(problem) = &props.problem { <p class="why" role="alert">{ problem }</p> }
        </li>
    }
}

fn input(
    field: &Field,
    id: String,
    value: String,
    files: &[String],
    set: Callback<String>,
) -> Html {
    let label =
        if field.optional { format!("{} (optional)", field.label) } else { field.label.to_owned() };
    match field.input {
        Input::Choice(of) => {
            let options =
                of.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned()));
            html! { <Select {id} {label} {value} options={options.collect::<Vec<_>>()} {set} /> }
        }
        Input::File => {
            let options: Vec<_> = files.iter().map(|name| (name.clone(), name.clone())).collect();
            html! { <Select {id} {label} {value} {options} {set} /> }
        }
        Input::Number => html! { <TextField {id} {label} {value} input="number" {set} /> },
        Input::Text | Input::Query => html! { <TextField {id} {label} {value} {set} /> },
    }
}
