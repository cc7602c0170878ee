//! Work and preferences as they are saved, in JSON.

use serde::{Deserialize, Deserializer, Serialize};

use super::{Document, Page, Shared, Side, State, Theme};
use protocol::EventLog;
use protocol::File;
use protocol::PageQuery;
use text::FileId;

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
}

/// The preferences of the visitor. `boot.js` reads `theme`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedView {
    pub page: Page,
    pub side: Side,
    pub theme: Theme,
    pub notes: bool,
    pub split: f64,
    /// The query of each page.
    #[serde(default, deserialize_with = "lenient")]
    pub asked: Vec<(Page, PageQuery)>,
}

/// Ignores queries that this version of the page cannot read.
fn lenient<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(Page, PageQuery)>, D::Error> {
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
            past: (*state.past).clone(),
            playing: state.playing,
            speed: state.speed,
        }
    }

    /// Returns false if there is nothing to restore.
    pub fn restore(self, state: &mut State) -> bool {
        if self.files.is_empty() {
            return false;
        }
        state.next_file = self.files.iter().map(|file| file.id.0 + 1).max().unwrap_or(1);
        let known = self.files.iter().any(|file| file.id.0 == self.active);
        state.active = if known { FileId(self.active) } else { self.files[0].id };
        state.documents =
            self.files.into_iter().map(|file| Shared::new(Document::new(file, 0))).collect();
        state.scenario = self.scenario;
        state.silenced = self.silenced;
        state.past = Shared::new(self.past);
        state.playing = self.playing;
        if super::SPEEDS.contains(&self.speed) {
            state.speed = self.speed;
        }
        true
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
            split: preferences.split,
            // Explain follows the cursor.
            asked: state.asked.iter().filter(|(page, _)| *page != Page::Explain).cloned().collect(),
        }
    }

    pub fn restore(self, state: &mut State) {
        state.preferences.page = self.page;
        state.preferences.side = self.side;
        state.preferences.theme = self.theme;
        state.preferences.notes = self.notes;
        if self.split.is_finite() {
            state.preferences.split = self.split.clamp(20.0, 80.0);
        }
        state.asked = self.asked;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        assert!(serde_json::from_str::<SavedWork>(&work).unwrap().restore(&mut again));
        serde_json::from_str::<SavedView>(&view).unwrap().restore(&mut again);
        assert_eq!(SavedWork::of(&again), SavedWork::of(&state));
        assert_eq!(again.preferences, state.preferences);
        assert!(again.asked.contains(&(Page::RateLab, PageQuery::RateLab(lab))));
        assert_eq!(again.asked, state.asked);
        assert!(again.next_file > again.documents.iter().map(|d| d.id.0).max().unwrap());
        assert!(!SavedWork::default().restore(&mut again), "nothing was saved");
    }
}
