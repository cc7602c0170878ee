use super::super::super::{Action, ShareForm, update};
use super::*;
use protocol::Given;

/// A tab that shows the first scenario, with files that were read.
fn review(files: &[(&str, &str)]) -> State {
    let mut state = State { tab: "t".into(), time_of_day: "14:32".into(), ..State::empty() };
    update(&mut state, Action::OpenScenario("giftcard".into()));
    give(&mut state, files, false);
    state
}

/// Imports files, up to the choice of what becomes of them.
fn give(state: &mut State, files: &[(&str, &str)], live: bool) {
    let raw = RawFile { name: "a".into(), bytes: b"a".to_vec(), from: Given::Chosen };
    let effects = update(state, Action::Import(vec![raw.clone()]));
    assert_eq!(effects, [Effect::Send(Request::Import { files: vec![raw] })]);
    assert!(state.importing && state.dialog == Some(Dialog::ImportReview));
    let file = |(name, text): &(&str, &str)| ImportedFile {
        name: (*name).to_owned(),
        text: (*text).to_owned(),
    };
    let files = files.iter().map(file).collect();
    let imported = Imported { files, live, ..Imported::default() };
    update(state, Action::ImportRead(Box::new(imported)));
    assert!(!state.importing && state.imported.is_some());
}

fn texts(state: &State) -> Vec<(String, String)> {
    state.documents.iter().map(|one| (one.name.clone(), one.text.clone())).collect()
}

fn type_text(state: &mut State, text: &str) {
    let file = state.active;
    update(state, Action::Typed { file, text: text.into() });
}

#[test]
fn a_new_workspace_has_nothing_of_the_scenario() {
    let mut state = review(&[]);
    let name = state.documents[0].name.clone();
    update(&mut state, Action::OpenDialog(None));
    state.silenced = vec!["some-check".into()];
    give(&mut state, &[(&name, "a: 1\n"), ("b.yaml", "b: 1\n")], false);
    update(&mut state, Action::OpenImport);
    assert_eq!(state.scenario, "", "a colliding name does not keep the scenario");
    assert_eq!(state.silenced, Vec::<String>::new());
    assert_eq!(texts(&state).len(), 2);
    assert_eq!((state.current.name.as_str(), state.current.own), ("Import, 14:32", true));
}

#[test]
fn the_file_that_the_import_names_is_shown() {
    for add in [true, false] {
        let mut state = review(&[("docker-compose.yml", "a: 1\n"), ("prometheus.yml", "b: 1\n")]);
        let mut imported = (**state.imported.as_ref().unwrap()).clone();
        imported.first = 1;
        state.imported = Some(Shared::new(imported));
        let choice = if add { Action::AddImport { replace: true } } else { Action::OpenImport };
        update(&mut state, choice);
        let shown = state.documents.iter().find(|one| one.id == state.active).unwrap();
        assert_eq!(shown.name, "prometheus.yml", "added: {add}");
    }
}

#[test]
fn an_unchanged_scenario_comes_back_by_undo() {
    let mut state = review(&[("a.yaml", "a: 1\n")]);
    let before = texts(&state);
    update(&mut state, Action::OpenDialog(None));
    give(&mut state, &[("a.yaml", "a: 1\n")], false);
    update(&mut state, Action::OpenImport);
    assert_eq!(texts(&state), [("a.yaml".to_owned(), "a: 1\n".to_owned())]);
    update(&mut state, Action::Undo);
    assert_eq!((texts(&state), state.scenario.as_str()), (before, "giftcard"));
}

#[test]
fn changed_work_is_kept_and_comes_back_by_undo() {
    let mut state = review(&[]);
    update(&mut state, Action::OpenDialog(None));
    type_text(&mut state, "mine: true\n");
    let id = state.current.id.clone();
    give(&mut state, &[("a.yaml", "a: 1\n")], false);
    assert_eq!(state.current.name, "My work, 14:32", "the dialog names it");
    let effects = update(&mut state, Action::OpenImport);
    assert!(matches!(&effects[0], Effect::Store(kept) if kept.work.contains("mine: true")));
    let effects = update(&mut state, Action::Undo);
    assert!(effects.contains(&Effect::ReadWorkspace(id)), "{effects:?}");
}

#[test]
fn added_files_replace_those_of_the_same_name_or_get_another_one() {
    for (replace, expected) in [(true, vec!["new.yaml"]), (false, vec!["2-", "new.yaml"])] {
        let mut state = review(&[]);
        let before = texts(&state);
        let name = before[0].0.clone();
        update(&mut state, Action::OpenDialog(None));
        give(&mut state, &[(&name, "a: 1\n"), ("new.yaml", "b: 1\n")], false);
        let effects = update(&mut state, Action::AddImport { replace });
        assert_eq!(state.scenario, "giftcard", "the scenario goes on");
        let added: Vec<String> =
            texts(&state).split_off(before.len()).into_iter().map(|(name, _)| name).collect();
        let expected: Vec<String> = expected
            .into_iter()
            .map(|one| if one == "2-" { format!("2-{name}") } else { one.to_owned() })
            .collect();
        assert_eq!(added, expected, "replace: {replace}");
        assert_eq!(state.documents[0].text == "a: 1\n", replace);
        let sent = effects.iter().find_map(|effect| match effect {
            Effect::Send(Request::EditFiles { files, revision }) => Some((files.len(), *revision)),
            _ => None,
        });
        assert_eq!(sent, Some((2, state.revision)));
        assert!(state.is_changed());
        update(&mut state, Action::Undo);
        assert_eq!(texts(&state), before);
    }
}

#[test]
fn files_with_equal_names_are_separated_by_their_last_step() {
    let mut state = review(&[]);
    update(&mut state, Action::OpenDialog(None));
    give(&mut state, &[("d/a.yaml", "1"), ("d/a.yaml", "2")], false);
    update(&mut state, Action::AddImport { replace: true });
    let names: Vec<String> = texts(&state).into_iter().map(|(name, _)| name).collect();
    assert!(names.ends_with(&["d/a.yaml".to_owned(), "d/2-a.yaml".to_owned()]), "{names:?}");
}

#[test]
fn too_many_files_are_refused_and_nothing_changes() {
    let many: Vec<String> = (0..valid::MOST_FILES).map(|number| format!("{number}.yaml")).collect();
    let files: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "")).collect();
    let mut state = review(&[]);
    update(&mut state, Action::OpenDialog(None));
    give(&mut state, &files, false);
    let before = texts(&state);
    assert!(update(&mut state, Action::AddImport { replace: true }).is_empty());
    assert_eq!((texts(&state), state.dialog, state.notifications.len()), (before, None, 1));
}

#[test]
fn data_of_a_live_system_is_shared_only_after_a_question() {
    for add in [true, false] {
        let mut state = review(&[]);
        update(&mut state, Action::OpenDialog(None));
        update(&mut state, Action::Share);
        assert_eq!(state.dialog, Some(Dialog::Share));
        give(&mut state, &[("a.yaml", "a: 1\n")], true);
        let choice = if add { Action::AddImport { replace: true } } else { Action::OpenImport };
        update(&mut state, choice);
        assert!(update(&mut state, Action::Share).is_empty());
        assert_eq!(state.dialog, Some(Dialog::ShareLive));
        let effects = update(&mut state, Action::ShareLive);
        assert_eq!((effects, state.dialog), (Vec::new(), Some(Dialog::Share)));
        let copy = Action::CopyShare { form: ShareForm::Link, place: false };
        let effects = update(&mut state, copy);
        let [Effect::CopyLink { work, .. }] = &effects[..] else { panic!("{effects:?}") };
        assert!(work.live, "who opens the link is asked, too");
        let again = ValidWork::new((**work).clone()).unwrap();
        let mut other = State::empty();
        update(&mut other, Action::OpenWork(Box::new(again)));
        assert!(other.live);
        update(&mut state, Action::Undo);
        assert!(!add || !state.live, "the undo takes the data back");
    }
}

#[test]
fn a_closed_dialog_and_a_failure_leave_everything_as_it_was() {
    let mut state = review(&[("a.yaml", "a: 1\n")]);
    let before = texts(&state);
    update(&mut state, Action::OpenDialog(None));
    assert_eq!(state.imported, None);
    assert!(update(&mut state, Action::OpenImport).is_empty());
    assert!(update(&mut state, Action::AddImport { replace: true }).is_empty());
    update(&mut state, Action::Import(vec![RawFile::default()]));
    update(&mut state, Action::OpenDialog(None));
    update(&mut state, Action::ImportRead(Box::default()));
    assert_eq!((&state.imported, state.dialog), (&None, None), "the answer comes too late");
    update(&mut state, Action::Import(vec![RawFile::default()]));
    update(&mut state, Action::ImportFailed);
    assert_eq!((state.dialog, state.importing, state.notifications.len()), (None, false, 1));
    assert_eq!(texts(&state), before);
}
