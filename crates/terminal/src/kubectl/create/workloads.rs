//! `kubectl create deployment`, `create job` and `create cronjob`.
//!
//! Source: kubectl pkg/cmd/create/create_deployment.go, create_job.go, create_cronjob.go.

use kubernetes::object::Value;

use super::super::errors::Failure;
use super::super::flags::{Arguments, Flag, Form};
use super::super::{Kubectl, Session, plain};
use super::{named, one_name};

pub(super) const DEPLOYMENT: &[Flag] = &[
    Flag::new("image", Form::List),
    Flag::new("port", Form::Int),
    Flag::short("replicas", 'r', Form::Int),
];
pub(super) const JOB: &[Flag] = &[Flag::new("from", Form::Text), Flag::new("image", Form::Text)];
pub(super) const CRON_JOB: &[Flag] = &[
    Flag::new("image", Form::Text),
    Flag::new("restart", Form::Text),
    Flag::new("schedule", Form::Text),
];

/// Words after the name: the command of the container.
fn command(arguments: &Arguments) -> Vec<Value> {
    arguments.words.iter().skip(1).map(|word| word.as_str().into()).collect()
}

/// A container as it is before the server has filled in its defaults.
pub(in super::super) fn container(name: &str, image: &str) -> Value {
    let mut container = Value::map();
    container.set("image", image);
    container.set("name", name);
    container.set("resources", Value::map());
    container
}

/// The name of a container from its image. Source: create_deployment.go buildPodSpec.
fn container_name(image: &str) -> String {
    let name = image.rsplit('/').next().unwrap_or_default();
    let name = name.split([':', '@']).next().unwrap_or_default();
    if !name.contains(['_', '.']) {
        return name.to_owned();
    }
    let suffix = kubernetes::hash::suffix(&[image]);
    let suffix = suffix.get(..5).unwrap_or(&suffix);
    format!("{}-{suffix}", name.replace(['_', '.'], "-"))
}

impl Kubectl<'_> {
    pub(super) fn create_deployment(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let name = match one_name(arguments, true, session) {
            Ok(name) => name,
            Err(failures) => return failures,
        };
        let (images, command) = (arguments.list("image"), command(arguments));
        if images.len() > 1 && !command.is_empty() {
            return plain("cannot specify multiple --image options and command");
        }
        let mut containers: Vec<Value> =
            images.iter().map(|image| container(&container_name(image), image)).collect();
        if let Some(first) = containers.first_mut() {
            if let Some(number) = arguments.int("port").filter(|port| *port >= 0) {
                let mut port = Value::map();
                port.set("containerPort", number);
                first.set("ports", vec![port]);
            }
            if !command.is_empty() {
                first.set("command", command);
            }
        }
        let mut object = named("apps/v1", "Deployment", name);
        let mut labels = Value::map();
        labels.set("app", name);
        object.entry("metadata").set("labels", labels.clone());
        let spec = object.entry("spec");
        spec.set("replicas", arguments.int("replicas").unwrap_or(1));
        spec.entry("selector").set("matchLabels", labels.clone());
        spec.set("strategy", Value::map());
        let template = spec.entry("template");
        template.entry("metadata").set("labels", labels);
        template.entry("spec").set("containers", containers);
        object.set("status", Value::map());
        self.make(object, "failed to create deployment:", "created", arguments, session)
    }

    pub(super) fn create_job(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let name = match one_name(arguments, true, session) {
            Ok(name) => name,
            Err(failures) => return failures,
        };
        let text = |flag: &str| arguments.text(flag).unwrap_or_default();
        let (image, from, command) = (text("image"), text("from"), command(arguments));
        if image.is_empty() == from.is_empty() {
            return plain("either --image or --from must be specified");
        }
        if !command.is_empty() && image.is_empty() {
            return plain("cannot specify --from and command");
        }
        let mut object = named("batch/v1", "Job", name);
        if image.is_empty() {
            if let Err(failure) = self.fill_from_cron_job(&mut object, from, arguments) {
                return vec![failure];
            }
        } else {
            object.set("spec", job_spec(name, image, command, "Never"));
        }
        object.set("status", Value::map());
        self.make(object, "failed to create job:", "created", arguments, session)
    }

    /// Makes a Job of the template of a CronJob. Source: createJobFromCronJob.
    fn fill_from_cron_job(
        &self,
        object: &mut Value,
        from: &str,
        arguments: &Arguments,
    ) -> Result<(), Failure> {
        let (targets, mut failures) = self.targets(&[from.to_owned()], arguments)?;
        if let Some(failure) = failures.pop() {
            return Err(failure);
        }
        let source = targets.first().filter(|target| target.kind.kind == "CronJob");
        let Some(source) = source else {
            return Err(Failure::Plain("from must be an existing cronjob".to_owned()));
        };
        let template = &source.object["spec"]["jobTemplate"];
        let metadata = object.entry("metadata");
        for (key, value) in template["metadata"].entries("annotations") {
            metadata.entry("annotations").set(key, value.clone());
        }
        metadata.entry("annotations").set("cronjob.kubernetes.io/instantiate", "manual");
        if template["metadata"].has("labels") {
            metadata.set("labels", template["metadata"]["labels"].clone());
        }
        let mut owner = Value::map();
        owner.set("apiVersion", "batch/v1");
        owner.set("controller", true);
        owner.set("kind", "CronJob");
        owner.set("name", source.name.as_str());
        owner.set("uid", source.object["metadata"].str("uid"));
        metadata.set("ownerReferences", vec![owner]);
        object.set("spec", template["spec"].clone());
        Ok(())
    }

    pub(super) fn create_cron_job(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let name = match one_name(arguments, true, session) {
            Ok(name) => name,
            Err(failures) => return failures,
        };
        let image = arguments.text("image").unwrap_or_default();
        let restart = arguments.text("restart").unwrap_or("OnFailure");
        let mut object = named("batch/v1", "CronJob", name);
        let spec = object.entry("spec");
        spec.entry("jobTemplate").entry("metadata").set("name", name);
        spec.entry("jobTemplate").set("spec", job_spec(name, image, command(arguments), restart));
        spec.set("schedule", arguments.text("schedule").unwrap_or_default());
        object.set("status", Value::map());
        self.make(object, "failed to create cronjob:", "created", arguments, session)
    }
}

fn job_spec(name: &str, image: &str, command: Vec<Value>, restart: &str) -> Value {
    let mut container = container(name, image);
    if !command.is_empty() {
        container.set("command", command);
    }
    let mut spec = Value::map();
    let template = spec.entry("template");
    template.set("metadata", Value::map());
    let pod = template.entry("spec");
    pod.set("containers", vec![container]);
    pod.set("restartPolicy", restart);
    spec
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_named_after_their_images() {
        for (image, name) in [
            ("nginx", "nginx"),
            ("quay.io/prometheus/node-exporter:v1", "node-exporter"),
            ("localhost:5000/app@sha256:abc", "app"),
        ] {
            assert_eq!(container_name(image), name);
        }
        let name = container_name("my_app:1");
        assert!(name.starts_with("my-app-") && name.len() == 12, "{name}");
    }
}
