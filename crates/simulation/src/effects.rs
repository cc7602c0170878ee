//! The effects of faults on the answers of a program, for scrapes and for other requests.

use std::sync::Arc;

use go::Duration;
use promql::Timestamp;

use super::events::{Event, EventKind, Fault};
use super::exposition::{Escaping, Format, write};
use super::workload::{Influences, Process, Readings};

/// The effects of faults on a program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaultEffects {
    /// Packets are lost.
    pub cut: bool,
    /// Connections are refused.
    pub crashed: bool,
    /// The time until the answer.
    pub takes: Option<Duration>,
    pub status: Option<u16>,
    pub content_type: Option<Arc<str>>,
    /// The clock skew of the program, and whether its samples have explicit timestamps.
    pub skew: Option<(Duration, bool)>,
}

impl FaultEffects {
    /// The effects of events. Of two faults of one kind the later one counts.
    pub fn of<'a>(events: impl Iterator<Item = &'a Event>) -> Self {
        let mut effects = Self::default();
        for event in events {
            let EventKind::Fault { fault, .. } = &event.kind else { continue };
            match fault {
                Fault::NetworkCut => effects.cut = true,
                Fault::CrashLoop => effects.crashed = true,
                Fault::Slow { takes } => effects.takes = Some(*takes),
                Fault::Status { code } => effects.status = Some(*code),
                Fault::ContentType { content_type } => {
                    effects.content_type = Some(content_type.clone());
                }
                Fault::ClockSkew { by, stamps } => effects.skew = Some((*by, *stamps)),
                Fault::Missed => {}
            }
        }
        effects
    }

    /// The explicit timestamp of all samples, if the program writes one.
    pub fn stamp(&self, t: Timestamp) -> Option<Timestamp> {
        self.skew.filter(|(_, stamps)| *stamps).map(|(by, _)| t + by.millis())
    }
}

impl Process {
    /// Returns the metrics at `t` in a text format. `pinned` are fixed values by the index of the
    /// sample.
    pub fn text(
        &self,
        t: Timestamp,
        influences: Influences<'_>,
        effects: &FaultEffects,
        pinned: &[(usize, f64)],
        (format, escaping): (Format, Escaping),
    ) -> String {
        let mut values = Readings::default();
        self.readings(t, influences, (false, false), &mut values);
        for &(place, value) in pinned {
            if let Some(slot) = values.floats.get_mut(place) {
                *slot = value;
            }
        }
        if let Some((by, _)) = effects.skew {
            shift_times(self, by, &mut values.floats);
        }
        let mut families = self.write_out(values, t, influences);
        if escaping != Escaping::AllowUtf8 {
            families.iter_mut().for_each(|family| family.escape(escaping));
        }
        let text = write(&families, format);
        match effects.stamp(t) {
            Some(stamp) => stamped(&text, format, stamp),
            None => text,
        }
    }
}

/// Adds a timestamp to each sample of a text.
fn stamped(text: &str, format: Format, stamp: Timestamp) -> String {
    let stamp = match format {
        Format::PrometheusText => stamp.to_string(),
        _ => format!("{}.{:03}", stamp.div_euclid(1000), stamp.rem_euclid(1000)),
    };
    let mut stamped = String::with_capacity(text.len() * 5 / 4);
    for line in text.lines() {
        match line.split_once(" # {") {
            _ if line.starts_with('#') || line.is_empty() => stamped.push_str(line),
            Some((sample, exemplar)) => {
                stamped.push_str(&format!("{sample} {stamp} # {{{exemplar}"));
            }
            None => stamped.push_str(&format!("{line} {stamp}")),
        }
        stamped.push('\n');
    }
    stamped
}

/// Shifts values that are times of the program's clock. The process start time is derived from the
/// clock too, because Linux keeps the age of processes.
pub(super) fn shift_times(process: &Process, by: Duration, values: &mut [f64]) {
    const TIMES: [&str; 3] =
        ["process_start_time_seconds", "node_time_seconds", "node_boot_time_seconds"];
    for (sample, value) in process.plan().samples.iter().zip(values) {
        if TIMES.contains(&sample.labels.metric_name()) {
            *value += by.seconds();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sample_has_a_timestamp() {
        let text =
            "# TYPE a counter\na_total 1\na_bucket{le=\"1\"} 2 # {trace_id=\"x\"} 0.5\n# EOF\n";
        let expected = "# TYPE a counter\na_total 1 1.005\n\
                        a_bucket{le=\"1\"} 2 1.005 # {trace_id=\"x\"} 0.5\n# EOF\n";
        assert_eq!(stamped(text, Format::OpenMetrics, 1_005), expected);
        assert_eq!(stamped("a 1\n", Format::PrometheusText, 1_005), "a 1 1005\n");
    }
}
