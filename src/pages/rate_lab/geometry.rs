//! Converts times and values to coordinates of the drawing, and back.

use protocol::pages::rate_lab::View as LabView;

/// Space for the label of the window and the lengths of the extrapolation.
pub const TOP: f64 = 54.0;
/// Space for the lanes of windows and the axis.
pub const BOTTOM: f64 = 66.0;
pub const HEIGHT: f64 = 350.0;
const LEFT: f64 = 50.0;
const RIGHT: f64 = 18.0;

/// The scale of the drawing. One unit is about one pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub width: f64,
    length: f64,
    pub low: f64,
    pub high: f64,
}

impl Scale {
    /// Returns a scale that contains all values. The axis starts at zero unless all values are far
    /// from zero.
    pub fn of(view: &LabView, width: f64) -> Self {
        let dots = view.dots.iter().map(|dot| dot.value);
        let lifted = view.corrected.iter().map(|one| one.1);
        let overlays = &view.query.lab.overlays;
        let laid = view.variants.iter().filter(|one| overlays.contains(&(one.function, one.mode)));
        let paths = std::iter::once(&view.chosen).chain(laid).flat_map(|one| &one.path);
        let path = paths.map(|one| one.1);
        let exposed = view.exposed.iter().map(|one| one.1);
        let all = || dots.clone().chain(lifted.clone()).chain(path.clone()).chain(exposed.clone());
        let high = all().fold(f64::NEG_INFINITY, f64::max);
        let low = all().fold(f64::INFINITY, f64::min);
        let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
        let span = (high - low).max(high.abs() * 1e-9).max(f64::MIN_POSITIVE);
        let far = low > span;
        let bottom = if far { low - span * 0.12 } else { low.min(0.0) };
        let top = if span < 1e-9 { bottom + 1.0 } else { high + (high - bottom) * 0.1 };
        Self { width, length: view.query.lab.length.millis().max(1) as f64, low: bottom, high: top }
    }

    pub fn left(self) -> f64 {
        LEFT
    }

    pub fn right(self) -> f64 {
        self.width - RIGHT
    }

    pub fn floor(self) -> f64 {
        HEIGHT - BOTTOM
    }

    pub fn x(self, at: f64) -> f64 {
        LEFT + at / self.length * (self.right() - LEFT)
    }

    pub fn y(self, value: f64) -> f64 {
        let span = (self.high - self.low).max(f64::MIN_POSITIVE);
        self.floor() - (value - self.low) / span * (self.floor() - TOP)
    }

    /// Returns the time and value at a point, rounded to quarter seconds and to whole increments if
    /// one unit is wide enough.
    pub fn under(self, x: f64, y: f64) -> (i64, f64) {
        let at = (x - LEFT) / (self.right() - LEFT) * self.length;
        let at = (at.clamp(0.0, self.length) / 250.0).round() as i64 * 250;
        let value = self.low + (self.floor() - y) / (self.floor() - TOP) * (self.high - self.low);
        let unit = self.unit();
        (at, (value / unit).round() * unit)
    }

    /// The step of values.
    pub fn unit(self) -> f64 {
        let span = self.high - self.low;
        let mut unit = 1.0;
        while unit * 400.0 < span && unit < 1e12 {
            unit *= 10.0;
        }
        while unit * 4.0 > span && unit > 1e-9 {
            unit /= 10.0;
        }
        unit
    }

    /// Values with a grid line, about six.
    pub fn value_marks(self) -> Vec<f64> {
        let rough = (self.high - self.low) / 5.0;
        let power = 10f64.powf(rough.max(f64::MIN_POSITIVE).log10().floor());
        let every =
            [1.0, 2.0, 5.0, 10.0].into_iter().find(|m| m * power >= rough).unwrap_or(10.0) * power;
        let first = (self.low / every).ceil();
        (0..=8)
            .map(|k| (first + f64::from(k)) * every)
            .filter(|value| *value <= self.high)
            .collect()
    }

    /// Times with a label, in milliseconds.
    pub fn time_marks(self) -> Vec<i64> {
        let room = ((self.right() - LEFT) / 64.0).max(2.0);
        let every = [5, 10, 15, 30, 60, 120, 300, 600]
            .into_iter()
            .map(|seconds| seconds * 1000)
            .find(|every| self.length / *every as f64 <= room)
            .unwrap_or(900_000);
        (0..=(self.length as i64 / every)).map(|k| k * every).collect()
    }
}
