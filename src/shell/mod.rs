//! The frame of the page: header, files, results, clock, dialogs.

mod apply_bar;
mod clock_bar;
mod dialogs;
mod events_panel;
mod files;
mod header;
mod import;
mod problems;
mod results;
mod share;
mod text_pane;
mod tour;
mod track;
mod worker_notice;
mod workspaces;

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{KeyboardEvent, PointerEvent};
use yew::prelude::*;

use super::app::{Dispatch, EditorSlot, use_dispatch};
use super::lesson::LessonPane;
use super::state::{Action, Notification, Page, Shared, Side, State, TerminalAction};
use super::terminal::TerminalPane;
use apply_bar::ApplyBar;
use clock_bar::ClockBar;
use dialogs::Dialogs;
use files::FileTabs;
use header::Header;
use import::DropOverlay;
use problems::Problems;
use results::Results;
use text::Severity;
use text_pane::TextPane;
use tour::Tour;

/// Shortcuts of the page, as the help lists them.
pub const SHORTCUTS: [(&str, &str); 10] = [
    ("Alt+1 … Alt+0", "go to a page of results"),
    ("Alt+P", "play or pause"),
    ("Alt+S", "advance to the next scrape"),
    ("Alt+E", "go to the editor"),
    ("Ctrl+`", "show or hide the terminal"),
    ("Ctrl+S", "apply the manifests"),
    ("Alt+N", "show or hide the notes at the ends of lines"),
    ("Ctrl+Space", "complete"),
    ("Ctrl+F", "search in the file"),
    ("Esc, then Tab", "leave the editor"),
];

/// The effect of a shortcut.
#[derive(Clone, Debug)]
pub enum Shortcut {
    Do(Action),
    TogglePlay,
    FocusEditor,
}

/// Listens for shortcuts of the page.
pub fn shortcuts(window: &web_sys::Window, act: Callback<Shortcut>) -> EventListener {
    let options = EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(window, "keydown", options, move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        let command = event.ctrl_key() || event.meta_key();
        if command && !event.alt_key() && !event.shift_key() && event.key() == "s" {
            event.prevent_default();
            act.emit(Shortcut::Do(Action::ApplyText));
            return;
        }
        if event.ctrl_key() && !event.alt_key() && event.code() == "Backquote" {
            event.prevent_default();
            act.emit(Shortcut::Do(Action::Terminal(TerminalAction::Toggle)));
            return;
        }
        if !event.alt_key() || event.ctrl_key() || event.meta_key() || types_text(event) {
            return;
        }
        // Compares physical keys, because Alt changes letters on some systems.
        let action = match event.code().as_str() {
            "KeyP" => Shortcut::TogglePlay,
            "KeyS" => Shortcut::Do(Action::NextScrape),
            "KeyN" => Shortcut::Do(Action::ToggleNotes),
            "KeyE" => Shortcut::FocusEditor,
            code => {
                let digit =
                    code.strip_prefix("Digit").and_then(|digit| digit.parse::<usize>().ok());
                // In the order of the keys, 0 follows 9.
                let page = digit.and_then(|digit| Page::ALL.get((digit + 9) % 10));
                let Some(page) = page else { return };
                Shortcut::Do(Action::Show(*page))
            }
        };
        event.prevent_default();
        act.emit(action);
    })
}

/// Returns true if the keys type a different letter into the focused element, as Option does on a
/// Mac.
fn types_text(event: &KeyboardEvent) -> bool {
    let into = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok());
    let writes = into.is_some_and(|into| {
        into.is_content_editable() || matches!(into.tag_name().as_str(), "INPUT" | "TEXTAREA")
    });
    writes && !event.code().to_lowercase().ends_with(&event.key().to_lowercase())
}

#[derive(Properties, PartialEq)]
pub struct FrameProps {
    pub state: Shared<State>,
    /// True if the worker has answered every request that changes the session.
    pub settled: bool,
    pub editor: EditorSlot,
    pub mounted: Callback<()>,
    pub fix: Callback<(usize, usize)>,
}

fn toast(notification: &Notification, dispatch: &Dispatch) -> Html {
    let send = |action: Action| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(action.clone())
    };
    html! {
        <div class="toast" key={notification.id}>
            <span class="grow">{ &notification.text }</span>
            if notification.offers_undo {
                <button type="button" class="small" onclick={send(Action::Undo)}>{ "Undo" }</button>
            }
            <button type="button" class="quiet small" onclick={send(Action::Dismiss(notification.id))}>
                { "Close" }
            </button>
        </div>
    }
}

/// The number of errors and warnings.
fn problem_count(state: &State) -> usize {
    let found = state.annotations.iter().flat_map(|file| &file.diagnostics);
    found.filter(|one| one.severity != Severity::Info).count()
}

/// Files, editor, and problems or terminals.
fn text_side(props: &FrameProps) -> Html {
    let state = &props.state;
    html! {
        <section class="pane text" aria-label="Files">
            <FileTabs documents={state.documents.clone()} active={state.active}
                annotations={state.annotations.clone()} />
            <TextPane editor={props.editor.clone()} mounted={props.mounted.clone()}
                fix={props.fix.clone()} notes={state.preferences.notes} read_only={state.read_only} />
            <ApplyBar stored={state.stored.clone()} documents={state.documents.clone()}
                answers={state.worker.unavailable().is_none()} defaults={state.preferences.defaults} />
            if state.terminals.open {
                <TerminalPane terminals={state.terminals.clone()} problems={problem_count(state)} />
            } else {
            <Problems documents={state.documents.clone()} annotations={state.annotations.clone()}
                ready={state.ready} unavailable={state.worker.unavailable()} configuration={state.summary.configuration.clone()} />
            }
        </section>
    }
}

/// The whole page.
#[component]
pub fn Frame(props: &FrameProps) -> Html {
    let state = &props.state;
    let dispatch = use_dispatch();
    // Without a lesson there is no pane of one.
    let shown = match state.preferences.side {
        Side::Lesson if state.lesson.is_none() => Side::Text,
        side => side,
    };
    let side = match shown {
        Side::Text => "text",
        Side::Results => "results",
        Side::Lesson => "lesson",
    };
    let switch = |to: Side, label: &'static str| {
        let dispatch = dispatch.clone();
        let pressed = shown == to;
        let onclick = move |_| dispatch.emit(Action::ShowSide(to));
        html! { <button type="button" aria-pressed={pressed.to_string()} {onclick}>{ label }</button> }
    };
    html! {
        <div class={classes!("frame", state.tour.is_some().then_some("with-tour"), state.embedded.then_some("embedded"))} data-side={side} data-ready={state.ready.to_string()} data-settled={props.settled.to_string()}>
            <Header scenario={state.scenario.clone()} workspace={state.current.own.then(|| state.current.name.clone())} embedded={state.embedded} theme={state.preferences.theme} notes={state.preferences.notes} />
            if let Some(tour) = state.tour {
                <Tour scenario={state.scenario.clone()} stop={tour.stop} learner={state.learner.clone()} />
            }
            <main class={classes!("panes", state.lesson.is_some().then_some("with-lesson"))} style={format!("--split:{}%", state.preferences.split)}>
                if let Some(open) = &state.lesson {
                    <LessonPane open={open.clone()} learner={state.learner.clone()} now={state.past.now} />
                }
                { text_side(props) }
                <Splitter percent={state.preferences.split} />
                <Results state={state.clone()} />
            </main>
            <ClockBar past={state.past.clone()} actions={state.actions.clone()}
                playing={state.playing} speed={state.speed} run={state.run} store={state.store.clone()}
                rollout={state.rollout.clone()} />
            <nav class={classes!("switch", state.lesson.is_some().then_some("three"))} aria-label="Editor or results">
                if state.lesson.is_some() {
                    { switch(Side::Lesson, "Lesson") }
                }
                { switch(Side::Text, "Editor") }
                { switch(Side::Results, "Results") }
            </nav>
            <Dialogs dialog={state.dialog} active={state.active} documents={state.documents.clone()}
                workspaces={state.workspaces.clone()} current={state.current.clone()}
                opening={state.opening.clone()} imported={state.imported.clone()} conflict={state.conflict.clone()}
                storage_failed={state.storage_failed.clone()} learner={state.learner.clone()}
                lesson={state.lesson.as_ref().map(|open| open.lesson.name.clone())}
                names={state.documents.iter().map(|document| (document.id, document.name.clone())).collect::<Vec<_>>()} />
            <DropOverlay />
            <div class="toasts" role="status" aria-live="polite">
                { for state.notifications.iter().map(|notification| toast(notification, &dispatch)) }
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct SplitterProps {
    percent: f64,
}

/// The share of the editor, in percent, if the separator is at this place. The width of a lesson's
/// pane beside the editor does not count.
fn percent_at(x: f64) -> Option<f64> {
    let window = web_sys::window()?;
    let width = window.inner_width().ok()?.as_f64()?;
    let lesson = window.document()?.query_selector(".pane.lesson").ok()?;
    let lesson = lesson.map(|pane| pane.get_bounding_client_rect());
    let beside = lesson.filter(|place| place.right() < width - 1.0);
    let percent = match beside {
        // See static/css/lesson.css.
        Some(place) => (x - place.right()) / (width * 0.72) * 100.0,
        None => x / width * 100.0,
    };
    percent.is_finite().then_some(percent)
}

/// The separator between the panes; it moves with the pointer and with arrow keys.
#[component]
fn Splitter(props: &SplitterProps) -> Html {
    let dispatch = use_dispatch();
    let held = use_mut_ref(|| false);
    let set = move |percent: f64| dispatch.emit(Action::SetSplit(percent));
    let percent = props.percent;
    let onkeydown = {
        let set = set.clone();
        move |event: KeyboardEvent| {
            let step = match event.key().as_str() {
                "ArrowLeft" => -2.0,
                "ArrowRight" => 2.0,
                _ => return,
            };
            event.prevent_default();
            set(percent + step);
        }
    };
    let onpointerdown = {
        let held = held.clone();
        move |event: PointerEvent| {
            *held.borrow_mut() = true;
            if let Some(target) = event.target_dyn_into::<web_sys::Element>() {
                // Without the capture the separator can lose a fast pointer; dragging still works.
                let _ = target.set_pointer_capture(event.pointer_id());
            }
        }
    };
    let onpointermove = {
        let held = held.clone();
        move |event: PointerEvent| {
            if *held.borrow()
                && let Some(percent) = percent_at(f64::from(event.client_x()))
            {
                set(percent);
            }
        }
    };
    let onpointerup = move |_: PointerEvent| *held.borrow_mut() = false;
    html! {
        <div class="splitter" role="separator" tabindex="0" aria-orientation="vertical"
            aria-label="Width of the editor" aria-valuenow={format!("{:.0}", props.percent)}
            aria-valuemin="20" aria-valuemax="80"
            {onkeydown} {onpointerdown} {onpointermove} {onpointerup} />
    }
}
