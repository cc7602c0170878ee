//! `helm template`.
//!
//! Source: helm pkg/cmd template.go, pkg/action install.go.

use ::helm::capabilities::Capabilities;
use ::helm::engine::ReleaseOptions;
use ::helm::log::Level;
use ::helm::manifests::{Event, split};
use ::helm::release::{Failure, Options, Resources, document, process_dependencies, resources};
use go::quote::quote;

use super::flags::Arguments;
use super::load::{check_name, kube_version, name_and_chart};
use super::{Helm, Session};

/// The name of a release that is only rendered.
const DEFAULT_NAME: &str = "release-name";

impl Helm<'_> {
    pub(super) fn template(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), String> {
        let kube_version = kube_version(arguments)?;
        let version = arguments.value("version").unwrap_or_default();
        session.log.add(Level::Debug, "Original chart version", &[("version", version)]);
        let (name, chart) = name_and_chart(arguments, Some(DEFAULT_NAME), 0)?;
        let (mut chart, values) = self.chart_and_values(&chart, arguments, session)?;
        if let Err(error) = check_name(&name) {
            let error = format!("release name {}: {error}", quote(&name));
            session.log.add(Level::Error, "release name check failed", &[("error", &error)]);
            return Err(format!("release name check failed: {error}"));
        }
        if let Err(error) = process_dependencies(&mut chart, &values, &mut session.log) {
            let message = "chart dependencies processing failed";
            session.log.add(Level::Error, message, &[("error", &error)]);
            return Err(format!("{message}: {error}"));
        }
        let mut capabilities = Capabilities::default();
        if let Some(version) = kube_version {
            capabilities.kube_version = version;
        }
        capabilities.api_versions.extend(arguments.slice("api-versions"));
        let is_upgrade = arguments.is_on("is-upgrade");
        let release = ReleaseOptions {
            name,
            namespace: self.namespace(arguments).to_owned(),
            revision: 1,
            is_upgrade,
            is_install: !is_upgrade,
        };
        let options = Options {
            skip_schema: arguments.is_on("skip-schema-validation"),
            include_crds: arguments.is_on("include-crds"),
            ..Options::default()
        };
        let log = &mut session.log;
        match resources(&chart, &values, &release, &capabilities, options, log) {
            Ok(resources) => self.print(arguments, &resources, &release.name, session),
            Err(Failure::Templates { message, partial }) if session.debug => {
                self.print(arguments, &partial, &release.name, session)?;
                Err(message)
            }
            Err(Failure::Templates { message, .. }) => {
                Err(format!("{message}\n\nUse --debug flag to render out invalid YAML"))
            }
            Err(Failure::Values(message)) => Err(message),
        }
    }

    fn print(
        &mut self,
        arguments: &Arguments,
        resources: &Resources,
        release: &str,
        session: &mut Session,
    ) -> Result<(), String> {
        if let Some(folder) = arguments.value("output-dir").filter(|folder| !folder.is_empty()) {
            let folder = match arguments.is_on("release-name") {
                true => go::path::join(&[folder, release]),
                false => folder.to_owned(),
            };
            self.write(&folder, arguments, resources, session);
            session.output.out("");
            return Ok(());
        }
        let mut text = format!("{}\n", resources.manifest.trim());
        for hook in shown_hooks(arguments, resources) {
            text.push_str(&document(&hook.path, &hook.manifest));
        }
        let wanted = arguments.array("show-only");
        if wanted.is_empty() {
            session.output.stdout.push_str(&text);
            return Ok(());
        }
        let documents = split(&text);
        let mut shown = Vec::new();
        for pattern in &wanted {
            let matches: Vec<&String> =
                documents.iter().filter(|document| is_from(document, pattern)).collect();
            if matches.is_empty() {
                return Err(format!("could not find template {pattern} in chart"));
            }
            shown.extend(matches);
        }
        for document in shown {
            session.output.stdout.push_str(&format!("---\n{document}\n"));
        }
        Ok(())
    }

    /// Writes each template's documents into a file.
    fn write(
        &mut self,
        folder: &str,
        arguments: &Arguments,
        resources: &Resources,
        session: &mut Session,
    ) {
        let manifests = resources.manifests.iter().map(|one| (&one.path, &one.content));
        let hooks = shown_hooks(arguments, resources);
        let hooks = hooks.into_iter().map(|hook| (&hook.path, &hook.manifest));
        let mut written: Vec<String> = Vec::new();
        for (path, content) in manifests.chain(hooks) {
            let path = format!("{folder}/{path}");
            let mut bytes = match written.contains(&path) {
                true => self.files.read(&path).unwrap_or_default().to_vec(),
                false => Vec::new(),
            };
            let source =
                path.strip_prefix(folder).map_or(&*path, |path| path.trim_start_matches('/'));
            bytes.extend(document(source, content).bytes());
            self.files.write(&path, bytes);
            session.output.out(format!("wrote {path}"));
            written.push(path);
        }
    }
}

fn shown_hooks<'r>(
    arguments: &Arguments,
    resources: &'r Resources,
) -> Vec<&'r ::helm::manifests::Hook> {
    if arguments.is_on("no-hooks") {
        return Vec::new();
    }
    let skip_tests = arguments.is_on("skip-tests");
    let hooks = resources.hooks.iter();
    hooks.filter(|hook| !skip_tests || !hook.events.contains(&Event::Test)).collect()
}

/// Returns true if a document comes from a template whose path after the chart's name matches.
fn is_from(document: &str, pattern: &str) -> bool {
    let source = document.lines().find_map(|line| line.split_once("# Source: "));
    let path = source.and_then(|(_, path)| path.split_once('/'));
    path.is_some_and(|(_, path)| go::path::matches(pattern, path))
}
