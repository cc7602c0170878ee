//! The log of a visitor's actions, from which simulated time can be replayed.

use serde::{Deserialize, Deserializer, Serialize};

use crate::action::Action;

/// The events so far and the time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EventLog {
    /// Milliseconds since the start.
    pub now: u64,
    #[serde(deserialize_with = "known_events")]
    pub events: Vec<LoggedEvent>,
    /// See [`Request::SetDelays`](crate::Request::SetDelays).
    #[serde(default)]
    pub delays: bool,
    /// See [`Request::SetRunning`](crate::Request::SetRunning).
    #[serde(default)]
    pub running: bool,
}

/// An action at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoggedEvent {
    /// Milliseconds since the start.
    pub at: u64,
    pub action: Action,
    /// A short description for the time line.
    pub label: String,
    /// The end of the action, if it has a duration; [`UNTIL_ENDED`] if it is open.
    #[serde(default)]
    pub until: Option<u64>,
}

/// The last moment of simulated time, in milliseconds since the start: 31 days. The clock stops there.
pub const LAST_TIME: u64 = 31 * 24 * 3_600_000;

/// The end of an action that lasts until it is ended.
pub const UNTIL_ENDED: u64 = u64::MAX;

impl LoggedEvent {
    /// Returns true if the event is in progress at a time.
    pub fn lasts_at(&self, now: u64) -> bool {
        self.at <= now && self.until.is_some_and(|until| now < until)
    }
}

/// Reads events. In JSON, as stored by the browser and in links, events whose action
/// is unknown are left out, and actions of earlier versions are text: see [`Action::parse`].
fn known_events<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<LoggedEvent>, D::Error> {
    if !from.is_human_readable() {
        return Vec::deserialize(from);
    }
    let stored = Vec::<StoredEvent>::deserialize(from)?;
    Ok(stored.into_iter().filter_map(StoredEvent::known).collect())
}

#[derive(Deserialize)]
struct StoredEvent {
    at: u64,
    action: StoredAction,
    label: String,
    #[serde(default)]
    until: Option<u64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum StoredAction {
    Typed(Action),
    Text(String),
    Unknown(serde::de::IgnoredAny),
}

impl StoredEvent {
    fn known(self) -> Option<LoggedEvent> {
        let action = match self.action {
            StoredAction::Typed(action) => action,
            StoredAction::Text(text) => Action::parse(&text)?,
            StoredAction::Unknown(_) => return None,
        };
        Some(LoggedEvent { at: self.at, action, label: self.label, until: self.until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{ActionKind, Choice, Fault};

    #[test]
    fn logs_of_earlier_versions_are_read() {
        let stored = r#"{"now": 90000, "events": [
            {"at": 1000, "action": "cut @ * @ 30", "label": "Cut the network", "until": 31000},
            {"at": 2000, "action": "edit 1", "label": "Edit applied"},
            {"at": 3000, "action": {"Dance": {}}, "label": "of a later version"},
            {"at": 4000, "action": {"Start": {"kind": "ReloadConfiguration", "scope": "All", "duration": null}},
             "label": "Reload"}
        ]}"#;
        let log: EventLog = serde_json::from_str(stored).unwrap();
        let cut = Choice { duration: Some(30), ..ActionKind::Fault(Fault::NetworkCut).into() };
        let reload = Choice::from(ActionKind::ReloadConfiguration);
        let events: Vec<_> = log.events.iter().map(|one| (one.at, one.action.clone())).collect();
        assert_eq!(events, [(1000, Action::Start(cut)), (4000, Action::Start(reload))]);
        assert_eq!((log.events[0].until, log.delays), (Some(31000), false));

        let json = serde_json::to_string(&log).unwrap();
        assert_eq!(serde_json::from_str::<EventLog>(&json).unwrap(), log);
        assert_eq!(crate::decode::<EventLog>(&crate::encode(&log)), Ok(log));
    }
}
