//! Imported files: they are read by the worker, then opened as a workspace or added to the open files.

use super::super::valid::{self, Refusal, ValidWork};
use super::super::workspaces::{Opening, OpeningSource};
use super::super::{Dialog, Document, Effect, SavedWork, Shared, State, Undo};
use super::files::notify_with_undo;
use super::{homework, workspaces};
use lessons::homework::FILE_END;
use protocol::{File, Imported, ImportedFile, RawFile, Request};
use text::FileId;

/// Sends the files to the worker.
pub(super) fn read(state: &mut State, files: Vec<RawFile>) -> Vec<Effect> {
    if files.is_empty() {
        state.notify("There is no file to import.");
        return Vec::new();
    }
    if let [file] = &files[..]
        && file.name.ends_with(FILE_END)
    {
        let json = String::from_utf8_lossy(&file.bytes);
        return homework::open(state, &json, true);
    }
    state.importing = true;
    state.dialog = Some(Dialog::ImportReview);
    state.imported = None;
    vec![Effect::Send(Request::Import { files })]
}

/// Shows the files that were read. The visitor may have closed the dialog before.
pub(super) fn is_read(state: &mut State, imported: Imported) -> Vec<Effect> {
    state.importing = false;
    if state.dialog == Some(Dialog::ImportReview) {
        // The dialog names the workspace that the open files are kept as.
        state.claim();
        state.imported = Some(Shared::new(imported));
    }
    Vec::new()
}

pub(super) fn failed(state: &mut State) -> Vec<Effect> {
    state.importing = false;
    if state.dialog == Some(Dialog::ImportReview) {
        state.dialog = None;
    }
    state.notify("The files could not be read, because the simulation stopped. Import them again.");
    Vec::new()
}

/// Takes the files that were read out of the dialog.
fn take(state: &mut State) -> Option<Imported> {
    state.dialog = None;
    let imported = state.imported.take()?;
    Some((*imported).clone())
}

/// Opens the files as a workspace.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    let Some(Imported { files, first, title, live, .. }) = take(state) else { return Vec::new() };
    let files = files.into_iter().map(|ImportedFile { name, text }| (name, text));
    match ValidWork::try_from(files.collect::<Vec<_>>()) {
        Ok(work) => {
            let (workspace, past) = work.into_work().into_workspace();
            let source = OpeningSource::Import;
            let active = workspace.files.get(first).map_or(FileId(1), |file| file.id);
            workspaces::open(
                state,
                Opening { source, title, workspace, active, past, live, lesson: None },
            )
        }
        Err(refusal) => refuse(state, &refusal),
    }
}

fn refuse(state: &mut State, refusal: &Refusal) -> Vec<Effect> {
    state.notify(format!("The files cannot be imported: {refusal}."));
    Vec::new()
}

/// Adds the files to the open ones.
pub(super) fn add(state: &mut State, replace: bool) -> Vec<Effect> {
    let Some(imported) = take(state) else { return Vec::new() };
    let Imported { files, first, live, .. } = imported;
    let (files, known) = placed(state, files, replace);
    let others = state.documents.iter().filter(|one| !files.iter().any(|file| file.id == one.id));
    let all: Vec<(&str, &str)> = others
        .map(|one| (one.name.as_str(), one.text.as_str()))
        .chain(files.iter().map(|file| (file.name.as_str(), file.text.as_str())))
        .collect();
    if let Err(refusal) = valid::check_files(all.into_iter()) {
        return refuse(state, &refusal);
    }
    let Some(shown) = files.get(first).or(files.first()).map(|file| file.id) else {
        return Vec::new();
    };
    state.keep_manifests();
    let before = Shared::new(SavedWork::of(state));
    let says = match (files.len(), known) {
        (1, 0) => "Added 1 file.".to_owned(),
        (count, 0) => format!("Added {count} files."),
        (count, known) => format!("Added {} files and replaced {known}.", count - known),
    };
    notify_with_undo(state, Undo::Files(before), &says);
    state.current.changed = true;
    state.live |= live;
    state.revision += 1;
    let revision = state.revision;
    let mut effects = Vec::new();
    for file in &files {
        let document = Shared::new(Document::new(file.clone(), revision));
        match state.documents.iter_mut().find(|known| known.id == file.id) {
            Some(known) => {
                *known = document;
                effects.push(Effect::DropEditorState(Some(file.id)));
            }
            None => state.documents.push(document),
        }
    }
    state.active = shown;
    state.cursor = 0;
    state.side_to_text();
    effects.extend([
        Effect::ShowDocument,
        Effect::Send(Request::EditFiles { files, revision }),
        Effect::AwaitPause,
        Effect::Save,
    ]);
    effects
}

/// Gives imported files ids and names. Returns them with the number of those that replace an open one.
fn placed(state: &mut State, files: Vec<ImportedFile>, replace: bool) -> (Vec<File>, usize) {
    let mut placed: Vec<File> = Vec::new();
    let mut known = 0;
    for ImportedFile { name, text } in files {
        let open = state.documents.iter().find(|document| document.name == name);
        let id = match open.filter(|_| replace) {
            Some(document) => {
                known += 1;
                document.id
            }
            None => {
                state.next_file += 1;
                FileId(state.next_file - 1)
            }
        };
        let is_taken = |name: &str| {
            state.documents.iter().any(|one| one.name == name && one.id != id)
                || placed.iter().any(|file| file.name == name)
        };
        let name = valid::separate_name(&name, is_taken);
        placed.push(File { id, name, text });
    }
    (placed, known)
}

#[cfg(test)]
mod tests;
