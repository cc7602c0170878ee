//! One scrape of a target: the connection, the effects of faults, and the answer of the program.

use super::effects::{FaultEffects, shift_times};
use super::events::{Event, EventKind, Fault, status_line};
use super::exposition::{Escaping, Format, Wire, encoded_len, prototext, write};
use super::families::Family;
use super::signal::{TrafficChange, mix, seed_of, unit};
use super::workload::{Influences, Process, Readings};
use super::world::{FailureDelay, Processes, Reach, Running, TargetSpec};
use go::Duration;
use go::quote::quote;
use promql::Timestamp;

use std::sync::Arc;

/// The input of one scrape.
pub(super) struct ScrapeAttempt<'a> {
    pub spec: &'a TargetSpec,
    pub processes: &'a Processes,
    pub events: &'a [Event],
    pub traffic: &'a [TrafficChange],
    /// The key of the process of the server itself, if it runs in the cluster.
    pub server: Option<&'a str>,
    pub seed: u64,
}

pub(super) struct Response<'a> {
    pub kind: ResponseKind<'a>,
    pub takes: Duration,
}

pub(super) enum ResponseKind<'a> {
    Error(String),
    Status(String),
    Body {
        content_type: Arc<str>,
        text: String,
    },
    /// The samples of a workload. `stamp` is their explicit timestamp.
    Planned {
        process: &'a Process,
        wire: Wire,
        escaping: Escaping,
        bytes: Option<u64>,
        stamp: Option<Timestamp>,
    },
}

impl Event {
    /// Returns true if the event is a fault that affects scrapes of this endpoint.
    fn concerns(&self, reach: &Reach, server: Option<&str>) -> bool {
        let EventKind::Fault { process, fault } = &self.kind else { return false };
        let of_server = |key: &str| server == Some(key);
        match (process, reach) {
            // A network cut of the server affects all targets but the server itself.
            (Some(process), reach) if *fault == Fault::NetworkCut && of_server(process) => {
                !matches!(reach, Reach::Process { key, .. } if key == process)
            }
            (Some(process), Reach::Process { key, .. }) => process == key,
            (Some(_), Reach::Unreachable { .. }) | (_, Reach::Unknown) => false,
            // Faults of all processes do not crash the server or cut it off from itself.
            (None, Reach::Process { key, .. }) => {
                !(matches!(fault, Fault::CrashLoop | Fault::NetworkCut) && of_server(key))
            }
            (None, Reach::Unreachable { .. }) => true,
        }
    }

    pub(super) fn stops_scrapes(&self, reach: &Reach, server: Option<&str>) -> bool {
        let missed = matches!(self.kind, EventKind::Fault { fault: Fault::Missed, .. });
        self.kind.stops_server(server) || (missed && self.concerns(reach, server))
    }
}

const PLAIN: Wire = Wire::Text(Format::PrometheusText);

impl<'a> ScrapeAttempt<'a> {
    /// Makes the scrape at `t`. The values of a workload are written to `values`.
    pub fn at(&self, t: Timestamp, values: &mut Readings) -> Response<'a> {
        let mut takes = self.moment(t);
        if let Some(error) = &self.spec.forced_error {
            return Response { kind: ResponseKind::Error(error.to_string()), takes: Duration(0) };
        }
        if takes >= self.spec.timeout {
            return self.deadline();
        }
        let (key, path) = match &self.spec.reach {
            Reach::Process { key, path } => (key, path),
            Reach::Unreachable { takes: FailureDelay::Timeout, .. } => return self.deadline(),
            Reach::Unreachable { error, .. } => return self.failed(error, takes),
            // The world does not scrape such a target.
            Reach::Unknown => return self.failed("no file says what answers here", Duration(0)),
        };
        let Some(running) = self.processes.get(key) else {
            return self.failed("EOF", takes);
        };
        let restarts = |event: &Event| {
            let restart = matches!(&event.kind, EventKind::Restart { process } if process == key);
            restart && event.lasts_at(t)
        };
        if self.events.iter().any(restarts) {
            return self.refused(takes);
        }
        let effects = self.effects(t);
        if effects.cut {
            return self.deadline();
        }
        if effects.crashed {
            return self.refused(takes);
        }
        takes = effects.takes.unwrap_or(takes);
        if takes >= self.spec.timeout {
            return self.deadline();
        }
        let own = running.spec.status.or(self.spec.refused);
        let own = own.or((running.spec.path != *path).then_some(404));
        if let Some(code) = effects.status.or(own) {
            return Response { kind: ResponseKind::Status(status_line(code)), takes };
        }
        Response { kind: self.answer(running, t, effects, values), takes }
    }

    /// The effects of the faults that last at `t`.
    fn effects(&self, t: Timestamp) -> FaultEffects {
        let lasting = self.events.iter().filter(|event| event.lasts_at(t));
        let concern = lasting.filter(|event| event.concerns(&self.spec.reach, self.server));
        FaultEffects::of(concern)
    }

    fn answer(
        &self,
        running: &'a Running,
        t: Timestamp,
        effects: FaultEffects,
        values: &mut Readings,
    ) -> ResponseKind<'a> {
        if let Some(content_type) = effects.content_type.clone() {
            return ResponseKind::Body { content_type, text: self.text(running, t, PLAIN) };
        }
        let settings = &self.spec.settings;
        let formats = running.process.formats();
        let (wire, escaping) = (settings.wire(formats), settings.escaping(formats));
        let wants = (wire == Wire::Protobuf, settings.histograms.convert);
        running.process.readings(t, self.influences(running), wants, values);
        running.pin(&mut values.floats);
        if let Some((by, _)) = effects.skew {
            shift_times(&running.process, by, &mut values.floats);
        }
        let bytes = (settings.body_size_limit > 0 || settings.extra_scrape_metrics).then(|| {
            let families = self.families(running, t, wire);
            match wire {
                Wire::Text(format) => write(&families, format).len() as u64,
                Wire::Protobuf => encoded_len(&families),
            }
        });
        let stamp = effects.stamp(t);
        ResponseKind::Planned { process: &running.process, wire, escaping, bytes, stamp }
    }

    /// Returns the body. Protobuf is written in text notation.
    pub fn text(&self, running: &Running, t: Timestamp, wire: Wire) -> String {
        match wire {
            Wire::Text(format) => {
                let escaping = self.spec.settings.escaping(running.process.formats());
                let influences = self.influences(running);
                let effects = self.effects(t);
                running.process.text(t, influences, &effects, &running.pinned, (format, escaping))
            }
            Wire::Protobuf => prototext(&self.families(running, t, wire)),
        }
    }

    fn families(&self, running: &Running, t: Timestamp, wire: Wire) -> Vec<Family> {
        let mut values = Readings::default();
        let native = wire == Wire::Protobuf;
        let influences = self.influences(running);
        running.process.readings(t, influences, (native, false), &mut values);
        running.pin(&mut values.floats);
        let mut families = running.process.write_out(values, t, influences);
        let escaping = self.spec.settings.escaping(running.process.formats());
        if escaping != Escaping::AllowUtf8 {
            families.iter_mut().for_each(|family| family.escape(escaping));
        }
        families
    }

    fn influences(&self, running: &'a Running) -> Influences<'a> {
        Influences { changes: self.traffic, extra: Some(&running.extra) }
    }

    /// Returns a duration of a few milliseconds, which depends on target and time.
    fn moment(&self, t: Timestamp) -> Duration {
        let mixed = mix(seed_of(self.seed, &self.spec.url), t as u64);
        Duration(2 + (unit(mixed) * unit(mix(mixed, 1)) * 14.0) as i64)
    }

    fn failed(&self, error: &str, takes: Duration) -> Response<'a> {
        let error = format!("Get {}: {error}", quote(&self.spec.url));
        Response { kind: ResponseKind::Error(error), takes }
    }

    fn deadline(&self) -> Response<'a> {
        self.failed("context deadline exceeded", self.spec.timeout)
    }

    fn refused(&self, takes: Duration) -> Response<'a> {
        let error = format!("dial tcp {}: connect: connection refused", self.spec.dialed);
        self.failed(&error, takes)
    }
}
