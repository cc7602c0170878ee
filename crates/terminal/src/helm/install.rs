//! `helm install` and `helm upgrade`.
//!
//! Source: helm pkg/cmd install.go, upgrade.go; pkg/action install.go, upgrade.go.

use ::helm::capabilities::Capabilities;
use ::helm::chart::Chart;
use ::helm::coalesce::{Nulls, coalesce_tables, coalesce_values};
use ::helm::engine::ReleaseOptions;
use ::helm::log::Level;
use ::helm::manifests::Event;
use ::helm::release::{Options, Resources, process_dependencies, resources};
use go::quote::quote;
use go::template::Entries;

use super::flags::Arguments;
use super::load::{check_name, name_and_chart};
use super::store::{Release, State};
use super::{Helm, Session, UNREACHABLE, cluster, show, store};

/// The dry-run strategy of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DryRun {
    None,
    Client,
    Server,
}

/// The flag `--dry-run`. Source: pkg/cmd flags.go `cmdGetDryRunFlagStrategy`.
fn dry_run(arguments: &Arguments, session: &mut Session) -> Result<DryRun, String> {
    let deprecated = |session: &mut Session, given: &str, instead: &str| {
        let text =
            format!("{given} is deprecated and should be replaced with '--dry-run={instead}'");
        session.log.add(Level::Warn, text, &[]);
    };
    Ok(match arguments.value("dry-run") {
        None | Some("none") => DryRun::None,
        Some("client") => DryRun::Client,
        Some("server") => DryRun::Server,
        Some("unset") => {
            deprecated(session, "--dry-run", "client");
            DryRun::Client
        }
        Some("true") => {
            deprecated(session, "boolean '--dry-run=true' flag", "client");
            DryRun::Client
        }
        Some("false") => {
            deprecated(session, "boolean '--dry-run=false' flag", "none");
            DryRun::None
        }
        Some(other) => {
            return Err(format!(
                "invalid dry-run value ({}). Must be \"none\", \"server\", or \"client\"",
                quote(other)
            ));
        }
    })
}

impl Helm<'_> {
    pub(super) fn install(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), String> {
        let installed = self.install_release(arguments, session, arguments.is_on("replace"));
        let release = installed.map_err(|error| format!("INSTALLATION FAILED: {error}"))?;
        self.print_result(&release, arguments, session)
    }

    fn print_result(
        &self,
        release: &Release,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), String> {
        show::print_status(release, None, arguments.is_on("hide-notes"), session);
        Ok(())
    }

    /// Renders a chart for a release, with what the cluster is like.
    #[allow(clippy::too_many_arguments, reason = "the inputs of one rendering")]
    fn rendered(
        &self,
        chart: &Chart,
        values: &Entries,
        options: &ReleaseOptions,
        dry_run: DryRun,
        capabilities: &Capabilities,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<Resources, String> {
        let lookup = |api_version: &str, kind: &str, namespace: &str, name: &str| match &self.server
        {
            Some(server) => cluster::lookup(server, api_version, kind, namespace, name),
            None => Ok(None),
        };
        let options_of_release = Options {
            skip_schema: arguments.is_on("skip-schema-validation"),
            all_notes: arguments.is_on("render-subchart-notes"),
            hide_secrets: arguments.is_on("hide-secret"),
            lookup: (dry_run != DryRun::Client).then_some(&lookup),
            ..Options::default()
        };
        resources(chart, values, options, capabilities, options_of_release, &mut session.log)
            .map_err(|failure| failure.message().to_owned())
    }

    fn install_release(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
        replace: bool,
    ) -> Result<Release, String> {
        let dry_run = dry_run(arguments, session)?;
        let version = arguments.value("version").unwrap_or_default();
        session.log.add(Level::Debug, "Original chart version", &[("version", version)]);
        let now = self.server.as_ref().map_or(0, |server| server.time());
        let (name, chart) = name_and_chart(arguments, None, now)?;
        let (mut chart, values) = self.chart_and_values(&chart, arguments, session)?;
        let namespace = self.namespace(arguments).to_owned();
        let hide = arguments.is_on("hide-secret") && dry_run == DryRun::None;
        if hide {
            let error = "hiding Kubernetes secrets requires a dry-run mode";
            session.log.add(Level::Error, error, &[]);
            return Err(error.to_owned());
        }
        let free = self.check_free(&name, &namespace, dry_run, replace);
        logged(free, "release name check failed", session)?;
        let processed = process_dependencies(&mut chart, &values, &mut session.log);
        logged(processed, "chart dependencies processing failed", session)?;
        self.install_crds(&chart, &namespace, dry_run, arguments, session)?;
        let capabilities = match (dry_run, &self.server) {
            (DryRun::Client, _) => Capabilities::default(),
            (_, Some(server)) => cluster::capabilities(server),
            (_, None) => return Err(UNREACHABLE.to_owned()),
        };
        let options = ReleaseOptions {
            name: name.clone(),
            namespace: namespace.clone(),
            revision: 1,
            is_upgrade: false,
            is_install: true,
        };
        let rendered =
            self.rendered(&chart, &values, &options, dry_run, &capabilities, arguments, session)?;
        let mut release = Release {
            name,
            namespace,
            revision: 1,
            state: State::PendingInstall,
            description: "Initial install underway".to_owned(),
            first_deployed: now,
            last_deployed: now,
            notes: rendered.notes,
            chart,
            config: values,
            manifest: rendered.manifest,
            hooks: rendered.hooks,
        };
        if dry_run == DryRun::Client {
            release.description = "Dry run complete".to_owned();
            return Ok(release);
        }
        self.install_on_cluster(release, dry_run, arguments)
    }

    /// Checks that the name of a release can be used.
    fn check_free(
        &self,
        name: &str,
        namespace: &str,
        dry_run: DryRun,
        replace: bool,
    ) -> Result<(), String> {
        check_name(name).map_err(|error| format!("release name {}: {error}", quote(name)))?;
        let (DryRun::None, Some(server)) = (dry_run, &self.server) else { return Ok(()) };
        match store::get(server, namespace, name, None) {
            Err(_) => Ok(()),
            Ok(last) if replace && matches!(last.state, State::Uninstalled | State::Failed) => {
                Ok(())
            }
            Ok(_) => Err("cannot reuse a name that is still in use".to_owned()),
        }
    }

    /// Creates the definitions in `crds/` that are not there yet.
    fn install_crds(
        &mut self,
        chart: &Chart,
        namespace: &str,
        dry_run: DryRun,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), String> {
        let crds = chart.crds(chart.name());
        if crds.is_empty() || dry_run == DryRun::Client || arguments.is_on("skip-crds") {
            return Ok(());
        }
        if dry_run == DryRun::Server {
            session.log.add(Level::Warn, "This chart or one of its subcharts contains CRDs. Rendering may fail or contain inaccuracies.", &[]);
            return Ok(());
        }
        let Some(server) = self.server.as_deref_mut() else { return Ok(()) };
        for crd in crds {
            let text = String::from_utf8_lossy(&crd.data);
            let failed = |error: String| format!("failed to install CRD {}: {error}", crd.name);
            let mut resources = cluster::build(server, &text, namespace).map_err(failed)?;
            resources.retain(|one| server.get(one.kind, &one.namespace, &one.name).is_err());
            cluster::apply_all(server, &resources, false).map_err(failed)?;
        }
        Ok(())
    }

    fn install_on_cluster(
        &mut self,
        mut release: Release,
        dry_run: DryRun,
        arguments: &Arguments,
    ) -> Result<Release, String> {
        let server = self.server.as_deref_mut().ok_or(UNREACHABLE)?;
        let mut target =
            cluster::build(server, &release.manifest, &release.namespace).map_err(|error| {
                format!("unable to build kubernetes objects from release manifest: {error}")
            })?;
        cluster::take_over(&mut target, &release);
        let adopted =
            cluster::existing(server, &target, &release, arguments.is_on("take-ownership"))
                .map_err(|error| format!("unable to continue with install: {error}"))?;
        if dry_run == DryRun::Server {
            release.description = "Dry run complete".to_owned();
            return Ok(release);
        }
        if arguments.is_on("create-namespace") {
            create_namespace(server, &release.namespace)?;
        }
        if let Ok(mut last) = store::get(server, &release.namespace, &release.name, None) {
            release.revision = last.revision + 1;
            if last.state != State::Failed {
                last.state = State::Superseded;
                last.description = "superseded by new release".to_owned();
                store::update(server, &last);
            }
        }
        store::create(server, &release)?;
        let hooks = !arguments.is_on("no-hooks");
        let force = !adopted.is_empty() && arguments.is_on("force-conflicts");
        let run = |event, server: &mut _, release: &_| match hooks {
            true => cluster::run_hooks(server, release, event),
            false => Ok(()),
        };
        let done = run(Event::PreInstall, server, &release)
            .map_err(|error| format!("failed pre-install: {error}"))
            .and_then(|()| cluster::apply_all(server, &target, force))
            .and_then(|()| {
                run(Event::PostInstall, server, &release)
                    .map_err(|error| format!("failed post-install: {error}"))
            });
        match &done {
            Ok(()) => {
                release.state = State::Deployed;
                let description = arguments.value("description").filter(|text| !text.is_empty());
                release.description = description.unwrap_or("Install complete").to_owned();
            }
            Err(error) => {
                release.state = State::Failed;
                let name = quote(&release.name);
                release.description = format!("Release {name} failed: {error}");
            }
        }
        store::update(server, &release);
        done.map(|()| release)
    }

    pub(super) fn upgrade(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), String> {
        let [name, chart] = arguments.words.as_slice() else { return Ok(()) };
        let dry_run = dry_run(arguments, session)?;
        let namespace = self.namespace(arguments).to_owned();
        let server = self.server.as_deref().ok_or(UNREACHABLE)?;
        if arguments.is_on("install") {
            let last = store::get(server, &namespace, name, None).ok();
            let is_uninstalled = last.as_ref().is_some_and(|last| last.state == State::Uninstalled);
            if last.is_none() || is_uninstalled {
                let name = quote(name);
                session.output.out(format!("Release {name} does not exist. Installing it now."));
                let release = self.install_release(arguments, session, is_uninstalled)?;
                return self.print_result(&release, arguments, session);
            }
        }
        let (mut chart, values) = self.chart_and_values_of_upgrade(chart, arguments, session)?;
        let upgraded =
            self.upgrade_release(name, &namespace, &mut chart, values, dry_run, arguments, session);
        let release = upgraded.map_err(|error| format!("UPGRADE FAILED: {error}"))?;
        let name = quote(name);
        session.output.out(format!("Release {name} has been upgraded. Happy Helming!"));
        self.print_result(&release, arguments, session)
    }

    #[allow(clippy::too_many_arguments, reason = "the inputs of one command")]
    fn upgrade_release(
        &mut self,
        name: &str,
        namespace: &str,
        chart: &mut Chart,
        values: Entries,
        dry_run: DryRun,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<Release, String> {
        check_name(name).map_err(|_| format!("release name is invalid: {name}"))?;
        let server = self.server.as_deref().ok_or(UNREACHABLE)?;
        let no_deployed = || format!("{} has no deployed releases", quote(name));
        let history = store::history(server, namespace, name).map_err(|_| no_deployed())?;
        let last = history.last().cloned().ok_or_else(no_deployed)?;
        if last.state.is_pending() {
            return Err("another operation (install/upgrade/rollback) is in progress".to_owned());
        }
        let deployed = history.iter().rev().find(|release| release.state == State::Deployed);
        let current = match deployed {
            Some(release) => release.clone(),
            None if matches!(last.state, State::Failed | State::Superseded) => last.clone(),
            None => return Err(no_deployed()),
        };
        let capabilities = cluster::capabilities(server);
        let now = server.time();
        let values = reuse_values(chart, &current, values, arguments, session)?;
        process_dependencies(chart, &values, &mut session.log)?;
        let revision = last.revision + 1;
        let options = ReleaseOptions {
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            revision,
            is_upgrade: true,
            is_install: false,
        };
        let rendered =
            self.rendered(chart, &values, &options, dry_run, &capabilities, arguments, session)?;
        let release = Release {
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            revision,
            state: State::PendingUpgrade,
            description: "Preparing upgrade".to_owned(),
            first_deployed: current.first_deployed,
            last_deployed: now,
            notes: rendered.notes,
            chart: chart.clone(),
            config: values,
            manifest: rendered.manifest,
            hooks: rendered.hooks,
        };
        self.upgrade_on_cluster(current, release, dry_run, arguments, session)
    }

    fn upgrade_on_cluster(
        &mut self,
        mut current: Release,
        mut release: Release,
        dry_run: DryRun,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<Release, String> {
        let server = self.server.as_deref_mut().ok_or(UNREACHABLE)?;
        let namespace = release.namespace.clone();
        let mut target = cluster::build(server, &release.manifest, &namespace)?;
        let old = cluster::build(server, &current.manifest, &namespace).map_err(|error| {
            format!("unable to build kubernetes objects from current release manifest: {error}")
        })?;
        cluster::take_over(&mut target, &release);
        let is_new = |one: &&cluster::Resource| !old.iter().any(|other| other.is_same(one));
        let new: Vec<cluster::Resource> = target.iter().filter(is_new).cloned().collect();
        cluster::existing(server, &new, &release, arguments.is_on("take-ownership"))
            .map_err(|error| format!("unable to continue with update: {error}"))?;
        let description = arguments.value("description").filter(|text| !text.is_empty());
        if dry_run != DryRun::None {
            release.description = description.unwrap_or("Dry run complete").to_owned();
            return Ok(release);
        }
        let max = arguments.value("history-max").and_then(|max| max.parse().ok()).unwrap_or(10);
        store::make_room(server, &namespace, &release.name, max);
        store::create(server, &release)?;
        let hooks = !arguments.is_on("no-hooks");
        let run = |event, server: &mut _, release: &_| match hooks {
            true => cluster::run_hooks(server, release, event),
            false => Ok(()),
        };
        let done = run(Event::PreUpgrade, server, &release)
            .map_err(|error| format!("pre-upgrade hooks failed: {error}"))
            .and_then(|()| {
                cluster::update(server, &old, &target, arguments.is_on("force-conflicts"))
            })
            .and_then(|()| {
                run(Event::PostUpgrade, server, &release)
                    .map_err(|error| format!("post-upgrade hooks failed: {error}"))
            });
        match &done {
            Ok(()) => {
                current.state = State::Superseded;
                store::update(server, &current);
                release.state = State::Deployed;
                release.description = description.unwrap_or("Upgrade complete").to_owned();
            }
            Err(error) => {
                let attributes = [("name", &*release.name), ("error", error)];
                session.log.add(Level::Warn, "upgrade failed", &attributes);
                release.state = State::Failed;
                release.description = format!("Upgrade {} failed: {error}", quote(&release.name));
            }
        }
        store::update(server, &release);
        done.map(|()| release)
    }
}

/// Logs an error with a message, and puts the message before it.
fn logged(done: Result<(), String>, message: &str, session: &mut Session) -> Result<(), String> {
    done.map_err(|error| {
        session.log.add(Level::Error, message, &[("error", &error)]);
        format!("{message}: {error}")
    })
}

fn create_namespace(
    server: &mut ::cluster::apiserver::ApiServer,
    name: &str,
) -> Result<(), String> {
    let name = quote(name);
    let manifest = format!(
        "apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{name: {name}}}}}\n"
    );
    let mut namespaces = cluster::build(server, &manifest, "")?;
    namespaces.retain(|one| server.get(one.kind, "", &one.name).is_err());
    cluster::apply_all(server, &namespaces, false)
}

/// The user's values of an upgrade. Source: upgrade.go `reuseValues`.
fn reuse_values(
    chart: &mut Chart,
    current: &Release,
    mut values: Entries,
    arguments: &Arguments,
    session: &mut Session,
) -> Result<Entries, String> {
    let log = &mut session.log;
    if arguments.is_on("reset-values") {
        return Ok(values);
    }
    if arguments.is_on("reuse-values") {
        let old = coalesce_values(&current.chart, &current.config, Nulls::Remove, log);
        let old = old.map_err(|error| format!("failed to rebuild old values: {error}"))?;
        coalesce_tables(&mut values, &current.config, "", Nulls::Remove, log);
        chart.values = old;
        return Ok(values);
    }
    if arguments.is_on("reset-then-reuse-values") {
        coalesce_tables(&mut values, &current.config, "", Nulls::Remove, log);
        return Ok(values);
    }
    if values.is_empty() { Ok(current.config.clone()) } else { Ok(values) }
}
