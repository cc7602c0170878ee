//! Work and preferences as they are saved, in JSON.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use super::valid::ValidWork;
use super::{Page, Side, State, Theme};
use protocol::PageQuery;
use protocol::{ApplyMode, EventLog, File, Workspace};

/// The work of the visitor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedWork {
    pub scenario: String,
    pub files: Vec<File>,
    pub active: u32,
    #[serde(default)]
    pub silenced: Vec<String>,
    #[serde(default)]
    pub past: EventLog,
    #[serde(default)]
    pub playing: bool,
    #[serde(default)]
    pub speed: u32,
    #[serde(default)]
    pub apply_mode: ApplyMode,
    /// True if files hold data of a live system.
    #[serde(default)]
    pub live: bool,
    /// The manifests that the stored objects come from; None if they are those of the files.
    #[serde(default)]
    pub stored: Option<Vec<File>>,
}

/// The view of a workspace: the open file and the clock. It is saved apart from the work,
/// because it changes without an edit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The id of the workspace.
    pub workspace: String,
    /// The index of the open file.
    pub file: usize,
    /// Milliseconds of simulated time.
    pub now: u64,
    pub playing: bool,
    pub speed: u32,
}

impl Position {
    pub fn of(state: &State) -> Self {
        let file = state.documents.iter().position(|document| document.id == state.active);
        Self {
            workspace: state.current.id.clone(),
            file: file.unwrap_or_default(),
            now: state.past.now,
            playing: state.playing,
            speed: state.speed,
        }
    }

    /// Puts the position into the work. A position that does not fit is ignored.
    pub fn apply(&self, workspace: &str, work: ValidWork) -> ValidWork {
        let mut moved = work.work().clone();
        if self.workspace != workspace {
            return work;
        }
        if let Some(file) = moved.files.get(self.file) {
            moved.active = file.id.0;
        }
        moved.past.now = self.now;
        moved.playing = self.playing;
        moved.speed = self.speed;
        ValidWork::new(moved).unwrap_or(work)
    }
}

/// The preferences of the visitor. `boot.js` reads `theme`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedView {
    pub page: Page,
    pub side: Side,
    pub theme: Theme,
    pub notes: bool,
    #[serde(default)]
    pub defaults: bool,
    pub split: f64,
    /// The query of each page.
    #[serde(default, deserialize_with = "lenient")]
    #[serde(rename = "asked")]
    pub page_queries: Vec<(Page, PageQuery)>,
    /// Queries that were canceled; see [`State::canceled`].
    #[serde(default, deserialize_with = "lenient")]
    pub canceled: Vec<PageQuery>,
}

/// Ignores queries that this version of the page cannot read.
fn lenient<'de, T: DeserializeOwned, D: Deserializer<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    let values = Vec::<serde_json::Value>::deserialize(from)?;
    Ok(values.into_iter().filter_map(|value| serde_json::from_value(value).ok()).collect())
}

impl SavedWork {
    pub fn of(state: &State) -> Self {
        Self {
            scenario: state.scenario.clone(),
            files: state.documents.iter().map(|document| document.file()).collect(),
            active: state.active.0,
            silenced: state.silenced.clone(),
            past: state.log(),
            playing: state.playing,
            speed: state.speed,
            apply_mode: state.stored.mode,
            live: state.live,
            stored: state.stored.files.clone(),
        }
    }

    /// Returns the files as the worker needs them, and the events.
    pub fn into_workspace(self) -> (Workspace, EventLog) {
        let Self { scenario, files, silenced, apply_mode, stored, past, .. } = self;
        (Workspace { scenario, files, silenced, apply_mode, stored, defaults_of: None }, past)
    }
}

impl SavedView {
    pub fn of(state: &State) -> Self {
        let preferences = &state.preferences;
        Self {
            page: preferences.page,
            side: preferences.side,
            theme: preferences.theme,
            notes: preferences.notes,
            defaults: preferences.defaults,
            split: preferences.split,
            // Explain and Chart follow the open file.
            page_queries: state
                .page_queries
                .iter()
                .filter(|(page, _)| !matches!(page, Page::Explain | Page::Chart))
                .cloned()
                .collect(),
            canceled: state.canceled.clone(),
        }
    }

    pub fn restore(self, state: &mut State) {
        state.preferences.page = self.page;
        state.preferences.side = self.side;
        state.preferences.theme = self.theme;
        state.preferences.notes = self.notes;
        state.preferences.defaults = self.defaults;
        if self.split.is_finite() {
            state.preferences.split = self.split.clamp(20.0, 80.0);
        }
        state.canceled = self.canceled;
        let mut seen = std::collections::HashSet::new();
        state.page_queries =
            self.page_queries.into_iter().filter(|(page, _)| seen.insert(page.title())).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::workspaces::{StoredWorkspace, WorkspaceRecord};
    use protocol::pages::rate_lab;

    #[test]
    fn work_and_view_come_back() {
        let mut state = State::empty();
        super::super::update(&mut state, super::super::Action::OpenScenario("giftcard".into()));
        state.preferences.theme = Theme::Dark;
        state.preferences.page = Page::RateLab;
        let work = serde_json::to_string(&SavedWork::of(&state)).unwrap();
        let view = serde_json::to_string(&SavedView::of(&state)).unwrap();
        assert!(view.contains(r#""theme":"Dark""#), "boot.js reads it: {view}");
        let older =
            view.replace(r#""asked":["#, r#""asked":[["RateLab",{"RateLab":{"of":"another"}}],"#);
        assert_ne!(older, view);
        let older = older.replace("],]", "]]");
        assert_eq!(serde_json::from_str::<SavedView>(&older).unwrap(), SavedView::of(&state));

        let mut lab = rate_lab::Query::of_preset("restart");
        lab.lab.at = 99_000;
        super::super::update(
            &mut state,
            super::super::Action::SetQuery(PageQuery::RateLab(lab.clone())),
        );
        super::super::update(&mut state, super::super::Action::Graph("up".into()));
        state.preferences.page = Page::RateLab;
        let view = serde_json::to_string(&SavedView::of(&state)).unwrap();

        let mut again = State::empty();
        let stored = StoredWorkspace {
            record: WorkspaceRecord::default(),
            work: ValidWork::of_json(&work).unwrap(),
        };
        super::super::update(&mut again, super::super::Action::WorkspaceRead(Box::new(stored)));
        serde_json::from_str::<SavedView>(&view).unwrap().restore(&mut again);
        assert_eq!(SavedWork::of(&again), SavedWork::of(&state));
        assert_eq!(again.preferences, state.preferences);
        assert!(again.page_queries.contains(&(Page::RateLab, PageQuery::RateLab(lab))));
        assert_eq!(again.page_queries, state.page_queries);
        assert!(again.next_file > again.documents.iter().map(|d| d.id.0).max().unwrap());
    }
}
