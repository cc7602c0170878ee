//! `kubectl run`: one pod from flags.
//!
//! Source: kubectl pkg/cmd/run/run.go, pkg/generate/versioned/run.go.

use go::quote::quote;
use kubernetes::object::Value;

use super::create::container;
use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::{Kubectl, Session, plain};

/// Flags of `run` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[
    Flag::new("annotations", Form::Array),
    Flag::new("attach", Form::Switch),
    Flag::new("command", Form::Switch),
    Flag::new("env", Form::Array),
    Flag::new("expose", Form::Switch),
    Flag::new("image", Form::Text),
    Flag::new("image-pull-policy", Form::Text),
    Flag::short("labels", 'l', Form::Text),
    Flag::new("leave-stdin-open", Form::Switch),
    Flag::new("override-type", Form::Text),
    Flag::new("overrides", Form::Text),
    Flag::new("pod-running-timeout", Form::Duration),
    Flag::new("port", Form::Text),
    Flag::new("privileged", Form::Switch),
    Flag::short("quiet", 'q', Form::Switch),
    Flag::new("restart", Form::Text),
    Flag::new("rm", Form::Switch),
    Flag::short("stdin", 'i', Form::Switch),
    Flag::short("tty", 't', Form::Switch),
];

impl Kubectl<'_> {
    /// `kubectl run`.
    pub(super) fn run_pod(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let Some(name) = arguments.words.first().filter(|_| arguments.dash != Some(0)) else {
            return session.usage("NAME is required for run");
        };
        let image = arguments.text("image").unwrap_or_default();
        if image.is_empty() {
            return plain("--image is required");
        }
        let restart = arguments.text("restart").unwrap_or("Always");
        if !matches!(restart, "Always" | "OnFailure" | "Never") {
            return plain(format!("invalid restart policy: {restart}"));
        }
        if ["stdin", "tty", "attach"].iter().any(|flag| arguments.is(flag)) {
            return plain(
                "this terminal cannot attach to a container; run the pod without -i, -t and --attach, then use kubectl logs",
            );
        }
        if arguments.is("rm") {
            return plain("--rm should only be used for attached containers");
        }
        let port = arguments.text("port").filter(|port| !port.is_empty());
        if arguments.is("expose") && port.is_none() {
            return plain("--port must be set when exposing a service");
        }
        let pod = match pod(name, image, restart, arguments) {
            Ok(pod) => pod,
            Err(message) => return plain(message),
        };
        if let Some(port) = port.filter(|_| arguments.is("expose")) {
            let service = service(name, port, &pod);
            let failures = self.make(service, "", "created", arguments, session);
            if !failures.is_empty() {
                return failures;
            }
            if arguments.text("output") == Some("yaml") {
                session.print("---");
            }
        }
        self.make(pod, "", "created", arguments, session)
    }
}

/// Reads `app=api,tier=back`.
pub(super) fn labels(text: &str) -> Result<Value, String> {
    let mut labels = Value::map();
    for pair in text.split(',').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some((key, value)) if !value.contains('=') => labels.set(key, value),
            _ => return Err(format!("unexpected label spec: {pair}")),
        }
    }
    Ok(labels)
}

fn pod(name: &str, image: &str, restart: &str, arguments: &Arguments) -> Result<Value, String> {
    let mut container = container(name, image);
    let words: Vec<Value> =
        arguments.words.iter().skip(1).map(|word| word.as_str().into()).collect();
    if !words.is_empty() {
        container.set(if arguments.is("command") { "command" } else { "args" }, words);
    }
    let mut variables = Vec::new();
    for text in arguments.list("env") {
        let pair = text.split_once('=').filter(|(key, _)| !key.is_empty());
        let (key, value) = pair.ok_or_else(|| format!("invalid env: {text}"))?;
        let mut variable = Value::map();
        variable.set("name", key);
        variable.set("value", value);
        variables.push(variable);
    }
    if !variables.is_empty() {
        container.set("env", variables);
    }
    if let Some(policy) = arguments.text("image-pull-policy").filter(|text| !text.is_empty()) {
        container.set("imagePullPolicy", policy);
    }
    if let Some(port) = arguments.text("port").filter(|port| !port.is_empty()) {
        let number: i64 = port
            .parse()
            .map_err(|_| format!("strconv.Atoi: parsing {}: invalid syntax", quote(port)))?;
        let mut port = Value::map();
        port.set("containerPort", number);
        container.set("ports", vec![port]);
    }
    if arguments.is("privileged") {
        container.entry("securityContext").set("privileged", true);
    }
    let mut pod = Value::map();
    pod.set("apiVersion", "v1");
    pod.set("kind", "Pod");
    let metadata = pod.entry("metadata");
    metadata.set("name", name);
    match arguments.text("labels").filter(|text| !text.is_empty()) {
        Some(text) => metadata.set("labels", labels(text)?),
        None => metadata.entry("labels").set("run", name),
    }
    for annotation in arguments.list("annotations") {
        if let Some((key, value)) = annotation.split_once('=') {
            metadata.entry("annotations").set(key, value);
        }
    }
    let spec = pod.entry("spec");
    spec.set("containers", vec![container]);
    spec.set("dnsPolicy", "ClusterFirst");
    spec.set("restartPolicy", restart);
    pod.set("status", Value::map());
    Ok(pod)
}

/// The Service of `--expose`.
fn service(name: &str, port: &str, pod: &Value) -> Value {
    let mut service = Value::map();
    service.set("apiVersion", "v1");
    service.set("kind", "Service");
    service.entry("metadata").set("name", name);
    let number: Value = port.parse::<i64>().map_or(Value::Null, Into::into);
    let mut entry = Value::map();
    entry.set("port", number.clone());
    entry.set("protocol", "TCP");
    entry.set("targetPort", number);
    let spec = service.entry("spec");
    spec.set("ports", vec![entry]);
    spec.set("selector", pod["metadata"]["labels"].clone());
    service.entry("status").set("loadBalancer", Value::map());
    service
}
