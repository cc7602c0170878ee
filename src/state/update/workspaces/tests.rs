use super::super::super::workspaces::StoreRequest;
use super::super::super::{Action, update};
use super::*;

/// A tab that shows the first scenario.
fn tab(name: &str) -> State {
    let mut state = State { tab: name.into(), time_of_day: "14:32".into(), ..State::empty() };
    update(&mut state, Action::OpenScenario("giftcard".into()));
    state
}

fn type_text(state: &mut State, text: &str) {
    let file = state.active;
    update(state, Action::Typed { file, text: text.into() });
}

/// Stores the open workspace as the browser does, and returns what it stores.
fn store(state: &mut State, revision: u64) -> StoredWorkspace {
    let request = state.store_request().expect("something has changed").unwrap();
    let stored = of_request(&request, revision);
    let id = request.record.id;
    update(state, Action::Stored { id, outcome: Stored::Saved(revision) });
    update(state, Action::ListWorkspaces(vec![stored.record.clone()]));
    stored
}

fn of_request(request: &StoreRequest, revision: u64) -> StoredWorkspace {
    StoredWorkspace {
        record: WorkspaceRecord { revision, ..request.record.clone() },
        work: ValidWork::of_json(&request.work).unwrap(),
    }
}

fn text(state: &State) -> &str {
    &state.active_document().unwrap().text
}

fn link(text: &str) -> Action {
    let work = ValidWork::try_from(vec![("link.yaml".to_owned(), text.to_owned())]).unwrap();
    Action::OpenWork(Box::new(work))
}

#[test]
fn changed_work_is_kept_under_a_name_after_a_question() {
    for action in [link("b: 1\n"), Action::OpenScenario("wiki-chart".into())] {
        let mut state = tab("t");
        type_text(&mut state, "mine: true\n");
        let before = state.current.id.clone();
        assert!(update(&mut state, action.clone()).is_empty());
        assert_eq!((text(&state), state.dialog), ("mine: true\n", Some(Dialog::Opening)));
        assert_eq!(state.current.name, "My work, 14:32");
        // A cancel leaves everything as it was.
        update(&mut state, Action::OpenDialog(None));
        assert_eq!((text(&state), &state.opening), ("mine: true\n", &None));

        update(&mut state, action);
        let effects = update(&mut state, Action::ConfirmOpening);
        let Some(Effect::Store(kept)) = effects.first() else { panic!("{effects:?}") };
        assert!(kept.work.contains("mine: true") && kept.record.own);
        assert_eq!((&kept.record.id, kept.record.name.as_str()), (&before, "My work, 14:32"));
        assert_ne!(text(&state), "mine: true\n");
        assert_ne!(state.current.id, before);
        assert_eq!(state.dialog, None);
        let effects = update(&mut state, Action::Undo);
        assert!(effects.contains(&Effect::ReadWorkspace(before)), "{effects:?}");
    }
}

#[test]
fn a_scenario_as_it_came_gives_way_without_a_question() {
    let mut state = tab("t");
    let scenario = store(&mut state, 1);
    assert!(!scenario.record.own, "the list does not show it");
    let effects = update(&mut state, Action::OpenScenario("wiki-chart".into()));
    assert_eq!(effects[0], Effect::RemoveWorkspace(scenario.record.id));
    assert_eq!((state.dialog, state.notifications.len()), (None, 0));
    // The work of a link is kept, although it was not changed.
    update(&mut state, link("b: 1\n"));
    let effects = update(&mut state, Action::OpenScenario("giftcard".into()));
    assert!(matches!(&effects[0], Effect::Store(kept) if kept.record.name == "From a link, 14:32"));
}

#[test]
fn only_changes_of_the_content_are_stored() {
    let mut state = tab("t");
    store(&mut state, 1);
    let now = 60_000;
    state.past = Shared::new(EventLog { now, ..EventLog::default() });
    state.playing = true;
    let other = state.documents[1].id;
    update(&mut state, Action::Activate(other));
    assert_eq!(state.store_request(), None, "an idle tab does not write");
    type_text(&mut state, "a: 1\n");
    let request = state.store_request().unwrap().unwrap();
    assert_eq!((request.base, request.copy.clone()), (1, None));
    assert_eq!(state.store_request(), None, "one at a time");
    type_text(&mut state, "a: 2\n");
    let id = request.record.id;
    let effects = update(&mut state, Action::Stored { id, outcome: Stored::Saved(2) });
    assert!(effects.contains(&Effect::Save), "the newer text is stored next: {effects:?}");
    assert_eq!(state.store_request().unwrap().unwrap().base, 2);
}

/// Two tabs that show the same workspace, and its second version, which the first tab stored.
fn two_tabs() -> (State, State, StoredWorkspace) {
    let mut first = tab("a");
    type_text(&mut first, "one: 1\n");
    let stored = store(&mut first, 1);
    let mut second = State { tab: "b".into(), time_of_day: "14:40".into(), ..State::empty() };
    update(&mut second, Action::WorkspaceRead(Box::new(stored)));
    type_text(&mut first, "one: 2\n");
    let newer = store(&mut first, 2);
    (first, second, newer)
}

#[test]
fn an_idle_tab_takes_over_what_another_stores() {
    let (first, mut second, newer) = two_tabs();
    let id = newer.record.id.clone();
    let effects = update(&mut second, Action::ChangedElsewhere(id.clone()));
    assert!(effects.contains(&Effect::ReadNewerVersion(id)));
    update(&mut second, Action::NewerVersionRead(Box::new(newer.clone())));
    assert_eq!(text(&second), text(&first));
    assert_eq!((second.current.revision, second.dialog), (2, None));
    assert_eq!(second.store_request(), None);
    assert!(update(&mut second, Action::NewerVersionRead(Box::new(newer))).is_empty(), "known");
}

/// The worker of each tab follows the text. The tab that changed it stores the result.
#[test]
fn objects_that_follow_the_text_of_another_tab_are_not_stored() {
    let (_, mut second, newer) = two_tabs();
    update(&mut second, Action::NewerVersionRead(Box::new(newer)));
    let followed = |state: &mut State| {
        let files =
            Some(vec![File { id: state.active, name: "a.yaml".into(), text: "a: 1".into() }]);
        state.stored = Shared::new(protocol::Stored { files, ..(*state.stored).clone() });
    };
    followed(&mut second);
    assert_eq!(second.store_request(), None);
    update(&mut second, Action::ApplyText);
    assert!(second.store_request().is_some(), "the visitor applied it");
    let (_, mut second, newer) = two_tabs();
    update(&mut second, Action::NewerVersionRead(Box::new(newer)));
    followed(&mut second);
    type_text(&mut second, "one: 3\n");
    assert!(second.store_request().is_some(), "the visitor changed the text");
}

#[test]
fn a_conflict_keeps_what_the_visitor_chooses() {
    for (keep, shown, id_stays) in [
        (Keep::Mine, "other: 1\n", true),
        (Keep::Other, "one: 2\n", true),
        (Keep::Both, "other: 1\n", false),
    ] {
        let (_, mut second, newer) = two_tabs();
        type_text(&mut second, "other: 1\n");
        let request = second.store_request().unwrap().unwrap();
        let id = request.record.id;
        let effects =
            update(&mut second, Action::Stored { id: id.clone(), outcome: Stored::Newer });
        assert!(effects.contains(&Effect::ReadNewerVersion(id.clone())));
        update(&mut second, Action::NewerVersionRead(Box::new(newer)));
        assert_eq!((second.dialog, text(&second)), (Some(Dialog::Conflict), "other: 1\n"));
        assert_eq!(second.store_request(), None, "nothing is written before the choice");

        update(&mut second, Action::ResolveConflict(keep));
        assert_eq!((text(&second), second.current.id == id), (shown, id_stays), "{keep:?}");
        assert_eq!((second.dialog, &second.conflict), (None, &None));
        let request = second.store_request().map(Result::unwrap);
        let base = request.as_ref().map(|request| request.base);
        assert_eq!(base, [Some(2), None, Some(0)][keep as usize], "{keep:?}");
        if keep == Keep::Both {
            assert_eq!(request.unwrap().record.name, "My work, 14:32 (copy)");
        }
    }
}

#[test]
fn a_conflict_that_is_closed_keeps_both() {
    let (_, mut second, newer) = two_tabs();
    type_text(&mut second, "other: 1\n");
    let id = newer.record.id.clone();
    update(&mut second, Action::NewerVersionRead(Box::new(newer)));
    update(&mut second, Action::OpenDialog(None));
    assert_ne!(second.current.id, id);
    assert_eq!(text(&second), "other: 1\n");
}

#[test]
fn equal_changes_in_two_tabs_are_no_conflict() {
    let (_, mut second, newer) = two_tabs();
    type_text(&mut second, "one: 2\n");
    update(&mut second, Action::NewerVersionRead(Box::new(newer)));
    assert_eq!((second.dialog, second.current.revision), (None, 2));
    assert_eq!(second.store_request(), None);
}

#[test]
fn workspaces_are_renamed_and_deleted_but_not_the_open_one() {
    let mut state = tab("t");
    type_text(&mut state, "a: 1\n");
    let open = store(&mut state, 1).record;
    let other = WorkspaceRecord { id: "o".into(), name: "Other".into(), own: true, ..open.clone() };
    update(&mut state, Action::ListWorkspaces(vec![open.clone(), other]));
    let rename =
        |id: &str, name: &str| Action::RenameWorkspace { id: id.into(), name: name.into() };
    let effects = update(&mut state, rename(&open.id, " Mine "));
    assert_eq!(effects, [Effect::RenameWorkspace { id: open.id.clone(), name: "Mine".into() }]);
    assert_eq!(state.current.name, "Mine");
    for bad in [" ", "a\nb", &"n".repeat(256)] {
        assert!(update(&mut state, rename(&open.id, bad)).is_empty());
    }
    assert_eq!(state.notifications.len(), 3);
    let delete = |id: &str, deleted| Action::DeleteWorkspace { id: id.into(), deleted };
    assert!(update(&mut state, delete(&open.id, true)).is_empty());
    for deleted in [true, false] {
        let effects = update(&mut state, delete("o", deleted));
        assert_eq!(effects, [Effect::DeleteWorkspace { id: "o".into(), deleted }]);
        let record = state.workspaces.iter().find(|record| record.id == "o").unwrap();
        assert_eq!(record.deleted > 0.0, deleted);
    }
}

#[test]
fn an_undo_does_not_reach_into_another_workspace() {
    let mut state = tab("t");
    let other = StoredWorkspace {
        record: WorkspaceRecord { id: "o".into(), own: true, ..WorkspaceRecord::default() },
        work: ValidWork::try_from(vec![("o.yaml".to_owned(), "o: 1\n".to_owned())]).unwrap(),
    };
    let closed = state.documents[0].id;
    update(&mut state, Action::CloseFile(closed));
    update(&mut state, Action::WorkspaceRead(Box::new(other)));
    assert!(state.notifications.is_empty());
    update(&mut state, Action::Undo);
    assert_eq!(text(&state), "o: 1\n");
}

#[test]
fn a_failure_of_the_storage_is_told_once_until_it_works_again() {
    let mut state = tab("t");
    for _ in 0..2 {
        let id = state.store_request().unwrap().unwrap().record.id;
        let outcome = Stored::Failed("the storage of the browser is full".into());
        update(&mut state, Action::Stored { id, outcome });
    }
    assert_eq!(state.notifications.len(), 1);
    assert!(state.is_unstored());
    store(&mut state, 1);
    assert_eq!(state.storage_failed, None);
}

#[test]
fn time_and_events_stop_at_their_limits() {
    let mut state = tab("t");
    let now = protocol::LAST_TIME - 5;
    state.past = Shared::new(EventLog { now, ..EventLog::default() });
    let sent = |effects: Vec<Effect>| {
        effects.into_iter().find_map(|effect| match effect {
            Effect::Send(request) => Some(request),
            _ => None,
        })
    };
    let advanced = sent(update(&mut state, Action::Advance(60_000)));
    assert_eq!(advanced, Some(protocol::Request::Advance { millis: 5 }));
    let sought = sent(update(&mut state, Action::Seek(u64::MAX)));
    assert_eq!(sought, Some(protocol::Request::Seek { at: protocol::LAST_TIME }));
    let now = protocol::LAST_TIME;
    state.past = Shared::new(EventLog { now, ..EventLog::default() });
    state.notifications = Shared::default();
    assert_eq!(sent(update(&mut state, Action::NextScrape)), None);
    assert_eq!(state.notifications.len(), 1);
    assert!(valid::check_log(&state.past).is_ok(), "the last time can be shared");
}
