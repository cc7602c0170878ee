//! Actions of the terminals.

use super::super::terminals::{ClockUse, Content, Terminal, common_start};
use super::super::{Effect, Shared, State, TerminalAction, Terminals, valid};
use super::{activate, advance, files, show, show_source};
use protocol::{
    EventLog, File, LineCompletions, LinkTarget, Opened, Request, TerminalRequest, TerminalUpdate,
    WrittenFile,
};
use text::FileId;

/// Carries out an action.
pub(super) fn act(state: &mut State, action: TerminalAction) -> Vec<Effect> {
    let active = state.terminals.active;
    match action {
        TerminalAction::Show(open) => open_pane(state, open),
        TerminalAction::Toggle => open_pane(state, !state.terminals.open),
        TerminalAction::SetTall(tall) => change(state, |all| all.tall = tall),
        TerminalAction::Add => {
            if !state.terminals.add() {
                let most = protocol::terminal::MOST_TERMINALS;
                state.notify(format!("At most {most} terminals can be open."));
            }
            Vec::new()
        }
        TerminalAction::Select(id) => {
            change(state, |all| (all.active, all.focus) = (id, all.focus + 1))
        }
        TerminalAction::Close(id) => {
            state.terminals.close(id);
            release_clock(state);
            vec![send(TerminalRequest::Close { terminal: id })]
        }
        TerminalAction::Type(line) => change_active(state, |one| one.type_line(line)),
        TerminalAction::Older => change_active(state, Terminal::show_older),
        TerminalAction::Newer => change_active(state, Terminal::show_newer),
        TerminalAction::Search => change_active(state, Terminal::search),
        TerminalAction::EndSearch(take) => change_active(state, |one| one.end_search(take)),
        TerminalAction::Clear => change_active(state, Terminal::clear),
        TerminalAction::Help => change_active(state, |one| one.push(Content::FirstCommands)),
        TerminalAction::Put(line) => {
            let effects = open_pane(state, true);
            state.terminals.change(active, |one| {
                let end = line.len();
                one.put(line, end);
            });
            effects
        }
        TerminalAction::Enter => enter(state),
        TerminalAction::Interrupt => interrupt(state),
        TerminalAction::Complete { offset } => {
            let starts = start_cluster(state);
            let line = state.terminals.active().map(|one| one.draft.clone()).unwrap_or_default();
            let complete = Request::CompleteLine { terminal: active, line, offset };
            starts.into_iter().chain([Effect::Send(complete)]).collect()
        }
        TerminalAction::Completed(found) => {
            completed(state, *found);
            Vec::new()
        }
        TerminalAction::Follow(target) => follow(state, target),
    }
}

fn send(request: TerminalRequest) -> Effect {
    Effect::Send(Request::Terminal(request))
}

fn change(state: &mut State, change: impl FnOnce(&mut Terminals)) -> Vec<Effect> {
    change(&mut state.terminals);
    Vec::new()
}

fn change_active(state: &mut State, change: impl FnOnce(&mut Terminal)) -> Vec<Effect> {
    let active = state.terminals.active;
    state.terminals.change(active, change);
    Vec::new()
}

/// Shows the terminals or the problems.
fn open_pane(state: &mut State, open: bool) -> Vec<Effect> {
    state.terminals.open = open;
    if open {
        state.terminals.focus += 1;
        state.side_to_text();
    }
    Vec::new()
}

/// Runs the line that is typed. While a command runs, the line stays.
fn enter(state: &mut State) -> Vec<Effect> {
    let terminal = state.terminals.active;
    if state.terminals.active().is_none_or(|one| one.running) {
        return Vec::new();
    }
    let mut line = String::new();
    state.terminals.change(terminal, |one| {
        one.end_search(true);
        line = one.take_line();
        one.push(Content::Line(line.clone()));
    });
    match line.trim() {
        "" => Vec::new(),
        "clear" => change_active(state, Terminal::clear),
        "?" | "help" => change_active(state, |one| one.push(Content::FirstCommands)),
        _ => {
            if let Some(reason) = state.worker.unavailable() {
                let text = format!("commands do not run {reason}");
                return change_active(state, |one| one.note(&text));
            }
            state.terminals.change(terminal, |one| one.running = true);
            state.current.of_other_tab = false;
            let starts = start_cluster(state);
            let run = send(TerminalRequest::Run { terminal, line });
            starts.into_iter().chain([run, Effect::Save]).collect()
        }
    }
}

/// Lets the cluster run from the first command on.
fn start_cluster(state: &mut State) -> Option<Effect> {
    if state.past.running {
        return None;
    }
    state.past = Shared::new(EventLog { running: true, ..(*state.past).clone() });
    Some(Effect::Send(Request::SetRunning { on: true }))
}

/// Ctrl+C: ends the command, or drops the line.
fn interrupt(state: &mut State) -> Vec<Effect> {
    let terminal = state.terminals.active;
    if state.terminals.active().is_some_and(|one| one.running) {
        return vec![send(TerminalRequest::Interrupt { terminal })];
    }
    change_active(state, |one| {
        one.end_search(false);
        let line = std::mem::take(&mut one.draft);
        one.push(Content::Line(line + "^C"));
        one.put(String::new(), 0);
    })
}

/// Takes a single completion or what all have in common; several are offered.
fn completed(state: &mut State, found: LineCompletions) {
    state.terminals.change(found.terminal, |one| {
        if one.draft != found.line {
            return;
        }
        let (start, end) = (found.completions.span.start, found.completions.span.end);
        let items = found.completions.items;
        let common = common_start(&items);
        let (Some(before), Some(typed), Some(after)) = (
            found.line.get(..start as usize),
            found.line.get(start as usize..end as usize),
            found.line.get(end as usize..),
        ) else {
            return;
        };
        let blank = match items.as_slice() {
            // A folder, `KIND/` and `--flag=` are only the beginning of a word.
            [one] if !one.label.ends_with(['/', '=']) => " ",
            _ => "",
        };
        let blank = if after.starts_with(' ') { "" } else { blank };
        if common.len() > typed.len() || !blank.is_empty() {
            let text = format!("{before}{common}{blank}");
            let cursor = text.len();
            one.put(text + after, cursor);
        }
        if items.len() > 1 {
            one.candidates = items;
        }
    });
}

/// Goes where a name in the output leads.
fn follow(state: &mut State, target: LinkTarget) -> Vec<Effect> {
    match target {
        LinkTarget::Manifest { at, .. } => show_source(state, state.in_text(at)),
        LinkTarget::File(file) => {
            state.side_to_text();
            activate(state, file)
        }
        LinkTarget::Page { page, .. } => show(state, page),
        LinkTarget::Line(line) => act(state, TerminalAction::Put(line)),
        LinkTarget::Wait { millis } => {
            state.terminals.focus += 1;
            advance(state, millis)
        }
    }
}

/// Takes what has happened in terminals.
pub(super) fn updated(state: &mut State, updates: Vec<TerminalUpdate>) -> Vec<Effect> {
    let mut effects = Vec::new();
    for update in updates {
        state.terminals.change(update.terminal, |one| {
            if update.clear {
                one.clear();
            }
            one.dropped |= update.dropped;
            one.running = update.running;
            one.exit = update.exit;
            update.output.into_iter().for_each(|piece| one.push(Content::Output(piece)));
        });
        for file in update.files {
            effects.extend(write(state, update.terminal, file));
        }
        match update.opens {
            Some(Opened::Manifest(at)) => effects.extend(show_source(state, state.in_text(at))),
            Some(Opened::NewFile(file)) => {
                let (name, text) = (file.name, file.text);
                effects.extend(files::write_file(state, name, text, false));
            }
            None => {}
        }
    }
    use_clock(state);
    effects
}

/// Writes a file of the workspace. The open file stays open.
fn write(state: &mut State, terminal: u32, file: WrittenFile) -> Vec<Effect> {
    let known = state.documents.iter().find(|document| document.name == file.name);
    let known = known.map(|document| document.id);
    let full = known.is_none() && state.documents.len() >= valid::MOST_FILES;
    let refusal = match valid::check_name(&file.name) {
        _ if full => Some(format!("a workspace can have {} files at most", valid::MOST_FILES)),
        Ok(()) => None,
        Err(refusal) => Some(refusal.to_string()),
    };
    if let Some(refusal) = refusal {
        let text = format!("{} is not in the workspace: {refusal}", file.name);
        state.terminals.change(terminal, |one| one.note(&text));
        return Vec::new();
    }
    let id = known.unwrap_or(FileId(state.next_file));
    if known.is_none() {
        state.next_file += 1;
    }
    let mut effects = files::send_file(state, File { id, name: file.name, text: file.text });
    effects.extend(known.map(|id| Effect::DropEditorState(Some(id))));
    if known == Some(state.active) {
        effects.push(Effect::ShowDocument);
    }
    effects
}

/// Lets the clock play while a command waits, unless the visitor plays or has paused it.
fn use_clock(state: &mut State) {
    match (state.terminals.is_busy(), state.terminals.clock) {
        (true, ClockUse::Visitor) if !state.playing => {
            state.playing = true;
            state.terminals.clock = ClockUse::Command;
        }
        (false, _) => release_clock(state),
        _ => {}
    }
}

/// Pauses the clock if it plays for a command that has ended.
fn release_clock(state: &mut State) {
    if state.terminals.is_busy() {
        return;
    }
    if state.terminals.clock == ClockUse::Command {
        state.playing = false;
    }
    state.terminals.clock = ClockUse::Visitor;
}

/// The visitor plays or pauses.
pub(super) fn played(state: &mut State, playing: bool) {
    let busy = state.terminals.is_busy();
    state.terminals.clock = if busy && !playing { ClockUse::Paused } else { ClockUse::Visitor };
}

/// A new worker knows nothing of the commands that run.
pub(super) fn worker_failed(state: &mut State) {
    let running: Vec<u32> =
        state.terminals.all.iter().filter(|one| one.running).map(|one| one.id).collect();
    for id in running {
        state.terminals.change(id, |one| {
            one.running = false;
            one.note("the simulation was restarted, and the command has ended");
        });
    }
    release_clock(state);
}

#[cfg(test)]
mod tests;
