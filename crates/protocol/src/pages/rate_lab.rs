//! Page "Rate lab": the computation of `rate` and similar functions over samples that can be changed.

use serde::{Deserialize, Serialize};

use crate::lab::{Function, Lab, LabAction, RangeMode, Timestamp, preset, update};
use crate::labels::Labels;

/// A lab, and the preset or series that it started from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Query {
    pub lab: Box<Lab>,
    /// The identifier of the preset that the lab started from.
    pub preset: Option<String>,
    /// A series of the simulation that replaces the lab.
    pub series: Option<SeriesWindow>,
    /// Offers series whose name contains this text.
    pub search: Option<String>,
    pub export: Option<Export>,
}

/// Files for other tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Export {
    OpenMetrics,
    Script,
    UnitTest,
}

impl Default for Query {
    fn default() -> Self {
        Self::of_preset("fractional")
    }
}

impl Query {
    /// The lab of a preset; the default lab if there is no such preset.
    pub fn of_preset(id: &str) -> Self {
        let found = preset(id);
        Self {
            lab: found.map_or_else(Lab::default, |found| (found.lab)()).into(),
            preset: found.map(|found| found.id.to_owned()),
            series: None,
            search: None,
            export: None,
        }
    }

    /// The lab as it started: the preset's lab, or the series without changes.
    pub fn reset(&self) -> Self {
        let export = self.export;
        match &self.preset {
            Some(id) => Self { export, ..Self::of_preset(id) },
            None => Self { lab: update(&self.lab, LabAction::Undo).into(), ..self.clone() },
        }
    }

    /// The lab of a series of the simulation.
    pub fn of_series(series: SeriesWindow) -> Self {
        Self { preset: None, series: Some(series), ..Self::default() }
    }
}

/// Times are milliseconds from the lab's beginning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// The query with the lab that is drawn: it includes the series that was taken, and all numbers
    /// are in their limits.
    pub query: Query,
    /// Identifiers and questions of the presets.
    pub presets: Vec<(String, String)>,
    /// The result in one or two sentences; text between `**` is emphasized.
    pub answer: String,
    pub promql: String,
    pub dots: Vec<Dot>,
    /// Scrapes that are not made.
    pub missed: Vec<Dot>,
    /// The window is `(start, end]`.
    pub start: Timestamp,
    pub end: Timestamp,
    /// The times of events, and the value that the process exposes from then on.
    pub exposed: Vec<(Timestamp, f64)>,
    /// Resets of the counter in the window.
    pub resets: Vec<CounterReset>,
    /// Samples after the values before resets were added.
    pub corrected: Vec<(Timestamp, f64)>,
    /// The extrapolation at the start and at the end.
    pub stretch: Option<[Stretch; 2]>,
    /// The distance from the first sample to the last.
    pub measure: Option<Measure>,
    /// Interpolated values at the ends of the window: time, value.
    pub ends: Vec<(Timestamp, f64)>,
    /// Names and computations.
    pub terms: Vec<(String, String)>,
    pub chosen: VariantRow,
    pub variants: Vec<VariantRow>,
    /// The true number of events, if it is known.
    pub truth: Option<f64>,
    /// Steps of a range query, and their values.
    pub steps: Vec<(Timestamp, String)>,
    /// Samples that no step used.
    pub unused: Vec<Timestamp>,
    /// The number of samples that steps could use.
    pub considered: usize,
    pub choices: Vec<SeriesChoice>,
    /// Names and texts of files.
    pub exported: Vec<(String, String)>,
    /// The reason why a series cannot be used.
    pub note: Option<String>,
}

/// A sample, or a scrape that was not made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dot {
    pub id: u32,
    pub at: Timestamp,
    pub value: f64,
    /// True if the sample is in the window.
    pub inside: bool,
    pub edited: bool,
}

/// A reset: the sample before it, the sample after it, and the correction in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CounterReset {
    pub from: (Timestamp, f64),
    pub to: (Timestamp, f64),
    pub text: String,
}

/// The extrapolation at one end of the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    pub from: Timestamp,
    pub to: Timestamp,
    /// The condition that decided: `8 s < 16.5 s`.
    pub text: String,
}

/// The inputs of the extrapolation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    pub from: Timestamp,
    pub to: Timestamp,
    /// `3 × 15 s`, the average interval.
    pub average: String,
    /// `1 × 1.333`, the increase and the factor.
    pub factor: String,
}

/// The result of one function in one mode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantRow {
    pub function: Function,
    pub mode: RangeMode,
    pub name: String,
    pub note: String,
    pub result: String,
    /// The result as events over the window.
    pub events: String,
    /// The difference from the true number.
    pub error: String,
    pub path: Vec<(f64, f64)>,
}

/// A series of the simulation, up to a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesWindow {
    pub labels: Labels,
    /// Milliseconds since the start.
    pub end: u64,
    pub function: Option<Function>,
    /// Milliseconds.
    pub range: Option<i64>,
}

impl SeriesWindow {
    pub fn name(&self) -> String {
        self.labels.series_name()
    }
}

/// A series to choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesChoice {
    pub series: SeriesWindow,
    pub name: String,
}
