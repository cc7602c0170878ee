//! `helm rollback`, `helm uninstall`, `helm test`.
//!
//! Source: helm pkg/action rollback.go, uninstall.go, release_testing.go.

use ::helm::log::Level;
use ::helm::manifests::Event;
use cluster::apiserver::Propagation;
use go::quote::quote;

use super::flags::Arguments;
use super::load::check_name;
use super::store::{NOT_FOUND, Release, State};
use super::{Helm, Session, UNREACHABLE, cluster as objects, store};

impl Helm<'_> {
    pub(super) fn rollback(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), String> {
        let namespace = self.namespace(arguments).to_owned();
        let server = self.server.as_deref_mut().ok_or(UNREACHABLE)?;
        let name = arguments.words.first().map_or("", String::as_str);
        let wanted = wanted_revision(arguments)?;
        check_name(name)
            .map_err(|_| format!("prepareRollback: Release name is invalid: {name}"))?;
        if wanted < 0 {
            return Err("invalid release revision".to_owned());
        }
        let history = store::history(server, &namespace, name)?;
        let (current, mut target) = rollback_target(&history, wanted, server.time())?;
        let is_dry = arguments.value("dry-run").is_some_and(|value| value != "none");
        if is_dry {
            session.output.out("Rollback was a success! Happy Helming!");
            return Ok(());
        }
        let max = arguments.value("history-max").and_then(|max| max.parse().ok()).unwrap_or(10);
        store::make_room(server, &namespace, name, max);
        store::create(server, &target)?;
        let hooks = !arguments.is_on("no-hooks");
        if hooks {
            objects::run_hooks(server, &target, Event::PreRollback)?;
        }
        let old = objects::build(server, &current.manifest, &namespace)?;
        let mut new = objects::build(server, &target.manifest, &namespace)?;
        objects::take_over(&mut new, &target);
        let force = arguments.is_on("force-conflicts");
        if let Err(error) = objects::update(server, &old, &new, force) {
            let message = format!("Rollback {} failed: {error}", quote(name));
            session.log.add(Level::Warn, &*message, &[]);
            store::set_state(server, current, State::Superseded);
            target.description = message;
            store::set_state(server, target, State::Failed);
            return Err(error);
        }
        if hooks {
            objects::run_hooks(server, &target, Event::PostRollback)?;
        }
        for release in history.into_iter().filter(|one| one.state == State::Deployed) {
            store::set_state(server, release, State::Superseded);
        }
        store::set_state(server, target, State::Deployed);
        session.output.out("Rollback was a success! Happy Helming!");
        Ok(())
    }

    pub(super) fn uninstall(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), String> {
        for name in &arguments.words {
            let kept = self.uninstall_one(name, arguments)?;
            if !kept.is_empty() {
                session
                    .output
                    .out(format!("These resources were kept due to the resource policy:\n{kept}"));
            }
            session.output.out(format!("release \"{name}\" uninstalled"));
        }
        Ok(())
    }

    /// Removes a release. Returns the text about objects that are kept.
    fn uninstall_one(&mut self, name: &str, arguments: &Arguments) -> Result<String, String> {
        let namespace = self.namespace(arguments).to_owned();
        let server = self.server.as_deref_mut().ok_or(UNREACHABLE)?;
        check_name(name).map_err(|_| format!("uninstall: Release name is invalid: {name}"))?;
        let forgiven = arguments.is_on("ignore-not-found");
        let history = match store::history(server, &namespace, name) {
            Ok(history) => history,
            Err(_) if forgiven => return Ok(String::new()),
            Err(error) if arguments.is_on("dry-run") => return Err(error),
            Err(error) => return Err(format!("uninstall: Release not loaded: {name}: {error}")),
        };
        if arguments.is_on("dry-run") {
            return Ok(String::new());
        }
        let keep_history = arguments.is_on("keep-history");
        let mut release = history.last().cloned().ok_or(NOT_FOUND)?;
        if release.state == State::Uninstalled {
            if keep_history {
                return Err(format!("the release named {} is already deleted", quote(name)));
            }
            history.iter().for_each(|one| store::remove(server, one));
            return Ok(String::new());
        }
        release.state = State::Uninstalling;
        release.description = "Deletion in progress (or silently failed)".to_owned();
        let hooks = !arguments.is_on("no-hooks");
        if hooks {
            objects::run_hooks(server, &release, Event::PreDelete)?;
        }
        store::update(server, &release);
        let propagation = match arguments.value("cascade") {
            Some("orphan") => Propagation::Orphan,
            Some("foreground") => Propagation::Foreground,
            _ => Propagation::Background,
        };
        let kept = objects::remove(server, &release, propagation)?;
        if hooks {
            objects::run_hooks(server, &release, Event::PostDelete)?;
        }
        if !keep_history {
            history.iter().for_each(|one| store::remove(server, one));
            return Ok(kept);
        }
        release.state = State::Uninstalled;
        let description = arguments.value("description").filter(|text| !text.is_empty());
        release.description = description.unwrap_or("Uninstallation complete").to_owned();
        store::update(server, &release);
        let older = history.into_iter().filter(|one| one.revision != release.revision);
        for one in older.filter(|one| one.state == State::Deployed) {
            store::set_state(server, one, State::Superseded);
        }
        Ok(kept)
    }

    /// Runs the hooks for tests.
    pub(super) fn test(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), String> {
        let namespace = self.namespace(arguments).to_owned();
        let server = self.server.as_deref_mut().ok_or(UNREACHABLE)?;
        let name = arguments.words.first().map_or("", String::as_str);
        let release = store::get(server, &namespace, name, None)?;
        objects::run_hooks(server, &release, Event::Test)?;
        super::show::print_status(&release, None, arguments.is_on("hide-notes"), session);
        Ok(())
    }
}

/// Returns the last release, and the one that a rollback to a revision makes from it and from the
/// release of that revision. Revision 0 is the one before the last.
fn rollback_target(
    history: &[Release],
    revision: i64,
    now: i64,
) -> Result<(Release, Release), String> {
    let current = history.last().cloned().ok_or(NOT_FOUND)?;
    let revision = if revision == 0 { current.revision - 1 } else { revision };
    let previous = history.iter().find(|release| release.revision == revision);
    let previous = previous.ok_or_else(|| format!("release has no {revision} version"))?;
    let target = Release {
        revision: current.revision + 1,
        state: State::PendingRollback,
        description: format!("Rollback to {revision}"),
        first_deployed: current.first_deployed,
        last_deployed: now,
        ..previous.clone()
    };
    Ok((current, target))
}

/// The revision of the command line; 0 stands for the one before the last.
fn wanted_revision(arguments: &Arguments) -> Result<i64, String> {
    let Some(text) = arguments.words.get(1) else { return Ok(0) };
    text.parse().map_err(|_| {
        let text = quote(text);
        format!(
            "could not convert revision to a number: strconv.Atoi: parsing {text}: invalid syntax"
        )
    })
}
