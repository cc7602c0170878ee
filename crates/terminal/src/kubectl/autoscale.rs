//! `kubectl autoscale`.
//!
//! Source: kubectl pkg/cmd/autoscale/autoscale.go.

use kubernetes::object::Value;
use kubernetes::object::quantity::Quantity;

use super::builder::Target;
use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::scale::is_scalable;
use super::{Kubectl, Session, plain};

/// Flags of `autoscale` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[
    Flag::new("cpu", Form::Text),
    Flag {
        deprecated: "Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).",
        ..Flag::new("cpu-percent", Form::Int)
    },
    Flag::new("max", Form::Int),
    Flag::new("memory", Form::Text),
    Flag::new("min", Form::Int),
    Flag::new("name", Form::Text),
];

impl Kubectl<'_> {
    /// `kubectl autoscale`.
    pub(super) fn autoscale(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let (min, max) = (arguments.int("min").unwrap_or(-1), arguments.int("max").unwrap_or(-1));
        if max < 1 {
            return plain(format!("--max=MAXPODS is required and must be at least 1, max: {max}"));
        }
        if max < min {
            return plain(format!(
                "--max=MAXPODS must be larger or equal to --min=MINPODS, max: {max}, min: {min}"
            ));
        }
        if arguments.given("cpu") && arguments.given("cpu-percent") {
            return plain("--cpu-percent and --cpu cannot be used together");
        }
        let metrics = match metrics(arguments) {
            Ok(metrics) => metrics,
            Err(message) => return plain(message),
        };
        let (targets, mut failures) = match self.targets(&arguments.words, arguments) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        for target in targets {
            if !is_scalable(target.kind) {
                let resource = target.kind.resource();
                failures.extend(plain(format!(
                    "cannot autoscale a {resource}: the server could not find the requested resource"
                )));
                continue;
            }
            let object = autoscaler(&target, (min, max), &metrics, arguments);
            let made = self.make(object, "", "autoscaled", arguments, session);
            failures.extend(made.into_iter().map(|failure| fall_back(failure, &metrics)));
        }
        failures
    }
}

/// After a refusal kubectl tries the old version of the API, which knows only the use of CPU.
fn fall_back(failure: Failure, metrics: &[Value]) -> Failure {
    let is_old = |metric: &Value| {
        metric["resource"].str("name") == "cpu"
            && metric["resource"]["target"].str("type") == "Utilization"
    };
    if matches!(metrics, [metric] if is_old(metric)) {
        return failure;
    }
    Failure::Plain("failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: empty input".to_owned())
}

/// Targets for CPU and memory.
fn metrics(arguments: &Arguments) -> Result<Vec<Value>, String> {
    let mut metrics = Vec::new();
    let percent = arguments.int("cpu-percent").filter(|percent| *percent > 0);
    if let Some(percent) = percent {
        metrics.push(metric("cpu", "Utilization", "averageUtilization", percent.into()));
    }
    for name in ["cpu", "memory"] {
        let Some(text) = arguments.text(name).filter(|text| !text.is_empty()) else { continue };
        if let Some(percent) = text.strip_suffix('%') {
            let percent: i64 = percent
                .parse()
                .map_err(|_| format!("failed to parse {name} utilization target: {text}"))?;
            metrics.push(metric(name, "Utilization", "averageUtilization", percent.into()));
            continue;
        }
        let quantity = Quantity::parse(text).ok_or_else(|| {
            let error = kubernetes::object::quantity::FORMAT_ERROR;
            format!("failed to parse {name} resource quantity: {error}")
        })?;
        metrics.push(metric(name, "AverageValue", "averageValue", quantity.canonical().into()));
    }
    Ok(metrics)
}

fn metric(name: &str, ty: &str, key: &str, value: Value) -> Value {
    let mut metric = Value::map();
    let resource = metric.entry("resource");
    resource.set("name", name);
    resource.entry("target").set(key, value);
    resource.entry("target").set("type", ty);
    metric.set("type", "Resource");
    metric
}

fn autoscaler(
    target: &Target,
    (min, max): (i64, i64),
    metrics: &[Value],
    arguments: &Arguments,
) -> Value {
    let name = arguments.text("name").filter(|name| !name.is_empty()).unwrap_or(&target.name);
    let mut object = Value::map();
    object.set("apiVersion", "autoscaling/v2");
    object.set("kind", "HorizontalPodAutoscaler");
    object.entry("metadata").set("name", name);
    let spec = object.entry("spec");
    spec.set("maxReplicas", max);
    if min > 0 {
        spec.set("minReplicas", min);
    }
    if !metrics.is_empty() {
        spec.set("metrics", metrics.to_vec());
    }
    let reference = spec.entry("scaleTargetRef");
    reference.set("apiVersion", target.kind.api_version());
    reference.set("kind", target.kind.kind);
    reference.set("name", target.name.as_str());
    let status = object.entry("status");
    status.set("currentMetrics", Value::Null);
    status.set("desiredReplicas", 0);
    object
}
