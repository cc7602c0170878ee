//! Actions of the visitor in simulated time, and the menu of those that are possible.
//!
//! Every kind of action and every scope has an identifier, which forms use as a value. Work that
//! was stored by earlier versions of the page holds actions as text made of these identifiers;
//! [`Action::parse`] reads it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An action in simulated time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// Performs an action of the menu.
    Start(Choice),
    /// Ends an action that is in progress.
    End(Choice),
    /// Ends all delays of the rollout that is under way.
    SkipDelays,
    /// Applies a version of the text. Only the worker writes it into the log.
    Edit { version: u32 },
    /// Runs a command line in a terminal. Only the worker writes it into the log.
    Command { terminal: u32, line: String },
    /// Ends the command of a terminal. Only the worker writes it into the log.
    Interrupt { terminal: u32 },
}

/// An action of the menu with its scope and duration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    pub kind: ActionKind,
    pub scope: Scope,
    /// Seconds that the action lasts; 0 until it is ended. None for the action's usual duration, and
    /// for actions that have none.
    pub duration: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ActionKind {
    /// Visitors use a program, as defined by an event of the scenario.
    Visit {
        action: String,
        times: u32,
    },
    /// Visitors use a program in a way that its workload offers.
    Use {
        workload: String,
        action: String,
        times: u32,
    },
    /// Multiplies the usual traffic of all programs.
    Traffic {
        factor: f64,
    },
    /// Restarts a container.
    RestartContainer,
    Workload(WorkloadChange),
    Fault(Fault),
    StopPrometheus,
    /// Lets Prometheus read its configuration again.
    ReloadConfiguration,
}

/// A change of a workload as `kubectl` makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkloadChange {
    RolloutRestart,
    DeletePod,
    ScaleUp,
    ScaleDown,
    ScaleToZero,
    FailReadiness,
    PassReadiness,
}

/// A fault of a program or of the network before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    NetworkCut,
    CrashLoop,
    /// Answers come after the scrape timeout.
    SlowerThanTimeout,
    /// Answers are slow, but come before the scrape timeout.
    SlowWithinTimeout,
    /// Answers have this HTTP status.
    Status(u16),
    WrongContentType,
    /// Scrapes are not made.
    MissedScrapes,
    /// The program's clock is off by this many minutes; `in_samples` if it writes its time into the
    /// samples.
    ClockSkew {
        minutes: i32,
        in_samples: bool,
    },
}

/// The programs or workloads that an action concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Everything that the action can concern.
    #[default]
    All,
    Process(ProcessKey),
    Workload(WorkloadRef),
}

/// A program: a port of a container in a pod. Printed as `NAMESPACE/POD/CONTAINER:PORT`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProcessKey {
    pub namespace: String,
    pub pod: String,
    pub container: String,
    pub port: i32,
}

/// A workload of the cluster. Printed as `KIND NAMESPACE/NAME`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WorkloadRef {
    pub kind: String,
    pub namespace: String,
    pub name: String,
}

/// An action that is possible, as a line of the menu.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActionSpec {
    pub kind: ActionKind,
    pub label: String,
    /// The effect, in a sentence or two.
    pub help: String,
    pub group: Group,
    /// Shown as a button outside the menu.
    pub prominent: bool,
    /// The scope, if there is no choice of subjects.
    pub scope: Scope,
    /// The scopes to choose from; empty if there is no choice.
    pub subjects: Vec<Subject>,
    /// The durations to choose from, in seconds, the usual one first; 0 means "until it is ended".
    /// Empty if the action has no duration.
    pub durations: Vec<u32>,
}

/// A scope to choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    pub scope: Scope,
    pub label: String,
}

/// The parts of the menu, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Group {
    #[default]
    Visitors,
    Traffic,
    Pods,
    Faults,
    Prometheus,
}

impl Group {
    pub const ALL: [Group; 5] =
        [Group::Visitors, Group::Traffic, Group::Pods, Group::Faults, Group::Prometheus];

    pub fn title(self) -> &'static str {
        match self {
            Group::Visitors => "Visitors",
            Group::Traffic => "Traffic",
            Group::Pods => "Pods and rollouts",
            Group::Faults => "Faults",
            Group::Prometheus => "Prometheus",
        }
    }
}

impl ActionSpec {
    /// The identifier of the kind, which is unique among the actions of the menu.
    pub fn id(&self) -> String {
        self.kind.to_string()
    }

    /// The action with a scope and a duration in seconds; without a subject, the only scope.
    pub fn choice(&self, subject: Option<&Subject>, seconds: Option<u32>) -> Choice {
        let scope = subject.map_or(&self.scope, |subject| &subject.scope).clone();
        Choice { kind: self.kind.clone(), scope, duration: seconds }
    }
}

impl Subject {
    /// The identifier of the scope.
    pub fn id(&self) -> String {
        self.scope.to_string()
    }
}

impl From<ActionKind> for Choice {
    /// The action on everything that it can concern, for its usual duration.
    fn from(kind: ActionKind) -> Self {
        Self { kind, scope: Scope::All, duration: None }
    }
}

impl WorkloadChange {
    const IDS: [(Self, &'static str); 7] = [
        (Self::RolloutRestart, "roll"),
        (Self::DeletePod, "delete"),
        (Self::ScaleUp, "scale-up"),
        (Self::ScaleDown, "scale-down"),
        (Self::ScaleToZero, "scale-zero"),
        (Self::FailReadiness, "not-ready"),
        (Self::PassReadiness, "ready"),
    ];
}

impl Fault {
    const IDS: [(Self, &'static str); 11] = [
        (Self::NetworkCut, "cut"),
        (Self::CrashLoop, "crash"),
        (Self::SlowerThanTimeout, "slow"),
        (Self::SlowWithinTimeout, "sluggish"),
        (Self::WrongContentType, "html"),
        (Self::MissedScrapes, "missed"),
        (Self::ClockSkew { minutes: -5, in_samples: false }, "clock"),
        (Self::ClockSkew { minutes: -5, in_samples: true }, "clock-slow"),
        (Self::ClockSkew { minutes: 5, in_samples: true }, "clock-fast"),
        (Self::ClockSkew { minutes: 20, in_samples: true }, "clock-ahead"),
        (Self::ClockSkew { minutes: -120, in_samples: true }, "clock-behind"),
    ];
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (Self::IDS.iter().find(|(fault, _)| fault == self), self) {
            (Some((_, id)), _) => f.write_str(id),
            (None, Self::Status(code)) => write!(f, "status-{code}"),
            (None, Self::ClockSkew { minutes, in_samples }) => {
                write!(f, "clock {minutes} {in_samples}")
            }
            // All other faults are in the table.
            (None, _) => Ok(()),
        }
    }
}

/// The identifier of the kind.
impl fmt::Display for ActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Visit { action, times } => write!(f, "visit {action} {times}"),
            Self::Use { workload, action, times } => write!(f, "cause {workload} {action} {times}"),
            Self::Traffic { factor } => write!(f, "traffic {factor}"),
            Self::RestartContainer => f.write_str("restart"),
            Self::Workload(change) => {
                let known = WorkloadChange::IDS.iter().find(|(known, _)| known == change);
                f.write_str(known.map_or("", |(_, id)| id))
            }
            Self::Fault(fault) => fault.fmt(f),
            Self::StopPrometheus => f.write_str("down"),
            Self::ReloadConfiguration => f.write_str("reload"),
        }
    }
}

/// The identifier of the scope; `*` for everything.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Process(key) => key.fmt(f),
            Self::Workload(workload) => workload.fmt(f),
        }
    }
}

impl fmt::Display for ProcessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, pod, container, port } = self;
        write!(f, "{namespace}/{pod}/{container}:{port}")
    }
}

impl fmt::Display for WorkloadRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

impl ProcessKey {
    /// Parses `NAMESPACE/POD/CONTAINER:PORT`.
    pub fn parse(text: &str) -> Option<Self> {
        let (place, port) = text.rsplit_once(':')?;
        let mut parts = place.splitn(3, '/').map(str::to_owned);
        let (namespace, pod, container) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { namespace, pod, container, port: port.parse().ok()? })
    }
}

impl WorkloadRef {
    fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once(' ')?;
        let (namespace, name) = name.split_once('/')?;
        Some(Self { kind: kind.to_owned(), namespace: namespace.to_owned(), name: name.to_owned() })
    }
}

impl Action {
    /// Parses the text that earlier versions of the page stored: `skip`, `KIND @ SCOPE @ SECONDS`,
    /// or `end` before the latter. Returns None for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "skip" {
            return Some(Self::SkipDelays);
        }
        match text.strip_prefix("end ") {
            Some(text) => Choice::parse(text).map(Self::End),
            None => Choice::parse(text).map(Self::Start),
        }
    }
}

impl Choice {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(" @ ");
        let kind = ActionKind::parse(parts.next()?)?;
        let mut choice = Self::from(kind);
        for part in parts {
            match part.parse() {
                Ok(seconds) => choice.duration = Some(seconds),
                Err(_) => choice.scope = Scope::parse(part)?,
            }
        }
        Some(choice)
    }
}

impl Scope {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::All);
        }
        ProcessKey::parse(text)
            .map(Self::Process)
            .or_else(|| WorkloadRef::parse(text).map(Self::Workload))
    }
}

impl ActionKind {
    fn parse(text: &str) -> Option<Self> {
        let change = WorkloadChange::IDS.iter().find(|(_, id)| *id == text);
        if let Some((change, _)) = change {
            return Some(Self::Workload(*change));
        }
        if let Some((fault, _)) = Fault::IDS.iter().find(|(_, id)| *id == text) {
            return Some(Self::Fault(*fault));
        }
        if let Some(code) = text.strip_prefix("status-") {
            return Some(Self::Fault(Fault::Status(code.parse().ok()?)));
        }
        match text {
            "restart" => return Some(Self::RestartContainer),
            "down" => return Some(Self::StopPrometheus),
            "reload" => return Some(Self::ReloadConfiguration),
            _ => {}
        }
        let (word, rest) = text.split_once(' ')?;
        match word {
            "visit" => {
                let (action, times) = rest.rsplit_once(' ')?;
                Some(Self::Visit { action: action.to_owned(), times: times.parse().ok()? })
            }
            "cause" => {
                let (names, times) = rest.rsplit_once(' ')?;
                let (workload, action) = names.rsplit_once(' ')?;
                Some(Self::Use {
                    workload: workload.to_owned(),
                    action: action.to_owned(),
                    times: times.parse().ok()?,
                })
            }
            "traffic" => Some(Self::Traffic { factor: rest.parse().ok()? }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process() -> Scope {
        let names = ["default", "web-0", "web"].map(str::to_owned);
        let [namespace, pod, container] = names;
        Scope::Process(ProcessKey { namespace, pod, container, port: 8080 })
    }

    fn kinds() -> Vec<ActionKind> {
        let faults = Fault::IDS.map(|(fault, _)| ActionKind::Fault(fault));
        let changes = WorkloadChange::IDS.map(|(change, _)| ActionKind::Workload(change));
        let text = str::to_owned;
        let others = [
            ActionKind::Visit { action: text("buy a card"), times: 3 },
            ActionKind::Use { workload: text("giftcard"), action: text("redeem"), times: 10 },
            ActionKind::Traffic { factor: 0.1 },
            ActionKind::RestartContainer,
            ActionKind::Fault(Fault::Status(503)),
            ActionKind::StopPrometheus,
            ActionKind::ReloadConfiguration,
        ];
        faults.into_iter().chain(changes).chain(others).collect()
    }

    #[test]
    fn text_of_earlier_versions_is_read() {
        let workload = Scope::Workload(WorkloadRef {
            kind: "Deployment".into(),
            namespace: "default".into(),
            name: "web".into(),
        });
        for kind in kinds() {
            for scope in [Scope::All, process(), workload.clone()] {
                for duration in [None, Some(0), Some(30)] {
                    let seconds = duration.map(|one| format!(" @ {one}")).unwrap_or_default();
                    let text = format!("{kind} @ {scope}{seconds}");
                    let choice = Choice { kind: kind.clone(), scope: scope.clone(), duration };
                    assert_eq!(Action::parse(&text), Some(Action::Start(choice.clone())), "{text}");
                    assert_eq!(Action::parse(&format!("end {text}")), Some(Action::End(choice)));
                }
            }
            assert_eq!(
                Action::parse(&kind.to_string()),
                Some(Action::Start(Choice::from(kind.clone()))),
                "{kind}"
            );
        }
        assert_eq!(Action::parse("skip"), Some(Action::SkipDelays));
        for other in ["", "end ", "edit 3", "cut @ nowhere", "status-x", "visit", "no such thing"] {
            assert_eq!(Action::parse(other), None, "{other}");
        }
    }

    #[test]
    fn identifiers_are_unique() {
        let ids: std::collections::BTreeSet<String> =
            kinds().iter().map(ActionKind::to_string).collect();
        assert_eq!(ids.len(), kinds().len());
        assert!(!ids.contains(""));
    }
}
