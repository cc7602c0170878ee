use super::*;
use crate::state::restarts::Recovery;
use crate::state::{Failure, Theme};
use protocol::{Annotations, Update};
use text::{Applicability, Fix, Span};

fn opened() -> State {
    let mut state = State::empty();
    update(&mut state, Action::OpenScenario("giftcard".into()));
    state
}

fn sent(effects: &[Effect]) -> Vec<&Request> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(request) => Some(request),
            _ => None,
        })
        .collect()
}

#[test]
fn a_scenario_opens_with_its_files_and_is_sent() {
    let mut state = State::empty();
    let effects = update(&mut state, Action::OpenScenario("giftcard".into()));
    assert_eq!(state.active_document().unwrap().name, "prometheus.yaml");
    assert!(matches!(sent(&effects)[..], [Request::Open { workspace, .. }, Request::Watch { .. }]
        if workspace.files.len() == state.documents.len()));
    let before = state.active;
    update(&mut state, Action::OpenScenario("giftcard".into()));
    assert_ne!(state.active, before, "numbers of closed files are not used again");
    update(&mut state, Action::OpenScenario("no such".into()));
    assert_eq!(state.notifications.len(), 1);
}

#[test]
fn typing_sends_the_text_once() {
    let mut state = opened();
    let file = state.active;
    let effects = update(&mut state, Action::Typed { file, text: "a: 1\n".into() });
    assert!(matches!(sent(&effects)[..], [Request::Edit { file, revision: 2 }]
        if file.text == "a: 1\n"));
    let again = update(&mut state, Action::Typed { file, text: "a: 1\n".into() });
    assert!(again.is_empty());
}

#[test]
fn annotations_of_an_older_text_are_dropped() {
    let mut state = opened();
    let file = state.active;
    let other = state.documents[1].id;
    update(&mut state, Action::Typed { file, text: "a: 1\n".into() });
    let of = |file| Annotations { file, ..Annotations::default() };
    let late = Update { revision: 1, annotations: vec![of(file), of(other)], ..Update::default() };
    update(&mut state, Action::Updated(Box::new(late)));
    assert!(state.annotations_of(file).is_none());
    assert!(state.annotations_of(other).is_some(), "that file is as it was");
    let fresh = Update { revision: 2, annotations: vec![of(file)], ..Update::default() };
    let effects = update(&mut state, Action::Updated(Box::new(fresh)));
    assert_eq!(effects, [Effect::Annotate]);
}

#[test]
fn a_fix_changes_all_its_files_or_none() {
    let mut state = opened();
    let [first, second] = [state.documents[0].id, state.documents[1].id];
    let edit = |file, start, end, text: &str| text::Edit {
        location: Location::new(file, Span::new(start, end)),
        text: text.into(),
    };
    let fix = |edits| Fix { title: "Mend".into(), applicability: Applicability::Safe, edits };
    let before = state.clone();
    let bad = fix(vec![edit(first, 0, 1, "x"), edit(second, 0, 1_000_000, "")]);
    update(&mut state, Action::ApplyFix(bad));
    assert_eq!(state.documents, before.documents, "one of the edits does not match");

    let good = fix(vec![edit(first, 0, 0, "# 1\n"), edit(second, 0, 0, "# 2\n")]);
    let effects = update(&mut state, Action::ApplyFix(good));
    assert_eq!(sent(&effects).len(), 2);
    assert!(state.documents[0].text.starts_with("# 1\n"));
    assert!(state.documents[1].text.starts_with("# 2\n"));
}

#[test]
fn time_stands_until_the_first_answer_and_when_paused() {
    let mut state = opened();
    state.playing = true;
    assert!(update(&mut state, Action::Tick(100.0)).is_empty());
    answered(&mut state, protocol::Clock::default());
    let effects = update(&mut state, Action::Tick(100.0));
    assert_eq!(sent(&effects), [&Request::Advance { millis: 1_000 }]);
    let asleep = update(&mut state, Action::Tick(60_000.0));
    assert_eq!(sent(&asleep), [&Request::Advance { millis: 10_000 }]);
    update(&mut state, Action::NextScrape);
    assert!(!state.playing, "a single step pauses");
    assert!(update(&mut state, Action::Tick(100.0)).is_empty());
}

#[test]
fn a_long_way_is_asked_for_slice_by_slice_until_it_is_given_up() {
    use protocol::Clock;
    let mut state = opened();
    let slice = |now: u64, goal: Option<u64>| {
        let clock = Clock { now, goal, ..Clock::default() };
        Action::Updated(Box::new(Update { clock, micros: 200_000, ..Update::default() }))
    };
    update(&mut state, Action::Advance(1_000));
    let effects = update(&mut state, slice(100, Some(1_000)));
    assert_eq!(sent(&effects), [&Request::Continue { show: false }]);
    assert!(!state.run.unwrap().is_long());
    update(&mut state, slice(200, Some(1_000)));
    let effects = update(&mut state, slice(300, Some(1_000)));
    assert_eq!(sent(&effects), [&Request::Continue { show: true }], "to see something");
    assert!(state.run.unwrap().is_long());
    state.playing = true;
    assert!(update(&mut state, Action::Tick(100.0)).is_empty(), "the clock is on its way");
    let effects = update(&mut state, Action::StopRun);
    assert_eq!(sent(&effects), [&Request::Stop]);
    // The slice that was in progress when the run was canceled.
    assert!(sent(&update(&mut state, slice(400, Some(1_000)))).is_empty());
    assert_eq!(state.run, None);
    update(&mut state, slice(400, None));
    let effects = update(&mut state, slice(500, Some(2_000)));
    assert_eq!(sent(&effects), [&Request::Continue { show: false }], "the next one");
}

#[test]
fn descriptions_that_do_not_load_are_told_once() {
    let mut state = opened();
    for _ in 0..3 {
        update(&mut state, Action::DescriptionsMissing);
    }
    assert_eq!(state.notifications.len(), 1);
}

const RESTART: Recovery = Recovery::Restart { delay: 0 };

fn failed(state: &mut State, failure: Failure, recovery: Recovery) -> Vec<Effect> {
    update(state, Action::WorkerFailed { failure, recovery, query: None })
}

#[test]
fn a_canceled_query_is_asked_again_only_on_request() {
    let query = |text: &str| {
        let query = pages::query::Query { query: Some(text.into()), ..Default::default() };
        PageQuery::Query(query)
    };
    let mut state = opened();
    update(&mut state, Action::Show(Page::Query));
    update(&mut state, Action::SetQuery(query("slow")));
    let culprit = Some(Box::new(query("slow")));
    let action =
        Action::WorkerFailed { failure: Failure::Timeout, recovery: RESTART, query: culprit };
    let effects = update(&mut state, action);
    assert!(effects.contains(&Effect::Save), "it is remembered after a reload");
    let nothing = Request::Watch { query: PageQuery::Nothing };
    assert_eq!(replay(&mut state)[1], nothing);
    assert!(
        matches!(state.view.as_deref(), Some(protocol::View::Query(view)) if view.promql == "slow")
    );
    // Another page, and back.
    update(&mut state, Action::Show(Page::Targets));
    assert_ne!(replay(&mut state)[1], nothing);
    let effects = update(&mut state, Action::Show(Page::Query));
    assert_eq!(sent(&effects), [&nothing]);
    // After a reload.
    let mut again = opened();
    crate::state::SavedView::of(&state).restore(&mut again);
    let effects = update(&mut again, Action::Show(Page::Query));
    assert_eq!(sent(&effects), [&nothing]);
    let effects = update(&mut again, Action::AskAgain);
    assert_eq!(sent(&effects), [&Request::Watch { query: query("slow") }]);
    let effects = update(&mut state, Action::SetQuery(query("quick")));
    assert_eq!(sent(&effects), [&Request::Watch { query: query("quick") }]);
}

fn answered(state: &mut State, clock: protocol::Clock) {
    update(state, Action::Updated(Box::new(Update { clock, ..Update::default() })));
}

/// The files, the time and the events that a new worker gets.
fn restored(state: &mut State) -> (usize, u64, usize) {
    let requests = replay(state);
    let [Request::Open { workspace, log, .. }, Request::Watch { .. }] = &requests[..] else {
        panic!("the session is opened first")
    };
    (workspace.files.len(), log.now, log.events.len())
}

#[test]
fn a_new_worker_gets_all_files_the_time_and_the_events() {
    use protocol::{Clock, LoggedEvent};
    let mut state = opened();
    let files = state.documents.len();
    let action = protocol::Action::SkipDelays;
    let event = LoggedEvent { at: 5_000, action, label: "An event".into(), until: None };
    answered(&mut state, Clock { now: 90_000, events: Some(vec![event]), ..Clock::default() });
    for recovery in [RESTART, Recovery::GiveUp] {
        failed(&mut state, Failure::Timeout, recovery);
        assert_eq!(restored(&mut state), (files, 90_000, 1));
        // The new worker restores the time in slices, and fails before it is done.
        answered(&mut state, Clock { now: 20_000, goal: Some(90_000), ..Clock::default() });
        assert_eq!(state.past.now, 20_000, "the clock shows the progress");
        assert_eq!(SavedWork::of(&state).past.now, 90_000, "a reload goes on with this time");
    }
    failed(&mut state, Failure::Timeout, RESTART);
    assert_eq!(restored(&mut state), (files, 90_000, 1));
    answered(&mut state, Clock { now: 90_000, ..Clock::default() });
    assert_eq!(state.restoring, None);
    update(&mut state, Action::Seek(10_000));
    answered(&mut state, Clock { now: 10_000, ..Clock::default() });
    assert_eq!(restored(&mut state).1, 10_000, "the visitor went back");
}

#[test]
fn a_run_that_was_canceled_when_the_worker_failed_does_not_stop_the_next_one() {
    use protocol::Clock;
    let mut state = opened();
    answered(&mut state, Clock { now: 100, goal: Some(90_000), ..Clock::default() });
    update(&mut state, Action::StopRun);
    failed(&mut state, Failure::Timeout, RESTART);
    let clock = Clock { now: 50, goal: Some(100), ..Clock::default() };
    let slice = Update { clock, ..Update::default() };
    let effects = update(&mut state, Action::Updated(Box::new(slice)));
    assert_eq!(sent(&effects), [&Request::Continue { show: false }]);
}

#[test]
fn a_failure_of_the_worker_is_reported_with_a_way_on() {
    let crashed = || Failure::Crashed("out of range".into());
    let not_started = || Failure::NotStarted("404".into());
    let later = Recovery::Restart { delay: 2_000 };
    for (failure, recovery, reported, start, status) in [
        (Failure::Timeout, RESTART, None, Some(0), WorkerStatus::Starting),
        (Failure::Timeout, Recovery::GiveUp, None, None, WorkerStatus::Stopped),
        (crashed(), RESTART, Some(None), Some(0), WorkerStatus::Starting),
        (
            crashed(),
            Recovery::GiveUp,
            Some(Some("Restart the simulation")),
            None,
            WorkerStatus::Stopped,
        ),
        (not_started(), later, None, Some(2_000), WorkerStatus::Retrying("404".into())),
        (
            not_started(),
            Recovery::GiveUp,
            Some(Some("Try again")),
            None,
            WorkerStatus::NotStarted("404".into()),
        ),
    ] {
        let mut state = opened();
        state.playing = true;
        let effects = failed(&mut state, failure.clone(), recovery);
        let report = effects.iter().find_map(|effect| match effect {
            Effect::ReportError(report) => Some(report.restart),
            _ => None,
        });
        let started = effects.iter().find_map(|effect| match effect {
            Effect::StartWorker { delay } => Some(*delay),
            _ => None,
        });
        assert_eq!((report, started), (reported, start), "{failure:?}");
        assert_eq!(state.worker, status, "{failure:?}");
        let expected = usize::from(failure == Failure::Timeout);
        assert_eq!(state.notifications.len(), expected, "{failure:?}");
        let plays = match failure {
            Failure::NotStarted(_) => true,
            Failure::Timeout => recovery == RESTART,
            Failure::Crashed(_) => false,
        };
        assert_eq!(state.playing, plays, "{failure:?}");
        assert!(sent(&update(&mut state, Action::Tick(100.0))).is_empty(), "time stands still");
        let again = update(&mut state, Action::RestartWorker);
        assert_eq!(again, [Effect::StartWorker { delay: 0 }]);
    }
}

#[test]
fn the_last_file_stays_and_the_next_one_becomes_active() {
    let mut state = opened();
    let files: Vec<FileId> = state.documents.iter().map(|document| document.id).collect();
    update(&mut state, Action::CloseFile(files[0]));
    assert_eq!(state.active, files[1]);
    for file in &files[1..] {
        update(&mut state, Action::CloseFile(*file));
    }
    assert_eq!(state.documents.len(), 1);
    update(&mut state, Action::SetTheme(Theme::Dark));
    assert_eq!(state.preferences.theme, Theme::Dark);
}

#[test]
fn a_removed_file_can_be_taken_back() {
    let mut state = opened();
    let texts = |state: &State| -> Vec<(String, String)> {
        state.documents.iter().map(|one| (one.name.clone(), one.text.clone())).collect()
    };
    let (mine, workspace) = (texts(&state), state.current.id.clone());
    let closed = state.documents[0].id;
    update(&mut state, Action::CloseFile(closed));
    assert_ne!(texts(&state), mine);
    update(&mut state, Action::Undo);
    assert_eq!((texts(&state), &state.current.id), (mine, &workspace));
}

#[test]
fn a_file_gets_another_name_that_is_free() {
    let mut state = opened();
    let (file, other) = (state.active, state.documents[1].name.clone());
    let text = state.active_document().unwrap().text.clone();
    let effects = update(&mut state, Action::RenameFile(" new.yaml ".into()));
    assert!(matches!(sent(&effects)[..], [Request::Edit { file: sent, .. }]
        if sent.id == file && sent.name == "new.yaml" && sent.text == text));
    assert_eq!(state.active_document().unwrap().name, "new.yaml");
    for bad in [other.as_str(), " "] {
        assert!(update(&mut state, Action::RenameFile(bad.into())).is_empty());
        assert_eq!(state.active_document().unwrap().name, "new.yaml");
    }
    assert_eq!(state.notifications.len(), 2);
    assert!(update(&mut state, Action::RenameFile("new.yaml".into())).is_empty());
}

#[test]
fn going_to_a_page_asks_and_coming_back_asks_the_same() {
    let mut state = opened();
    update(&mut state, Action::Show(Page::Explain));
    let file = state.active;
    let effects = update(&mut state, Action::CursorMoved { file, utf16: 7 });
    assert!(matches!(sent(&effects)[..], [Request::Watch { query: PageQuery::Explain(q) }]
        if q.offset == 7));
    let effects = update(&mut state, Action::Show(Page::Targets));
    assert!(matches!(sent(&effects)[..], [Request::Watch { query }] if *query == state.query));
    assert_eq!(state.view, None);
    assert!(sent(&update(&mut state, Action::CursorMoved { file, utf16: 9 })).is_empty());
}

fn stored(mode: protocol::ApplyMode, files: Option<Vec<protocol::File>>) -> Box<Update> {
    let stored = protocol::Stored { mode, files, ..protocol::Stored::default() };
    let stored = Some(Box::new(stored));
    Box::new(Update { revision: 2, stored, ..Update::default() })
}

#[test]
fn the_text_is_applied_after_a_pause_in_typing() {
    let mut state = opened();
    let file = state.active;
    let effects = update(&mut state, Action::Typed { file, text: "a: 1\n".into() });
    assert!(effects.contains(&Effect::AwaitPause));
    let effects = update(&mut state, Action::TypingPaused);
    assert_eq!(sent(&effects), [&Request::FollowText]);
}

#[test]
fn a_pause_in_typing_starts_no_worker_that_was_given_up() {
    let mut state = opened();
    state.worker = WorkerStatus::Stopped;
    assert_eq!(update(&mut state, Action::TypingPaused), []);
}

#[test]
fn stored_manifests_are_kept_over_a_reload() {
    use protocol::{ApplyMode, File, LEFT_OVER};
    let mut state = opened();
    let file = state.active;
    update(&mut state, Action::SetApplyMode(ApplyMode::ByHand));
    let before = state.document(file).unwrap().text.clone();
    update(&mut state, Action::Typed { file, text: "kind: Pod\n".into() });
    // A worker that is started again before its answer gets the text that was applied.
    let kept = state.workspace().stored.expect("the text before the edit");
    assert_eq!(kept[0].text, before);

    let left_over =
        File { id: FileId(file.0 | LEFT_OVER), name: "a.yaml".into(), text: before.clone() };
    let gone = File { id: FileId(999), name: "b.yaml".into(), text: "kind: Pod".into() };
    let files = vec![File { id: file, ..left_over.clone() }, left_over, gone];
    let effects = update(&mut state, Action::Updated(stored(ApplyMode::ByHand, Some(files))));
    assert!(effects.contains(&Effect::Save));
    let json = serde_json::to_string(&SavedWork::of(&state)).unwrap();
    let mut again = State::empty();
    again.next_file = 40;
    let work = super::valid::ValidWork::of_json(&json).unwrap();
    let record = crate::state::workspaces::WorkspaceRecord::default();
    let read = crate::state::workspaces::StoredWorkspace { record, work };
    update(&mut again, Action::WorkspaceRead(Box::new(read)));
    let workspace = again.workspace();
    assert_eq!(workspace.apply_mode, ApplyMode::ByHand);
    let first = again.documents[0].id;
    let ids: Vec<FileId> = workspace.stored.unwrap().iter().map(|file| file.id).collect();
    assert_eq!(ids[..2], [first, FileId(first.0 | LEFT_OVER)]);
    assert!(again.document(ids[2]).is_none() && ids[2].0 & LEFT_OVER != 0);
    assert!(!again.is_unstored());
}

#[test]
fn sources_of_results_are_found_in_a_text_that_is_not_applied() {
    use protocol::{MovedText, Page};
    let mut state = opened();
    let file = state.active;
    let moved = vec![MovedText::between(file, "a: 1\nb: 2\n", "a: 1\nx: y\nb: 2\n")];
    state.stored = Shared::new(protocol::Stored { moved, ..protocol::Stored::default() });
    let at = Location::new(file, Span::new(5, 6));
    let shown = |state: &mut State| {
        let effects = update(state, Action::ShowOrigin(at));
        let reveal = effects.into_iter().find_map(|effect| match effect {
            Effect::Reveal { location, .. } => Some(location.span),
            _ => None,
        });
        reveal.expect("the source is shown")
    };
    state.preferences.page = Page::Targets;
    assert_eq!(shown(&mut state), Span::new(10, 11));
    state.preferences.page = Page::Explain;
    assert_eq!(shown(&mut state), Span::new(5, 6), "this page is about the text");
}
