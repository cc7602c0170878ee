//! `kubectl diff`: what an apply would change.
//!
//! Source: kubectl pkg/cmd/diff/diff.go.

use kubernetes::internal::unified;
use kubernetes::object::{Value, to_yaml};

use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::read::Info;
use super::{Kubectl, Session};

/// Flags of `diff` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[
    Flag::new("server-side", Form::Switch),
    Flag::new("force-conflicts", Form::Switch),
    Flag::new("concurrency", Form::Int),
    Flag::new("prune", Form::Switch),
    Flag::new("show-managed-fields", Form::Switch),
];

/// The exit code of a command that fails; 1 means that there are differences.
const FAILED: i32 = 2;

impl Kubectl<'_> {
    /// `kubectl diff`.
    pub(crate) fn diff(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        if arguments.list("filename").is_empty() && arguments.text("kustomize").is_none() {
            return vec![Failure::Plain("must specify one of -f and -k".to_owned())];
        }
        let (infos, mut failures) = self.infos(arguments);
        let mut files: Vec<(String, String, String)> = Vec::new();
        for info in infos {
            match self.compared(&info) {
                Ok(Some(file)) => files.push(file),
                Ok(None) => {}
                Err(failure) => failures.push(failure),
            }
        }
        if !failures.is_empty() {
            if let Some(message) = super::errors::message(failures) {
                session.output.stderr.push_str(&message);
            }
            session.output.exit = FAILED;
            return Vec::new();
        }
        files.sort();
        let seconds = self.server.time();
        let time = go::time::DateTime::of_unix(seconds, 0);
        let time = time.format("2006-01-02 15:04:05.000000000 -0700");
        let (live, merged) = (format!("/tmp/LIVE-{seconds}"), format!("/tmp/MERGED-{seconds}"));
        for (name, old, new) in &files {
            let (old_lines, new_lines): (Vec<&str>, Vec<&str>) =
                (old.lines().collect(), new.lines().collect());
            session.print(&format!("diff -u -N {live}/{name} {merged}/{name}"));
            session.print(&format!("--- {live}/{name}\t{time}\n+++ {merged}/{name}\t{time}"));
            session.output.stdout.push_str(&unified(&old_lines, &new_lines));
        }
        session.output.exit = i32::from(!files.is_empty());
        Vec::new()
    }

    /// The name of an object with its texts before and after an apply; None if they are equal.
    fn compared(&mut self, info: &Info) -> Result<Option<(String, String, String)>, Failure> {
        let live = self.current(info)?;
        let merged = self.applied_to_copy(info, live.as_ref())?;
        let (mut old, mut new) = (live.unwrap_or_default(), merged);
        let version = old["metadata"].str("resourceVersion").to_owned();
        let metadata = new.entry("metadata");
        match version.is_empty() {
            true => drop(metadata.remove("resourceVersion")),
            false => metadata.set("resourceVersion", version),
        }
        for object in [&mut old, &mut new].into_iter().filter(|object| !object.is_null()) {
            object.entry("metadata").remove("managedFields");
        }
        if info.kind.kind == "Secret" {
            mask(&mut old, &mut new);
        }
        let text = |object: &Value| if object.is_null() { String::new() } else { to_yaml(object) };
        let (old, new) = (text(&old), text(&new));
        let group = match info.kind.group {
            "" => String::new(),
            group => format!("{group}."),
        };
        let namespace = &info.namespace;
        let name =
            format!("{group}{}.{}.{namespace}.{}", info.kind.version, info.kind.kind, info.name);
        Ok((old != new).then_some((name, old, new)))
    }

    /// The object as an apply would store it. The server is a copy.
    fn applied_to_copy(&self, info: &Info, live: Option<&Value>) -> Result<Value, Failure> {
        let mut server = self.server.clone();
        let mut info = info.clone();
        // The modified object names no annotation of its own, and has the list all the same.
        let annotations = info.object.entry("metadata").entry("annotations");
        annotations.map_mut().remove(super::apply::LAST_APPLIED);
        let info = &info;
        let accepted = match live {
            None => server.create(info.kind, &info.namespace, &info.object),
            Some(live) => {
                let patch = super::apply::patch_of(info, &info.object, live)?;
                if patch.is_empty() {
                    return Ok(live.clone());
                }
                server.patch(info.kind, &info.namespace, &info.name, &patch)
            }
        };
        Ok(accepted?.object)
    }
}

/// Hides the values of a Secret. Source: diff.go `Masker`.
fn mask(old: &mut Value, new: &mut Value) {
    let data = |object: &Value| -> Vec<(String, String)> {
        let entries = object.entries("data");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        entries.map(|(key, value)| (key.to_string(), text(value))).collect()
    };
    let (before, after) = (data(old), data(new));
    let hide =
        |object: &mut Value, own: &[(String, String)], other: &[(String, String)], note: &str| {
            for (key, value) in own {
                let differs = other.iter().any(|(one, text)| one == key && text != value);
                let hidden = if differs { format!("*** ({note})") } else { "***".to_owned() };
                object.entry("data").set(key, hidden);
            }
        };
    hide(old, &before, &after, "before");
    hide(new, &after, &before, "after");
}
