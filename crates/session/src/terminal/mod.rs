//! Terminals: command lines on the cluster in simulated time, and what they print.
//!
//! Shells and running commands belong to the state of the [`World`], so that a copy of it continues
//! from the same state. [`Terminals`] holds what belongs to the conversation with the page: what it
//! has been told, and files that commands have written.
//!
//! The owner of the world calls [`Terminals::handle`] for a request, then advances the world as time
//! passes, and takes [`Terminals::updates`] with each update. Nothing here waits.
//!
//! | file | content |
//! | --- | --- |
//! | `files` | the files of the workspace as commands see them |
//! | `hints` | the way on after a command that is refused, or too early |
//! | `links` | names in the output that lead to a place of the page |

mod files;
mod hints;
mod links;

use std::cell::OnceCell;
use std::collections::BTreeMap;

use kubernetes::object::{Value, to_yaml};
use kubernetes::openapi::Descriptions;
use protocol::terminal::MOST_LINE;
use protocol::{
    Completion, Completions, File, LineCompletions, Opened, OutputPiece, TerminalRequest,
    TerminalUpdate, WrittenFile,
};
use terminal::complete::{Surroundings, complete};
use terminal::shell::{CLEAR, Printed};
use text::Span;
use world::{Edited, Screen, World};

use crate::analysis::apply::Applied;
use crate::workspace::charts::origins::locate;
use crate::workspace::sources::Sources;
use files::Files;
use links::Links;

/// Requests that a line waits for the descriptions of fields. Then it runs without them.
const MOST_WAITS: u32 = 100;

/// Bytes of the output of a command that a hint looks at.
const MOST_SEEN: usize = 8 << 10;

/// The error of a command as long as the cluster does not run.
const NOT_RUNNING: &str = "terminal: the cluster does not run";

/// The parts of a session that terminals read.
#[derive(Clone, Copy)]
pub struct Places<'a> {
    pub files: &'a [File],
    /// The objects of the manifests, with their places.
    pub applied: &'a Applied,
    /// The files that the places are in.
    pub sources: &'a Sources,
    pub descriptions: &'a Descriptions,
}

/// The conversation with the page about terminals.
#[derive(Debug, Default)]
pub struct Terminals {
    known: BTreeMap<u32, Known>,
    files: Files,
    /// Errors and notes of the terminals themselves, until the next update.
    notes: Vec<(u32, String)>,
}

/// A terminal as the page knows it.
#[derive(Debug, Default)]
struct Known {
    running: bool,
    exit: i32,
    /// The last command line, and the beginning of what it has printed.
    line: String,
    seen: String,
    /// True until the page is told about the request.
    asked: bool,
    /// The line waits for the descriptions of fields; the number counts the requests since.
    waits: Option<u32>,
}

impl Terminals {
    /// Carries out a request of the page.
    pub fn handle(&mut self, world: &mut World, request: &TerminalRequest, places: &Places<'_>) {
        match request {
            TerminalRequest::Run { terminal, line } => self.run(world, *terminal, line, places),
            TerminalRequest::Interrupt { terminal } => {
                if let Some(known) = self.known.get_mut(terminal) {
                    known.waits = None;
                }
                world.interrupt(*terminal);
            }
            TerminalRequest::Close { terminal } => {
                self.known.remove(terminal);
                world.close_terminal(*terminal);
            }
        }
    }

    /// Answers a request as long as the cluster does not run.
    pub fn refuse(&mut self, request: &TerminalRequest) {
        match request {
            TerminalRequest::Run { terminal, .. } => {
                self.known.entry(*terminal).or_default().asked = true;
                self.notes.push((*terminal, NOT_RUNNING.to_owned()));
            }
            TerminalRequest::Interrupt { .. } => {}
            TerminalRequest::Close { terminal } => _ = self.known.remove(terminal),
        }
    }

    /// Returns true if the page has to hear of terminals.
    pub fn is_used(&self) -> bool {
        !self.known.is_empty()
    }

    fn run(&mut self, world: &mut World, terminal: u32, line: &str, places: &Places<'_>) {
        let known = self.known.entry(terminal).or_default();
        known.asked = true;
        if line.len() > MOST_LINE {
            let note = format!("terminal: the line is longer than {} KiB", MOST_LINE >> 10);
            self.notes.push((terminal, note));
            return;
        }
        line.clone_into(&mut known.line);
        known.seen.clear();
        let needs = line.contains("explain") && world.terminal.descriptions.is_none();
        if needs && !provide(world, places.descriptions) {
            // Marks the answer, so that the worker fetches the descriptions.
            let _ = places.descriptions.get(0);
            known.waits = Some(0);
            return;
        }
        self.start(world, terminal, places);
    }

    fn start(&mut self, world: &mut World, terminal: u32, places: &Places<'_>) {
        self.files.bring(world, places.files);
        let line = self.known.get(&terminal).map_or("", |known| &known.line);
        if !world.run_in_terminal(terminal, line) {
            self.notes.push((terminal, "terminal: a command is running here".to_owned()));
        }
    }

    /// Returns true if a line waits for the descriptions of fields.
    pub fn has_waiting(&self) -> bool {
        self.known.values().any(|known| known.waits.is_some())
    }

    /// Runs the lines that waited for the descriptions of fields. Call it with each request.
    pub fn continue_lines(&mut self, world: &mut World, places: &Places<'_>) {
        let mut ready = Vec::new();
        for (terminal, known) in &mut self.known {
            let Some(waits) = &mut known.waits else { continue };
            *waits += 1;
            if provide(world, places.descriptions) || *waits > MOST_WAITS {
                if *waits > MOST_WAITS {
                    let note = "terminal: the descriptions of fields did not load";
                    self.notes.push((*terminal, note.to_owned()));
                }
                known.waits = None;
                ready.push(*terminal);
            }
        }
        ready.into_iter().for_each(|terminal| self.start(world, terminal, places));
    }

    /// Takes what has happened in terminals since the last call. Without a world nothing runs.
    pub fn updates(
        &mut self,
        mut world: Option<&mut World>,
        places: &Places<'_>,
    ) -> Vec<TerminalUpdate> {
        let mut take = |terminal: &u32| {
            let screen = world.as_mut().map(|world| world.take_screen(*terminal));
            (*terminal, screen.unwrap_or_default())
        };
        let screens: Vec<(u32, Screen)> = self.known.keys().map(&mut take).collect();
        let edited = world.as_mut().and_then(|world| world.take_edited().pop());
        let world = world.as_deref();
        let links = OnceCell::new();
        let mut updates: Vec<TerminalUpdate> = Vec::new();
        for (terminal, screen) in screens {
            let Some(known) = self.known.get_mut(&terminal) else { continue };
            let running = screen.running || known.waits.is_some();
            let (dropped, exit) = (screen.dropped, screen.exit);
            let mut update =
                TerminalUpdate { terminal, dropped, running, exit, ..TerminalUpdate::default() };
            let notes = self.notes.extract_if(.., |(of, _)| *of == terminal);
            let notes = notes.map(|(_, note)| Printed::Err(note + "\n"));
            for printed in notes.chain(screen.printed) {
                let links = links.get_or_init(|| Links::new(world, places));
                let (Printed::Out(text) | Printed::Err(text)) = &printed;
                if known.seen.len() < MOST_SEEN {
                    known.seen.push_str(text);
                }
                add(&mut update, printed, links, &known.line);
            }
            let ends = !running && (known.running || known.asked);
            let hint = world
                .filter(|_| ends)
                .and_then(|world| hints::hint(&known.line, &known.seen, world));
            update.output.extend(hint);
            let changed = (known.running, known.exit) != (running, exit) || known.asked;
            (known.running, known.exit, known.asked) = (running, exit, false);
            if changed || update.clear || !update.output.is_empty() {
                updates.push(update);
            }
        }
        self.notes.clear();
        let opens = world.zip(edited).and_then(|(world, edited)| opened(world, &edited, places));
        let files = world.map(|world| self.files.take_written(world, places.files));
        let files = files.unwrap_or_default();
        if opens.is_some() || !files.is_empty() {
            // The effects belong to no terminal of their own.
            let first = self.known.iter().next().filter(|_| updates.is_empty());
            updates.extend(first.map(|(terminal, known)| TerminalUpdate {
                terminal: *terminal,
                running: known.running,
                exit: known.exit,
                ..TerminalUpdate::default()
            }));
            if let Some(update) = updates.first_mut() {
                (update.files, update.opens) = (files, opens);
            }
        }
        updates
    }

    /// Completes the word before a byte offset of a line.
    pub fn complete(
        world: &World,
        terminal: u32,
        line: String,
        offset: u32,
        places: &Places<'_>,
    ) -> LineCompletions {
        let mut files: Vec<&str> = places.files.iter().map(|file| &*file.name).collect();
        files.sort_unstable();
        let config = &world.terminal.config;
        let around = Surroundings { server: &world.cluster.server, config, files: &files };
        let found = complete(&line, offset as usize, &around);
        let items = found.items.into_iter().map(|one| Completion {
            label: one.text,
            detail: one.detail,
            ..Completion::default()
        });
        let span = Span { start: found.start as u32, end: offset.min(line.len() as u32) };
        let completions = Completions { span, items: items.collect() };
        LineCompletions { terminal, line, completions }
    }
}

/// Gives the world the descriptions of fields. Returns false if they are not loaded.
fn provide(world: &mut World, descriptions: &Descriptions) -> bool {
    if world.terminal.descriptions.is_none() {
        world.terminal.descriptions = descriptions.all();
    }
    // Natively they are part of the program.
    world.terminal.descriptions.is_some() || kubernetes::openapi::bundled().is_some()
}

/// Adds a piece of output. A cleared screen drops what was printed before.
fn add(update: &mut TerminalUpdate, printed: Printed, links: &Links<'_>, line: &str) {
    let (error, text) = match printed {
        Printed::Out(text) => (false, text),
        Printed::Err(text) => (true, text),
    };
    let text = match text.rsplit_once(CLEAR) {
        None => text,
        Some((_, after)) => {
            update.clear = true;
            update.output.clear();
            after.to_owned()
        }
    };
    let text = without_colors(text);
    if !text.is_empty() {
        let links = links.of(&text, line);
        update.output.push(OutputPiece { error, text, links, ..OutputPiece::default() });
    }
}

/// A text without the sequences that set colors, as scripts print them.
fn without_colors(text: String) -> String {
    if !text.contains('\u{1b}') {
        return text;
    }
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_digit() && c != ';');
        let rest = end.map_or("", |end| part.get(end..).unwrap_or_default());
        plain.push_str(rest.strip_prefix('m').unwrap_or(rest));
    }
    plain
}

/// The place of an object that `kubectl edit` opens: its manifest, or a new file. None if the object
/// is gone.
fn opened(world: &World, edited: &Edited, places: &Places<'_>) -> Option<Opened> {
    let is_named = |kind: &str, namespace: &str, name: &str| {
        kind == edited.kind && namespace == edited.namespace && name == edited.name
    };
    let mut all = places.applied.objects.iter();
    if let Some(object) = all.find(|one| is_named(&one.kind, &one.namespace, &one.name)) {
        return Some(Opened::Manifest(locate(places.sources, places.sources, object.location)));
    }
    let kind = kubernetes::kinds::find(&edited.api_version, &edited.kind)?;
    let object = world.cluster.server.get(kind, &edited.namespace, &edited.name).ok()?;
    let name = format!("{}-{}.yaml", edited.kind.to_lowercase(), edited.name);
    Some(Opened::NewFile(WrittenFile { name, text: to_yaml(&as_written(object)) }))
}

/// An object without what the API server writes.
fn as_written(mut object: Value) -> Value {
    object.remove("status");
    let metadata = object.entry("metadata");
    for field in ["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"] {
        metadata.remove(field);
    }
    let annotations = metadata.entry("annotations");
    annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    if annotations.is_empty() {
        metadata.remove("annotations");
    }
    object
}
