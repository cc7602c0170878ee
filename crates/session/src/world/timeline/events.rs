//! Events and their effects on the world.

use super::{Timeline, end_of, lost_with_pod};
use crate::analysis::tsdb_durability::{TsdbDurability, tsdb_durability};
use crate::world::actions::{self, Effect};
use go::Duration;
use protocol::{Action, Choice, LoggedEvent};
use simulation::events::{EventKind, RESTART_TAKES};
use text::IndexSort;

impl Timeline {
    /// Performs an action now. An action that is not possible any more has no effect.
    pub(super) fn happen(&mut self, action: &Action) {
        match action {
            Action::Edit { version } => {
                if let Some(version) = self.versions.get(*version as usize).cloned() {
                    self.apply(version);
                    self.fit();
                }
            }
            Action::Command { terminal, line } => {
                let (terminal, line) = (*terminal, line.clone());
                // The page has shown the output already.
                self.with_cluster(|world| {
                    world.run_in_terminal(terminal, &line);
                    world.take_screen(terminal);
                });
            }
            Action::Interrupt { terminal } => {
                let terminal = *terminal;
                self.with_cluster(|world| world.interrupt(terminal));
            }
            Action::SkipDelays => {
                if let Some(rollout) = self.rollout.as_mut().filter(|_| self.live.is_none()) {
                    rollout.skip();
                }
                self.fit();
            }
            Action::Start(choice) => self.start(choice),
            Action::End(choice) => self.end(choice),
        }
    }

    fn start(&mut self, choice: &Choice) {
        let analysis = self.running();
        let Some(chosen) = actions::resolve(&analysis, choice) else { return };
        if self.start_in_live(choice, &chosen.effect) {
            return;
        }
        match chosen.effect {
            Effect::World(kind, lasts) => self.push(kind, lasts),
            Effect::Cluster(changes) => {
                let now = self.now();
                for (after, change) in changes {
                    self.later.push((now.saturating_add(after), change));
                }
                self.later.index_sort_by_key(|(at, _)| *at);
                self.change_cluster(now);
            }
            Effect::Reload if self.rollout.is_some() => {
                self.reload();
                self.fit();
            }
            Effect::Reload => {
                let worked = analysis.refusal.is_none() && analysis.rules.refusal.is_none();
                self.tell_reload(&analysis, worked);
            }
        }
    }

    /// Makes the changes of the cluster that are due. A server whose pod is another one then has
    /// only the samples that lie on a volume.
    pub(super) fn change_cluster(&mut self, due: u64) {
        let before = self.running();
        while self.later.first().is_some_and(|(at, _)| *at <= due) {
            let (_, change) = self.later.remove(0);
            actions::apply(&mut self.overrides, &change);
        }
        let after = self.running();
        self.fit();
        if after.server.pod.is_some() && after.server.pod != before.server.pod {
            self.begin_server(lost_with_pod(&before, &after), true);
        }
    }

    /// The server restarts: it reads its file, and has lost its samples or not.
    pub(super) fn begin_server(&mut self, lost: bool, fresh_mount: bool) -> Option<u64> {
        self.server_reads(fresh_mount);
        self.fit();
        if lost {
            self.world.lose_samples();
        }
        self.back = self.world.push(EventKind::PrometheusDown, Some(RESTART_TAKES)).map(end_of);
        self.back
    }

    /// A server that starts reads the file that it finds. A `subPath` is mounted again with the
    /// container.
    pub(super) fn server_reads(&mut self, fresh_mount: bool) {
        if let Some(rollout) = &mut self.rollout {
            rollout.server_started(fresh_mount || rollout.facts.sub_path);
        }
    }

    fn push(&mut self, kind: EventKind, lasts: Option<Duration>) {
        let analysis = self.running();
        let lost = tsdb_durability(&analysis) == TsdbDurability::Container;
        let until = match &kind {
            EventKind::Restart { process } if self.world.server() == Some(&**process) => {
                self.begin_server(lost, false)
            }
            kind if kind.stops_server(self.world.server()) => {
                self.begin_server(lost, false);
                self.back = self.world.push(kind.clone(), lasts).map(end_of);
                self.back
            }
            _ => self.world.push(kind, lasts).map(end_of),
        };
        self.note_end(until);
        self.disturb_live();
    }

    /// Notes the end of the action that has begun last.
    pub(super) fn note_end(&mut self, until: Option<u64>) {
        if let Some(event) = self.done.checked_sub(1).and_then(|at| self.events.get_mut(at)) {
            self.events_sent &= event.until == until;
            event.until = until;
        }
    }

    /// Ends an action that is in progress, in the world and in the log.
    fn end(&mut self, choice: &Choice) {
        let analysis = self.running();
        let Some(chosen) = actions::resolve(&analysis, choice) else { return };
        let Effect::World(kind, _) = chosen.effect else { return };
        let now = self.now();
        let until = match self.end_in_live(&kind) {
            true => now,
            false => self.world.end(&kind).map_or(now, end_of),
        };
        if self.live.is_none() && kind.stops_server(self.world.server()) {
            self.back = Some(until);
        }
        self.disturb_live();
        for event in self.events.iter_mut().take(self.done) {
            let begun = matches!(&event.action, Action::Start(known) if known == choice);
            if begun && event.until.is_some_and(|until| until > now) {
                event.until = Some(until);
                self.events_sent = false;
            }
        }
    }

    /// Performs an action of the visitor. Events after this moment, which a step back has left, are
    /// dropped.
    pub fn act(&mut self, action: Action) {
        self.goal = None;
        let Some(label) = self.label(&action) else { return };
        self.leave_future();
        let event = LoggedEvent { at: self.now(), action: action.clone(), label, until: None };
        self.events.push(event);
        self.done = self.events.len();
        self.events_sent = false;
        self.happen(&action);
        self.settle();
    }

    /// The label of an action in the log. Returns None if the action is not possible.
    fn label(&mut self, action: &Action) -> Option<String> {
        let mut label_of = |choice: &Choice| Some(actions::resolve(&self.running(), choice)?.label);
        match action {
            Action::Start(choice) => label_of(choice),
            Action::End(choice) => Some(format!("End of: {}", label_of(choice)?)),
            Action::SkipDelays => self.rollout.as_ref().map(|_| "Delays skipped".to_owned()),
            Action::Edit { .. } | Action::Command { .. } | Action::Interrupt { .. } => None,
        }
    }
}
