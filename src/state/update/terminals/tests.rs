use super::super::super::terminals::Entry;
use super::super::update;
use super::*;
use crate::state::Action;
use protocol::{Completion, Completions, OutputPiece, Update};
use text::Span;

fn opened() -> State {
    let mut state = State::empty();
    update(&mut state, Action::OpenScenario("giftcard".into()));
    state
}

fn on(state: &mut State, action: TerminalAction) -> Vec<Effect> {
    update(state, Action::Terminal(action))
}

fn entered(state: &mut State, line: &str) -> Vec<Effect> {
    on(state, TerminalAction::Type(line.into()));
    on(state, TerminalAction::Enter)
}

fn answered(state: &mut State, terminal: TerminalUpdate) -> Vec<Effect> {
    let terminals = vec![terminal];
    update(state, Action::Updated(Box::new(Update { terminals, ..Update::default() })))
}

fn last(state: &State) -> &Entry {
    state.terminals.active().unwrap().entries.last().unwrap()
}

#[test]
fn a_line_runs_and_its_output_is_shown() {
    let mut state = opened();
    let id = state.terminals.active;
    let effects = entered(&mut state, "kubectl get pods");
    let request = TerminalRequest::Run { terminal: id, line: "kubectl get pods".into() };
    assert!(effects.contains(&Effect::Send(Request::Terminal(request))));
    // While it runs, the next line stays.
    assert_eq!(entered(&mut state, "ls"), []);
    assert_eq!(state.terminals.active().unwrap().draft, "ls");
    let piece = OutputPiece { text: "NAME\n".into(), ..OutputPiece::default() };
    answered(
        &mut state,
        TerminalUpdate { terminal: id, output: vec![piece.clone()], ..Default::default() },
    );
    assert_eq!(last(&state).content, Content::Output(piece));
    assert!(!state.terminals.is_busy() && !state.playing);
}

#[test]
fn the_clock_plays_while_a_command_waits() {
    let mut state = opened();
    let id = state.terminals.active;
    let running = |running| TerminalUpdate { terminal: id, running, ..TerminalUpdate::default() };
    entered(&mut state, "kubectl get pods -w");
    answered(&mut state, running(true));
    assert!(state.playing);
    answered(&mut state, running(false));
    assert!(!state.playing);
    // A pause of the visitor stays, and so does a clock that was playing before.
    entered(&mut state, "kubectl get pods -w");
    answered(&mut state, running(true));
    update(&mut state, Action::Play(false));
    answered(&mut state, running(true));
    assert!(!state.playing);
    let effects = on(&mut state, TerminalAction::Interrupt);
    assert_eq!(effects, [send(TerminalRequest::Interrupt { terminal: id })]);
    answered(&mut state, running(false));
    update(&mut state, Action::Play(true));
    entered(&mut state, "sleep 1");
    answered(&mut state, running(true));
    answered(&mut state, running(false));
    assert!(state.playing);
}

#[test]
fn completions_extend_the_line() {
    let mut state = opened();
    let terminal = state.terminals.active;
    on(&mut state, TerminalAction::Type("kubectl get p".into()));
    let mut complete = |labels: &[&str]| {
        let line = state.terminals.active().unwrap().draft.clone();
        let items = labels
            .iter()
            .map(|label| Completion { label: (*label).into(), ..Completion::default() });
        let span = Span { start: 12, end: line.len() as u32 };
        let completions = Completions { span, items: items.collect() };
        let found = LineCompletions { terminal, line, completions };
        on(&mut state, TerminalAction::Completed(Box::new(found)));
        let one = state.terminals.active().unwrap();
        (one.draft.clone(), one.candidates.len())
    };
    assert_eq!(complete(&["persistentvolumeclaims", "pods"]), ("kubectl get p".into(), 2));
    assert_eq!(complete(&["pods", "podtemplates"]), ("kubectl get pod".into(), 2));
    assert_eq!(complete(&["pods"]), ("kubectl get pods ".into(), 0));
}

#[test]
fn commands_write_files_and_open_them() {
    let mut state = opened();
    let terminal = state.terminals.active;
    let (active, count) = (state.active, state.documents.len());
    let written = |name: &str| WrittenFile { name: name.into(), text: "a: 1\n".into() };
    let update =
        TerminalUpdate { terminal, files: vec![written("out.yaml")], ..Default::default() };
    let effects = answered(&mut state, update);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Send(Request::Edit { file, .. })
        if file.name == "out.yaml")));
    assert_eq!((state.active, state.documents.len()), (active, count + 1));
    let update = TerminalUpdate { terminal, files: vec![written("")], ..Default::default() };
    answered(&mut state, update);
    assert!(matches!(&last(&state).content, Content::Output(piece) if piece.error));
    let opens = Some(Opened::NewFile(written("pod-web.yaml")));
    answered(&mut state, TerminalUpdate { terminal, opens, ..Default::default() });
    assert_eq!(state.active_document().unwrap().name, "pod-web.yaml");
}

#[test]
fn terminals_are_opened_and_closed() {
    let mut state = opened();
    let first = state.terminals.active;
    on(&mut state, TerminalAction::Add);
    assert_ne!(state.terminals.active, first);
    on(&mut state, TerminalAction::Toggle);
    let added = state.terminals.active;
    on(&mut state, TerminalAction::Close(added));
    assert_eq!((state.terminals.active, state.terminals.open), (first, true));
    on(&mut state, TerminalAction::Close(first));
    assert!(!state.terminals.open && state.terminals.all.len() == 1);
    for _ in 0..20 {
        on(&mut state, TerminalAction::Add);
    }
    assert_eq!(state.terminals.all.len(), protocol::terminal::MOST_TERMINALS);
    let before = state.terminals.active;
    update(&mut state, Action::OpenScenario("populare".into()));
    assert!(state.terminals.all.len() == 1 && state.terminals.active != before);
}

#[test]
fn a_new_worker_ends_commands() {
    let mut state = opened();
    entered(&mut state, "sleep 100");
    worker_failed(&mut state);
    assert!(!state.terminals.is_busy());
    assert!(matches!(&last(&state).content, Content::Output(piece) if piece.error));
}
